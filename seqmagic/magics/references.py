"""References: whether the notebook has another reference to a model, or to a part of it."""

from __future__ import annotations

import gc
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.magics.caller import local_variables

MOST = 300_000  # Maximum number of objects to visit; in a larger notebook the search is given up.
OURS = ("seqmagic.", "ipywidgets.", "traitlets.", "IPython.", "ipykernel.")
INSTALLED = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))


def is_held(shell: InteractiveShell, name: str, model: Any) -> bool:
    """Whether anything but the variable of this name refers to a model, its layers or its weights; True if it isn't known.

    The search visits all variables, including local ones of a function around the magic, IPython's output history, the user's own modules
    and classes, and whatever these contain, in containers or in attributes.
    """
    targets = {id(part) for part in _parts(model)}
    waiting = [*(value for key, value in shell.user_ns.items() if key != name), *local_variables(shell).values()]
    seen: set[int] = {id(shell.user_ns), id(sys.modules), id(sys.modules["__main__"].__dict__)}
    while waiting:
        thing = waiting.pop()
        if id(thing) in targets:
            return True
        if id(thing) in seen or not gc.is_tracked(thing):
            continue
        seen.add(id(thing))
        if len(seen) > MOST:
            return True
        waiting.extend(_contents(thing))
    return False


def _parts(model: Any) -> Iterator[Any]:
    """The model and all of its parts that a variable may refer to."""
    from seqmagic.keras_internals.layers import layers_inside

    yield model
    layers = [model, *layers_inside(model)]
    yield from layers
    yield from (variable for layer in layers for variable in layer.variables)
    yield from (variable.value for layer in layers for variable in layer.variables)
    yield from (model.optimizer, *model.inputs, *model.outputs, *model.metrics)


def _contents(thing: Any) -> Iterable[Any]:
    """The contents of an object, as far as they may be the user's."""
    kind = type(thing)
    if isinstance(thing, ModuleType):
        return [] if _is_installed(thing) else list(vars(thing).values())
    if isinstance(thing, type):
        return list(vars(thing).values()) if thing.__module__ == "__main__" else []
    if isinstance(thing, FunctionType):
        return [*(thing.__closure__ or ()), *(thing.__defaults__ or ()), *vars(thing).values()]
    if isinstance(thing, (BuiltinFunctionType, CodeType, FrameType)) or kind.__module__.startswith(OURS):
        return []
    return gc.get_referents(thing)


def _is_installed(module: ModuleType) -> bool:
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    return module.__name__ == "__main__" or origin is None or origin in ("built-in", "frozen") or origin.startswith(INSTALLED)
