"""Name resolution: a word may mean an object of Keras or of the notebook. The notebook's wins if it is of the required kind."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any

import keras

# The required base class for each kind of word, and whether a function is accepted too.
KINDS: dict[str, tuple[type, bool]] = {
    "layer": (keras.layers.Layer, False),
    "activation": (keras.layers.Layer, True),
    "optimizer": (keras.optimizers.Optimizer, False),
    "loss": (keras.losses.Loss, True),
    "metric": (keras.metrics.Metric, True),
    "initializer": (keras.initializers.Initializer, True),
    "regularizer": (keras.regularizers.Regularizer, True),
    "constraint": (keras.constraints.Constraint, True),
    "learning rate schedule": (keras.optimizers.schedules.LearningRateSchedule, False),
    "callback": (keras.callbacks.Callback, False),
}
# Imported in many notebooks, and as layers they do nothing.
BARE = (keras.Model, keras.Sequential)


def own_thing(word: str, kind: str, names: Mapping[str, Any]) -> Any:
    """The notebook's object of that name, if it is of that kind; otherwise None.

    A function imported from a library doesn't count: `accuracy` stays Keras's even if the notebook has imported another package's. Nor does
    a base class, such as Layer or Model, of which nothing can be made.

    >>> own_thing("adam", "optimizer", {"adam": 3}), own_thing("mine", "loss", {"mine": own_thing}) is own_thing
    (None, True)
    """
    thing = names.get(word)
    base, takes_functions = KINDS[kind]
    if any(thing is one for one in (base, *BARE)):
        return None
    if isinstance(thing, base) or (inspect.isclass(thing) and issubclass(thing, base)):
        return thing
    return thing if takes_functions and inspect.isfunction(thing) and _is_own(thing) else None


def _is_own(function: Any) -> bool:
    file = getattr(sys.modules.get(function.__module__), "__file__", None) or ""
    return "site-packages" not in file and "dist-packages" not in file


def is_value(thing: Any) -> bool:
    """Whether a notebook object is a plain value, such as a number, a shape or an array, which can be given to a setting by name."""
    return isinstance(thing, (int, float, str, tuple, list)) or hasattr(thing, "__array__")
