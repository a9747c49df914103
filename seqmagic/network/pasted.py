"""Pasted Keras: which of its values are words of the language, and which are Python expressions, as if in curly brackets.

    Dense(32, input_dim=X.shape[1])         X.shape[1] was read as Python: the language has no other way to write it
    Dense(len(columns), kernel_regularizer=l2(0.01))         len(columns) is Python; l2(0.01) is a word of Keras
    model.add(hub.KerasLayer(url))          a layer that neither Keras nor the notebook has under its last name

Nothing is evaluated here: a live cell does that afterwards; without one, such a value is refused.
"""

from __future__ import annotations

import builtins
import inspect
from dataclasses import replace
from types import ModuleType
from typing import Any

from seqmagic.language import Argument, Block, Call, Chain, Expression, Layer, Program, Repeat, Sequence, Step, Word, print_step
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import (
    ACTIVATIONS,
    CALLBACKS,
    CONSTRAINTS,
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    REGULARIZERS,
    SCHEDULES,
    Registry,
    normalize,
    registry_of_parameter,
)
from seqmagic.network.layers import is_input
from seqmagic.network.old_keras import read_as_today
from seqmagic.network.user_objects import own_thing

KERAS = {"keras", "tensorflow", "tf_keras"}
EVERY_KIND = (LAYERS, ACTIVATIONS, OPTIMIZERS, LOSSES, METRICS, INITIALIZERS, REGULARIZERS, CONSTRAINTS, SCHEDULES, CALLBACKS)
OF_COMPILE = {"optimizer": (OPTIMIZERS,), "loss": (LOSSES,), "metrics": (METRICS,), "weighted_metrics": (METRICS,)}
PLAIN = ("dtype", "data_format", "name")  # The value of these may be a dotted name: tf.float32.


def read_pasted(program: Program, names: Names) -> Program:
    """A program in which pasted calls are translated to Keras 3, and everything that needs Python is an expression.

    >>> from seqmagic.language import parse, print_program
    >>> print(print_program(read_pasted(parse("Dense(len(columns), activation=tf.nn.relu)"), {})), end="")
    Dense {len(columns)} activation=tf.nn.relu

    Args:
        names: the notebook's variables.
    """
    program = read_as_today(program)
    units = _settle_all(program.units, None, names)
    compile_step = _settle_step(program.compile, names) if program.compile is not None else None
    fit = _settle_step(program.fit, names) if program.fit is not None else None
    kept = units is program.units and compile_step is program.compile and fit is program.fit
    return program if kept else replace(program, units=units, compile=compile_step, fit=fit)


def read_pasted_step(step: Step, names: Names) -> Step:
    """The same for a single compile or fit line."""
    return _settle_step(step, names)


def _settle_step(step: Step, names: Names) -> Step:
    arguments = tuple(_settle_argument(argument, part, names) for part, argument in _parts(step))
    if all(a is b for a, b in zip(arguments, step.arguments, strict=True)):
        return step
    changed = replace(step, arguments=arguments)
    return replace(changed, text=print_step(changed))


def _parts(step: Step) -> list[tuple[str, Argument]]:
    """The arguments, each with the parameter of `compile` or `fit` that it is for."""
    if step.word.text == "compile":
        return step.compile_parts()
    return [(a.name.text if a.name is not None else ("x", "y")[min(index, 1)], a) for index, a in enumerate(step.arguments)]


def _settle_argument(argument: Argument, parameter: str | None, names: Names) -> Argument:
    value = _settle(argument.value, parameter, names)
    return argument if value is argument.value else replace(argument, value=value)


def _settle(part: Any, parameter: str | None, names: Names) -> Any:
    """A part of a program, with everything that needs Python as an expression; the same object if nothing changes.

    Args:
        parameter: that the part is the value of, if it is known.
    """
    if isinstance(part, Layer) and not part.contents.is_pasted:
        return part
    if isinstance(part, (Call, Word, Layer)) and part.python is not None and not _is_ours(part, parameter, names):
        return replace(part, word=part.python, arguments=(), python=None) if isinstance(part, Layer) else part.python
    if isinstance(part, (Call, Layer)):
        function = "function" if normalize(getattr(part.word, "text", "").rpartition(".")[2]) == "lambda" else None
        arguments = tuple(_settle_argument(a, a.name.text if a.name is not None else function, names) for a in part.arguments)
        return part if all(a is b for a, b in zip(arguments, part.arguments, strict=True)) else replace(part, arguments=arguments)
    for kind, inner in ((Sequence, "items"), ((Chain, Repeat, Block), "units")):
        if isinstance(part, kind):
            before = getattr(part, inner)
            after = _settle_all(before, parameter if kind is Sequence else None, names)
            return part if after is before else replace(part, **{inner: after})  # type: ignore[arg-type]
    return part


def _settle_all(parts: tuple[Any, ...], parameter: str | None, names: Names) -> tuple[Any, ...]:
    settled = tuple(_settle(part, parameter, names) for part in parts)
    return parts if all(a is b for a, b in zip(settled, parts, strict=True)) else settled


def _is_ours(part: Call | Word | Layer, parameter: str | None, names: Names) -> bool:
    """Whether a pasted name or call is a word of the language in its place.

    A name that neither the notebook nor Python knows counts as a word: if misspelled, it is reported with the nearest ones.
    """
    word = part.text if isinstance(part, Word) else "" if isinstance(part.word, Expression) else part.word.text
    root, dotted, last = word.partition(".")[0], "." in word, word.rpartition(".")[2]
    if parameter in PLAIN:
        return isinstance(part, Word)
    kinds = (LAYERS,) if isinstance(part, Layer) else _kinds_of(parameter)
    if not kinds or (isinstance(part, Layer) and is_input(part)):
        return bool(kinds)
    own = names.get(root)
    if own is None and (dotted or not hasattr(builtins, root)):
        return parameter is not None or isinstance(part, Layer) or any(kind.find(word) for kind in kinds)
    if not dotted and own is None and not isinstance(part, Layer) and parameter is None:
        return False  # Keras has a metric called Sum and a layer called Maximum, but here Python's functions are meant.
    if dotted and isinstance(own, ModuleType) and own.__name__.partition(".")[0] not in KERAS:
        return False
    if not dotted and inspect.isfunction(own):
        return isinstance(part, Word)  # Calling a function of the notebook is Python.
    return any(kind.find(word) is not None or own_thing(last, kind.kind, names) is not None for kind in kinds)


def _kinds_of(parameter: str | None) -> tuple[Registry, ...]:
    """The registries for a parameter; all of them if the parameter isn't known."""
    if parameter is None:
        return EVERY_KIND
    if parameter in OF_COMPILE:
        return OF_COMPILE[parameter]
    registry = registry_of_parameter(parameter)
    return (registry, LAYERS) if registry is ACTIVATIONS else (registry,) if registry is not None else ()
