"""Inspection of a model: what it takes to make a model that is there already, read from Keras's own configs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from seqmagic.describe.adapted import why_too_long
from seqmagic.describe.configs import (
    LIBRARIES,
    POLICIES,
    fingerprint_of,
    is_automatic,
    live_setting,
    lives_of,
    settings_of,
    shortest,
    twin_of,
)
from seqmagic.keras_internals.compiled import excludes_from_decay
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import parameters_of


@dataclass(frozen=True)
class Construct:
    """Something that a class of Keras, or of the notebook, makes.

    Attributes:
        arguments: those that differ from the defaults, in the order of the signature.
        name: the name that somebody gave it; None when Keras did.
    """

    target: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    name: str | None = None

    def make(self) -> Any:
        """Make it again, without its name."""
        return self.target(**{name: make(value) for name, value in self.arguments.items()})


@dataclass(frozen=True)
class Reference:
    """A thing of the notebook, or a function of Keras, that goes by its name."""

    name: str
    thing: Any = None


@dataclass(frozen=True)
class Gap:
    """What can't be described, and why."""

    reason: str


def make(part: Any) -> Any:
    """The object that a part of a description stands for; raises TypeError at a gap."""
    if isinstance(part, Construct):
        return part.make()
    if isinstance(part, Reference):
        return part.thing if part.thing is not None else part.name
    if isinstance(part, Gap):
        raise TypeError(part.reason)
    if isinstance(part, (list, tuple)):
        return type(part)(make(item) for item in part)
    return part


def gaps_in(part: Any) -> list[Gap]:
    """Every gap in a part of a description."""
    if isinstance(part, Gap):
        return [part]
    if isinstance(part, Construct):
        return gaps_in(tuple(part.arguments.values()))
    return [gap for item in part for gap in gaps_in(item)] if isinstance(part, (list, tuple)) else []


def things_in(part: Any) -> dict[str, Any]:
    """The notebook's things in a part of a description, by their names."""
    if isinstance(part, Reference):
        return {} if part.thing is None or _is_public(part.thing) else {part.name: part.thing}
    if isinstance(part, Construct):
        own = {} if is_of_keras(part.target) else {part.target.__name__: part.target}
        return own | things_in(tuple(part.arguments.values()))
    found: dict[str, Any] = {}
    for item in part if isinstance(part, (list, tuple)) else ():
        found |= things_in(item)
    return found


