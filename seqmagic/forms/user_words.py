"""The notebook's own optimizers, losses and metrics, by their variable names."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from seqmagic.network.user_objects import own_thing

KINDS = ("optimizer", "loss", "metric")
MOST_PARTS = 20  # A longer list is taken for data.


def things_to_compile_with(names: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook's variables that `compile` can use. Nothing else is kept: a panel must not keep the data in memory."""
    return {name: thing for name, thing in names.items() if any(own_thing(name, kind, names) is not None for kind in KINDS)}


def own_words(kind: str, names: Mapping[str, Any]) -> list[str]:
    """The names of one kind; a function counts as a loss or metric if it takes labels and predictions.

    >>> own_words("loss", {"mine": lambda y_true, y_pred: 0, "other": lambda x: 0})
    ['mine']
    """
    found = {name: own_thing(name, kind, names) for name in names}
    return sorted(name for name, thing in found.items() if thing is not None and (not inspect.isfunction(thing) or _takes_two(thing)))


def _takes_two(function: Any) -> bool:
    needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    return len(needed) == 2


def variable_holding(thing: Any, names: Mapping[str, Any]) -> str | None:
    """The variable that holds an object; a pair as x_test,y_test, and a list as [small,large]."""
    for name, held in names.items():
        if held is thing and not name.startswith("_"):
            return name
    if isinstance(thing, (tuple, list)) and 0 < len(thing) <= MOST_PARTS:
        parts = [variable_holding(part, names) for part in thing]
        joined = ",".join(str(part) for part in parts) if None not in parts else None
        return f"[{joined}]" if joined and isinstance(thing, list) else joined
    return None
