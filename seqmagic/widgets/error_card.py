"""The error card: what an error says, laid out for a page; Keras's own words are folded away below."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from seqmagic.errors import SeqmagicError, SeveralErrors, ShapeError, printable


class ErrorCard:
    """An error as a page shows it; as text it is the whole message.

    error: with its facts: problem, place, what was expected, fixes.
    """

    def __init__(self, error: SeqmagicError) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"

    def _repr_html_(self) -> str:
        singles = self.error.errors if isinstance(self.error, SeveralErrors) else (self.error,)
        style = files("seqmagic.widgets.page").joinpath("card.css").read_text("utf-8")
        cards = "".join(map(_html, singles))
        return f'<style>{style}</style><div class="seqmagic-card seqmagic-error" role="alert">{cards}</div>'


def _html(error: SeqmagicError) -> str:
    line = f"Line {error.span.line}: " if error.span else ""
    parts = [f"<p><b>{line}</b>{escape(printable(error.problem))}</p>"]
    if error.span is not None:
        parts.append(f"<pre>{_marked(error)}</pre>")
    parts += [f"<p>{escape(printable(told))}</p>" for told in _told(error)]
    parts += [
        f"<p>{'or' if index else 'Type instead'}: <code>{escape(printable(fix))}</code></p>" for index, fix in enumerate(error.fixes[:2])
    ]
    if isinstance(error, ShapeError) and len(error.chain) > 1:
        steps = " → ".join(f"{escape(printable(word))} {escape(shape).replace('x', '×')}" for word, shape in error.chain)
        parts.append(f"<details><summary>The shapes up to here</summary><p>{steps}</p></details>")
    cause = error.__cause__
    if cause is not None and not isinstance(cause, SeqmagicError):
        parts.append(f"<details><summary>What Keras says</summary><pre>{escape(str(cause)[:4000])}</pre></details>")
    return f"<section>{''.join(parts)}</section>"


def _marked(error: SeqmagicError) -> str:
    """The line of the cell with the word marked that it is about."""
    assert error.span is not None  # noqa: S101  # Only asked where there is one.
    source, start, end = error.span.source, error.span.column - 1, error.span.end - 1
    before, word, after = (printable(part) for part in (source[:start], source[start:end] or " ", source[end:]))
    return f"{escape(before[-60:])}<mark>{escape(word[:100])}</mark>{escape(after[:60])}"


def _told(error: SeqmagicError) -> list[str]:
    """The sentences between the marked line and the fixes."""
    skipped = len(error.span.pointer().splitlines()) + 1 if error.span else 1
    elsewhere = ("Type instead: ", "or: ", "The shapes up to here: ")
    return [sentence for sentence in str(error).splitlines()[skipped:] if not sentence.startswith(elsewhere)]
