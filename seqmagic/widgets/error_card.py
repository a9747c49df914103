"""The error card: what an error says, laid out for a page; Keras's own words are folded away below."""

from __future__ import annotations

from seqmagic.errors import SeqmagicError, SeveralErrors, ShapeError, printable, printable_lines
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, card, element

MOST_BESIDE = 60  # Characters of a line that are shown on either side of the word that is marked.
LONGEST_TEXT = 5000  # Of a cell whose text a button holds: a saved notebook shouldn't double in size.


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
            return card(_html(self.error), kind="error")
        rest = [element("p", self.error.rest)] if self.error.rest else []
        return card(*map(_html, self.error.shown), *rest, kind="error")


def _html(error: SeqmagicError) -> Element:
    line = gettext("Line {line}: ", line=error.span.line) if error.span else ""
    parts = [element("p", element("b", line), printable(error.problem))]
    if error.span is not None:
        parts.append(_marked(error))
    parts += [element("p", sentence) for sentence in error.details()]
    drawn = _drawing(error)
    # Read aloud at once is what it says; the drawing waits until somebody goes there.
    parts = [element("div", *parts, role="alert"), *([drawn] if drawn is not None else [])]
    for index, fix in enumerate(error.fixes[:2]):
        head = gettext("or: ") if index else gettext("Type instead: ")
        parts.append(element("p", head, element("code", printable(fix), class_="fix"), *_button(error, index)))
    if isinstance(error, ShapeError) and len(error.chain) > 1:
        steps = " → ".join(f"{printable(word)} {shape.replace('x', '×')}" for word, shape in error.chain)
        parts.append(_folded(gettext("The shapes up to here"), element("p", steps)))
    cause = error.__cause__
    if cause is not None and not isinstance(cause, SeqmagicError):
        parts.append(_folded(gettext("What Keras says"), element("pre", str(cause)[:4000])))
    return element("section", *parts)


def _drawing(error: SeqmagicError) -> Element | None:
    """A network up to the joint that doesn't fit."""
    if not isinstance(error, ShapeError) or error.breaks_off is None:
        return None  # No joint fails that shapes would explain.
    # They bring Keras: an error that is shown before it is there doesn't wait for it.
    from seqmagic.network.plan import BreakOff
    from seqmagic.widgets.drawing.block import written_settings
    from seqmagic.widgets.drawing.network_drawing import draw_break

    if not isinstance(error.breaks_off, BreakOff):
        return None
    layer = error.breaks_off.layer
    return draw_break(error.breaks_off.plan, printable(layer.word.text), printable(written_settings(layer)), printable(error.expected))


def _button(error: SeqmagicError, index: int) -> list[object]:
    """What puts a fix into the cell: it has no words, is hidden and does nothing until seqmagic's extension of JupyterLab sees to it.

    It holds the text that was tried, so that a cell which says something else by then stays as it is.
    """
    old, new = error.text.strip("\n"), (error.corrections[index] if index < len(error.corrections) else "").strip("\n")
    label = gettext("Put it into the cell: {fixes}", fixes=printable(error.fixes[index]))
    if not old or not new or max(len(old), len(new)) > LONGEST_TEXT or any(printable_lines(text) != text for text in (old, new)):
        return []
    return [" ", element("button", type="button", class_="seqmagic-fix", hidden="", aria_label=label, data_old=old, data_new=new)]


def _folded(title: str, inside: Element) -> Element:
    return element("details", element("summary", title), inside)


def _marked(error: SeqmagicError) -> Element:
    """The line of the cell with the word marked that it is about."""
    assert error.span is not None  # noqa: S101  # Only asked where there is one.
    source, start, end = error.span.source, error.span.column - 1, error.span.end - 1
    before, word, after = (printable(part) for part in (source[:start], source[start:end] or " ", source[end:]))
    cut, rest = "…" if len(before) > MOST_BESIDE else "", "…" if len(after) > MOST_BESIDE else ""
    return element("pre", cut + before[-MOST_BESIDE:], element("mark", word[:100]), after[:MOST_BESIDE] + rest)
