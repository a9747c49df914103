"""The dtype policy of an existing model; its weights are unchanged."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.compiled import forget_step_functions
from seqmagic.keras_internals.layers import is_preprocessing, layers_inside
from seqmagic.language.fit_words import POLICIES

MIXED_FLOAT16, FLOAT32 = "mixed_float16", "float32"


def set_policy(model: keras.Model, name: str) -> bool:
    """Set another dtype policy for the layers of a compiled model, except for the last layer and preprocessing layers.

    With all three policies the variables are float32, so weights and optimizer state are unchanged. A layer with any other policy, such as
    float64 or a quantized one, keeps it.

    Risk: low. Setting `dtype_policy` is documented; if a layer ignored it, it would compute as before.

    Returns:
        Whether anything changed.
    """
    apart = [model.layers[-1], *layers_inside(model.layers[-1])] if model.layers else []
    changed = False
    for layer in layers_inside(model):
        policy = FLOAT32 if is_preprocessing(layer) or any(layer is other for other in apart) else name
        if layer.dtype_policy.name in POLICIES and layer.dtype_policy.name != policy:
            layer.dtype_policy = policy
            changed = True
    changed = _scale_losses(model, scales=name == MIXED_FLOAT16) or changed
    if changed:
        forget_step_functions(model)
        model.predict_function = None
    return changed


def scales_losses(optimizer: Any) -> bool:
    """Whether an optimizer is a LossScaleOptimizer, which keeps small gradients from becoming 0 in float16."""
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def _scale_losses(model: keras.Model, *, scales: bool) -> bool:
    """Wrap the model's optimizer in a LossScaleOptimizer, or unwrap it."""
    if scales == scales_losses(model.optimizer):
        return False
    model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer) if scales else model.optimizer.inner_optimizer
    return True
