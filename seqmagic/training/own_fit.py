"""A model's own `fit`: it is called as its author wrote it, and what it does not report is noted."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

# What a run adds by itself, and Keras's own defaults for it.
ADDED = {"initial_epoch": 0, "verbose": 0, "callbacks": None}


def call_own_fit(model: keras.Model, x: Any, y: Any, arguments: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Call a model's own `fit`, and give back the history that it returns; empty where it returns none.

    Args:
        arguments: for Keras's `fit`. Of those that a run adds by itself only the ones are passed that this `fit` takes.
    """
    taken = inspect.signature(model.fit).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    passed = {name: value for name, value in arguments.items() if name in taken or takes_all or not _is_added(name, value)}
    returned = model.fit(x, **passed) if y is None else model.fit(x, y, **passed)
    history = getattr(returned, "history", returned)
    return dict(history) if isinstance(history, Mapping) else {}


def _is_added(name: str, value: Any) -> bool:
    return name == "callbacks" or (name in ADDED and value == ADDED[name])
