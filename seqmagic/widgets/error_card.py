"""The error card: an error as HTML, with Keras's own message folded below."""

from __future__ import annotations

from collections.abc import Iterator

from seqmagic.errors import SeqmagicError, SeveralErrors, ShapeError, introduce_fix, printable, printable_lines
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, card, element

MOST_BESIDE = 60  # Characters shown of the line on either side of the marked word.
LONGEST_TEXT = 5000  # Characters; a button holds no longer text, which would bloat a saved notebook.


class ErrorCard:
    """An error for display in a notebook; as text it is the whole message.

    Attributes:
        error: the error, with its problem, span, expected input and fixes.
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
    parts += [element("p", *_flowing(sentence)) for sentence in error.details()]
    drawn = _drawing(error)
    # Screen readers announce `role="alert"` at once; the drawing is outside, to be read only when reached.
    parts = [element("div", *parts, role="alert"), *([drawn] if drawn is not None else [])]
    for index, fix in enumerate(error.fixes[:2]):
        parts.append(
            element("p", introduce_fix(fix, index), element("code", *_arrows(printable(fix)), class_="fix"), *_button(error, index))
        )
    if isinstance(error, ShapeError) and len(error.chain) > 1:
        steps = " → ".join(f"{printable(word)} {shape.replace('x', '×')}" for word, shape in error.chain)
        parts.append(_folded(gettext("The shapes up to here"), element("p", steps)))
    cause = error.__cause__
    if cause is not None and not isinstance(cause, SeqmagicError):
        parts.append(_folded(gettext(error.cause_title), element("pre", str(cause)[:4000])))
    return element("section", *parts)


def _flowing(sentence: str) -> Iterator[object]:
    """A sentence with what stands between backquotes as code."""
    parts = sentence.split("`")
    for at, part in enumerate(parts if len(parts) % 2 else [sentence]):
        yield from [element("code", *_arrows(part))] if at % 2 else _arrows(part)


def _arrows(text: str) -> Iterator[object]:
    """A text in which no line ends inside an arrow."""
    for at, part in enumerate(text.split("->")):
        yield from [element("span", "->", class_="arrow"), part] if at else [part]


def _drawing(error: SeqmagicError) -> Element | None:
    """Draw the network up to the layer that doesn't fit."""
    if not isinstance(error, ShapeError) or error.breaks_off is None:
        return None  # Shapes would not explain this error.
    # Imported here, because they import Keras, which an error that is shown before Keras is loaded should not wait for.
    from seqmagic.network.plan import BreakOff
    from seqmagic.widgets.drawing.block import written_settings
    from seqmagic.widgets.drawing.network_drawing import draw_break

    if not isinstance(error.breaks_off, BreakOff):
        return None
    layer = error.breaks_off.layer
    return draw_break(error.breaks_off.plan, printable(layer.word.text), printable(written_settings(layer)), printable(error.expected))


def _button(error: SeqmagicError, index: int) -> list[object]:
    """The button that puts a fix into the cell; hidden and without function until seqmagic's extension of JupyterLab activates it.

    It also holds the old text, so that a cell that has changed since is left alone.
    """
    old, new = error.text.strip("\n"), (error.corrections[index] if index < len(error.corrections) else "").strip("\n")
    label = gettext("Put it in the cell: {fixes}", fixes=printable(error.fixes[index]))
    if not old or not new or max(len(old), len(new)) > LONGEST_TEXT or any(printable_lines(text) != text for text in (old, new)):
        return []
    return [" ", element("button", type="button", class_="seqmagic-fix", hidden="", aria_label=label, data_old=old, data_new=new)]


def _folded(title: str, inside: Element) -> Element:
    return element("details", element("summary", title), inside)


def _marked(error: SeqmagicError) -> Element:
    """The line of the cell, with the word marked that the error is about."""
    assert error.span is not None  # noqa: S101  # The caller checks this.
    source, start, end = error.span.source, error.span.column - 1, error.span.end - 1
    before, word, after = (printable(part) for part in (source[:start], source[start:end] or " ", source[end:]))
    cut, rest = "…" if len(before) > MOST_BESIDE else "", "…" if len(after) > MOST_BESIDE else ""
    return element("pre", cut + before[-MOST_BESIDE:], element("mark", word[:100]), after[:MOST_BESIDE] + rest)
