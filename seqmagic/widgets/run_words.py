"""Runs in words: start, duration, outcome, metrics."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from functools import reduce
from pathlib import PurePath

from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ranking import DATA, LOSS, METRIC, MODEL, Ranking, are_data_seen
from seqmagic.ledger.run_state import RunState
from seqmagic.measure import format_position, is_loss
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.status import format_seconds, ordered

MONTHS = (
    gettext_noop("Jan"),
    gettext_noop("Feb"),
    gettext_noop("Mar"),
    gettext_noop("Apr"),
    gettext_noop("May"),
    gettext_noop("Jun"),
    gettext_noop("Jul"),
    gettext_noop("Aug"),
    gettext_noop("Sep"),
    gettext_noop("Oct"),
    gettext_noop("Nov"),
    gettext_noop("Dec"),
)
APART = {
    DATA: gettext_noop("they were measured on different rows"),
    LOSS: gettext_noop("the losses differ"),
    MODEL: gettext_noop("the models differ"),
    METRIC: gettext_noop("the metric is computed differently"),
}
UNSEEN = gettext_noop("Some of the data is streamed, so it is not known whether the rows are the same.")
STATES = {RunState.DIED: gettext_noop("kernel died"), RunState.RUNNING: gettext_noop("running")}


def format_moment(seconds: float, now: float | None = None) -> str:
    """A time in Unix seconds as text; with the year only if it is not this year."""
    then, today = time.localtime(seconds), time.localtime(now)
    clock = f"{then.tm_hour}:{then.tm_min:02d}"
    name = gettext(MONTHS[then.tm_mon - 1])
    if then.tm_year != today.tm_year:
        return gettext("{month} {day} {year}, {clock}", month=name, day=then.tm_mday, year=then.tm_year, clock=clock)
    return gettext("{month} {day}, {clock}", month=name, day=then.tm_mday, clock=clock)


def format_start(entry: RunEntry) -> str:
    """The start of a run; empty if it can't be read."""
    return "" if entry.unreadable else format_moment(entry.started)


def describe_continued(entry: RunEntry) -> str:
    """The run that it continues, such as 'continues run 1'; empty if it continues none."""
    return gettext("continues run {continues}", continues=entry.continues) if entry.continues else ""


def format_state(entry: RunEntry) -> str:
    """The outcome of a run: 'done', 'stopped', 'failed', 'under way', 'kernel died' or 'unreadable'."""
    return gettext(STATES.get(entry.state, str(entry.state)))


def format_epochs(entry: RunEntry) -> str:
    """The number of epochs done, such as '10 epochs' or '3.4 of 10 epochs'."""
    if entry.unreadable:
        return ""
    done, end = format_position(entry.position), entry.last_epoch
    if end is not None and entry.state != RunState.DONE and entry.position < end:
        done = gettext("{done} of {epochs:,}", done=done, epochs=end)
    return gettext("{done} epoch", done=done) if done in ("1", "0 of 1") else gettext("{done} epochs", done=done)


def format_time(entry: RunEntry) -> str:
    """The duration of a run, and of all its epochs, if it continued another run."""
    if entry.unreadable:
        return ""
    own, whole = format_seconds(entry.seconds), format_seconds(entry.seconds_in_all)
    return own if entry.seconds_in_all == entry.seconds else gettext("{own} ({whole} in all)", own=own, whole=whole)


def format_number(value: float) -> str:
    """The value of a metric with at most four digits."""
    return "NaN" if math.isnan(value) else f"{value:.4g}"


def metrics_of(entries: Iterable[RunEntry], first: str | None = None, most: int | None = None) -> list[str]:
    """The metrics of runs, in reading order; if there are too many, those by which runs are judged and those that most runs have.

    Args:
        first: a metric that comes before all others.
    """
    counts: dict[str, float] = {}
    for entry in entries:
        for name in {**entry.numbers, **entry.best}:
            counts[name] = counts.get(name, 0) + 1
    # Of the two versions of a metric, the validation one says more.
    weight = {name: (name != first, not is_loss(name), -count, f"val_{name}" in counts) for name, count in counts.items()}
    kept = sorted(counts, key=weight.__getitem__)[:most]
    names = [name for name, _ in ordered(dict.fromkeys(kept, 0.0))]
    return sorted(names, key=lambda name: name != first)


