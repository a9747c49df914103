"""The run comparison: the differences between two or more runs and their results, as HTML and as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from seqmagic.errors import ArgumentError
from seqmagic.errors.boundary import raises_ours
from seqmagic.ledger.diff import NOTHING, compare_lines, lines_apart, name_setting, settings_apart
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ranking import Ranking, best_value, rank
from seqmagic.ledger.run_list import find_readable, ledger_in_use
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.run_curves import RunCurves, curves_of, plot_runs
from seqmagic.widgets.run_words import (
    describe_continued,
    describe_rankings,
    format_epochs,
    format_moment,
    format_number,
    format_start,
    format_state,
    format_time,
    join_words,
    metrics_of,
)
from seqmagic.widgets.text_table import align, plain_text

# A sign for each kind of line, so that color is not the only difference.
SIGNS = {" ": " ", "-": "−", "+": "+"}
MOST_LINES = 40  # Lines shown of those that differ between more than two texts.
SHORT = 11  # Characters; the text of a shorter cell is not wrapped.
MOST_COLUMNS = 118  # Characters; a wider table is split into several.
BOTH, ALL = gettext_noop("Same in both."), gettext_noop("Same in all.")
Row = tuple[str, ...]
TEXT, SETTINGS, RESULTS = gettext_noop("Text"), gettext_noop("Settings"), gettext_noop("Results")  # The headings of the tables.


@raises_ours()
def compare(*numbers: int) -> RunComparison:
    """Compare saved runs: their texts, settings, results and curves.

    >>> seqmagic.compare(1, 2, 5)                            # doctest: +SKIP
    >>> seqmagic.compare(1, 2, 5).plot().savefig("runs.pdf") # doctest: +SKIP

    Args:
        numbers: the numbers of two or more runs, as shown by `runs`.

    Returns:
        The comparison. A notebook shows it as a table, `print` as text.

    Raises:
        ArgumentError: If there are fewer than two.
        FileError: If no runs are saved, or one of them can't be read.
        UnknownNameError: If there is no run with one of these numbers.
    """
    asked = list(dict.fromkeys(number for number in numbers if isinstance(number, int)))
    if len(asked) < 2 or not all(isinstance(number, int) for number in numbers):
        problem = gettext("Runs to compare: {numbers}.", numbers=", ".join(map(repr, numbers)) or gettext("none"))
        raise ArgumentError(problem, expected=gettext("the numbers of at least two runs"), instead="seqmagic.compare(1, 2)")
    ledger = ledger_in_use()
    entries = [find_readable(ledger, number) for number in asked]
    return RunComparison(*entries, curves=curves_of(ledger, entries))


class RunComparison:
    """A comparison of two or more runs.

    Attributes:
        entries: the runs. With two runs, lines of only the first are marked with −, lines of only the second with +.
        curves: the curves of the runs, for `plot`.
    """

    def __init__(self, *entries: RunEntry, curves: Sequence[RunCurves] = ()) -> None:
        self.entries, self.curves = entries, curves
        self.lines = compare_lines(*map(lines_of_run, entries)) if len(entries) == 2 else []
        self.texts: list[Row] = [(what, *words) for what, words in lines_apart([entry.text for entry in entries])]
        self.settings: list[Row] = [(name_setting(what), *words) for what, words in settings_apart(entries)]
        self.rankings = [rank(entries, metric) for metric in metrics_of(entries)]

    def plot(self) -> Any:
        """Plot the curves of all runs in one matplotlib figure, to change and to save; None while there are none."""
        return plot_runs(self.curves)

    @property
    def title(self) -> str:
        """The numbers and names of the runs in one line."""
        names = list(dict.fromkeys(entry.name for entry in self.entries))
        if len(self.entries) == 2:
            one, other = self.entries
            return gettext("Run {first} → run {second}: {names}", first=one.id, second=other.id, names=" → ".join(names))
        return gettext(
            "Runs {join_words}: {names}", join_words=join_words([str(entry.id) for entry in self.entries]), names=join_words(names)
        )

    @property
    def is_same_text(self) -> bool:
        """Whether the texts of all runs are the same."""
        return all(mark == " " for mark, _ in self.lines) if len(self.entries) == 2 else not self.texts

    def results(self) -> list[Row]:
        """The rows of the results: how each run ended, its epochs, time and best metrics."""
        outcomes = [(gettext("ended"), format_state), (gettext("trained"), format_epochs), (gettext("took"), format_time)]
        rows: list[Row] = [(what, *map(format_it, self.entries)) for what, format_it in outcomes]
        if len(self.entries) > 2:
            rows.insert(0, (gettext("started"), *map(format_start, self.entries)))
        if any(entry.continues for entry in self.entries):
            rows.insert(0, (gettext("begins"), *(describe_continued(entry) or gettext("anew") for entry in self.entries)))
        return rows + [
            (gettext("best {metric}", metric=ranking.metric), *(_number(entry, ranking) for entry in self.entries))
            for ranking in self.rankings
        ]

    def sentences(self) -> list[str]:
        """Sentences on which runs are the best, and which can't be compared."""
        return describe_rankings(self.rankings)

    def _sections(self) -> list[tuple[str, list[Row]]]:
        texts = [(TEXT, self.texts[:MOST_LINES])] if len(self.entries) > 2 and self.texts else []
        return [*texts, (SETTINGS, self.settings), (RESULTS, self.results())]

    def _heads(self) -> Row:
        return tuple(gettext("run {id}", id=entry.id) for entry in self.entries)

    def _more_lines(self) -> list[str]:
        more = len(self.texts) - MOST_LINES
        return [gettext("{more} more lines differ.", more=more)] if more > 0 and len(self.entries) > 2 else []

    def __repr__(self) -> str:
        lines = [self.title]
        if len(self.entries) == 2:
            lines += [" → ".join(format_moment(entry.started) for entry in self.entries), ""]
            lines += (
                [gettext("The text is the same.")] if self.is_same_text else [f"{SIGNS[mark]} {line}".rstrip() for mark, line in self.lines]
            )
        elif self.is_same_text:
            lines += ["", gettext("The text is the same.")]
        for name, rows in self._sections():
            lines += ["", *(_text_tables([(gettext(name), *self._heads()), *rows]) if rows else [gettext("The settings are the same.")])]
            lines += self._more_lines() if name == TEXT else []
        return plain_text([*lines, *self.sentences()])

    def _repr_html_(self) -> str:
        parts = [element("h4", self.title)]
        if len(self.entries) == 2:
            moments = " → ".join(format_moment(entry.started) for entry in self.entries)
            lines = element("pre", *(_html_line(*line) for line in self.lines))
            parts += [element("p", element("small", moments)), element("h4", gettext(TEXT)), _same() if self.is_same_text else lines]
        elif self.is_same_text:
            parts += [element("h4", gettext(TEXT)), _same(ALL)]
        for name, rows in self._sections():
            parts += [element("h4", gettext(name)), self._html_table(name, rows)]
            parts += [element("p", element("small", more)) for more in self._more_lines() if name == TEXT]
        bold = (
            [gettext("Bold: different from run {id}.", id=self.entries[0].id)]
            if len(self.entries) > 2 and (self.texts or self.settings)
            else []
        )
        return card(*parts, *(element("p", element("small", sentence)) for sentence in [*bold, *self.sentences()]), kind="runs")

    def _html_table(self, name: str, rows: Sequence[Row]) -> Element:
        if not rows:
            return _same(BOTH if len(self.entries) == 2 else ALL)
        marks = len(self.entries) > 2 and name != RESULTS
        corner, heads = element("th", "", scope="col"), [element("th", head, scope="col") for head in self._heads()]
        head, body = element("thead", element("tr", corner, *heads)), element("tbody", *(_html_row(row, marks=marks) for row in rows))
        if len(self.entries) == 2:
            return element("table", head, body, class_="pair", aria_label=gettext(name))
        # A table wider than the page scrolls sideways; `tabindex` makes it scrollable with the keyboard, too.
        label = gettext("{name} of {count} runs", name=gettext(name), count=len(self.entries))
        return element("div", element("table", head, body, class_="many"), class_="wide", role="region", tabindex="0", aria_label=label)


