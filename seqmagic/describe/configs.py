"""Configs: the arguments that an object of Keras was created with, even if its get_config omits them, and comparison of configs."""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from seqmagic.describe.adapted import learned_settings
from seqmagic.keras_internals.layers import dtype_policy_name, has_drawn_seed, is_of_keras, places_of_settings
from seqmagic.network.catalogue import ACTIVATIONS, parameters_of
from seqmagic.network.signatures import config_holds

# Keys of a config about how an object was used, not how it was created.
USE = {"build_config", "build_input_shape", "compile_config", "registered_name", "module"}
POLICIES = {"DTypePolicy", "FloatDTypePolicy", "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy"}
LIBRARIES = ("keras", "tensorflow", "jax", "torch", "numpy")
NOT_THERE = object()


def config_of(thing: Any) -> dict[str, Any]:
    """The config of an object; get_config's warnings about what can't be saved are silenced, because that becomes gaps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return thing.get_config()


def settings_of(thing: Any, *, learned: bool = True) -> dict[str, Any]:
    """All arguments needed to recreate an object: its config, what get_config leaves out, and the result of `adapt`.

    >>> import keras
    >>> settings_of(keras.losses.Huber(delta=20.0))["delta"]
    20.0

    Args:
        learned: whether to include values that a layer stores as weights.
    """
    settings = dict(config_of(thing))
    kind: Any = type(thing)
    for name in parameters_of(kind):
        if name not in settings and name not in ("name", "adapt") and not config_holds(kind, name):
            value = _left_out(thing, name)
            settings |= {} if value is NOT_THERE else {name: value}
    if hasattr(thing, "get_vocabulary"):
        settings.pop("vocabulary_size", None)  # It follows from the vocabulary.
    if is_of_keras(thing) and isinstance(settings.get("axis"), (list, tuple)) and len(settings["axis"]) < 2:
        settings["axis"] = next(iter(settings["axis"]), None)  # Some layers store -1 as [-1], and None as ().
    if settings.get("seed") is not None and has_drawn_seed(thing):
        settings["seed"] = None  # RandomCrop reports a seed that it never uses: its generator drew another one.
    return {**settings, **learned_settings(thing, weights=learned)}


def _left_out(thing: Any, name: str) -> Any:
    """A setting missing from the config: what the object passes to its function, or an attribute of it or of its cell."""
    if name == "dtype":
        return dtype_policy_name(thing, NOT_THERE)
    for place in places_of_settings(thing):
        for key in (name, f"_{name}"):
            if key in place and _is_setting(place[key]):
                return place[key]
    return NOT_THERE


def _is_setting(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_setting, value))
    return value is None or isinstance(value, (bool, int, float, str)) or inspect.isroutine(value) or hasattr(value, "get_config")


def live_setting(thing: Any, name: str) -> Any:
    """The object from which a value of a config was serialized, if it still exists."""
    given = getattr(thing, "__dict__", {}).get(f"input_{name}")
    try:
        return given if given is not None else getattr(thing, name, None)
    except Exception:  # noqa: BLE001  # A property of a custom class may raise anything.
        return None


def fingerprint_of(thing: Any, *, learned: bool = True) -> str:
    """The settings of an object as text, equal for objects that behave the same."""
    settings = settings_of(thing, learned=learned)
    return fingerprint({name: _as_given(value, live_setting(thing, name), learned=learned) for name, value in settings.items()})


def _as_given(value: Any, live: Any, *, learned: bool) -> Any:
    """A value of a config, with functions, numbers and objects replaced by the original ones."""
    if inspect.isroutine(live) and isinstance(value, (str, Mapping)):
        return live
    if isinstance(value, float):
        return shortest(value, live)
    if isinstance(value, (list, tuple)):
        return [_as_given(item, one, learned=learned) for item, one in zip(value, lives_of(value, live), strict=True)]
    if isinstance(value, Mapping) and type(live).__name__ == value.get("class_name") and hasattr(live, "get_config"):
        return {**value, "config": json.loads(fingerprint_of(live, learned=learned))}
    return value


def lives_of(values: Any, live: Any) -> list[Any]:
    """The original object for each of several values."""
    several = isinstance(live, (list, tuple)) or (isinstance(live, np.ndarray) and live.ndim > 0)
    return list(live) if several and len(live) == len(values) else [None] * len(values)


def fingerprint(config: Any) -> str:
    """A config as text, equal for equivalent configs."""
    return json.dumps(_plain(config), sort_keys=True, default=repr)


def _plain(value: Any, of: str | None = None) -> Any:
    if isinstance(value, Mapping) and value.get("class_name") in POLICIES:
        return repr(value["config"])
    if isinstance(value, Mapping):
        kind = value.get("class_name")
        kept = {key: item for key, item in value.items() if key not in USE and (key != "name" or _is_chosen(item, of))}
        return {str(key): _plain(item, str(kind) if key == "config" else None) for key, item in kept.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if inspect.isroutine(value) or inspect.isclass(value):
        same = twin_of(value)
        # A function that returns functions gives them all the same name, although they differ.
        own = "" if str(same.__module__).partition(".")[0] in LIBRARIES or inspect.isclass(same) else f" {id(same)}"
        return f"{same.__module__}.{same.__qualname__}{own}"
    if isinstance(value, (float, np.floating)):
        number = shortest(value)
        return int(number) if number.is_integer() else number  # 0 and 0.0 are equal.
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return _plain(value.get_config()) if hasattr(value, "get_config") and not inspect.isclass(value) else value


def _is_chosen(name: Any, kind: str | None) -> bool:
    """Whether a name was chosen by the user; names of a wrapper's parts are derived from the wrapper's."""
    return kind is not None and not _is_of_class(str(name), kind) and not str(name).startswith(("forward_", "backward_"))


def shortest(number: float | np.floating[Any], held: Any = None) -> float:
    """A number without digits that exceed the precision of its dtype.

    >>> shortest(0.10000000149011612, np.zeros(1, "float32")), shortest(0.10000000149011612), shortest(np.float32(0.1))
    (0.1, 0.10000000149011612, 0.1)

    Args:
        held: what contains it, such as a 32-bit variable.
    """
    kind = str(getattr(number if isinstance(number, np.floating) else held, "dtype", ""))
    number = float(number)
    if kind not in ("float16", "float32") or not np.isfinite(number):
        return number
    short = np.dtype(kind).type(number)
    return float(str(short)) if float(short) == number else number


PROBE = np.linspace(-7.0, 9.0, 24, dtype="float32").reshape(4, 6)


def twin_of(function: Any) -> Any:
    """Keras's activation that is equivalent to a library function, such as `tf.nn.softmax`; the function itself if there is none.

    This is tested on some numbers: `keras.ops.gelu` is not equivalent to the activation of that name.
    """
    library = str(getattr(function, "__module__", "")).partition(".")[0]
    return _twin_of(function) if library in LIBRARIES and inspect.isfunction(function) else function


@lru_cache(maxsize=256)
def _twin_of(function: Callable[..., Any]) -> Any:
    twin = ACTIVATIONS.find(function.__name__.removesuffix("_v2"))
    if twin is None or twin is function or inspect.isclass(twin):
        return function
    try:
        same = np.array_equal(np.asarray(twin(PROBE)), np.asarray(function(PROBE)), equal_nan=True)
    except Exception:  # noqa: BLE001  # A function that can't be called like this is not an activation.
        return function
    return twin if same else function


def is_automatic(name: str, target: Any) -> bool:
    """Whether Keras may have generated this name: the class name in snake case, perhaps with a number.

    >>> import keras
    >>> is_automatic("conv2d_3", keras.layers.Conv2D), is_automatic("stem", keras.layers.Conv2D), is_automatic("auc_1", keras.metrics.AUC)
    (True, False, True)
    """
    default = parameters_of(target)["name"].default if "name" in parameters_of(target) else None
    return _is_of_class(name, target.__name__) or (
        isinstance(default, str) and re.fullmatch(rf"{re.escape(default)}(_\d+)?", name) is not None
    )


def _is_of_class(name: str, kind: str) -> bool:
    stem = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    stem = re.sub(r"([a-z])([A-Z])", r"\1_\2", stem).lower()
    return re.fullmatch(rf"({re.escape(stem)}|{kind.lower()})(_\d+)?", name) is not None
