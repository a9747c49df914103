"""The status of a run in words: progress, duration, last metrics."""

from __future__ import annotations

import functools

import numpy as np

from seqmagic.analysis.curve_notes import notes_of
from seqmagic.history import History, is_missing
from seqmagic.ledger.run_state import RunState
from seqmagic.training.progress import Progress
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.chart_range import describe_spikes
from seqmagic.widgets.text_table import align

MOST_ROWS = 20  # Of a table in plain text.
STATES = {
    RunState.READY: gettext_noop("Ready"),
    RunState.WAITING: gettext_noop("Waiting"),
    RunState.RUNNING: gettext_noop("Training"),
    RunState.PAUSED: gettext_noop("Paused"),
    RunState.DONE: gettext_noop("Done"),
    RunState.STOPPED: gettext_noop("Stopped"),
    RunState.FAILED: gettext_noop("Failed"),
}


def format_run(run: Run) -> str:
    """The run in a few lines: its model and status, its last and best metrics, and all notes."""
    lines = [f"{run.name}: {format_status(run)}", format_numbers(run), format_best(run.record)]
    return "\n".join(part for part in (*lines, *(note.text for note in notes_of(run)), *run.plan, *run.advice, *run.warnings) if part)


def format_numbers(run: Run) -> str:
    """The last metrics of a run, such as 'loss 0.0857, val_loss 0.0626'."""
    return ", ".join(f"{name} {value:.4g}" for name, value in ordered(run.record.last()))


def format_best(record: History) -> str:
    """The best epoch, such as 'Best: val_loss 0.0626 in epoch 8'; empty with fewer than two epochs."""
    best = record.best() if len(record.epochs) > 1 else None
    return (
        gettext("Best: {metric} {value:.4g} in epoch {epoch:g}", metric=best[0], value=best[2], epoch=best[1]) if best is not None else ""
    )


def format_table(record: History) -> str:
    """The metrics of all epochs, as a table in plain text; of many epochs a selection that includes the first, the best and the last.

    >>> history = History()
    >>> history.epochs.add(1, {"loss": 0.5, "accuracy": 0.75})
    >>> print(format_table(history))
    epoch  loss  accuracy
        1   0.5      0.75
    """
    names, rows = record.epochs.rows_from()
    if not len(rows):
        return ""
    order = [1 + names.index(name) for name in _in_reading_order(tuple(names))]
    shown = rows[_some_rows(rows[:, 0], record.best())][:, [0, *order]]
    head = [gettext("epoch"), *(names[column - 1] for column in order)]
    numbers = [["" if gap else f"{value:.4g}" for value, gap in zip(row, is_missing(row), strict=True)] for row in shown]
    cells = [head, *numbers]
    return "\n".join(align(cells, right=range(len(head))))


def format_means(record: History) -> list[str]:
    """A sentence for each metric of which only the mean is shown.

    >>> history = History()
    >>> history.add_epoch(1, {"loss": 0.5, "f1_score": np.array([0.25, 0.75])})
    >>> format_means(history)
    ['f1_score is the mean of 2 values; run.history has all of them.']
    """
    return [
        gettext("{name} is the mean of {count} values; run.history has all of them.", name=name, count=count)
        for name, count in record.counts.items()
    ]


def with_table(text: str, record: History) -> str:
    """A text with the table below it, if there is one: the content of a notebook without a kernel."""
    return "\n\n".join(filter(None, [text, format_table(record), *format_means(record), *describe_spikes(record)]))


def _some_rows(positions: np.ndarray, best: tuple[str, float, float] | None) -> np.ndarray:
    """The indices of about MOST_ROWS rows at most."""
    spread = np.linspace(0, len(positions) - 1, min(len(positions), MOST_ROWS)).round().astype(int)
    return np.union1d(spread, np.flatnonzero(positions == best[1])) if best is not None else spread


def ordered(numbers: dict[str, float]) -> list[tuple[str, float]]:
    """Metrics in reading order: loss first, each followed by its val_ one.

    >>> [name for name, _ in ordered({"accuracy": 0, "loss": 0, "val_loss": 0})]
    ['loss', 'val_loss', 'accuracy']
    """
    return [(name, numbers[name]) for name in _in_reading_order(tuple(numbers))]


@functools.cache  # A run asks for the same names ten times a second.
def _in_reading_order(names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=lambda name: (name.removeprefix("val_") != "loss", name.removeprefix("val_"), name.startswith("val_")))


def format_status(run: Run) -> str:
    """The run's state on one line: 'Training: epoch 3 of 10 · 12 s · 28 s left · 410 batches/s'."""
    facts = " · ".join(facts_of(run))
    between = " " if run.state in (RunState.STOPPED, RunState.FAILED) else ": "
    return f"{gettext(STATES[run.state])}{between}{facts}" if facts else gettext("{sentence}.", sentence=gettext(STATES[run.state]))


