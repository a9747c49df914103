"""The base class of all errors: it stores facts and builds its message from them; and a group of several errors."""

from __future__ import annotations

from collections.abc import Iterable

from seqmagic.errors.span import Span, printable
from seqmagic.translation import gettext, gettext_noop

MOST_SHOWN = 10  # Errors shown at once: nobody reads more before fixing the first ones.


class Instruction(str):
    """A fix that is done, not typed, such as "delete line 2"."""

    __slots__ = ()


def introduce_fix(fix: str, index: int) -> str:
    """What stands before a fix.

    >>> introduce_fix("dense 10", 0), introduce_fix(Instruction("delete line 2"), 0), introduce_fix("dense 10", 1)
    ('Type instead: ', 'Instead: ', 'or: ')
    """
    if index:
        return gettext("or: ")
    return gettext("Instead: ") if isinstance(fix, Instruction) else gettext("Type instead: ")


class SeqmagicError(Exception):
    """The base class of all exceptions of seqmagic.

    >>> print(SeqmagicError("The rate is 20.", expected="a number from 0 to 1", instead="dropout 0.2"))
    The rate is 20.
    Expected: a number from 0 to 1.
    Type instead: dropout 0.2

    Attributes:
        problem: one sentence on what was found.
        expected: what would be right, without a full stop.
        instead: what to type.
        span: its position in the cell, or None if the error is not about a text.
        fixes: alternatives to type, best first; `instead` is the first of them.
        text, corrections: the text, and the corrected text for each of the fixes; empty if a fix does not change a text.
        house_hints: additional hints from the class file.
        breaks_off: the part of the network before the error, as `network.plan.BreakOff`; None if unknown.
        __cause__: the original exception of Keras, TensorFlow or the user's code; None if the error was found before calling them. Scripts
        can use it to distinguish errors by type.
        is_shown: whether a page already shows it formatted; then the error output below needs only its first line.
        cause_title: the heading of the original exception in an error card.
    """

    cause_title = gettext_noop("What Keras says")

    def __init__(self, problem: str, *, expected: str = "", instead: str = "", span: Span | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = gettext(expected)  # Texts in module-level tables are stored in English.
        self.fixes: tuple[str, ...] = (instead,) if instead else ()
        self.text = ""
        self.corrections: tuple[str, ...] = ()
        self.house_hints: tuple[str, ...] = ()
        self.breaks_off: object | None = None
        self.span = span
        self.is_shown = False

    @property
    def instead(self) -> str:
        """The best fix, or ""."""
        return self.fixes[0] if self.fixes else ""

    def __str__(self) -> str:
        """The whole message, at most six lines."""
        problem = printable(self.problem)
        lines = [gettext("Line {line}: {problem}", line=self.span.line, problem=problem), self.span.pointer()] if self.span else [problem]
        return "\n".join([*lines, *self.details(), *self._chain_lines(), *self._fix_lines()])

    def details(self) -> list[str]:
        """The sentences between the position and the fixes: what was expected, and additional ones of the error's class."""
        expected = [gettext("Expected: {expected}.", expected=printable(self.expected))] if self.expected else []
        return [*expected, *self._more_lines(), *map(printable, self.house_hints)]

    def in_one_line(self) -> str:
        """The message on a single line: without position, chain and fixes.

        >>> SeqmagicError("The rate is 20.", expected="a number from 0 to 1", instead="dropout 0.2").in_one_line()
        'The rate is 20. Expected: a number from 0 to 1.'
        """
        return " ".join([printable(self.problem), *self.details()])

    @property
    def reason(self) -> str:
        """The message without its position and fixes, for places that show these separately."""
        expected = [gettext("Expected: {expected}.", expected=printable(self.expected))] if self.expected else []
        return "\n".join([printable(self.problem), *expected, *self._more_lines()])

    def _more_lines(self) -> list[str]:
        """Additional sentences of the error's class, before the fixes."""
        return []

    def _chain_lines(self) -> list[str]:
        """The chain of shapes that led to the error, on one line."""
        return []

    def _fix_lines(self) -> list[str]:
        """The fixes: one line, and a second one if there is an alternative."""
        return [f"{introduce_fix(fix, index)}{printable(fix)}" for index, fix in enumerate(self.fixes[:2])]

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines and saves them as an error output, so Run All and nbconvert stop here.
        shown = str(self).splitlines()[0] if self.is_shown else self
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {shown}"]


class SeveralErrors(SeqmagicError):  # noqa: N818  # It is several errors.
    """Several independent errors, in text order.

    >>> print(SeveralErrors([SeqmagicError("One."), SeqmagicError("Two.")]))
    2 problems were found.
    <BLANKLINE>
    One.
    <BLANKLINE>
    Two.

    Attributes:
        errors: the individual errors.
    """

    def __init__(self, errors: Iterable[SeqmagicError]) -> None:
        self.errors = tuple(errors)
        super().__init__(gettext("{count} problems were found.", count=len(self.errors)), span=None)

    def __str__(self) -> str:
        """The messages one after the other, and how many more there are."""
        return "\n\n".join([self.problem, *map(str, self.shown), *([self.rest] if self.rest else [])])

    def in_one_line(self) -> str:
        """The first of them."""
        return self.errors[0].in_one_line()

    @property
    def shown(self) -> tuple[SeqmagicError, ...]:
        """The errors that are shown: the first ones."""
        return self.errors[:MOST_SHOWN]

    @property
    def rest(self) -> str:
        """A sentence on the errors that are not shown, or ""."""
        return gettext("And {count:,} more below.", count=len(self.errors) - MOST_SHOWN) if len(self.errors) > MOST_SHOWN else ""


def raise_all(errors: Iterable[SeqmagicError]) -> None:
    """Raise what was found: nothing, a single error, or all of them together; duplicates at the same position count once."""
    found: dict[tuple[Span | None, str], SeqmagicError] = {}
    for error in errors:
        for single in error.errors if isinstance(error, SeveralErrors) else (error,):
            found.setdefault((single.span, single.problem), single)
    ordered = sorted(found.values(), key=lambda error: (error.span.line, error.span.column) if error.span else (10**9, 0))
    if len(ordered) > 1:
        raise SeveralErrors(ordered)
    if ordered:
        raise ordered[0]
