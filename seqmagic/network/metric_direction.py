"""The direction of a metric: whether it is better when smaller, by what it computes, and by its name only if nothing else tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from seqmagic.keras_internals.compiled import compiled_with, told_direction, wrapped_function
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.measure import LARGE_WORD, SMALL_WORD, is_small_good, judged_in
from seqmagic.network.catalogue import snake
from seqmagic.network.loss_names import metric_name

UNDECIDED = (keras.metrics.Metric, keras.metrics.Mean, keras.metrics.Sum)  # What a subclass of these computes decides.


def judged_by(model: keras.Model, metric: str) -> str:
    """The name that tells whether a metric of a model is better when smaller: its own, unless what it computes tells otherwise.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse", metrics=["mae", keras.losses.dice, keras.metrics.FalsePositives(name="alarms")])
    >>> judged_by(model, "val_alarms"), judged_by(model, "dice"), judged_by(model, "val_mae")
    ('loss', 'loss', 'val_mae')
    """
    return judged_in(words_of(model), metric)


def words_of(model: keras.Model) -> dict[str, str]:
    """For the name of each metric of a model a word that tells whether it is better when smaller; "" where the name itself tells it."""
    words: dict[str, str] = {}
    for name, metric in _named_metrics(model):
        small = is_falling(metric)
        tells = small is None or small == is_small_good(name)
        words.setdefault(name, "" if tells else SMALL_WORD if small else LARGE_WORD)
    return words


def is_falling(metric: Any) -> bool | None:
    """Whether a metric is better when smaller; None if only its name can tell, as for a function of the user's own.

    >>> is_falling(keras.losses.cosine_similarity), is_falling(keras.metrics.CosineSimilarity(name="error")), is_falling(abs)
    (True, False, None)
    """
    kind = metric if isinstance(metric, type) else type(metric)
    if issubclass(kind, keras.losses.Loss) or any(metric is loss for loss in vars(keras.losses).values()):
        return True
    told = told_direction(metric)
    if told in ("up", "down"):
        return told == "down"
    if issubclass(kind, keras.metrics.MeanMetricWrapper) and wrapped_function(metric) is not None:
        return is_falling(wrapped_function(metric))
    if not issubclass(kind, keras.metrics.Metric):
        name = metric_name(metric)
        return None if name is None else is_small_good(name)
    known = next(one for one in kind.__mro__ if is_of_keras(one))
    return True if is_small_good(snake(kind.__name__)) else None if known in UNDECIDED else is_small_good(snake(known.__name__))


def _named_metrics(model: keras.Model) -> Iterator[tuple[str, Any]]:
    """The metrics of a model, each with the name that it is logged under, with that of its output if it was given for one."""
    compiled = compiled_with(model)
    for part in ("metrics", "weighted_metrics"):
        given = compiled.get(part) or []
        for output, metrics in given.items() if isinstance(given, Mapping) else [("", given)]:
            for metric in keras.tree.flatten(metrics):
                name = metric if isinstance(metric, str) else getattr(metric, "name", None) or getattr(metric, "__name__", None)
                if isinstance(name, str):
                    yield (f"{output}_{name}" if output else name), metric
