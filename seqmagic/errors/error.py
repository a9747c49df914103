"""The base of all errors: it keeps facts and computes its sentence; and several of them as one."""

from __future__ import annotations

from collections.abc import Iterable

from seqmagic.errors.span import Span, printable
from seqmagic.translation import gettext

MOST_SHOWN = 10  # Of several errors: nobody reads more before the first are mended.


class SeqmagicError(Exception):
    """The base of everything that seqmagic raises.

    >>> print(SeqmagicError("The rate is 20.", expected="a number from 0 to 1", instead="dropout 0.2"))
    The rate is 20.
    Expected: a number from 0 to 1.
    Type instead: dropout 0.2

    Attributes:
        problem: one sentence on what was found.
        expected: what would fit there, without a full stop.
        instead: what to type.
        span: where it stands in the cell, or None when the error is not about a text.
        fixes: all that could be typed instead, best first; `instead` is the first of them.
        text, corrections: the text that it is about, and what that becomes by each of the fixes; empty where they are no change of a text.
        house_hints: what the class file of a teacher says besides.
        breaks_off: what is right of a network up to here, as `network.plan.BreakOff`; None where nobody knows.
        __cause__: Keras's or TensorFlow's own exception where it was they that refused, or the one that the user's code raised; None for
            what was seen before they were asked. It is there for scripts that tell exceptions apart by their type.
        is_shown: whether a page shows it already, laid out; the error output below then needs only its first line.
    """

    def __init__(self, problem: str, *, expected: str = "", instead: str = "", span: Span | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = gettext(expected)  # Many stand in tables, which are made in English.
        self.fixes: tuple[str, ...] = (instead,) if instead else ()
        self.text = ""
        self.corrections: tuple[str, ...] = ()
        self.house_hints: tuple[str, ...] = ()
        self.breaks_off: object | None = None
        self.span = span
        self.is_shown = False

    @property
    def instead(self) -> str:
        """The best thing to type instead, or ""."""
        return self.fixes[0] if self.fixes else ""

    def __str__(self) -> str:
        """The whole message, at most six lines."""
        problem = printable(self.problem)
        lines = [gettext("Line {line}: {problem}", line=self.span.line, problem=problem), self.span.pointer()] if self.span else [problem]
        return "\n".join([*lines, *self.details(), *self._chain_lines(), *self._fix_lines()])

    def details(self) -> list[str]:
        """The sentences between the place and the fixes: what was expected, and what a kind of error has to say besides."""
        expected = [gettext("Expected: {expected}.", expected=printable(self.expected))] if self.expected else []
        return [*expected, *self._more_lines(), *map(printable, self.house_hints)]

    def in_one_line(self) -> str:
        """The message for a place with room for a line: without place, chain and fixes.

        >>> SeqmagicError("The rate is 20.", expected="a number from 0 to 1", instead="dropout 0.2").in_one_line()
        'The rate is 20. Expected: a number from 0 to 1.'
        """
        return " ".join([printable(self.problem), *self.details()])

    @property
    def reason(self) -> str:
        """The message without its place and without what to type, for where both are shown otherwise."""
        expected = [gettext("Expected: {expected}.", expected=printable(self.expected))] if self.expected else []
        return "\n".join([printable(self.problem), *expected, *self._more_lines()])

    def _more_lines(self) -> list[str]:
        """What a kind of error has to say besides, before the fixes."""
        return []

    def _chain_lines(self) -> list[str]:
        """How it came to this, in a line."""
        return []

    def _fix_lines(self) -> list[str]:
        """What to type instead: one line, and one more where there is a second way."""
        return [
            gettext("or: {fix}", fix=printable(fix)) if index else gettext("Type instead: {fix}", fix=printable(fix))
            for index, fix in enumerate(self.fixes[:2])
        ]

    def _render_traceback_(self) -> list[str]:
        # IPython shows exactly these lines and saves them as a real error, so Run All and nbconvert stop here.
        shown = str(self).splitlines()[0] if self.is_shown else self
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {shown}"]


class SeveralErrors(SeqmagicError):  # noqa: N818  # It is several.
    """Several things that don't fit, which have nothing to do with each other, in the order of the text.

    >>> print(SeveralErrors([SeqmagicError("One."), SeqmagicError("Two.")]))
    2 things don't fit.
    <BLANKLINE>
    One.
    <BLANKLINE>
    Two.

    Attributes:
        errors: each by itself.
    """

    def __init__(self, errors: Iterable[SeqmagicError]) -> None:
        self.errors = tuple(errors)
        super().__init__(gettext("{count} things don't fit.", count=len(self.errors)), span=None)

    def __str__(self) -> str:
        """One message after the other, and how many more there are."""
        return "\n\n".join([self.problem, *map(str, self.shown), *([self.rest] if self.rest else [])])

    def in_one_line(self) -> str:
        """The first of them."""
        return self.errors[0].in_one_line()

    @property
    def shown(self) -> tuple[SeqmagicError, ...]:
        """Those that are shown: the first."""
        return self.errors[:MOST_SHOWN]

    @property
    def rest(self) -> str:
        """A sentence on those that are not shown, or ""."""
        return gettext("And {count:,} more, further down.", count=len(self.errors) - MOST_SHOWN) if len(self.errors) > MOST_SHOWN else ""


def raise_all(errors: Iterable[SeqmagicError]) -> None:
    """Raise what was found: nothing, the one error, or all of them together; what is found twice at one place counts once."""
    found: dict[tuple[Span | None, str], SeqmagicError] = {}
    for error in errors:
        for single in error.errors if isinstance(error, SeveralErrors) else (error,):
            found.setdefault((single.span, single.problem), single)
    ordered = sorted(found.values(), key=lambda error: (error.span.line, error.span.column) if error.span else (10**9, 0))
    if len(ordered) > 1:
        raise SeveralErrors(ordered)
    if ordered:
        raise ordered[0]
