"""The origin of a model's layers: the lines of the cell that they came from."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import keras

from seqmagic.errors import Span
from seqmagic.model.plan import Plan

_lines: WeakKeyDictionary[Any, dict[str, Span]] = WeakKeyDictionary()
_texts: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def remember_lines(model: keras.Sequential, plan: Plan) -> None:
    """Keep the place in the text of each layer of a model that was built from it."""
    _lines[model] = {layer.name: row.layer.span for layer, row in zip(model.layers, plan.rows, strict=False)}


def remember_text(model: keras.Sequential, text: str) -> None:
    """Keep the whole text that a model was built from."""
    _texts[model] = text


def text_of(model: Any) -> str:
    """The text that a model was built from, or nothing."""
    try:
        return _texts.get(model, "")
    except TypeError:
        return ""


def line_of(model: Any, layer: str | None) -> Span | None:
    """The place of a layer in the text that it came from, or None."""
    try:
        return _lines.get(model, {}).get(layer or "")
    except TypeError:
        return None  # A model that can't be looked up has no lines either.
