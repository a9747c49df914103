"""The word table: the words of the language with their meanings; as HTML and as text."""

from __future__ import annotations

from seqmagic.describe.word_list import KINDS, Entry, list_words
from seqmagic.errors.boundary import Kind, raises_ours
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.text_table import plain_text

WIDEST = 100  # Characters per line of text.


class WordTable:
    """The words of some kinds, one list for each.

    Attributes:
        entries: of each kind.

    Raises:
        UnknownNameError: If there is no such kind.
    """

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.entries = {kind: tuple(list_words(kind)) for kind in kinds}

    def __repr__(self) -> str:
        return "\n\n".join(plain_text([kind, *map(_line, entries)]) for kind, entries in self.entries.items())

    def _repr_html_(self) -> str:
        return card(*(_html_list(kind, entries) for kind, entries in self.entries.items()))


@raises_ours(kinds=Kind("kinds of names, such as layers", lambda kinds: all(isinstance(kind, str) for kind in kinds)))
def words(*kinds: str) -> WordTable:
    """List the words of the language: of some kinds, or all of them.

    >>> words("regularizers")
    regularizers
    l1  l1=0.01
    l1l2  l1=0.0 l2=0.0
    l2  l2=0.01
    orthogonal_regularizer  factor=0.01 mode=rows

    Args:
        kinds: layers, activations, optimizers, schedules, losses, metrics, initializers, regularizers, constraints, callbacks.

    Returns:
        A table of the words, each with its settings and its Keras name.

    Raises:
        UnknownNameError: If there is no such kind.
    """
    return WordTable(kinds or tuple(KINDS))


def _line(entry: Entry) -> str:
    line = f"{_word(entry)}  {gettext(entry.reason) or entry.settings}".strip()
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def _word(entry: Entry) -> str:
    return ", ".join([entry.word, *entry.short])


def _html_list(kind: str, entries: tuple[Entry, ...]) -> Element:
    head = element("thead", element("tr", *(element("th", head, scope="col") for head in (gettext("Word"), gettext("Settings"), "Keras"))))
    table = element("table", head, element("tbody", *map(_html_row, entries)))
    return element("details", element("summary", f"{kind.capitalize()} ({len(entries)})"), table)


def _html_row(entry: Entry) -> Element:
    middle = element("i", gettext(entry.reason)) if entry.reason else element("code", entry.settings)
    return element("tr", element("td", element("code", _word(entry))), element("td", middle), element("td", entry.name))
