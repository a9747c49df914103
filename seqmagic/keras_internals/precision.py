"""The precision in which a model that is there already calculates: its weights stay what they are."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.compiled import forget_step_functions
from seqmagic.keras_internals.layers import is_preprocessing, layers_inside
from seqmagic.language.fit_words import POLICIES

MIXED_FLOAT16, FLOAT32 = "mixed_float16", "float32"


def set_policy(model: keras.Model, name: str) -> bool:
    """Let the layers of a compiled model calculate by another policy, all but the last one and those that prepare data.

    The variables of all three policies are float32, so that weights and what the optimizer remembers stay as they are. What a layer has
    that is none of them, such as float64 or a quantized one, it keeps.

    Risk: low. That `dtype_policy` can be set is documented; were a layer to keep what it has, it would calculate as before.

    Returns:
        Whether anything was changed.
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
    """Whether an optimizer is the one that Keras puts around another, so that small gradients are not 0 in float16."""
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def _scale_losses(model: keras.Model, *, scales: bool) -> bool:
    """Put that optimizer around the model's own, or take it away."""
    if scales == scales_losses(model.optimizer):
        return False
    model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer) if scales else model.optimizer.inner_optimizer
    return True