def facts_of(run: Run, progress: Progress | None = None) -> list[str]:
    """The progress of a run, its duration, the time left, its speed, and why it ended; each in a few words.

    Args:
        progress: if it is already known.
    """
    progress = progress or run.progress
    if run.state == RunState.WAITING:
        return [gettext("for the training before it to end")]
    if run.ended and run.state == RunState.STOPPED and not progress.epoch:
        return [gettext("before it continued") if run.first_epoch else gettext("before it started")]
    if run.state == RunState.READY:
        return []
    if run.waits_at and not run.ended:
        lost = [gettext("epoch {place}", place=progress.place), gettext("its worker was lost")] if progress.epoch else []
        return [*lost, gettext("waiting for a worker of {address}", address=run.waits_at)]
    if progress.epoch == 0 and not run.ended:
        return [gettext("getting ready for the first batch")]
    took = format_seconds(progress.seconds)
    speed = progress.batches_per_second
    pace = (
        [gettext("{speed:,.0f} batches/s", speed=speed) if speed >= 10 else gettext("{speed:.2g} batches/s", speed=speed)] if speed else []
    )
    place = [gettext("on {worker}", worker=", ".join(one.partition("://")[2] for one in run.where.split(", ")))] if run.where else []
    if run.ended:
        epochs = gettext("{epoch} of {epochs} in {took}", epoch=progress.epoch, epochs=format_count(progress.epochs, "epoch"), took=took)
        reason = [run.reason.rstrip(".")] if run.reason else []
        return [
            epochs if run.state == RunState.DONE else gettext("in epoch {place}, after {took}", place=progress.place, took=took),
            *pace,
            *reason,
            *place,
        ]
    if progress.validating:  # Speed and time left are those of training: during validation they would become wrong.
        return [gettext("epoch {place}", place=progress.place), took, gettext("validating"), *place]
    left = progress.seconds_left
    return [
        gettext("epoch {place}", place=progress.place),
        took,
        *([gettext("{seconds} left", seconds=format_seconds(left))] if left is not None else []),
        *pace,
        *place,
    ]


def describe_resumption(run: Run) -> str:
    """How a run is continued when its kernel is gone; empty if it has ended, or if no line can continue it."""
    if run.ended or run.number is None or not run.name.isidentifier() or not run.fit_line or "{" in run.fit_line:
        return ""
    line, address = f"%fit {run.name} --resume={run.number}", run.goes_on_at
    if address:
        return gettext(
            "The kernel was restarted, so this panel is out of date. The training goes on at {address}. To see it again, run the cells "
            "that make the model and its data, then {line} on={address}",
            address=address,
            line=line,
        )
    return gettext(
        "The kernel was restarted, and the training ended with it. To continue it, run the cells that make the model and its data, then "
        "{line}",
        line=line,
    )


def status_line(run: Run, columns: int = 80) -> str:
    """The run on one line of a terminal: a bar, the status and the last metrics.

    If there is not enough room, the bar and the times are dropped first; a metric that still doesn't fit is left out completely.
    """
    # The speed would leave no room for the metrics in a narrow terminal.
    facts = [fact for fact in facts_of(run) if not fact.endswith(gettext("batches/s"))]
    numbers = format_numbers(run).split(", ")
    done = 1 if run.state == RunState.DONE else run.progress.fraction
    heads = [
        f"{'█' * round(width * done):░<{width}} {gettext(STATES[run.state])}: {' · '.join(shown)}"
        for width, shown in ((12, facts), (12, [*facts[:1], *facts[2:]]), (6, [*facts[:1], *facts[2:]]), (6, facts[:1]))
    ]
    lines = ["  ".join([head, ", ".join(numbers[:count])]) for count in range(len(numbers), 0, -1) for head in heads]
    return next((line for line in lines if len(line) < columns), heads[-1][: columns - 1])


def format_count(count: int, what: str) -> str:
    """A count with its noun.

    >>> format_count(1, "epoch"), format_count(3, "epoch"), format_count(256, "sample")
    ('1 epoch', '3 epochs', '256 samples')

    Args:
        what: "epoch" or "sample".
    """
    return ngettext("{count} epoch", "{count} epochs", count) if what == "epoch" else ngettext("{count} sample", "{count} samples", count)


def format_seconds(seconds: float) -> str:
    """A duration as text.

    >>> format_seconds(3.21), format_seconds(75), format_seconds(7500)
    ('3.2 s', '1 min 15 s', '2 h 5 min')
    """
    if seconds < 9.95:
        return gettext("{seconds:.1f} s", seconds=seconds)
    whole = round(seconds)
    if whole < 60:
        return gettext("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    return (
        gettext("{minutes} min {rest} s", minutes=minutes, rest=rest)
        if minutes < 60
        else gettext("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    )
