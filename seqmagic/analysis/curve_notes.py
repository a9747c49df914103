"""Notes on curves: what the curves of a training indicate, one sentence each, with the numbers that it is based on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.history import History
from seqmagic.training.run import Run
from seqmagic.translation import gettext

MOST_NOTES = 2
FEWEST_EPOCHS = 4  # Fewer points are not enough for a curve.
LEAVING_OUT = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)
LATER = 3  # Epochs that must agree before a note is given.


@dataclass(frozen=True)
class RunFacts:
    """Facts about a run that its curves don't show.

    Attributes:
        largest_class: the share of the largest class, from 0 to 1; None if the labels are not classes.
        drops: whether the model has dropout, noise or similar layers, which act only in training.
        rate: the learning rate; None if a schedule sets it.
        ended: whether the run has ended.
    """

    largest_class: float | None = None
    drops: bool = False
    rate: float | None = None
    ended: bool = False


@dataclass(frozen=True)
class CurveNote:
    """A note on a curve.

    Attributes:
        kind: of note, such as "overfitting".
        text: the sentence.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class _Curves:
    """The curves of whole epochs.

    Attributes:
        epochs: the number of finished epochs at each point.
        loss, val_loss: one value per epoch; `val_loss` is empty without validation.
        accuracy: of the validation, or of the training without validation.
    """

    epochs: np.ndarray
    loss: np.ndarray
    val_loss: np.ndarray
    accuracy: np.ndarray


def read_curves(history: History, facts: RunFacts | None = None) -> list[CurveNote]:
    """The notes on a training so far, the most important first; at most two.

    >>> history = History()
    >>> for epoch, (loss, val_loss) in enumerate(zip([1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03], [1, 0.6, 0.5, 0.6, 0.7, 0.8, 0.9])):
    ...     history.add_epoch(epoch + 1, {"loss": loss, "val_loss": val_loss})
    >>> print(read_curves(history)[0].text)
    Overfitting since epoch 3: val_loss rose from 0.5 to 0.9, while loss fell from 0.3 to 0.03.

    Args:
        history: of a run.
        facts: about the run.
    """
    facts, curves = facts or RunFacts(), _curves_of(history)
    if len(curves.loss) < FEWEST_EPOCHS - 1 or not np.isfinite(curves.loss).all():
        return []
    notes: list[CurveNote] = []
    for kind, look in LOOKS.items():
        if {kind, *(note.kind for note in notes)} in EXCLUDING:
            continue
        notes += [CurveNote(kind, text) for text in look(curves, facts)]
    return notes[:MOST_NOTES]


def notes_of(run: Run) -> list[CurveNote]:
    """The current notes on a run."""
    return read_curves(run.record, RunFacts(run.largest_class, leaves_out(run.model), run.learning_rate, run.ended))


def leaves_out(model: Any) -> bool:
    """Whether a model has dropout, noise or similar layers, which act only in training."""
    return any(isinstance(layer, LEAVING_OUT) or getattr(layer, "dropout", 0) for layer in getattr(model, "layers", ()))


def _curves_of(history: History) -> _Curves:
    positions, loss = history.epochs.curve("loss")
    val_positions, val_loss = history.epochs.curve("val_loss")
    names = [name for name in ("val_accuracy", "accuracy") if name in history.epochs.newest()]
    accuracy = history.epochs.curve(names[0])[1] if names else []
    aligned = len(val_loss) == len(loss) and val_positions == positions and bool(np.isfinite(val_loss).all())
    return _Curves(*map(np.asarray, (positions, loss, val_loss if aligned else [], accuracy)))