def _number(entry: RunEntry, ranking: Ranking) -> str:
    """Format a run's best value of a metric, with a star if it is the best of the runs that it can be compared with."""
    value = best_value(entry, ranking.metric)
    return NOTHING if math.isnan(value) else format_number(value) + (" ★" if entry.id in ranking.winners else "")


def _same(which: str = BOTH) -> Element:
    return element("p", gettext(which))


def _text_tables(rows: Sequence[Row]) -> list[str]:
    """Format a table as lines of text; a table that is too wide is split into several, each repeating the first column."""
    widths = [2 + max(map(len, column)) for column in zip(*rows, strict=True)]
    parts: list[list[int]] = [[]]
    for column in range(1, len(widths)):
        if parts[-1] and sum(widths[index] for index in (0, *parts[-1], column)) > MOST_COLUMNS:
            parts.append([])
        parts[-1].append(column)
    tables = [align([(row[0], *(row[column] for column in part)) for row in rows]) for part in parts]
    return [line for table in tables for line in ["", *table]][1:]


def lines_of_run(entry: RunEntry) -> str:
    """The lines of a run, from its network to its call of `fit`."""
    last = [line for line in (entry.compile, entry.fit) if line]
    return entry.text + "".join(f"{line}\n" for line in (["", *last] if last else []))


def _html_row(row: Row, *, marks: bool) -> Element:
    """Build the HTML of a table row.

    Args:
        marks: whether values that differ from the first run's are bold.
    """
    what, *words = row
    # Numbers and other short texts are not wrapped.
    shown = [element("b", word) if (marks and word != words[0]) or word.endswith("★") else word for word in words]
    cells = [element("td", cell, class_="short" if len(word) < SHORT else None) for cell, word in zip(shown, words, strict=True)]
    return element("tr", element("th", what, scope="row"), *cells)


def _html_line(mark: str, line: str) -> Element:
    return element({" ": "span", "-": "del", "+": "ins"}[mark], f"{SIGNS[mark]} {line}")
