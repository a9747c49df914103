"""Keras's internals: what it tells nobody, reached here and nowhere else. Each has its reason, and a test that would see it change."""

from __future__ import annotations

from typing import Any

import keras


def compile_stamp(model: keras.Model) -> Any:
    """A thing that stays the same object until the model is compiled anew."""
    return getattr(model, "_compile_config", None)


def rate_variable(optimizer: Any) -> Any:
    """What an optimizer takes its learning rate from: a variable, a schedule or a function."""
    # Under mixed_float16 Keras puts an optimizer of its own around the one that was asked for.
    return getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)


def has_plain_rate(optimizer: Any) -> bool:
    """Whether the learning rate is a number that can be set, and no schedule or function."""
    return isinstance(rate_variable(optimizer), keras.Variable)
