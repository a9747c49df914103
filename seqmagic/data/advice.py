"""Advice on data: what trains without an error but is unwise."""

from __future__ import annotations

from collections.abc import Iterator
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.data.metric_advice import advise_metrics
from seqmagic.data.scale import FEWEST_PIXELS, advise_scale, format_size
from seqmagic.data.shapes import columns_like
from seqmagic.data.streams import known_batches
from seqmagic.data.values import MOST_VALUES, as_numbers
from seqmagic.network.endpoints import inputs_of
from seqmagic.network.loss_names import CLASS_LOSSES, REGRESSION_LOSSES, loss_name
from seqmagic.options.weights import advise_weights
from seqmagic.translation import gettext, ngettext

LARGE_LABELS = 1000.0


def advise(model: keras.Model, x: Any, name: str, options: dict[str, Any], y: Any = None) -> Iterator[str]:
    """One sentence for each thing that is not an error but unwise."""
    yield from advise_weights(model, options)
    yield from advise_metrics(model, y)
    if getattr(model, "built", False) and getattr(model, "weights", ()) and not model.trainable_weights:
        yield gettext("Nothing in {name!r} is trainable, so training won't change its weights.", name=model.name)
    if isinstance(x, GeneratorType) and options.get("epochs", 1) > 1 and not options.get("steps_per_epoch"):
        yield gettext("The generator {name} yields each batch only once, so nothing is left for a second epoch.", name=name)
    count, wanted = known_batches(x), options.get("steps_per_epoch")
    if count and isinstance(wanted, int) and wanted > count:
        few = ngettext("{name} has only {count} batch", "{name} has only {count:,} batches", count, name=name)
        yield _advise_steps(wanted, few, count)
    values = as_numbers(x)
    several = len(inputs_of(model)) > 1  # The list then holds one array per input, not rows.
    if values is None or several or values.dtype.kind not in "uif" or not values.size:
        return
    seen, part = _sample(values)
    low, high = seen.min(), seen.max()
    if len(seen) > 1 and low == high:
        yield gettext("Every value of {name} is {low:g}{part}, so there is nothing to learn from.", name=name, low=low, part=part)
    else:
        yield from advise_scale(model, x, seen, name, part)
        yield from _advise_columns(x, y, name)
    yield from _advise_labels(model, y)
    rows, batch, steps = len(values), options.get("batch_size"), options.get("steps_per_epoch")
    if isinstance(batch, int) and batch > rows > 1:
        yield gettext("batch_size is {batch} but there are only {rows} rows, so each epoch is a single step.", batch=batch, rows=rows)
    there = -(-int(rows * (1 - (options.get("validation_split") or 0))) // (batch or 32))
    if isinstance(steps, int) and steps > there:
        few = ngettext("{rows:,} rows make only {count} batch", "{rows:,} rows make only {count:,} batches", there, rows=rows)
        yield _advise_steps(steps, few, there)


def _sample(values: np.ndarray) -> tuple[np.ndarray, str]:
    """A strided sample of at most MOST_VALUES values, and a note that says so."""
    step = -(-values.size // MOST_VALUES)
    return values[::step], gettext(" (checking every {step}th row)", step=step) if step > 1 else ""


def scale_notes(model: keras.Model, x: Any, name: str) -> Iterator[str]:
    """Notes on values that are far larger than 1."""
    values = as_numbers(x)
    if values is not None and len(inputs_of(model)) <= 1 and values.dtype.kind in "uif" and values.size:
        seen, part = _sample(values)
        yield from advise_scale(model, x, seen, name, part)


def _advise_steps(steps: int, too_few: str, batches: int) -> str:
    return gettext(
        "steps_per_epoch is {steps:,} but {too_few}, so an epoch ends there (steps_per_epoch={batches}).",
        steps=steps,
        too_few=too_few,
        batches=batches,
    )


def _advise_columns(x: Any, y: Any, name: str) -> Iterator[str]:
    """Notes on constant columns, and on a column that equals the labels."""
    columns = getattr(x, "columns", ())
    for column in columns if len(columns) and len(x) > 1 else ():
        values = np.asarray(x[column])
        # The border pixels of flattened images are often constant.
        if _is_constant(values) and not (values[0] == 0 and x.shape[1] >= FEWEST_PIXELS):
            yield gettext(
                "The column {column!r} of {name} is the same in every row, so there is nothing to learn from it.",
                column=str(column),
                name=name,
            )
            break
    for column in columns_like(x, y):
        yield gettext(
            "The column {column!r} of {name} is a copy of the labels, so the network only has to copy it.", column=str(column), name=name
        )


def _count_several(labels: np.ndarray) -> int:
    """The number of rows with more than one 1 in labels of zeros and ones; 0 for other labels."""
    if labels.ndim != 2 or not np.all((labels == 0) | (labels == 1)):
        return 0
    return int((labels.sum(axis=1) > 1).sum())


def _is_constant(values: np.ndarray) -> bool:
    # Comparing the first 100 values avoids scanning the whole column in most cases.
    return bool((values[:100] == values[0]).all() and (values == values[0]).all())


def _advise_labels(model: keras.Model, y: Any) -> Iterator[str]:
    """Notes on labels that are all equal, that are multi-hot with a softmax loss, or so large that training is slow."""
    labels = as_numbers(y)
    if labels is None or len(labels) < 2:
        return
    if labels.min() == labels.max():
        yield gettext("Every label is {labels:g}, so there is nothing to distinguish.", labels=float(labels.max()))
    if loss_name(model.loss) == CLASS_LOSSES[0] and (count := _count_several(labels)):
        rows = ngettext("one row", "{count:,} rows", count)
        yield (
            gettext(
                "The labels have more than one 1 in {rows}, but softmax makes the outputs add up to 1. If a row can "
                "have several labels, use sigmoid and binary_crossentropy.",
                rows=rows,
            )
        )
    size = float(np.sqrt(np.mean(np.square(labels, dtype="float64"))))
    if loss_name(model.loss) in REGRESSION_LOSSES and size >= LARGE_LABELS:
        yield gettext(
            "The labels are around {size}; a network learns faster when labels are around 1, so divide them first.", size=format_size(size)
        )
    if loss_name(model.loss) == "mean_absolute_percentage_error" and (labels == 0).any():
        yield gettext("Some labels are 0, and mape divides by them; mae or mse are safer.")
