"""Notes on curves: what the curves of a training indicate, one sentence each, with the numbers that it is based on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.history import History, is_missing
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.training.run import Run
from seqmagic.translation import gettext

MOST_NOTES = 2
FEWEST_EPOCHS = 4  # Fewer points are not enough for a curve.
DROPOUT = (
    keras.layers.Dropout,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)
LATER = 3  # Epochs that must agree before a note is given.
SURE = 5  # Epochs after which a small difference counts, too.
UNKNOWN_SPREAD = 0.4  # Of the losses of batches, with too few batches to tell: three quarters of the measured trainings have less.
LEVEL = 0.05  # Of a loss, from the first to the last epoch that are compared.
# An accuracy this near the share of the largest class is guessing, if it is as near in terms of the rows that guessing gets wrong.
GUESSING, GUESSED_ROWS = 0.015, 0.2


@dataclass(frozen=True)
class RunFacts:
    """Facts about a run that its curves don't show.

    Attributes:
        largest_class: the share of the largest class, from 0 to 1, in the labels that the accuracy is measured on; None if they are not
            classes.
        drops: whether the model has dropout, which acts only in training.
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
        accuracy: of the validation, or of the training without validation. name: the one of them.
        start: the loss of the very first batch, before any step; None if it is not known.
        spread: how much the losses of single batches differ within the latest epoch, as a share of their mean.
    """

    epochs: np.ndarray
    loss: np.ndarray
    val_loss: np.ndarray
    accuracy: np.ndarray
    name: str = ""
    start: float | None = None
    spread: float = 0.0


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
    """Whether a model has dropout, which acts only in training: as a layer, or inside one such as an LSTM."""
    inside = layers_inside(model) if isinstance(model, keras.Model) else []
    return any(bool(layer.rate if isinstance(layer, DROPOUT) else getattr(layer, "dropout", 0)) for layer in inside)


def _curves_of(history: History) -> _Curves:
    positions, loss = map(np.asarray, history.epochs.curve("loss"))
    val_positions, val_loss = map(np.asarray, history.epochs.curve("val_loss"))
    names = [name for name in ("val_accuracy", "accuracy") if name in history.epochs.newest()]
    accuracy = np.asarray(history.epochs.curve(names[0])[1] if names else [])
    if len(val_loss) > 1 and is_missing(val_loss).tolist() == [*[False] * (len(val_loss) - 1), True]:
        # Stop was pressed before the end of an epoch, which was not validated.
        positions, loss, val_positions, val_loss, accuracy = (one[:-1] for one in (positions, loss, val_positions, val_loss, accuracy))
    if len(val_loss) != len(loss) or (val_positions != positions).any() or not np.isfinite(val_loss).all():
        val_loss = np.empty(0)
    comparable = positions > history.loss_since
    if len(val_loss):
        val_loss = val_loss[comparable]
    start, spread = _first_batch_of(history)
    return _Curves(positions[comparable], loss[comparable], val_loss, accuracy, next(iter(names), ""), start, spread)


def _first_batch_of(history: History) -> tuple[float | None, float]:
    """The loss of the first batch, and how much those of the latest finished epoch differ, as a share of their mean."""
    positions, means = map(np.asarray, history.batches.curve("loss"))
    if not len(positions) or positions[0] > 1 or history.loss_since or not np.isfinite(means[0]):
        return None, 0.0
    begin = np.ceil(history.epochs.end) - 1
    within = (positions > begin + 1e-9) & (positions <= history.epochs.end + 1e-9)
    if within.sum() < FEWEST_EPOCHS:
        return float(means[0]), UNKNOWN_SPREAD
    # Keras logs the running mean of the epoch; and rows may be missing in a long history.
    parts = positions[within] - begin
    losses = np.diff(means[within] * parts, prepend=0.0) / np.diff(parts, prepend=0.0)
    return float(means[0]), float(losses.std() / max(abs(losses.mean()), 1e-12))


def _look_for_guessing(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """An accuracy no better than always predicting the largest class."""
    share, accuracy = facts.largest_class, curves.accuracy[-LATER:]
    if share is None or len(accuracy) < LATER:
        return
    near = accuracy - share <= min(GUESSING, GUESSED_ROWS * (1 - share))
    if not (near & (accuracy > share - GUESSING)).all():
        return
    yield (
        gettext(
            "No better than always guessing the most common class: {name} is {accuracy:.3g}, and {share:.0%} of its "
            "labels belong to one class. Look at precision and recall, or try class_weight=balanced.",
            name=curves.name,
            accuracy=accuracy[-1],
            share=share,
        )
    )


def _look_for_high_rate(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """A training loss that rises at once, ends above its beginning, or jumps: averaged over epochs it rarely does so for other reasons."""
    loss = curves.loss
    subject = gettext("learning rate {rate:g} is", rate=facts.rate) if facts.rate is not None else gettext("learning rate is")
    if _rises_at_once(curves):
        yield gettext(
            "The {subject} too high: loss was {start:.3g} before the first step, and {first:.3g} on average in the first epoch. Try a "
            "tenth of it.",
            subject=subject,
            start=curves.start,
            first=loss[0],
        )
    elif min(loss[-LATER:].mean(), loss[-1]) > loss[0] + 0.02 * abs(loss[0]):
        yield gettext(
            "The {subject} too high: loss is {last:.3g}, up from {first:.3g} after the first epoch. Try a tenth of it.",
            subject=subject,
            last=loss[-1],
            first=loss[0],
        )
    else:
        rises = np.diff(loss) / np.abs(loss[:-1]).clip(1e-12)
        large = (rises > 0.05) & (np.diff(loss) > 0.02 * abs(loss[0]))
        if large.sum() >= max(LATER, 0.25 * len(rises)):
            yield gettext(
                "The {subject} too high: loss rose in {often} of {count} epochs, once by {most:.0%}. Try a third of it.",
                subject=subject,
                often=large.sum(),
                count=len(rises),
                most=rises.max(),
            )


def _rises_at_once(curves: _Curves) -> bool:
    """Whether the first epoch made the loss much larger; or a little, and nothing has made it much smaller since, without a steady fall."""
    start, loss = curves.start, curves.loss
    if start is None or start <= 0:
        return False
    if loss[0] > start * max(1.5, 1 + 4 * curves.spread):
        return True
    uneven = (np.diff(loss) > 0.002 * np.abs(loss[:-1])).mean() >= 0.25
    return len(loss) >= 2 * LATER and bool(loss[0] > 1.1 * start and loss[-LATER:].mean() > 0.8 * start and uneven)


def _look_for_overfitting(curves: _Curves, _: RunFacts) -> Iterator[str]:
    """A validation loss that keeps rising while the training loss falls."""
    loss, val_loss = curves.loss, curves.val_loss
    if len(val_loss) < FEWEST_EPOCHS + LATER - 1:
        return
    width = max(LATER, len(val_loss) // 10)
    means = np.convolve(val_loss, np.full(width, 1 / width), "valid")
    best, least = int(val_loss.argmin()), int(means.argmin())
    since, rise, then = len(val_loss) - 1 - best, means[-1] - means[least], means[least]
    # The usual fluctuation of the validation loss.
    jitter = float(np.median(np.abs(np.diff(val_loss, 2)))) / 1.65
    falls = loss[best] - max(loss[-LATER:].mean(), loss[-1]) > 0.02 * abs(loss[best])
    enough = since >= max(SURE, len(val_loss) // 8) or (since >= LATER and rise > 0.3 * abs(then))
    if enough and falls and rise > max(0.05 * abs(then), 3 * jitter * (2 / width) ** 0.5) and (val_loss[-LATER:] > then).all():
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
        sentence = gettext("{sentence} may be too low: loss falls by {an_epoch:.1%} per epoch", sentence=sentence, an_epoch=an_epoch)
        yield gettext("{sentence}, as fast at the end as at the start. Try ten times as much.", sentence=sentence)


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
            "Still improving at the end: {name} fell by {fall:.0%} in the last {later} epochs. Train for more epochs.",
            name=name,
            fall=fall,
            later=LATER - 1,
        )


def _look_for_plateau(curves: _Curves, _: RunFacts) -> Iterator[str]:
    """A loss that has fallen, and no longer does."""
    loss, val_loss = curves.loss, curves.val_loss
    if len(loss) < 2 * SURE:
        return
    window = max(2 * LATER, len(loss) // 3)
    recent = loss[-window:]
    if not loss[0] - loss.min() > 0.1 * abs(loss[0]) or recent.min() < 0.05 * abs(loss[0]):
        return
    if all(_is_level(judged[-window:]) for judged in (loss, val_loss) if len(judged)):
        yield gettext(
            "The loss has hardly changed since epoch {epoch:g}: {then:.4g}, and now {now:.4g}.",
            epoch=curves.epochs[-window],
            then=recent[0],
            now=recent[-1],
        )


def _is_level(values: np.ndarray) -> bool:
    """Whether a straight line through the values falls by less than 2%, and would do so if it was steeper by twice its standard error."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(places @ values) / float(places @ places)
    rest = values - values.mean() - slope * places
    error = float(np.sqrt(rest @ rest / max(1, len(values) - 2) / (places @ places)))
    return (abs(slope) + 2 * error) * (len(values) - 1) < LEVEL * abs(float(values.mean()))


def _look_for_dropout(curves: _Curves, facts: RunFacts) -> Iterator[str]:
    """A validation loss below the training loss, of a model with dropout."""
    loss, val_loss = curves.loss[-LATER:], curves.val_loss[-LATER:]
    if facts.drops and len(val_loss) == LATER and (val_loss < loss - 0.05 * np.abs(loss)).all():
        sentence = gettext("val_loss ({val_last:.3g}) is below loss ({last:.3g})", val_last=val_loss[-1], last=loss[-1])
        yield gettext("{sentence}, as is usual with dropout, which is on in training and off in validation.", sentence=sentence)


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
EXCLUDING = ({"low rate", "more"}, {"high rate", "overfitting"}, {"high rate", "more"}, {"high rate", "plateau"})