def _look_for_guessing(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """An accuracy no better than always predicting the largest class."""
    share, accuracy = facts.largest_class, curves.accuracy[-LATER:]
    if share is None or len(accuracy) < LATER or not (np.abs(accuracy - share) < 0.015).all():
        return
    yield (
        gettext(
            "As good as always guessing the largest class: accuracy {accuracy:.3g}, and {share:.0%} of the labels are of one "
            "class. Look at precision and recall, or try class_weight=balanced.",
            accuracy=accuracy[-1],
            share=share,
        )
    )


def _look_for_high_rate(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """A training loss that jumps, or ends above its beginning: averaged over whole epochs it rarely rises for other reasons."""
    loss = curves.loss
    rises = np.diff(loss) / np.abs(loss[:-1]).clip(1e-12)
    large = (rises > 0.05) & (np.diff(loss) > 0.02 * abs(loss[0]))
    subject = gettext("learning rate {rate:g} is", rate=facts.rate) if facts.rate is not None else gettext("learning rate is")
    if loss[-LATER:].mean() > 1.02 * loss[0]:
        yield gettext(
            "The {subject} too high: loss is {last:.3g}, and was {first:.3g} after the first epoch. Try a tenth of it.",
            subject=subject,
            last=loss[-1],
            first=loss[0],
        )
    elif large.sum() >= max(2, 0.25 * len(rises)):
        yield gettext(
            "The {subject} too high: loss rose in {often} of {count} epochs, once by {most:.0%}. Try a third of it.",
            subject=subject,
            often=large.sum(),
            count=len(rises),
            most=rises.max(),
        )


def _look_for_overfitting(curves: _Curves, _: RunFacts) -> Iterator[str]:
    """A validation loss that keeps rising while the training loss falls."""
    loss, val_loss = curves.loss, curves.val_loss
    if len(val_loss) < FEWEST_EPOCHS + LATER - 1:
        return
    best = int(val_loss.argmin())
    since = len(val_loss) - 1 - best
    if since < max(LATER, len(val_loss) // 8):
        return
    now, then = float(np.median(val_loss[-LATER:])), float(np.median(val_loss[max(0, best - 1) : best + 2]))
    rise = now - then
    # The usual fluctuation of the validation loss.
    jitter = float(np.median(np.abs(np.diff(val_loss, 2)))) / 1.65
    falls = loss[best] - loss[-LATER:].mean() > 0.02 * abs(loss[best])
    if rise > max(0.06 * abs(then), 2 * jitter) and falls and (val_loss[-LATER:] > then).all():
        yield (
            gettext(
                "Overfitting since epoch {epoch:g}: val_loss rose from {lowest:.3g} to {val_last:.3g}, while loss fell from "
                "{then:.3g} to {last:.3g}.",
                epoch=curves.epochs[best],
                lowest=val_loss[best],
                val_last=val_loss[-1],
                then=loss[best],
                last=loss[-1],
            )
        )


def _look_for_low_rate(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """A loss that falls little, and as fast at the end as at the beginning."""
    loss = curves.loss
    if len(loss) < FEWEST_EPOCHS:
        return
    middle = len(loss) // 2
    first, last = loss[0] - loss[middle], loss[middle] - loss[-1]
    halves = (len(loss) - 1 - middle) / max(middle, 1)
    an_epoch = (loss[0] - loss[-1]) / abs(loss[0]) / (len(loss) - 1) if loss[0] else 0.0
    steady = first > 0 and last > 0.6 * first * halves and (np.diff(loss) < 0).mean() > 0.8
    if steady and 0 < an_epoch < 0.03 and loss[-1] > 0.6 * loss[0]:
        sentence = gettext("The learning rate {rate:g}", rate=facts.rate) if facts.rate is not None else gettext("The learning rate")
        sentence = gettext("{sentence} may be too low: loss falls by {an_epoch:.1%} an epoch", sentence=sentence, an_epoch=an_epoch)
        yield gettext("{sentence}, at the end as fast as at the beginning. Try ten times as much.", sentence=sentence)


def _look_for_more(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """Curves that are still falling when the run ends."""
    loss, val_loss = curves.loss, curves.val_loss
    judged, name = (val_loss, "val_loss") if len(val_loss) else (loss, "loss")
    if not facts.ended or len(judged) < LATER:
        return
    fall = (judged[-LATER] - judged[-1]) / abs(judged[-LATER]) if judged[-LATER] else 0.0
    training = (loss[-LATER] - loss[-1]) / abs(loss[-LATER]) if loss[-LATER] else 0.0
    if fall > 0.05 and training > 0.05 and judged[-1] == judged.min() and (np.diff(judged[-LATER:]) < 0).all():
        yield gettext(
            "Still falling at the end: {name} fell by {fall:.0%} in the last {later} epochs. Train more.",
            name=name,
            fall=fall,
            later=LATER - 1,
        )


def _look_for_plateau(curves: _Curves, _: RunFacts) -> Iterator[str]:
    """A loss that has fallen, and no longer changes."""
    loss, val_loss = curves.loss, curves.val_loss
    if len(loss) < 2 * FEWEST_EPOCHS:
        return
    window = max(FEWEST_EPOCHS, len(loss) // 3)
    fallen, recent = loss[0] - loss.min(), loss[-window:]
    moved = abs(float(np.polyfit(np.arange(window), recent, 1)[0])) * window
    val_moves = len(val_loss) > 0 and val_loss[-window] - val_loss[-1] > 0.02 * abs(val_loss[-window])
    if fallen > 0.1 * abs(loss[0]) and moved < 0.01 * fallen and recent.min() > 0.05 * abs(loss[0]) and not val_moves:
        yield gettext(
            "The loss has hardly moved since epoch {epoch:g}: {then:.4g}, and now {now:.4g}.",
            epoch=curves.epochs[-window],
            then=recent[0],
            now=recent[-1],
        )


def _look_for_dropout(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """A validation loss below the training loss, because of dropout."""
    loss, val_loss = curves.loss[-LATER:], curves.val_loss[-LATER:]
    if facts.drops and len(val_loss) == LATER and (val_loss < 0.95 * loss).all():
        sentence = gettext("val_loss ({val_last:.3g}) is below loss ({last:.3g})", val_last=val_loss[-1], last=loss[-1])
        yield gettext("{sentence} because dropout makes the training harder; in the validation it is off.", sentence=sentence)


Look = Callable[[_Curves, RunFacts], Iterator[str]]
LOOKS: dict[str, Look] = {
    "guessing": _look_for_guessing,
    "high rate": _look_for_high_rate,
    "overfitting": _look_for_overfitting,
    "low rate": _look_for_low_rate,
    "more": _look_for_more,
    "plateau": _look_for_plateau,
    "dropout": _look_for_dropout,
}
# The first note of each pair makes the second one redundant.
EXCLUDING = ({"low rate", "more"}, {"high rate", "overfitting"})
