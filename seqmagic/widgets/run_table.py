"""The run table: what was trained, a row a run; as HTML and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from seqmagic.training.ledger.changes import few_words
from seqmagic.training.ledger.entry import RunEntry
from seqmagic.widgets.run_words import (
    align,
    best_value,
    metrics_of,
    sort_by,
    spoken_epochs,
    spoken_moment,
    spoken_number,
    spoken_state,
    spoken_time,
)

MOST_ROWS = 50
MOST_METRICS = 4
CELL = '<td role="cell"'


class RunTable:
    """The runs of a ledger, newest first.

    entries: all of them, oldest first: each is held against the run before of the same name.
    name: only runs of this model.
    best: sort by the best value of this metric.
    notes: sentences to stand below.
    """

    def __init__(self, entries: Sequence[RunEntry], *, name: str | None = None, best: str | None = None, notes: Sequence[str] = ()) -> None:
        shown = [entry for entry in reversed(entries) if name is None or entry.name == name]
        shown = sort_by(shown, best) if best else shown
        self.entries = shown[:MOST_ROWS]
        self.notes = list(notes)
        if len(shown) > MOST_ROWS:
            self.notes.insert(0, f"{MOST_ROWS} of {len(shown)} runs. seqmagic.runs() gives all of them.")
        self.metrics = metrics_of(self.entries, best, MOST_METRICS)
        self.changes = {entry.id: told_change(entry, entries) for entry in self.entries}

    def _winners(self) -> dict[str, int]:
        """For each metric the number of the run that was best in it, where there are several to choose from."""
        return {metric: sort_by(self.entries, metric)[0].id for metric in self.metrics} if len(self.entries) > 1 else {}

    def __repr__(self) -> str:
        head = ["run", "model", "started", "ended", "epochs", "took", *(f"best {name}" for name in self.metrics), "changed"]
        rows = [
            [
                str(entry.id),
                entry.name,
                spoken_moment(entry.started),
                spoken_state(entry),
                spoken_epochs(entry).rsplit(" ", 1)[0],
                spoken_time(entry),
                *(spoken_number(best_value(entry, name)).replace("NaN", "") for name in self.metrics),
                self.changes.get(entry.id, ""),
            ]
            for entry in self.entries
        ]
        return "\n".join([*align([head, *rows], right=(0, 5, *range(6, 6 + len(self.metrics)))), *self.notes])

    def _repr_html_(self) -> str:
        winners = self._winners()
        heads = "".join(f'<th scope="col" class="number">best<br>{escape(name)}</th>' for name in self.metrics)
        rows = "".join(self._html_row(entry, winners) for entry in self.entries)
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        ends = [f'<th scope="col">{head}</th>' for head in ("Run", "Model", "Ended", "Changed")]
        head = f"<tr>{''.join(ends[:3])}{heads}{ends[3]}</tr>"
        # Roles, because a narrow page lays the rows out as blocks, and a screen reader would then no longer find a table.
        table = f'<table class="stacks" role="table"><thead>{head}</thead><tbody>{rows}</tbody></table>'
        return f'{run_style()}<div class="seqmagic-card seqmagic-runs">{table}{notes}</div>'

    def _html_row(self, entry: RunEntry, winners: Mapping[str, int]) -> str:
        state = spoken_state(entry)
        model = f"<b>{escape(entry.name)}</b><br><small>{escape(spoken_moment(entry.started))}</small>"
        ended = f"<span>{escape(state)}</span><br><small>{escape(spoken_epochs(entry))}, {escape(spoken_time(entry))}</small>"
        numbers = "".join(_html_number(entry, name, wins=winners.get(name) == entry.id) for name in self.metrics)
        changed = f'{CELL} class="changed">{escape(self.changes.get(entry.id, ""))}</td>'
        cells = f'{CELL} class="run">{entry.id}</td>{CELL}>{model}</td>{CELL} class="{escape(entry.state)}">{ended}</td>{numbers}{changed}'
        return f'<tr role="row">{cells}</tr>'


def _html_number(entry: RunEntry, name: str, *, wins: bool) -> str:
    label = f'data-label="best {escape(name)}"'
    if name not in entry.numbers:
        return f'{CELL} class="number empty" {label}></td>'
    last = spoken_number(entry.numbers[name])
    best = spoken_number(best_value(entry, name))
    crown = f'<b title="the best of these runs">{escape(best)}</b>' if wins else f"<span>{escape(best)}</span>"
    # The best number is what runs are held against each other by; the last only where it is another.
    below = f"<br><small>last {escape(last)}</small>" if best != last else ""
    return f'{CELL} class="number" {label}>{crown}{below}</td>'


def told_change(entry: RunEntry, entries: Sequence[RunEntry]) -> str:
    """What changed in a run against the one before of the same model, or from which run it went on.

    entries: all runs.
    """
    if entry.continues:
        return f"goes on from run {entry.continues}"
    former = max((other for other in entries if other.name == entry.name and other.id < entry.id), key=lambda other: other.id, default=None)
    return few_words(former, entry) if former is not None else "first run"


def run_style() -> str:
    """The look of everything that shows runs."""
    page = files("seqmagic.widgets.page")
    return f"<style>{''.join(page.joinpath(name).read_text('utf-8') for name in ('card.css', 'runs.css'))}</style>"
