"""The error card: what an error says, laid out for a page; Keras's own words are folded away below."""

from __future__ import annotations

from seqmagic.errors import SeqmagicError, SeveralErrors, ShapeError, printable
from seqmagic.widgets.html import Element, card, element


class ErrorCard:
    """An error as a page shows it; as text it is the whole message.

    Attributes:
        error: with its facts: problem, place, what was expected, fixes.
    """

    def __init__(self, error: SeqmagicError) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"

    def _repr_html_(self) -> str:
        if not isinstance(self.error, SeveralErrors):
            return card(_html(self.error), kind="error", role="alert")
        rest = [element("p", self.error.rest)] if self.error.rest else []
        return card(*map(_html, self.error.told), *rest, kind="error", role="alert")


def _html(error: SeqmagicError) -> Element:
    line = f"Line {error.span.line}: " if error.span else ""
    parts = [element("p", element("b", line), printable(error.problem))]
    if error.span is not None:
        parts.append(_marked(error))
    parts += [element("p", printable(told)) for told in _told(error)]
    parts += [
        element("p", f"{'or' if index else 'Type instead'}: ", element("code", printable(fix))) for index, fix in enumerate(error.fixes[:2])
    ]
    if isinstance(error, ShapeError) and len(error.chain) > 1:
        steps = " → ".join(f"{printable(word)} {shape.replace('x', '×')}" for word, shape in error.chain)
        parts.append(_folded("The shapes up to here", element("p", steps)))
    cause = error.__cause__
    if cause is not None and not isinstance(cause, SeqmagicError):
        parts.append(_folded("What Keras says", element("pre", str(cause)[:4000])))
    return element("section", *parts)


def _folded(title: str, inside: Element) -> Element:
    return element("details", element("summary", title), inside)


def _marked(error: SeqmagicError) -> Element:
    """The line of the cell with the word marked that it is about."""
    assert error.span is not None  # noqa: S101  # Only asked where there is one.
    source, start, end = error.span.source, error.span.column - 1, error.span.end - 1
    before, word, after = (printable(part) for part in (source[:start], source[start:end] or " ", source[end:]))
    return element("pre", before[-60:], element("mark", word[:100]), after[:60])


def _told(error: SeqmagicError) -> list[str]:
    """The sentences between the marked line and the fixes."""
    skipped = len(error.span.pointer().splitlines()) + 1 if error.span else 1
    elsewhere = ("Type instead: ", "or: ", "The shapes up to here: ")
    return [sentence for sentence in str(error).splitlines()[skipped:] if not sentence.startswith(elsewhere)]
