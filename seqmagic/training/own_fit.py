"""Overridden `fit` methods: called with their own signature, and their history is recorded if they don't call callbacks."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

# Arguments that a run adds itself, with Keras's defaults.
ADDED = {"initial_epoch": 0, "verbose": 0, "callbacks": None}


def call_own_fit(model: keras.Model, x: Any, y: Any, arguments: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Call a model's overridden `fit`, and return its history; empty if it returns none.

    Args:
        arguments: for Keras's `fit`. Arguments that a run adds itself are passed only if this `fit` accepts them.
    """
    taken = inspect.signature(model.fit).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    passed = {name: value for name, value in arguments.items() if name in taken or takes_all or not _is_added(name, value)}
    returned = model.fit(x, **passed) if y is None else model.fit(x, y, **passed)
    history = getattr(returned, "history", returned)
    return dict(history) if isinstance(history, Mapping) else {}


def _is_added(name: str, value: Any) -> bool:
    return name == "callbacks" or (name in ADDED and value == ADDED[name])
