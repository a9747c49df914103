"""The run offers: the numbers of the runs that are kept, the models that they are of, and what they were judged by."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from seqmagic.editor.offers import BEST, GOOD, OTHER, Offer
from seqmagic.errors import printable
from seqmagic.ledger.current import current_ledger
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry

MOST_RUNS = 40
FIRST_MEASURES = ("val_accuracy", "val_loss", "accuracy", "loss")
RESUME = "--resume="


def run_offers(given: Sequence[str], options: Collection[str]) -> Iterator[Offer]:
    """What `%runs` takes besides its options: the name of one model, or the numbers of runs.

    Args:
        given: the names and numbers that stand before.
        options: those that stand before.
    """
    if not all(word.isdigit() for word in given) or ("--load" in options and given):
        return
    runs = _newest()
    if not given and not {"--load", "--delete"} & {*options}:
        names = dict.fromkeys(entry.name for entry in runs if entry.name.isidentifier())
        yield from (Offer(name, "model", _runs_of(name, runs), GOOD) for name in names)
    if "--best" not in options:
        yield from (Offer(str(entry.id), "run", _told(entry)) for entry in runs if str(entry.id) not in given)


def goes_with(option: str, given: Sequence[str]) -> bool:
    """Whether an option of `%runs` goes with the names and numbers before it."""
    if not given or (option == "--best") is (given[0].isdigit()):
        return not given
    return option != "--load" or len(given) == 1


def measure_offers() -> Iterator[Offer]:
    """What runs can be sorted by: what they have counted."""
    found = dict.fromkeys(name for entry in _newest() for name in entry.numbers if name.isidentifier())
    names = sorted(found, key=lambda name: FIRST_MEASURES.index(name) if name in FIRST_MEASURES else len(FIRST_MEASURES))
    yield from (Offer(name, "value", gettext("after each epoch"), BEST) for name in names or FIRST_MEASURES)


def resume_offers(model: str) -> Iterator[Offer]:
    """The runs that `--resume=` may go on with: those that were cut, of this model first."""
    for entry in sorted(_newest(), key=lambda entry: entry.name != model):
        if entry.outcome != "done" and not entry.unreadable and not entry.sweep and not entry.is_under_way:
            yield Offer(f"{RESUME}{entry.id}", "run", _told(entry), GOOD if entry.name == model else OTHER)


def _newest() -> list[RunEntry]:
    ledger = current_ledger()
    return ledger.glance(MOST_RUNS) if ledger is not None else []


def _runs_of(name: str, runs: list[RunEntry]) -> str:
    numbers = [str(entry.id) for entry in runs if entry.name == name]
    if len(numbers) == 1:
        return gettext("run {id}", id=numbers[0])
    return gettext("{count} runs, the newest is {number}", count=len(numbers), number=numbers[0])


def _told(entry: RunEntry) -> str:
    """A run in a few words."""
    measure = next((name for name in (*FIRST_MEASURES, *entry.numbers) if name in entry.numbers), "")
    told = f", {measure} {entry.numbers[measure]:.4g}" if measure else ""
    return f"{printable(entry.name)}, {gettext(str(entry.state))}{told}"
