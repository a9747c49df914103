"""The learning-rate finder: trains on batches with a growing rate, and finds the rate at which the loss fell fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.data.held_out import can_be_divided, count_rows, divide, find_held_out, is_table, take_rows
from seqmagic.data.row_weights import like_outputs
from seqmagic.data.streams import is_stream
from seqmagic.describe.source import name_of_model
from seqmagic.errors import ArgumentError, BusyError, DataError, Interrupted
from seqmagic.errors.boundary import instance_of, raises_ours
from seqmagic.keras_internals.compiled import has_plain_rate, replaced_step_functions
from seqmagic.options.fit_line import check_search_options
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.registry import run_of
from seqmagic.training.request import check_request
from seqmagic.training.state import Moment, capture, put_back, put_metrics_back
from seqmagic.translation import gettext

LOWEST, HIGHEST = 1e-6, 10.0
STEPS = 140  # About twenty per power of ten.
REACH = 5  # Batches on each side over which a loss is averaged.
FIRST = 20  # Batches at rates too small to learn anything, which show the initial loss and its variation.
DIVERGED = 4.0  # As a multiple of the lowest loss, or as far above it if that is negative; beyond it, higher rates are too high as well.
SEED = 0  # Fixed, so that two networks are compared on the same batches.


@dataclass(frozen=True)
class RateCurve:
    """The loss as the learning rate grew.

    Attributes:
        model: its name.
        rates: the learning rate of each batch.
        losses: the loss of each batch, before its training step.
        before: the model's own learning rate, which is restored.
        suggestion: the suggested rate, or None if the curve shows none.
        reason: for it, as a sentence.
    """

    model: str
    rates: np.ndarray
    losses: np.ndarray
    before: float
    suggestion: float | None
    reason: str

    @property
    def smooth(self) -> np.ndarray:
        """The losses, each averaged with its neighbours."""
        return _average(self.losses)

    @property
    def line(self) -> str:
        """The line to type for training with the suggested rate; empty without one."""
        return "" if self.suggestion is None else f"{self.model}.optimizer.learning_rate = {self.suggestion:g}"


@raises_ours(model=instance_of("a Keras model", keras.Model))
def find_rate(model: keras.Model, x: Any, y: Any = None, *, data_names: tuple[str, str] = ("x", "y"), **options: Any) -> RateCurve:
    """Try learning rates from a millionth to ten, one per batch, and suggest one to train with.

    >>> find_rate(model, x_train, y_train).suggestion                 # doctest: +SKIP
    0.01

    The model's weights, optimizer state and learning rate are restored afterwards. This is the range test of L. N. Smith, "Cyclical
    Learning Rates for Training Neural Networks" (2017), section 3.3.

    Args:
        model: a compiled Keras model whose learning rate is a number, not a schedule.
        x, y: the data and labels, one sample per row; or a dataset.
        data_names: the names of the data and the labels, for messages.
        options: options of `fit`; batch_size, sample_weight and class_weight are used here.

    Raises:
        DataError, CompileError, ArgumentError: As for `fit`, and for a generator, which yields each batch only once.
        BusyError: If the model is training.
    """
    if run_of(model) is not None:
        raise BusyError(gettext("{name!r} is training.", name=model.name), expected=gettext("a learning rate search after it has ended"))
    prepared = prepare_search(model, x, y, data_names=data_names, **options)
    with on_interrupt(lambda: None) as presses:
        return prepared.try_rates(lambda tried: bool(presses.count))


@dataclass(frozen=True)
class PreparedSearch:
    """A search that has been checked, and has not changed anything yet.

    Attributes:
        batches: endless.
        options: options of `fit`.
    """

    model: keras.Model
    batches: Iterator[tuple[Any, ...]]
    options: dict[str, Any]

    def try_rates(self, is_enough: Callable[[int], bool]) -> RateCurve:
        """Train on one batch at each rate, and restore the model.

        Args:
            is_enough: called before each batch with the number of rates tried; True ends the search.

        Raises:
            Interrupted: If `is_enough` returned True.
        """
        before = float(self.model.optimizer.learning_rate)
        with _Restored(self.model):
            rates, losses = _grow(self.model, self.batches, self.options, is_enough)
        suggestion, reason = suggest_rate(rates, losses)
        return RateCurve(name_of_model(self.model), rates, losses, before, suggestion, reason)


def prepare_search(
    model: keras.Model, x: Any, y: Any = None, *, data_names: tuple[str, str] = ("x", "y"), **options: Any
) -> PreparedSearch:
    """Check whether learning rates can be tried; raises as `find_rate` does."""
    check_search_options(options)
    request = check_request(model, (x, y), options, names=data_names, seed=SEED, fit_line="", start_point=None)
    if not has_plain_rate(model.optimizer):
        problem = gettext("The learning rate of this model is set by a schedule or a function.")
        raise ArgumentError(problem, expected=gettext("a compile line with a number: adam(0.001)"))
    x, y, kept = request.divided()
    held_out = find_held_out(y, count_rows(x), kept) if can_be_divided((x,)) else None
    if held_out is not None:
        x, y, kept = divide(x, y, kept, held_out)
    y, weights = like_outputs(model, y, kept.get("sample_weight"))
    return PreparedSearch(model, _batches(x, y, weights, kept.get("batch_size") or 32, data_names[0]), kept)


class _Restored:
    """Restores a model afterwards, whatever happens."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.state = capture(model, Moment())
        self.rate = float(model.optimizer.learning_rate)
        self.steps_per_execution = model.steps_per_execution
        self.own_steps = replaced_step_functions(model, None, None)  # Keras creates step functions for one batch at a time.

    def __enter__(self) -> None:
        self.model.steps_per_execution = 1
        self.own_steps.__enter__()

    def __exit__(self, *_: object) -> None:
        self.own_steps.__exit__(None, None, None)
        self.model.steps_per_execution = self.steps_per_execution
        put_back(self.model, self.state)
        if not put_metrics_back(self.model, self.state):
            self.model.reset_metrics()
        self.model.optimizer.learning_rate = self.rate


