"""The kinds of errors, by what they are about; `except` tells them apart."""

from __future__ import annotations

from seqmagic.errors.error import SeqmagicError
from seqmagic.errors.span import Span
from seqmagic.translation import gettext


class LanguageError(SeqmagicError):
    """The text can't be read as a network."""


class UnfilledError(LanguageError):
    """An exercise that nobody has filled in yet."""


class ExpectationError(SeqmagicError):
    """What an exercise asks for is not there."""


class ArgumentError(SeqmagicError):
    """A value that its layer, optimizer, loss or metric can't take.

    Attributes:
        parameter: the name of the parameter that it was given for, or "" where that doesn't matter.
        kind: what the parameter takes: "share" for a number from 0 to 1, or "".
    """

    def __init__(
        self, problem: str, *, expected: str = "", instead: str = "", span: Span | None = None, parameter: str = "", kind: str = ""
    ) -> None:
        super().__init__(problem, expected=expected, instead=instead, span=span)
        self.parameter = parameter
        self.kind = kind


class MemoryLimitError(SeqmagicError):
    """The network would need more memory than there is.

    Attributes:
        needed, available: bytes.
    """

    def __init__(self, problem: str, *, needed: int, available: int, expected: str = "", span: Span | None = None) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.needed = needed
        self.available = available


class SetupError(SeqmagicError):
    """Something that seqmagic needs is not installed, or doesn't work here."""


class BoundError(SeqmagicError):
    """More than the class file of a teacher lets be built or trained."""


class FileError(SeqmagicError):
    """A file can't be read or written."""


class CompileError(SeqmagicError):
    """The model isn't compiled, or can't be compiled like this."""


class DataError(SeqmagicError):
    """The data doesn't fit the model."""


class TrainingError(SeqmagicError):
    """Training broke off. The weights and the history up to that moment are kept."""


class BusyError(SeqmagicError):
    """Something else wants a model that is in training."""


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C or the square button while a call waited: what it waited for was stopped, and the call does nothing.

    No SeqmagicError, as a KeyboardInterrupt is none: who catches errors and goes on must not catch it.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31mInterrupted\x1b[0m: {self}"]


class ForeignError(SeqmagicError):
    """Code of the user's own, which was asked on the way, raised something; its line is pointed at."""


class UnexpectedError(SeqmagicError):
    """Something failed that nobody thought of.

    >>> print(UnexpectedError("build can't do that: KeyError: 3"))
    build can't do that: KeyError: 3
    This is a fault of seqmagic's: please report it, with the cell and what %tb shows.
    """

    def _more_lines(self) -> list[str]:
        return [gettext("This is a fault of seqmagic's: please report it, with the cell and what %tb shows.")]


def no_tensorflow(magic: str = "") -> SetupError:
    """The error for a set-up without TensorFlow.

    Args:
        magic: what begins a line that installs, such as "%" in a notebook.
    """
    instead = f'{magic or "python -m "}pip install "seqmagic[cpu]"'
    return SetupError(
        gettext("TensorFlow is not installed, and networks need it."), expected=gettext("one of its packages"), instead=instead
    )
