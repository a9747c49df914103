"""Layers of the notebook: existing layers, models and functions, used as layers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from seqmagic.network.catalogue import parameters_of
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Given:
    """An existing layer or model of the notebook, used as a layer."""

    thing: Any

    @property
    def __name__(self) -> str:
        return type(self.thing).__name__

    def __call__(self, *, trainable: Any = None, name: Any = None) -> Any:
        """The layer itself; `trainable=false` freezes it."""
        if name is not None and name != self.thing.name:
            raise ValueError(gettext("It already has a name: {name}.", name=self.thing.name))
        if trainable is not None:
            self.thing.trainable = trainable
        return self.thing

    def copy(self, *, trainable: Any = None, name: Any = None) -> Any:
        """A layer with the same config, to try; None if it can't be copied, because the layer itself must not be touched."""
        try:
            made = type(self.thing).from_config(self.thing.get_config())
        except Exception:  # noqa: BLE001  # A custom layer may have no config, or one that raises anything.
            return None
        if trainable is not None:
            made.trainable = trainable
        return made


class GivenPartial:
    """A `functools.partial` of a layer class, used as a layer: the arguments it fixes become defaults."""

    def __init__(self, made: functools.partial[Any]) -> None:
        self.made = made
        self.__name__ = made.func.__name__
        free = list(parameters_of(made.func).values())[len(made.args) :]
        fixed = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY, default=made.keywords[p.name]) for p in free if p.name in made.keywords]
        open_ = [p for p in free if p.name not in made.keywords]
        ordered = sorted([*open_, *fixed], key=lambda p: p.kind is inspect.Parameter.KEYWORD_ONLY)
        self.__signature__ = inspect.Signature(ordered)

    def __call__(self, **arguments: Any) -> Any:
        """Create the layer."""
        return self.made(**arguments)


class GivenFunction:
    """A function of the notebook, used as a layer: its first argument is the layer's input."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        more = list(inspect.signature(function).parameters.values())[1:]
        name = inspect.Parameter("name", inspect.Parameter.KEYWORD_ONLY, default=None)
        keywords = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in more if p.kind is not inspect.Parameter.VAR_KEYWORD]
        self.takes_name = any(parameter.name == "name" for parameter in keywords)
        self.__signature__ = inspect.Signature(keywords if self.takes_name else [*keywords, name])
        self.__name__ = "Lambda"

    def __call__(self, **arguments: Any) -> Any:
        """A layer that applies the function; a `name` is the layer's, unless the function has a parameter of this name."""
        name = None if self.takes_name else arguments.pop("name", None)
        return keras.layers.Lambda(self.function, arguments=arguments or None, name=name)
