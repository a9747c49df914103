"""The origin of a model: the text that it came from, and what the words in it meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import keras

from seqmagic.describe.configs import is_automatic
from seqmagic.errors import Span
from seqmagic.keras_internals.compiled import compile_stamp
from seqmagic.language import Program, Step
from seqmagic.language.identifiers import IDENTIFIER, normalized
from seqmagic.network.arguments import Names
from seqmagic.network.expressions import expression_key
from seqmagic.network.plan import Plan


@dataclass(frozen=True)
class Origin:
    """Where a model comes from.

    Attributes:
        text: the whole text of its cell.
        things: the notebook's own things that the text names, with what each was.
        lines: the place in the text of each layer, by its name.
        stamp: what shows whether it was compiled anew since.
        seed: that of its seed line, or None.
    """

    text: str
    things: Mapping[str, Any]
    lines: Mapping[str, Span]
    stamp: Any
    seed: int | None = None

    def is_same(self, other: Origin) -> bool:
        """Whether two models come from the same text, and every word in it meant the same."""
        if self.text != other.text or self.things.keys() != other.things.keys():
            return False
        return all(_are_same(value, other.things[name]) for name, value in self.things.items())


_origins: WeakKeyDictionary[Any, Origin] = WeakKeyDictionary()


def remember_origin(model: keras.Sequential, program: Program, plan: Plan, names: Names) -> None:
    """Keep where a model comes from.

    Args:
        names: the notebook's own things.
    """
    keys = {expression_key(expression) for expression in program.expressions()}
    words = set(map(normalized, re.findall(IDENTIFIER, program.text))) | keys
    lines = {layer.name: row.layer.span for layer, row in zip(model.layers, plan.rows, strict=False)}
    things = {word: names[word] for word in words if word in names}
    seed = program.seed.value if program.seed is not None and isinstance(program.seed.value, int) else None
    _origins[model] = Origin(program.text, things, lines, compile_stamp(model), seed)


def things_of(model: keras.Model) -> dict[str, Any]:
    """The notebook's own things that the text of a model names, by the words for them; empty for one without a text."""
    origin = _origins.get(model)
    return dict(origin.things) if origin is not None else {}


_called: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def call_model(model: keras.Model, name: str) -> None:
    """Keep by which name the notebook calls a model."""
    _called[model] = name


def name_of_model(model: keras.Model) -> str:
    """What a model is called: as the notebook calls it, where its own name is only one that Keras counted up (sequential_8)."""
    own = str(model.name)
    return _called.get(model, own) if is_automatic(own, type(model)) else own


_fit_steps: WeakKeyDictionary[Any, Step] = WeakKeyDictionary()


def remember_fit_step(model: keras.Model, step: Step) -> None:
    """Keep the fit line that a model was trained by."""
    _fit_steps[model] = step


def fit_step_of(model: keras.Model) -> Step | None:
    """The last fit line that a model was trained by, or None."""
    return _fit_steps.get(model)


def seed_of(model: keras.Model) -> int | None:
    """The seed in the text that a model came from, or None."""
    origin = origin_of(model)
    return origin.seed if origin is not None else None


def origin_of(model: Any) -> Origin | None:
    """Where a model comes from, or None where that isn't known."""
    try:
        return _origins.get(model)
    except TypeError:
        return None  # A model that can't be looked up has no origin either.


def _are_same(one: Any, other: Any) -> bool:
    plain = (bool, int, float, str, type(None))
    if isinstance(one, plain) or isinstance(other, plain):
        return type(one) is type(other) and one == other
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_are_same, one, other))
    return one is other


def cell_text_of(model: Any) -> str:
    """The text that a model was built from, or nothing."""
    origin = origin_of(model)
    return origin.text if origin is not None else ""


def line_of(model: Any, layer: str | None) -> Span | None:
    """The place of a layer in the text that it came from, or None."""
    origin = origin_of(model)
    return origin.lines.get(layer or "") if origin is not None else None