class Describer:
    """Describes things of Keras.

    Attributes:
        names: the notebook's own things; what is among them may be called by its name. None when there is no notebook: then a function or
            class goes by the name that it was defined under.
        learned: whether to describe what a layer was adapted to, also where it keeps that as weights.
    """

    def __init__(self, names: Names | None = None, *, learned: bool = True) -> None:
        self.names = names
        self.learned = learned
        self._drafts: dict[str, Construct] = {}
        self._checked: dict[str, Construct | Gap] = {}
        self._references: dict[str, dict[str, Any]] = {}

    def layer(self, layer: Any) -> Construct | Reference | Gap:
        """How a layer is made: as the class with its arguments, or by its name in the notebook where that is not enough."""
        own = self._name_of(layer)
        if own and isinstance(layer, keras.Model):
            return Reference(own, layer)  # It comes with what it has learned.
        if isinstance(layer, keras.Sequential):
            described: Construct | Gap = self.nested(layer)
        elif isinstance(layer, keras.Model):
            described = Gap(f"{layer.name!r} is a model that is not a sequence")
        else:
            described = self.object(layer)
        if gaps_in(described) and own:
            return Reference(own, layer)
        name = None if is_automatic(layer.name, type(layer)) else layer.name
        return Construct(described.target, described.arguments, name) if isinstance(described, Construct) else described

    def nested(self, model: keras.Sequential) -> Construct:
        """A Sequential as a layer; its own input is left out, for it follows from what flows in."""
        arguments: dict[str, Any] = {"layers": [self.layer(layer) for layer in model.layers]}
        if not model.trainable:
            arguments["trainable"] = False
        return Construct(keras.Sequential, arguments)

    def object(self, thing: Any) -> Construct | Gap:
        """How a thing with a config is made: checked by making it again."""
        described = self._draft(thing)
        if isinstance(described, Gap) or gaps_in(described):
            return described
        if excludes_from_decay(thing):
            return Gap("weights that exclude_from_weight_decay leaves out")
        key, wanted = self._key(thing)
        if key not in self._checked:
            attempts = (described, Construct(described.target, self._parts(thing)))
            right = next((attempt for attempt in attempts if self._gives(attempt, wanted)), None)
            unknown = Gap(f"the settings of {described.target.__name__} can't be told from its config")
            self._checked[key] = unknown if right is None else self._fewest(right, wanted)
        return self._checked[key]

    def _key(self, thing: Any) -> tuple[str, str]:
        """What is equal for things that are made alike, and the settings in it."""
        wanted = fingerprint_of(thing, learned=self.learned)
        name = "" if isinstance(thing, keras.layers.Layer) else getattr(thing, "name", "")
        return f"{type(thing).__module__}.{type(thing).__qualname__} {id(type(thing))} {name} {wanted}", wanted

    def _gives(self, made: Construct, wanted: str) -> bool:
        try:
            return fingerprint_of(made.make(), learned=self.learned) == wanted
        except Exception:  # noqa: BLE001  # Keras refuses with many kinds of exceptions; here it only means no.
            return False

    def _fewest(self, made: Construct, wanted: str) -> Construct:
        """Leave out what follows from the rest, such as the strides of a pooling that are its size."""
        for name in [name for name in made.arguments if name not in _required(made.target) and not _is_always_written(made.target, name)]:
            fewer = Construct(made.target, {key: value for key, value in made.arguments.items() if key != name})
            if self._gives(fewer, wanted):
                made = fewer
        # A wrapper may turn something on in the layer that it is around: then that is left out.
        for outer, inner in [(name, part) for name, part in made.arguments.items() if isinstance(part, Construct)]:
            for name in inner.arguments if issubclass(inner.target, keras.layers.Layer) else ():
                kept = made.arguments[outer].arguments
                less = Construct(inner.target, {key: value for key, value in kept.items() if key != name}, inner.name)
                fewer = Construct(made.target, {**made.arguments, outer: less})
                if name not in _required(inner.target) and self._gives(fewer, wanted):
                    made = fewer
        return made

    def _draft(self, thing: Any) -> Construct | Gap:
        """How a thing is made, not checked: what its wrapper changes in it shows only when the wrapper is made again."""
        target = type(thing)
        try:
            key, _ = self._key(thing)
        except Exception:  # noqa: BLE001  # A class of the notebook may have no config, or one that fails in any way.
            return Gap(f"{target.__name__} has no get_config that tells how it was made")
        if not self._can_be_named(target):
            return Gap(f"the class {target.__name__} has no name in the notebook")
        if key not in self._drafts:
            parts, required = self._parts(thing), _required(target)
            arguments = {name: part for name, part in parts.items() if name in required or not self._follows(target, name, parts)}
            reason = why_too_long(thing, weights=self.learned)
            self._drafts[key] = Construct(target, {**arguments, "adapt": Gap(reason)} if reason else arguments)
        return self._drafts[key]

    def _parts(self, thing: Any) -> dict[str, Any]:
        config = settings_of(thing, learned=self.learned)
        target: Any = type(thing)
        own_name = not issubclass(target, keras.layers.Layer) and not is_automatic(str(config.get("name")), target)
        known = (name for name in parameters_of(target) if name in config and (name != "name" or own_name))
        return {name: self.value(config[name], live_setting(thing, name)) for name in known}

    def _follows(self, target: Any, name: str, parts: dict[str, Any]) -> bool:
        """Whether an argument has the value that the required ones alone lead to."""
        if _is_always_written(target, name):
            return False
        arguments = {required: parts.get(required) for required in _required(target)}
        key = f"{target.__module__}.{target.__qualname__} {arguments!r}"
        if key not in self._references:
            try:
                self._references[key] = self._parts(Construct(target, arguments).make())
            except Exception:  # noqa: BLE001  # A class may need more than its signature says, or a gap can't be made.
                self._references[key] = {n: p.default for n, p in parameters_of(target).items()} | _WITHOUT_REFERENCE
        reference = self._references[key]
        return name in reference and repr(reference[name]) == repr(parts[name])

    def value(self, value: Any, live: Any = None) -> Any:
        """A value out of a config; `live` is the object that it was made from, where that is known."""
        if inspect.isroutine(value) or inspect.isclass(value):
            return self._function(value.__name__, value)
        if isinstance(value, (list, tuple)):
            items = (self.value(item, one) for item, one in zip(value, lives_of(value, live), strict=True))
            return list(items) if isinstance(value, list) else tuple(items)
        if isinstance(value, (float, np.floating)):
            return shortest(value, live)
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Mapping):
            return self._serialized(value, live)
        if value is None or isinstance(value, (bool, int, str)):
            return self._text(value, live)
        return self._inner(value)

    def _inner(self, thing: Any) -> Any:
        """A thing inside another one: only a Sequential's layers have names that count."""
        return self.layer(thing) if isinstance(thing, keras.Model) else self._draft(thing)

    def _text(self, value: Any, live: Any) -> Any:
        # A function of the notebook stands in a config under its bare name, as one of Keras's does.
        if isinstance(value, str) and inspect.isfunction(live) and live.__name__ == value:
            return self._function(value, live)
        return value

    def _serialized(self, value: Mapping[str, Any], live: Any) -> Any:
        kind = value.get("class_name")
        if kind in POLICIES:
            return value["config"].get("name") or getattr(live, "name", None) or keras.dtype_policies.deserialize(value).name
        if kind == "function":
            found = live if inspect.isroutine(live) else (self.names or {}).get(value["config"])
            return self._function(str(value["config"]), found)
        if not value:
            return {}
        if inspect.isfunction(live):
            return self._function(live.__name__, live)
        if kind is None or "config" not in value or kind.startswith("__"):
            return Gap("a Python function without a name (lambda)" if kind == "__lambda__" else "a dictionary or an array of Python")
        if type(live).__name__ != kind:
            try:
                live = keras.saving.deserialize_keras_object(dict(value), custom_objects=self._own_classes())
            except Exception:  # noqa: BLE001  # Keras refuses with many kinds of exceptions what it can't or won't make.
                return Gap(f"{kind} can't be made again from its config")
        return self._inner(live)

    def _function(self, name: str, function: Any) -> str | Reference | Gap:
        """A function by Keras's name for it, by the notebook's, or by that of Keras's activation that does the same."""
        word = keras_string(function)
        own = name if (self.names or {}).get(name, self) is function else self._name_of(function)
        twin = twin_of(function)
        if word is not None or own is not None:
            return word or Reference(str(own), function)
        if twin is not function:
            return self._function(twin.__name__, twin)
        if "lambda" in name:
            return Gap("a Python function without a name (lambda)")
        module = str(getattr(function, "__module__", ""))
        if self.names is not None and function is not None and not _is_public(function):
            return Gap(f"the function {name} has no name in the notebook")
        if "<locals>" in getattr(function, "__qualname__", ""):
            return Gap(f"the function {name} was made inside another one (a closure)")
        if module.partition(".")[0] in LIBRARIES and not _is_public(function):
            return Gap(f"the function {name} of {module.partition('.')[0]} has no word here: give it a name in the notebook")
        return Reference(name, function)

    def _can_be_named(self, target: Any) -> bool:
        return is_of_keras(target) or self.names is None or self.names.get(target.__name__) is target

    def _name_of(self, thing: Any) -> str | None:
        return next((name for name, value in (self.names or {}).items() if value is thing and name.isidentifier()), None)

    def _own_classes(self) -> dict[str, Any]:
        return {name: value for name, value in (self.names or {}).items() if inspect.isclass(value)}


