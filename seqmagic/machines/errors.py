"""What can be wrong with machines, before anything starts and while they train."""

from __future__ import annotations

from typing import Any

from seqmagic.errors import SeqmagicError, SetupError

EXAMPLE = "on=local, or on=tcp://127.0.0.1:8786"


class MachineError(SeqmagicError):
    """The machines that a run was to train on are not there, don't fit, or can't be reached."""


def import_distributed() -> Any:
    """The package that reaches other processes.

    Raises:
        SetupError: With what installs it.
    """
    try:
        import distributed
    except ImportError:
        problem = "Runs train outside this kernel through dask.distributed, which is not installed here."
        raise SetupError(problem, expected="the package distributed", instead='%pip install "seqmagic[machines]"') from None
    return distributed
