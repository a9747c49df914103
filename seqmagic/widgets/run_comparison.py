"""The run comparison: what changed between two runs and what came of it; as HTML and as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqmagic.ledger.diff import NOTHING, compare_lines, compare_settings
from seqmagic.ledger.entry import RunEntry
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.run_words import (
    are_comparable,
    best_value,
    format_epochs,
    format_moment,
    format_number,
    format_state,
    format_time,
    metrics_of,
    sort_by,
)
from seqmagic.widgets.text_table import align, plain_text

# A sign for each line, so that it is not told by colour alone.
SIGNS = {" ": " ", "-": "−", "+": "+"}
SAME = element("p", "The same in both.")
Row = tuple[str, str, str]


class RunComparison:
    """Two runs held against each other.

    Attributes:
        before, after: the runs; what only the first has is marked with −, what only the second has with +.
    """

    def __init__(self, before: RunEntry, after: RunEntry) -> None:
        self.before, self.after = before, after
        self.lines = compare_lines(lines_of_run(before), lines_of_run(after))
        self.settings: list[Row] = [(change.what, change.before, change.after) for change in compare_settings(before, after)]

    @property
    def title(self) -> str:
        """The two runs in a line."""
        one, other = self.before, self.after
        return f"Run {one.id} → run {other.id}: {one.name if one.name == other.name else f'{one.name} → {other.name}'}"

    @property
    def is_same_text(self) -> bool:
        """Whether both have the same lines."""
        return all(mark == " " for mark, _ in self.lines)

    def results(self) -> list[Row]:
        """How the two went."""
        both = (self.before, self.after)
        rows: list[Row] = [
            (what, tell(both[0]), tell(both[1]))
            for what, tell in (("ended", format_state), ("trained", format_epochs), ("took", format_time))
        ]
        return rows + [(f"best {metric}", *self._numbers(metric)) for metric in metrics_of(both)]

    def _numbers(self, metric: str) -> tuple[str, str]:
        """The best of each in a metric; the better one has a star."""
        values = [best_value(entry, metric) for entry in (self.before, self.after)]
        told = [NOTHING if math.isnan(value) else format_number(value) for value in values]
        if told[0] != told[1] and not any(map(math.isnan, values)) and are_comparable(self.before, self.after, metric):
            better = sort_by([self.before, self.after], metric)[0]
            told[0 if better is self.before else 1] += " ★"
        return told[0], told[1]

    def _sections(self) -> list[tuple[str, list[Row]]]:
        return [("Settings", self.settings), ("Results", self.results())]

    def _heads(self) -> Row:
        return "", f"run {self.before.id}", f"run {self.after.id}"

    def __repr__(self) -> str:
        text = ["The text is the same."] if self.is_same_text else [f"{SIGNS[mark]} {line}".rstrip() for mark, line in self.lines]
        told = [self.title, f"{format_moment(self.before.started)} → {format_moment(self.after.started)}", "", *text]
        for name, rows in self._sections():
            told += ["", *(align([(name, *self._heads()[1:]), *rows]) if rows else ["The settings are the same."])]
        return plain_text(told)

    def _repr_html_(self) -> str:
        moments = f"{format_moment(self.before.started)} → {format_moment(self.after.started)}"
        parts = [
            element("h4", self.title),
            element("p", element("small", moments)),
            element("h4", "Text"),
            SAME if self.is_same_text else element("pre", *(_html_line(*line) for line in self.lines)),
        ]
        for name, rows in self._sections():
            parts += [element("h4", name), self._html_table(rows)]
        return card(*parts, kind="runs")

    def _html_table(self, rows: Sequence[Row]) -> Element:
        if not rows:
            return SAME
        head = element("thead", element("tr", *(element("th", head, scope="col") for head in self._heads())))
        return element("table", head, element("tbody", *(_html_row(*row) for row in rows)), class_="pair")


def lines_of_run(entry: RunEntry) -> str:
    """The lines of a run, from its network to its fit line."""
    last = [line for line in (entry.compile, entry.fit) if line]
    return entry.text + "".join(f"{line}\n" for line in (["", *last] if last else []))


def _html_row(what: str, one: str, other: str) -> Element:
    # What is as short as a number stays in one piece.
    cells = [element("td", cell, class_="short" if len(cell) < 10 else None) for cell in (one, other)]
    return element("tr", element("th", what, scope="row"), *cells)


def _html_line(mark: str, line: str) -> Element:
    return element({" ": "span", "-": "del", "+": "ins"}[mark], f"{SIGNS[mark]} {line}")
