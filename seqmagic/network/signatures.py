"""Signatures: parameters of Keras classes that are not in the signature."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import lru_cache

import keras

from seqmagic.keras_internals.layers import is_of_keras

INNER = ("vocabulary_size", "has_input_vocabulary")  # Entries that Keras itself adds to the config of an adapted layer.
FIXED = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


@lru_cache(maxsize=512)
def unsigned_parameters(target: type) -> dict[str, inspect.Parameter]:
    """The arguments that a Keras layer class takes through **kwargs and stores in its config.

    >>> list(unsigned_parameters(keras.layers.LayerNormalization))
    ['rms_scaling']

    These are the names it pops from kwargs, and the parameters of its base classes that it doesn't set itself.
    """
    if not is_of_keras(target):
        return {}
    above = target.__mro__[: target.__mro__.index(keras.layers.Layer)]
    found: dict[str, inspect.Parameter] = {}
    for kind in above:
        init = kind.__dict__.get("__init__")
        if init is None:
            continue
        own = inspect.signature(init).parameters
        if kind is not target:
            found |= {name: p for name, p in own.items() if p.kind not in FIXED and name != "self" and name not in found}
        tree = ast.parse(_source(init) or "pass")
        found |= dict(_taken_out(tree))
        for name in _filled_in(tree, above[above.index(kind) + 1 :]):
            # The class passes this one itself, so the user can't.
            found.setdefault(name, inspect.Parameter("_", inspect.Parameter.VAR_KEYWORD))
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in own.values()):
            break
    known = {name: p for name, p in found.items() if p.kind not in FIXED and name not in INNER and config_holds(target, name)}
    return {name: p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, p in known.items()}


def config_holds(target: type, name: str) -> bool:
    """Whether the get_config of a class or a base class mentions an argument, even if only under a condition.

    >>> config_holds(keras.metrics.AUC, "thresholds"), config_holds(keras.losses.Huber, "delta")
    (True, False)
    """
    return any(quoted in _source_of_config(target) for quoted in (f'"{name}"', f"'{name}'"))


@lru_cache(maxsize=512)
def _source_of_config(target: type) -> str:
    return "".join(_source(kind.__dict__["get_config"]) for kind in target.__mro__ if "get_config" in kind.__dict__)


def _source(function: object) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))  # type: ignore[arg-type]
    except (OSError, TypeError):
        return ""  # Without the source only the signature is known.


def _taken_out(tree: ast.AST) -> Iterator[tuple[str, inspect.Parameter]]:
    """What a function pops from its kwargs, with the defaults."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("kwargs"), attr="pop"), args=[ast.Constant(str(name)), ast.Constant(default)]):
                yield name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)


def _filled_in(tree: ast.AST, above: tuple[type, ...]) -> Iterator[str]:
    """The arguments that a function passes to the base class's __init__."""
    init = next((kind.__dict__["__init__"] for kind in above if "__init__" in kind.__dict__), None)
    places = [name for name in inspect.signature(init).parameters if name != "self"] if init is not None else []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__"), args=given, keywords=named):
                yield from places[: len(given)]
                yield from (keyword.arg for keyword in named if keyword.arg is not None)
