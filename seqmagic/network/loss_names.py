"""Loss names: Keras's losses by the kind of labels they take, and the canonical names of losses and metrics."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.catalogue import LOSSES, METRICS, SPECIAL_METRICS, snake
from seqmagic.network.other_names import BINARY, CATEGORICAL, SPARSE

CIRCLE = "circle"
CLASS_LOSSES = (CATEGORICAL, SPARSE, "categorical_focal_crossentropy")
YES_OR_NO_LOSSES = (BINARY, "binary_focal_crossentropy")
MARGIN_LOSSES = ("hinge", "squared_hinge")
MARGIN_CLASS_LOSSES = ("categorical_hinge",)
PROBABILITY_LOSSES = (*CLASS_LOSSES, *YES_OR_NO_LOSSES)
REGRESSION_LOSSES = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "mean_absolute_percentage_error")
NOT_NEGATIVE_LOSSES = ("poisson", "mean_squared_logarithmic_error")


def loss_name(loss: Any) -> str | None:
    """The name of a loss as a Keras function, or None for a custom loss.

    >>> loss_name("mse"), loss_name(keras.losses.BinaryCrossentropy())
    ('mean_squared_error', 'binary_crossentropy')
    """
    if isinstance(loss, str):
        return LOSSES.function_name(loss)
    if isinstance(loss, keras.losses.Loss) and is_of_keras(loss):
        return LOSSES.function_name(snake(type(loss).__name__))
    name = getattr(loss, "__name__", "")
    return LOSSES.function_name(name) if is_of_keras(loss) else None


def takes_logits(loss: Any) -> bool:
    """Whether a loss expects logits."""
    return bool(isinstance(loss, keras.losses.Loss) and loss.get_config().get("from_logits"))


def metric_name(metric: Any) -> str | None:
    """The name of a metric in Keras, or None for a custom metric.

    >>> metric_name("mse"), metric_name(keras.metrics.AUC()), metric_name("acc")
    ('mean_squared_error', 'auc', 'accuracy')
    """
    if isinstance(metric, str):
        word = metric.rpartition(".")[2]
        found = METRICS.function_name(word) or METRICS.find(word)
        return SPECIAL_METRICS.get(word) or (found if isinstance(found, str) or found is None else snake(found.__name__))
    kind = type(metric) if isinstance(metric, keras.metrics.Metric) else metric
    own = not is_of_keras(kind)
    word = getattr(kind, "__name__", "")
    return None if own or not word else METRICS.function_name(word) or snake(word)
