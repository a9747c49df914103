"""Errors of machines, before anything starts and during training."""

from __future__ import annotations

from typing import Any

from seqmagic.errors import SeqmagicError, SetupError
from seqmagic.translation import gettext, gettext_noop

EXAMPLE = gettext_noop("on=local, or on=tcp://127.0.0.1:8786")


class MachineError(SeqmagicError):
    """The machines for a run can't be reached, or don't fit."""

    cause_title = gettext_noop("What dask says")


def import_distributed() -> Any:
    """Import dask.distributed.

    Raises:
        SetupError: With the command that installs it.
    """
    try:
        import distributed
    except ImportError:
        problem = gettext("Training outside this kernel needs dask.distributed, which is not installed here.")
        raise SetupError(problem, expected=gettext("the package distributed"), instead='%pip install "seqmagic[machines]"') from None
    return distributed


def lost_connection(address: str) -> MachineError:
    """The error for a scheduler that can't be reached any more."""
    problem = gettext("The connection to {address} was lost. Everything received so far is saved.", address=address)
    return MachineError(problem, expected=gettext("a running scheduler; then --resume continues the run"))
