"""The family card: what is searched in a cell, and the sizes of its smallest and largest network; as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from seqmagic.language.searched import CHOICE, Searched
from seqmagic.network.memory import format_bytes
from seqmagic.network.plan import Plan
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import card, element
from seqmagic.widgets.text_table import align, plain_text

HEADS = (gettext_noop("searched"), gettext_noop("line"), gettext_noop("values"))


class FamilyCard:
    """The output of a `%%sequential` cell with searched values.

    Attributes:
        name: of the cell.
        searched: the searched values.
        smallest, largest: the plans of these networks.
        fits: whether the cell has a fit line.
    """

    def __init__(self, name: str, searched: Sequence[Searched], smallest: Plan, largest: Plan, *, fits: bool = False) -> None:
        self.name, self.searched, self.smallest, self.largest, self.fits = name, searched, smallest, largest, fits

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(one.name, str(one.span.line), format_range(one)) for one in self.searched]

    def sentences(self) -> list[str]:
        """The sentences below the table."""
        low, high = sorted((self.smallest.parameters(), self.largest.parameters()))
        most = format_bytes(max(self.smallest.weight_bytes, self.largest.weight_bytes))
        line = f"%sweep {self.name}" if self.fits else f"%sweep {self.name} x_train y_train validation_split=0.2"
        return [
            gettext("A family of networks with {low:,} to {high:,} parameters (weights of at most {most}).", low=low, high=high, most=most),
            gettext("There is no model yet. Try the networks with: {line} trials=20", line=line),
        ]

    def __repr__(self) -> str:
        return plain_text([self.name, *align([[gettext(head) for head in HEADS], *self._rows()], right=(1,)), *self.sentences()])

    def _repr_html_(self) -> str:
        head = element("thead", element("tr", *(element("th", gettext(head).capitalize(), scope="col") for head in HEADS)))
        rows = [element("tr", element("td", element("b", name)), element("td", line), element("td", element("code", values)))
                for name, line, values in self._rows()]  # fmt: skip
        table = element("table", element("caption", self.name), head, element("tbody", *rows))
        return card(table, *(element("p", sentence) for sentence in self.sentences()))


def format_range(one: Searched) -> str:
    """The possible values of a searched value.

    >>> from seqmagic.errors import Span
    >>> format_range(Searched("adam", "log", Span(1, 1, 2), (), 1e-4, 0.01))
    '0.0001 to 0.01, on a logarithmic scale'
    """
    if one.kind == CHOICE:
        return ", ".join(one.texts)
    ends = gettext("{low:g} to {high:g}", low=one.low, high=one.high)
    if one.kind == "log":
        return gettext("{ends}, on a logarithmic scale", ends=ends)
    return gettext("{ends} in steps of {step:g}", ends=ends, step=one.step) if one.step is not None else ends
