"""References: whether the notebook still has a model, or a part of it, under some other name."""

from __future__ import annotations

import gc
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.magics.caller import local_variables

MOST = 300_000  # Things that are looked at; a notebook with more is not searched to its end.
OURS = ("seqmagic.", "ipywidgets.", "traitlets.", "IPython.", "ipykernel.")
INSTALLED = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))


def is_held(shell: InteractiveShell, name: str, model: Any) -> bool:
    """Whether anything but a variable of this name leads to a model, its layers or its weights; where that isn't known, yes.

    What is looked at: all variables, those of a function around the magic too, the outputs of cells that IPython keeps, the user's own
    modules and classes, and whatever these hold, in lists or in objects of any kind.
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
    """The model and everything in it that somebody may have taken out."""
    from seqmagic.keras_internals.layers import layers_inside

    yield model
    layers = [model, *layers_inside(model)]
    yield from layers
    yield from (variable for layer in layers for variable in layer.variables)
    yield from (variable.value for layer in layers for variable in layer.variables)
    yield from (model.optimizer, *model.inputs, *model.outputs, *model.metrics)


def _contents(thing: Any) -> Iterable[Any]:
    """What a thing holds, as far as it is the user's."""
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