# What Keras fills in where nothing was given, for classes that can't be made from what their signature asks for.
_WITHOUT_REFERENCE = {"dtype": "float32", "arguments": {}}


def _required(target: Any) -> set[str]:
    return {name for name, p in parameters_of(target).items() if p.default is inspect.Parameter.empty}


def _is_always_written(target: Any, name: str) -> bool:
    """Whether a setting is a name, which no config counts, or depends on what Keras's global policy is when the words are read."""
    if name == "name":
        return True
    return name == "dtype" and issubclass(target, keras.layers.Layer) and keras.config.dtype_policy().name != "float32"


def keras_string(function: Any) -> str | None:
    """The string under which Keras itself finds a function of its own, such as a loss; None where there is none."""
    name = str(getattr(function, "__name__", ""))
    return name if any(_get(module, name) is function for module in (keras.activations, keras.losses, keras.metrics) if name) else None


def _get(module: Any, name: str) -> Any:
    try:
        return module.get(name)
    except Exception:  # noqa: BLE001  # A name that it doesn't know; some make it refuse in other ways.
        return None


def _is_public(function: Any) -> bool:
    """Whether Keras's losses or metrics have a function under its name, though Keras finds it by no string."""
    name = str(getattr(function, "__name__", ""))
    return any(getattr(module, name, None) is function for module in (keras.losses, keras.metrics))
