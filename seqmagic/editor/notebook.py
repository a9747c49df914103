"""The notebook: its variables by type alone; nothing is called or read that could run user code."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seqmagic.editor.vocabulary import Setting, VocabularyEntry
from seqmagic.translation import gettext, gettext_noop

# Kinds of objects, by the name of their base class in Keras.
BASES = {
    "Layer": "layer",
    "Optimizer": "optimizer",
    "Loss": "loss",
    "Metric": "metric",
    "Initializer": "initializer",
    "Regularizer": "regularizer",
    "Constraint": "constraint",
    "LearningRateSchedule": "learning rate schedule",
    "Callback": "callback",
}
# The number of positional arguments with which a function of each kind is called.
CALLED_WITH = {"layer": 1, "activation": 1, "loss": 2, "metric": 2, "regularizer": 1, "constraint": 1}
WITH_SHAPES = ("numpy", "pandas", "tensorflow", "torch", "jax", "jaxlib", "polars", "keras")
LIBRARIES = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Data:
    """A variable that may be training data.

    Attributes:
        shape: with the rows first; None if it can't be read without running code.
    """

    name: str
    shape: tuple[int | None, ...] | None
    description: str


def kind_of(value: Any) -> str:
    """The kind of a Keras object or class: "layer", "loss", ...; "" for other values."""
    made = value if isinstance(value, type) else type(value)
    for base in made.__mro__:
        if base.__module__.startswith("keras.") and base.__name__ in BASES:
            return BASES[base.__name__]
    return ""


def is_model(value: Any, base_name: str = "Model") -> bool:
    """Whether a value is a Keras model, or an instance of another of Keras's model classes."""
    return any(base.__name__ == base_name and base.__module__.startswith("keras.") for base in type(value).__mro__)


def things_of(kind: str, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The variables of a kind, each with a description; including functions with the right number of arguments."""
    wanted = CALLED_WITH.get(kind)
    for name, value in names.items():
        if not name.isidentifier() or name.startswith("_"):
            continue
        if kind_of(value) == kind:
            own = gettext("your model") if is_model(value) else gettext("your {kind}", kind=gettext(kind))
            yield name, gettext("your class") if isinstance(value, type) else own
        elif wanted is not None and inspect.isfunction(value) and _is_own(value) and _takes(value, wanted):
            yield name, gettext("your function")


def _is_own(function: Any) -> bool:
    file = getattr(sys.modules.get(function.__module__), "__file__", None) or ""
    return not any(library in file for library in LIBRARIES)


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def numbers_of(names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The variables that are numbers."""
    for name, value in names.items():
        if type(value) in (int, float) and name.isidentifier() and not name.startswith("_"):
            yield name, gettext("your number, {value}", value=value)


def data_of(names: Mapping[str, Any]) -> Iterator[Data]:
    """The variables that hold rows of data."""
    for name, value in names.items():
        if not name.isidentifier() or name.startswith("_"):
            continue
        root = type(value).__module__.partition(".")[0]
        if type(value) in (list, tuple) and value:
            yield Data(name, (len(value),), gettext("your {kind}, {count:,} rows", kind=type(value).__name__, count=len(value)))
        elif root in WITH_SHAPES and not kind_of(value):
            shape = _shape(value)
            if shape != () and (shape is not None or _gives_batches(value)):
                size = "x".join("?" if dim is None else str(dim) for dim in shape or ())
                told = gettext(", {size}", size=size) if size else ""
                yield Data(name, shape, gettext("your {kind}{size}", kind=type(value).__name__.lstrip("_"), size=told))


def _shape(value: Any) -> tuple[int | None, ...] | None:
    """The shape of an object of a library for arrays."""
    try:
        return tuple(None if dim is None else int(dim) for dim in value.shape)
    except (AttributeError, TypeError, ValueError):
        return None


def _gives_batches(value: Any) -> bool:
    return any(base.__name__ in ("DatasetV2", "PyDataset", "DataLoader") for base in type(value).__mro__)


def entry_of(word: str, names: Mapping[str, Any]) -> VocabularyEntry | None:
    """The entry for a class or function of the notebook, from its signature."""
    value = names.get(word)
    if not isinstance(value, type) and not inspect.isfunction(value):
        return None
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    settings = tuple(_setting(one) for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL))
    kind = kind_of(value) or "layer"
    return VocabularyEntry(
        kind,
        word,
        word,
        settings=settings if isinstance(value, type) else settings[CALLED_WITH.get(kind, 1) :],
        summary=gettext_noop("your own"),
    )


def _setting(parameter: inspect.Parameter) -> Setting:
    default = None if parameter.default is parameter.empty else _format_default(parameter.default)
    kind = "activation" if parameter.name.endswith("activation") else ""
    return Setting(parameter.name, default, kind, parameter.kind is not parameter.KEYWORD_ONLY)


def _format_default(default: Any) -> str:
    if default is None or isinstance(default, bool):
        return str(default).lower()
    return str(default) if type(default) in (int, float, str) else "..."
