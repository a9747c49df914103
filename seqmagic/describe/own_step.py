"""Custom training steps: which parts of training a model overrides, so that Keras's rules for losses and labels don't apply."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.compiled import LOSS_HOOKS
from seqmagic.keras_internals.layers import is_of_keras, layers_inside

OF_STEP = ("train_step",)
OF_NUMBERS = ("compute_metrics", "get_metrics_result", "metrics")


def has_own_step(model: Any) -> bool:
    """Whether a model overrides the training step: then the meaning of data and labels is unknown."""
    return _has_own(model, OF_STEP)


def has_own_loss(model: Any) -> bool:
    """Whether a model computes its own loss: then the meaning of the labels is unknown."""
    return _has_own(model, OF_STEP + LOSS_HOOKS)


def reports_own_numbers(model: Any) -> bool:
    """Whether an epoch may log something other than the loss and the compiled metrics."""
    return _has_own(model, OF_STEP + OF_NUMBERS) or not _is_all_of_keras(model)


def needs_loss(model: Any) -> bool:
    """Whether a model can learn only from a compiled loss: without a custom step or loss, and without a layer that may add one."""
    return not has_own_loss(model) and _is_all_of_keras(model) and not any(map(_is_regularized, layers_inside(model)))


def takes_labels(model: Any) -> bool:
    """Whether Keras compares labels with the model's output, by a compiled loss."""
    return model.loss is not None and not has_own_loss(model)


def _has_own(model: Any, names: tuple[str, ...]) -> bool:
    kind = type(model)
    return any(name in vars(model) or getattr(kind, name, None) is not getattr(keras.Model, name, None) for name in names)


def _is_all_of_keras(model: Any) -> bool:
    """Whether the model contains no user code: any custom `call` may add a loss, or log a metric."""
    return all(map(is_of_keras, (model, *layers_inside(model))))


def _is_regularized(layer: Any) -> bool:
    return any(name.endswith("regularizer") and value is not None for name, value in vars(layer).items()) or isinstance(
        layer, keras.layers.ActivityRegularization
    )
