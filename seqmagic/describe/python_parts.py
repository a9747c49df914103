"""Parts of a description as Python expressions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import keras

from seqmagic.describe.inspection import Construct, Gap, Reference
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.catalogue import parameters_of

WIDEST = 100
INDENT = "    "
# Modules of Keras, and the names that the code uses for them.
MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("layers", keras.layers),
    ("keras.optimizers", keras.optimizers),
    ("keras.optimizers.schedules", keras.optimizers.schedules),
    ("keras.losses", keras.losses),
    ("keras.metrics", keras.metrics),
    ("keras.initializers", keras.initializers),
    ("keras.regularizers", keras.regularizers),
    ("keras.constraints", keras.constraints),
    ("keras.callbacks", keras.callbacks),
    ("keras", keras),
)


def code(part: Any, depth: int = 0) -> str:
    """A part of a description as a Python expression.

    Args:
        depth: the indentation level, for an expression that needs several lines.
    """
    if isinstance(part, Gap):
        return "..."
    if isinstance(part, Reference):
        return part.name if part.thing is None or not inspect.isroutine(part.thing) else path_of(part.thing)
    if isinstance(part, Construct):
        return _made(part, depth)
    if isinstance(part, (list, tuple)):
        items = ", ".join(code(item, depth) for item in part)
        return f"[{items}]" if isinstance(part, list) else f"({items}{',' if len(part) == 1 else ''})"
    return text_to_python(part) if isinstance(part, str) else _number(part)


def _made(part: Construct, depth: int) -> str:
    if part.target is keras.Sequential:
        inner = INDENT * (depth + 1)
        layers = "".join(f"{inner}{INDENT}{code(layer, depth + 2)},\n" for layer in part.arguments["layers"])
        more = "".join(f"{inner}{text},\n" for text in _settings(part))
        return f"keras.Sequential(\n{inner}[\n{layers}{inner}],\n{more}{INDENT * depth})"
    arguments = list(_arguments(part, depth))
    whole = f"{path_of(part.target)}({', '.join(arguments)})"
    if len(whole) + len(INDENT) * depth <= WIDEST:
        return whole
    inner = INDENT * (depth + 1)
    return f"{path_of(part.target)}(\n" + "".join(f"{inner}{argument},\n" for argument in arguments) + f"{INDENT * depth})"


def _settings(part: Construct) -> list[str]:
    more = [f"{name}={code(value)}" for name, value in part.arguments.items() if name != "layers"]
    return [*more, f"name={text_to_python(part.name)}"] if part.name is not None else more


def _arguments(part: Construct, depth: int) -> Iterator[str]:
    """Required arguments by position until one is missing, the others by name."""
    by_place = True
    for name, parameter in parameters_of(part.target).items():
        required = parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        by_place = by_place and required and name in part.arguments
        if name in part.arguments:
            yield ("" if by_place else f"{name}=") + code(part.arguments[name], depth + 1)
    if part.name is not None:
        yield f"name={text_to_python(part.name)}"


def path_of(target: Callable[..., Any]) -> str:
    """The path of a class in code: layers.Dense, keras.optimizers.Adam, or the bare name of the notebook's own."""
    if is_of_keras(target):
        for place_name, module in MODULES:
            if getattr(module, target.__name__, None) is target:
                return f"{place_name}.{target.__name__}"
            alias = next((name for name in dir(module) if getattr(module, name) is target), None)
            if alias:
                return f"{place_name}.{alias}"
        for place_name, module in vars(keras).items():
            if isinstance(module, ModuleType) and getattr(module, target.__name__, None) is target:
                return f"keras.{place_name}.{target.__name__}"
    return target.__name__


def _number(value: Any) -> str:
    text = repr(value)
    return f"float({text!r})" if text in ("inf", "-inf", "nan") else text


def text_to_python(value: str) -> str:
    """A string as code, with double quotes if possible."""
    return f'"{value}"' if value.isprintable() and not set('"\\') & set(value) else repr(value)
