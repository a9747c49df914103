"""The run table: one row for each run, as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from seqmagic.ledger.diff import NO_CHANGE, ONLY_SEED, few_words
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ranking import Ranking, best_value, rank, sort_by
from seqmagic.measure import is_loss
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.run_words import (
    describe_continued,
    format_epochs,
    format_number,
    format_start,
    format_state,
    format_time,
    join_phrases,
    metrics_of,
    owners_of,
)
from seqmagic.widgets.text_table import align, plain_text

MOST_ROWS = 50
MOST_METRICS = 4
STAR = gettext_noop("★ marks the best of a model's runs on the same data.")
STAR_OF_LOSS = gettext_noop(
    "★ marks the best of a model's runs on the same data; losses are compared only between runs with the same loss function."
)
NO_RUNS = gettext_noop("No runs are saved yet.")


class RunTable:
    """The runs of a ledger, newest first.

    Args:
        entries: all runs, oldest first; each is compared with the previous run of the same name.
        name: show only runs of this model.
        best: sort by the best value of this metric.
        notes: sentences shown below the table.
    """

    def __init__(self, entries: Sequence[RunEntry], *, name: str | None = None, best: str | None = None, notes: Sequence[str] = ()) -> None:
        shown = [entry for entry in reversed(entries) if name is None or entry.name == name]
        shown = sort_by(shown, best) if best else shown
        self.entries, self.name, self.best = shown[:MOST_ROWS], name, best
        self.notes = list(notes)
        if len(shown) > MOST_ROWS:
            self.notes.insert(
                0,
                gettext("Showing {most_rows} of {count} runs. seqmagic.runs() returns all of them.", most_rows=MOST_ROWS, count=len(shown)),
            )
        self.metrics = metrics_of(self.entries, best, MOST_METRICS)
        self.owners = owners_of(self.entries)
        self.rankings = {metric: rank(self.entries, metric, by_name=True) for metric in self.metrics}
        if any(ranking.winners for ranking in self.rankings.values()):
            self.notes.insert(0, gettext(STAR_OF_LOSS) if any(map(is_loss, self.metrics)) else gettext(STAR))
        self.changes = {entry.id: describe_change(entry, entries) for entry in self.entries}

    @property
    def title(self) -> str:
        """What the table shows, and in which order."""
        runs = gettext("Runs of {name}", name=self.name) if self.name is not None else gettext("Runs")
        return (
            gettext("{runs}, best {metric} first", runs=runs, metric=self.best) if self.best else gettext("{runs}, newest first", runs=runs)
        )

    def __repr__(self) -> str:
        head = [
            gettext("run"),
            gettext("model"),
            gettext("started"),
            gettext("ended"),
            gettext("epochs"),
            gettext("took"),
            *(gettext("best {name}", name=name) for name in self.metrics),
            gettext("changed"),
        ]
        head += [gettext("user")] if self.owners else []
        rows = [
            [
                str(entry.id),
                entry.name,
                format_start(entry),
                format_state(entry),
                format_epochs(entry).rsplit(" ", 1)[0],
                format_time(entry),
                *(_format_best(entry, ranking) for ranking in self.rankings.values()),
                self.changes.get(entry.id, ""),
                *([self.owners.get(entry.id, "")] if self.owners else []),
            ]
            for entry in self.entries
        ]
        table = align([head, *rows], right=(0, 5, *range(6, 6 + len(self.metrics)))) if rows else [gettext(NO_RUNS)]
        return plain_text([*table, *self.notes])

    def _repr_html_(self) -> str:
        heads = [element("th", gettext("best"), element("br"), name, scope="col", class_="number") for name in self.metrics]
        ends = [element("th", head, scope="col") for head in (gettext("Run"), gettext("Model"), gettext("Ended"), gettext("Changed"))]
        head = element("thead", element("tr", *ends[:3], *heads, ends[3]))
        # On a narrow page, CSS lays the rows out as blocks, and screen readers would not recognize the table without roles.
        body = element("tbody", *(self._html_row(entry) for entry in self.entries))
        notes = [element("p", element("small", note)) for note in self.notes]
        caption = element("caption", self.title)
        table = element("table", caption, head, body, class_="stacks", role="table") if self.entries else element("p", gettext(NO_RUNS))
        return card(table, *notes, kind="runs")

    def _html_row(self, entry: RunEntry) -> Element:
        cells = [
            element("th", entry.id, scope="row", role="rowheader", class_="run"),
            _cell(element("b", entry.name), *_below(format_start(entry)), *_below(self.owners.get(entry.id, ""))),
            _cell(element("span", format_state(entry)), *_below(format_epochs(entry), format_time(entry)), class_=entry.state),
            *(_html_number(entry, ranking) for ranking in self.rankings.values()),
            _cell(self.changes.get(entry.id, ""), class_="changed"),
        ]
        return element("tr", *cells, role="row")


def _cell(*children: object, **attributes: str) -> Element:
    return element("td", *children, role="cell", **attributes)


def _below(*words: str) -> list[Element]:
    """Build the small print below the first line of a cell; nothing if there are no words."""
    line = join_phrases(words)
    return [element("br"), element("small", line)] if line else []


def _format_best(entry: RunEntry, ranking: Ranking) -> str:
    """Format a run's best value of a metric, with a star if it is the best of the runs it can be compared with; empty if there is none."""
    if ranking.metric not in entry.best:
        return ""
    # The star comes first, because the numbers are aligned to the right.
    return ("★ " if entry.id in ranking.winners else "") + format_number(best_value(entry, ranking.metric))


def _html_number(entry: RunEntry, ranking: Ranking) -> Element:
    name = ranking.metric
    label = gettext("best {name}", name=name)
    if name not in entry.numbers and name not in entry.best:
        return _cell(class_="number empty", data_label=label)
    best = _format_best(entry, ranking)
    last = format_number(entry.numbers[name]) if name in entry.numbers else best
    crown = element("b", best) if entry.id in ranking.winners else element("span", best)
    # Runs are compared by their best value; the last one is shown only if it differs.
    below = (
        [*([element("br")] if best else []), element("small", gettext("last {last}", last=last))] if best.removeprefix("★ ") != last else []
    )
    return _cell(crown, *below, class_="number", data_label=label)


def describe_change(entry: RunEntry, entries: Sequence[RunEntry]) -> str:
    """Describe what changed since the previous run of the same model, or which run it continued; for an unreadable run, why.

    Args:
        entries: all runs.
    """
    if entry.unreadable:
        return gettext("can't be read: {unreadable}", unreadable=entry.unreadable)
    earlier = [other for other in entries if other.id < entry.id and not other.unreadable]
    if entry.continues:
        words = [few_words(other, entry) for other in earlier if other.id == entry.continues]
        return gettext("; ").join(
            [describe_continued(entry), *(word for word in words if word not in map(gettext, (NO_CHANGE, ONLY_SEED)))]
        )
    former = max((other for other in earlier if other.name == entry.name), key=lambda other: other.id, default=None)
    return few_words(former, entry) if former is not None else gettext("first run")
