"""A notebook without a page: IPython in this process, which is fast and returns the exceptions themselves."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from seqmagic.errors import SeqmagicError, SeveralErrors
from seqmagic.magics.extension import load, unload
from seqmagic.network import fixes as repair


@dataclass
class Told:
    """The result of a cell: what it printed, and what it raised."""

    printed: str
    error: BaseException | None

    @property
    def errors(self) -> list[SeqmagicError]:
        """The individual seqmagic errors; any other exception fails the test."""
        if self.error is None:
            return []
        assert isinstance(self.error, SeqmagicError), repr(self.error)
        return list(self.error.errors) if isinstance(self.error, SeveralErrors) else [self.error]


class NotebookShell:
    """Runs cells one after the other."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        return self.shell.user_ns

    def run(self, cell: str) -> Told:
        """Run a cell to its end, including its training."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            result = self.shell.run_cell(cell, store_history=False)
        return Told(out.getvalue(), result.error_before_exec or result.error_in_exec)


@contextmanager
def kept_main_module() -> Iterator[None]:
    """Restore the module `__main__`, which a shell replaces by its notebook, for other tests."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@contextmanager
def notebook_shell(**names: Any) -> Iterator[NotebookShell]:
    """A notebook with seqmagic loaded, and some variables."""
    limits = repair.MOST_SECONDS, repair.MOST_WAITING
    repair.MOST_SECONDS = repair.MOST_WAITING = 600.0  # Suggested fixes must not depend on how busy the computer is.
    with kept_main_module():
        shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}, "SeqMagics": {"ledger": ""}}))
        shell.user_ns.update(names)
        load(shell)
        try:
            yield NotebookShell(shell)
        finally:
            repair.MOST_SECONDS, repair.MOST_WAITING = limits
            unload(shell)
