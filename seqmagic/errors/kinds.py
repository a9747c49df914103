"""The error classes, by topic."""

from __future__ import annotations

from seqmagic.errors.error import SeqmagicError
from seqmagic.errors.span import Span
from seqmagic.translation import gettext


class LanguageError(SeqmagicError):
    """The text can't be parsed as a network."""


class UnfilledError(LanguageError):
    """A blank of an exercise is not filled in."""


class PyTorchError(LanguageError):
    """The text is code for PyTorch.

    Attributes:
        network: the same network in this language; empty if it can't be told.
    """

    def __init__(self, problem: str, *, expected: str = "", network: str = "", span: Span | None = None) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.network = network


class PythonError(LanguageError):
    """The text is Python code, and Python can't read it."""


class ExpectationError(SeqmagicError):
    """A requirement of an exercise is not met."""


class ArgumentError(SeqmagicError):
    """An invalid value for a layer, optimizer, loss or metric.

    Attributes:
        parameter: the name of the parameter, or "" if it doesn't matter.
        kind: the values that the parameter accepts: "share" for a number from 0 to 1, or "".
    """

    def __init__(
        self, problem: str, *, expected: str = "", instead: str = "", span: Span | None = None, parameter: str = "", kind: str = ""
    ) -> None:
        super().__init__(problem, expected=expected, instead=instead, span=span)
        self.parameter = parameter
        self.kind = kind


class MemoryLimitError(SeqmagicError):
    """The network needs more memory than is available.

    Attributes:
        needed, available: in bytes.
    """

    def __init__(self, problem: str, *, needed: int, available: int, expected: str = "", span: Span | None = None) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.needed = needed
        self.available = available


class SetupError(SeqmagicError):
    """Something that seqmagic needs is not installed, or doesn't work on this computer."""


class BoundError(SeqmagicError):
    """The class file doesn't allow networks or trainings of this size."""


class FileError(SeqmagicError):
    """A file can't be read or written."""


class CompileError(SeqmagicError):
    """The model isn't compiled, or can't be compiled like this."""


class DataError(SeqmagicError):
    """The data doesn't fit the model."""


class TrainingError(SeqmagicError):
    """Training ended with an error. The weights and the history up to that moment are kept."""


class BusyError(SeqmagicError):
    """The model is in training, and can't be used for something else."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or the stop button was pressed while a call waited: what it waited for was stopped, and the call does nothing.

    Not a SeqmagicError, just as KeyboardInterrupt is not an Exception: code that catches errors and continues must not catch it.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31mInterrupted\x1b[0m: {self}"]


class ForeignError(SeqmagicError):
    """The user's own code, called on the way, raised an exception; its line is shown."""


class UnexpectedError(SeqmagicError):
    """An unexpected exception inside seqmagic.

    >>> print(UnexpectedError("build failed: KeyError: 3"))
    build failed: KeyError: 3
    This is a bug in seqmagic. Please report it with the cell and what %tb shows.
    """

    def _more_lines(self) -> list[str]:
        return [gettext("This is a bug in seqmagic. Please report it with the cell and what %tb shows.")]


def no_tensorflow(magic: str = "") -> SetupError:
    """The error for a missing TensorFlow.

    Args:
        magic: the beginning of a line that installs it, such as "%" in a notebook.
    """
    instead = f'{magic or "python -m "}pip install "seqmagic[cpu]"'
    return SetupError(
        gettext("TensorFlow is not installed, and building a network needs it."),
        expected=gettext("the tensorflow package"),
        instead=instead,
    )
