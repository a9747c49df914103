"""The own step: what of a training step is a model's own, so that Keras's rules of losses and labels say nothing about it."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.compiled import LOSS_HOOKS
from seqmagic.keras_internals.layers import is_of_keras, layers_inside

OF_STEP = ("train_step",)
OF_NUMBERS = ("compute_metrics", "get_metrics_result", "metrics")


def has_own_step(model: Any) -> bool:
    """Whether a model says itself what is done with a batch: what the data and the labels mean to it nobody knows."""
    return _has_own(model, OF_STEP)


def has_own_loss(model: Any) -> bool:
    """Whether a model computes its loss itself: what the labels mean to it nobody knows."""
    return _has_own(model, OF_STEP + LOSS_HOOKS)


def reports_own_numbers(model: Any) -> bool:
    """Whether an epoch may report more than the loss and the compiled metrics, or something else."""
    return _has_own(model, OF_STEP + OF_NUMBERS) or not _is_all_of_keras(model)


def needs_loss(model: Any) -> bool:
    """Whether nothing but a compiled loss can teach a model: no step or loss of its own, and no layer that may add one."""
    return not has_own_loss(model) and _is_all_of_keras(model) and not any(map(_is_regularized, layers_inside(model)))


def takes_labels(model: Any) -> bool:
    """Whether Keras compares labels with what a model gives, by a compiled loss."""
    return model.loss is not None and not has_own_loss(model)


def _has_own(model: Any, names: tuple[str, ...]) -> bool:
    kind = type(model)
    return any(name in vars(model) or getattr(kind, name, None) is not getattr(keras.Model, name, None) for name in names)


def _is_all_of_keras(model: Any) -> bool:
    """Whether no code of the user's is in the model: any layer's `call` may add a loss, or count in a metric of its own."""
    return all(map(is_of_keras, (model, *layers_inside(model))))


def _is_regularized(layer: Any) -> bool:
    return any(name.endswith("regularizer") and value is not None for name, value in vars(layer).items()) or isinstance(
        layer, keras.layers.ActivityRegularization
    )