def describe_rankings(rankings: Sequence[Ranking]) -> list[str]:
    """The meaning of a star, and why some runs have none, in sentences.

    >>> from seqmagic.ledger.ranking import rank
    >>> runs = [RunEntry(name="net", id=number, best={"loss": (0.5 / number, 1.0)}) for number in (1, 2)]
    >>> describe_rankings([rank(runs, "loss")])
    ['★ marks the best of these runs: their data is the same, and so is the loss.']
    """
    starred = [ranking for ranking in rankings if ranking.winners]
    sentences = []
    if starred:
        those = gettext("the comparable runs") if any(ranking.apart for ranking in starred) else gettext("these runs")
        same = gettext(", and so is the loss") if any(is_loss(ranking.metric) for ranking in starred) else ""
        sentences.append(gettext("★ marks the best of {those}: their data is the same{same}.", those=those, same=same))
    apart: dict[tuple[str, str], list[str]] = {}
    for ranking in rankings:
        if ranking.apart:
            why = join_words([gettext(APART[reason]) for reason in ranking.apart])
            apart.setdefault((_describe_groups(ranking), why), []).append(ranking.metric)
    for (which, why), metrics in apart.items():
        is_about_all = len(metrics) == len(rankings)
        if not which:
            named = gettext("These runs") if is_about_all else gettext("The values of {metrics}", metrics=join_words(metrics))
            sentences.append(gettext("{named} can't be compared: {why}.", named=named, why=why))
        elif is_about_all:
            sentences.append(gettext("Only {runs} can be compared: {why}.", runs=which, why=why))
        else:
            sentences.append(gettext("In {metrics}, only {runs} can be compared: {why}.", metrics=join_words(metrics), runs=which, why=why))
    runs = [run for ranking in starred for group in ranking.groups for run in group]
    return [*sentences, *([] if are_data_seen(runs) else [gettext(UNSEEN)])]


def _describe_groups(ranking: Ranking) -> str:
    """Which runs can be compared; "" if none can."""
    groups = [join_words([str(number) for number in sorted(run.id for run in group)]) for group in ranking.groups if len(group) > 1]
    return gettext(", and ").join(gettext("runs {group}", group=group) for group in groups)


def join_words(words: Sequence[str]) -> str:
    """Join words, such as '1, 2 and 3'.

    >>> join_words(["1", "2", "3"]), join_words(["1"])
    ('1, 2 and 3', '1')
    """
    if len(words) < 2:
        return "".join(words)
    return gettext("{words} and {last}", words=gettext(", ").join(words[:-1]), last=words[-1])


def join_phrases(phrases: Iterable[str]) -> str:
    """Join phrases, such as '1,490 parameters, 5.96 kB of weights'."""
    found = list(filter(None, phrases))
    return reduce(lambda first, rest: gettext("{first}, {rest}", first=first, rest=rest), found) if found else ""


def owners_of(entries: Sequence[RunEntry]) -> dict[int, str]:
    """The owner of each run, by its number; empty if all have the same user and notebook."""
    paths = {entry.notebook: PurePath(entry.notebook.replace("\\", "/")) for entry in entries}
    names = {path.name for path in paths.values()}
    parts = 1 if len(names) == len(paths) else 2  # Notebooks with equal names are distinguished by their folders.
    notebooks = {notebook: "/".join(path.parts[-parts:]) for notebook, path in paths.items()}
    users = {entry.user for entry in entries}
    found = [(entry.id, notebooks[entry.notebook] if len(paths) > 1 else "", entry.user if len(users) > 1 else "") for entry in entries]
    return {number: ", ".join(filter(None, words)) for number, *words in found if any(words)}
