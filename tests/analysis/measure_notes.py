"""How often a note on curves is wrong, or missing: on the trainings that `note_trials` has recorded.

`python -m tests.analysis.measure_notes FILE` prints it for the half that the rules were found on, and for the other half. A note is wrong
where data that the training never saw, other learning rates, or some more epochs say something else; a fault is missing where these show
it, and no note does.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from seqmagic.analysis.curve_notes import CurveNote, RunFacts, read_curves
from tests.analysis.note_trials import Trial, half_of, recorded

LAST = 3  # Epochs whose loss is averaged.


def facts_of(trial: Trial, *, ended: bool) -> RunFacts:
    return RunFacts(trial.largest_class, trial.drops, trial.rate, ended)


def last(values: list[float] | np.ndarray) -> float:
    return float(np.mean(values[-LAST:]))


def at_lower_rates(trial: Trial) -> float:
    """The lowest loss at the end with a tenth or a third of the rate."""
    losses = [last(loss) for times, loss in trial.at_rates.items() if float(times) < 1]
    return min((loss for loss in losses if np.isfinite(loss)), default=np.inf)


def is_borne_out(note: CurveNote, trial: Trial, epoch: int | None = None) -> bool:
    """Whether something else than the curves says the same.

    Args:
        epoch: after which it was said, during the training; else it was said at the end.
    """
    loss, test = np.array(trial.epochs["loss"]), np.array(trial.test[1:])
    if note.kind == "overfitting":
        return rises(test, 1.02, LAST)
    if note.kind == "high rate":  # Without other rates, which the long trainings don't have, the loss must be above its lowest.
        return at_lower_rates(trial) < 0.95 * last(loss) if trial.at_rates else last(loss) > 1.05 * loss.min()
    if note.kind == "low rate":
        return last(trial.at_rates["10"]) < last(loss) if trial.at_rates else last(trial.later["test"]) < test[-1]
    if note.kind == "more":
        return float(np.median(trial.later["test"][-LAST:])) < test[-1]
    if note.kind == "plateau":
        (since,) = (int(number) for number in re.findall(r"epoch (\d+)", note.text))
        end = len(test) if epoch is None else epoch
        now, then = np.median(test[max(0, end - LAST) : end]), np.median(test[max(0, since - 2) : since + 1])
        return bool(now > 0.95 * then) and (epoch is not None or bool(np.median(trial.later["test"][-LAST:]) > 0.9 * now))
    return note.kind == "guessing" or is_due_to_dropout(trial)  # The number of a guess is the accuracy itself.


def rises(loss: np.ndarray, times: float, width: int) -> bool:
    """Whether a curve ends above its lowest part, by medians over some epochs."""
    if len(loss) < 2 * width:
        return False
    medians = np.median(np.lib.stride_tricks.sliding_window_view(loss, width), axis=1)
    return bool(medians[-1] > times * medians.min()) and int(medians.argmin()) < len(medians) - width


def is_due_to_dropout(trial: Trial) -> bool:
    """Whether at least half of what the validation loss is below the training loss is gone when that is computed without dropout."""
    clean = (np.array(trial.clean[1:]) + np.array(trial.clean[:-1])) / 2  # The mean over an epoch, as Keras's loss.
    loss = last(trial.epochs["loss"])
    return loss - last(clean) >= (loss - last(trial.epochs["val_loss"])) / 2


def is_there(trial: Trial) -> bool:
    """Whether a training that was made to fail does."""
    loss, test = last(trial.epochs["loss"]), np.array(trial.test[1:])
    if trial.lost or trial.kind == "guessing":
        return True
    if trial.kind == "overfitting":
        return rises(test, 1.05, 5)
    if trial.kind == "more":
        return float(np.median(trial.later["test"][-LAST:])) < 0.95 * test[-1]
    other = at_lower_rates(trial) if trial.kind == "high rate" else last(trial.at_rates["10"])
    return other < 0.9 * loss


def said_live(trial: Trial) -> dict[str, tuple[int, CurveNote]]:
    """The notes during the training, each when it was first said."""
    said: dict[str, tuple[int, CurveNote]] = {}
    for epoch in range(LAST, len(trial.epochs["loss"]) + 1):
        record = trial.record
        record.cut(epoch)
        for note in read_curves(record, facts_of(trial, ended=False)):
            said.setdefault(note.kind, (epoch, note))
    return said


def measure(title: str, trials: list[Trial], *, aloud: bool = True) -> None:
    """Print the figures of some trainings, and each note that is wrong."""
    said, wrong, live, live_wrong, missed, there = (Counter[str]() for _ in range(6))
    for trial in trials:
        notes, during = (read_curves(trial.record, facts_of(trial, ended=True)), said_live(trial)) if not trial.lost else ([], {})
        said.update(note.kind for note in notes)
        live.update(list(during))
        bad = [note for note in notes if not is_borne_out(note, trial)]
        wrong.update(note.kind for note in bad)
        live_wrong.update(kind for kind, (epoch, note) in during.items() if not is_borne_out(note, trial, epoch))
        for note in bad if aloud else ():
            sys.stdout.write(f"  {trial.kind}, seed {trial.seed}: {note.text}\n")
        if not trial.healthy and is_there(trial):
            there[trial.kind] += 1
            missed[trial.kind] += not trial.lost and trial.kind not in {*during, *(note.kind for note in notes)}
    sys.stdout.write(f"{title}: {len(trials)} trainings; at the end {dict(said)}, not borne out {dict(wrong)}; ")
    sys.stdout.write(f"during the training {dict(live)}, not borne out {dict(live_wrong)}\n")
    for kind, count in there.items():
        lost = sum(trial.kind == kind and trial.lost for trial in trials)
        sys.stdout.write(f"  {kind}: missed {missed[kind]} of {count}; {lost} ended with a message\n")


def main(path: str) -> None:
    trials = recorded(Path(path))
    for half, words in enumerate(("found on these", "checked on these")):
        for is_healthy, title in ((True, "healthy"), (False, "made to fail")):
            chosen = [trial for trial in trials if half_of(trial.seed) == half and trial.healthy == is_healthy]
            if chosen:
                measure(f"{title}, {words}", chosen)


if __name__ == "__main__":
    main(*sys.argv[1:])
