"""Errors that keep facts and compute their sentence.

Every error that seqmagic raises is a `SeqmagicError`. It stores what was found, where, and what fits there;
the message is put together when somebody reads it. A notebook shows those few lines and no traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from seqmagic.errors.span import Span as Span
from seqmagic.errors.span import printable as printable
from seqmagic.errors.span import printable_lines as printable_lines
from seqmagic.translation import gettext

MOST_STEPS = 7  # Of a chain of shapes in a line.
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


class LanguageError(SeqmagicError):
    """The text can't be read as a network."""


class UnfilledError(LanguageError):
    """An exercise that nobody has filled in yet."""


class ExpectationError(SeqmagicError):
    """What an exercise asks for is not there."""


class UnknownNameError(SeqmagicError):
    """A word that nothing is known by.

    >>> print(UnknownNameError("layer", "desne", ["dense", "dot", "dropout"]))
    There is no layer called 'desne'.
    The nearest that I know: dense.

    Attributes:
        kind: what was looked for, such as "layer" or "optimizer".
        name: the word as written.
        known: the words that would have been right.
        owner: what the name should have belonged to, such as the layer whose argument it is.
        hint: a sentence for a right word in the wrong place.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, owner: str = "", hint: str = "", span: Span | None = None) -> None:
        problem = (
            gettext("{owner!r} has no {kind} {name!r}.", owner=owner, kind=gettext(kind), name=name[:60])
            if owner
            else gettext("There is no {kind} called {name!r}.", kind=gettext(kind), name=name[:60])
        )
        super().__init__(problem, span=span)
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        self.hint = hint
        self.candidates = nearest(name, self.known)

    def _more_lines(self) -> list[str]:
        """The nearest names, or all when they are few."""
        return [printable(self.hint or self._known_sentence())]

    def in_one_line(self) -> str:
        """The message without the nearest words, which a place with room for a line has beside it."""
        return f"{printable(self.problem)} {printable(self.hint)}".strip()

    def _known_sentence(self) -> str:
        if self.candidates:
            return gettext("The nearest that I know: {candidates}.", candidates=", ".join(self.candidates))
        if 0 < len(self.known) <= 12:
            return gettext("Known here: {known}.", known=", ".join(self.known))
        return gettext("Nothing that I know is spelled like it.")


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


class ShapeError(SeqmagicError):
    """A layer can't work on the shape that flows into it.

    >>> error = ShapeError("'lstm' can't work on 64, which 'flatten' in line 2 gives.")
    >>> error.chain = (("input", "8x8"), ("flatten", "64"))
    >>> print(error)
    'lstm' can't work on 64, which 'flatten' in line 2 gives.
    The shapes up to here: input 8x8 -> flatten 64

    Attributes:
        found: the shape that arrives, without the batch axis.
        window: the window that doesn't fit into it, for a layer that moves one.
        chain: the words of the layers before it, each with the shape that it gives.
    """

    def __init__(
        self,
        problem: str,
        *,
        found: tuple[int | None, ...] = (),
        expected: str = "",
        span: Span | None = None,
        window: tuple[int | None, ...] | None = None,
    ) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.found = found
        self.window = window
        self.chain: tuple[tuple[str, str], ...] = ()

    def _chain_lines(self) -> list[str]:
        """The way that the shapes took; the input alone is in the problem already."""
        return [gettext("The shapes up to here: {chain}", chain=self.format_chain())] if len(self.chain) > 1 else []

    def _fix_lines(self) -> list[str]:
        """One fix is enough beside a chain, so that the message stays short; `fixes` has them all."""
        return super()._fix_lines()[: 1 if len(self.chain) > 1 else 2]

    def format_chain(self) -> str:
        """The chain in a line, cut in the middle when it is long."""
        steps = [printable(f"{word} {shape}") for word, shape in self.chain]
        if len(steps) > MOST_STEPS:
            steps = [*steps[:2], "...", *steps[3 - MOST_STEPS :]]
        return " -> ".join(steps)


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


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The known words spelled most like a name, best first.

    >>> nearest("Desne", ["dense", "dot"])
    ('dense',)
    >>> nearest("x_trian", ["X_train", "x_train"], 1)
    ('x_train',)
    """
    plain: dict[str, list[str]] = {}
    for word in dict.fromkeys(known):
        plain.setdefault(word.lower().replace("_", ""), []).append(word)
    wanted = name[:60].lower().replace("_", "")
    close = difflib.get_close_matches(wanted, plain, count, cutoff=0.6)
    close.sort(key=lambda word: sorted(word) != sorted(wanted))  # Two letters the wrong way round are the likeliest slip.
    alike = [sorted(plain[word], key=lambda one: -difflib.SequenceMatcher(None, name[:60], one).ratio()) for word in close]
    return tuple(word for words in alike for word in words)[:count]
