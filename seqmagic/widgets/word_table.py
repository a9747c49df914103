"""The word table: the words of the language with what they stand for; as HTML and as text."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from seqmagic.model.reference import KINDS, Entry, read_entries

WIDEST = 100  # Characters of a line as text.


class WordTable:
    """The words of some kinds, a list for each.

    kinds: layers, activations, optimizers, schedules, losses, metrics, initializers, regularizers, constraints, callbacks.

    Raises UnknownNameError when there is no such kind.
    """

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.entries = {kind: tuple(read_entries(kind)) for kind in kinds}

    def __repr__(self) -> str:
        return "\n\n".join("\n".join([kind, *map(_line, entries)]) for kind, entries in self.entries.items())

    def _repr_html_(self) -> str:
        style = files("seqmagic.widgets.page").joinpath("card.css").read_text("utf-8")
        lists = "".join(_html_list(kind, entries) for kind, entries in self.entries.items())
        return f'<style>{style}</style><div class="seqmagic-card">{lists}</div>'


def words(*kinds: str) -> WordTable:
    """All that the language has a word for: of some kinds, or of all.

    >>> words("regularizers")
    regularizers
    l1  l1=0.01
    l1l2  l1=0.0 l2=0.0
    l2  l2=0.01
    orthogonal_regularizer  factor=0.01 mode=rows

    kinds: layers, activations, optimizers, schedules, losses, metrics, initializers, regularizers, constraints, callbacks.

    Raises UnknownNameError when there is no such kind.
    """
    return WordTable(kinds or tuple(KINDS))


def _line(entry: Entry) -> str:
    line = f"{_word(entry)}  {entry.reason or entry.settings}".strip()
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def _word(entry: Entry) -> str:
    return ", ".join([entry.word, *entry.short])


def _html_list(kind: str, entries: tuple[Entry, ...]) -> str:
    head = '<tr><th scope="col">Word</th><th scope="col">Settings</th><th scope="col">Keras</th></tr>'
    rows = "".join(_html_row(entry) for entry in entries)
    title = f"{escape(kind.capitalize())} ({len(entries)})"
    return f"<details><summary>{title}</summary><table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"


def _html_row(entry: Entry) -> str:
    told = f"<i>{escape(entry.reason)}</i>" if entry.reason else f"<code>{escape(entry.settings)}</code>"
    return f"<tr><td><code>{escape(_word(entry))}</code></td><td>{told}</td><td>{escape(entry.name)}</td></tr>"