def _grow(
    model: keras.Model, batches: Iterator[tuple[Any, ...]], options: dict[str, Any], is_enough: Callable[[int], bool]
) -> tuple[np.ndarray, np.ndarray]:
    """Train on one batch at each rate, until the loss diverges; returns the rates and the losses."""
    rates, losses = np.geomspace(LOWEST, HIGHEST, STEPS), list[float]()
    weights = options.get("class_weight")
    for rate, batch in zip(rates, batches, strict=False):
        if is_enough(len(losses)):
            raise Interrupted(gettext("The learning rate search was stopped. The model is unchanged."))
        model.optimizer.learning_rate = float(rate)
        model.reset_metrics()  # Otherwise Keras would report the mean loss of all batches so far.
        logs = model.train_on_batch(*batch, class_weight=weights if len(batch) == 2 else None, return_dict=True)
        losses.append(float(logs["loss"]))
        if _has_diverged(losses):
            break
    return rates[: len(losses)], np.array(losses)


def _has_diverged(losses: list[float]) -> bool:
    if not np.isfinite(losses[-1]):
        return True
    if len(losses) <= FIRST:
        return False
    last, lowest, start = np.mean(losses[-3:]), _average(np.array(losses)).min(), np.median(losses[:FIRST])
    return bool(last > lowest + (DIVERGED - 1) * abs(lowest) and last > start + 0.2 * abs(start))  # A loss may be negative.


def _average(losses: np.ndarray) -> np.ndarray:
    """Average each number with its neighbours: unlike a running mean, this doesn't shift the curve to higher rates."""
    return np.array([losses[max(0, place - REACH) : place + REACH + 1].mean() for place in range(len(losses))])


def suggest_rate(rates: np.ndarray, losses: np.ndarray) -> tuple[float | None, str]:
    """The rate at which the loss fell fastest, rounded to one digit, and the reason as a sentence.

    >>> rates = np.geomspace(1e-6, 10, 140)
    >>> suggest_rate(rates, np.where(rates < 1, 2 - np.tanh(rates / 0.02), 9.0))[0]
    0.01
    """
    whole = np.isfinite(losses)
    rates, losses, is_broken = rates[whole], losses[whole], not whole.all()
    if len(losses) <= FIRST:
        return None, gettext("The loss is NaN or infinite from the first batches on.")
    smooth, start = _average(losses), float(np.median(losses[:FIRST]))
    lowest = int(smooth.argmin())
    # The standard error of the smoothed loss while nothing is learned: each of its values averages 2 * REACH + 1 batches.
    noise = float(losses[:FIRST].std()) / np.sqrt(2 * REACH + 1)
    if start - smooth[lowest] < max(5 * noise, 0.02 * abs(start)):
        return None, gettext("At no learning rate did the loss fall clearly below its initial value, {start:.3g}.", start=start)
    slope = _average(np.gradient(smooth, np.log10(rates)))
    steepest = int(slope[: max(lowest, 1)].argmin())
    rate = float(f"{rates[steepest]:.0e}")
    reason = gettext("The loss falls fastest near {rate:g}, is lowest near {rates:.0e}", rate=rate, rates=rates[lowest])
    if lowest < len(rates) - 1:
        return rate, gettext("{reason}, and rises beyond that.", reason=reason)
    if is_broken:
        return rate, gettext("{reason}, and is NaN or infinite beyond that.", reason=reason)
    return rate, gettext("{reason}, which is the highest rate tried.", reason=reason)


def _batches(x: Any, y: Any, weights: Any, size: int, name: str) -> Iterator[tuple[Any, ...]]:
    """Endless batches, in the form that Keras's training step takes."""
    if is_stream(x):
        if iter(x) is x:
            raise DataError(
                gettext("{name} yields each batch only once.", name=name),
                expected=gettext("arrays or a dataset, which can be used again after the search"),
            )
        return _again_and_again(lambda: iter(x), name)
    parts = [x, y, weights] if weights is not None else [x, y] if y is not None else [x]
    if not can_be_divided(parts):
        raise DataError(
            gettext("The rows of {name} can't be selected one by one.", name=name), expected=gettext("arrays, tables or a dataset")
        )
    return _draw(parts, count_rows(x), size)


def _again_and_again(begin: Callable[[], Iterator[Any]], name: str) -> Iterator[tuple[Any, ...]]:
    while True:
        is_empty = True
        for batch in begin():
            is_empty = False
            yield batch if isinstance(batch, tuple) else (batch,)
        if is_empty:  # Otherwise the search would never end.
            raise DataError(gettext("{what} is empty.", what=name), expected=gettext("at least one batch"))


def _draw(parts: list[Any], rows: int, size: int) -> Iterator[tuple[Any, ...]]:
    """Batches of shuffled rows, again and again."""
    generator = np.random.default_rng(SEED)
    while True:
        order = generator.permutation(rows)
        for first in range(0, max(rows - size, 0) + 1, size):  # Only full batches: the loss of a smaller one would vary more.
            yield tuple(keras.tree.map_structure(_as_array, take_rows(part, order[first : first + size])) for part in parts)


def _as_array(part: Any) -> Any:
    made = part.to_numpy() if is_table(part) else part
    return made.astype(keras.config.floatx()) if isinstance(made, np.ndarray) and made.dtype.kind == "f" else made
