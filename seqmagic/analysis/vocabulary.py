"""The vocabulary of a model with token input: the words for the tokens, if a layer with the vocabulary is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.samples import Form, SamplePart, Samples
from seqmagic.errors import printable
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.translation import gettext

KINDS = (keras.layers.TextVectorization, keras.layers.StringLookup)


def words_of(known: Any) -> tuple[str, ...]:
    """The words of a layer that produces tokens, or of a list, starting with token 0.

    >>> words_of(keras.layers.TextVectorization(vocabulary=["good", "bad"]))
    ('', '[UNK]', 'good', 'bad')
    """
    listed: Iterable[Any] = known.get_vocabulary() if hasattr(known, "get_vocabulary") else known
    return tuple(printable(str(word)) for word in listed)


def with_words(samples: Samples, words: tuple[str, ...]) -> Samples:
    """Samples whose tokens are shown as words."""
    return replace(samples, parts=tuple(replace(part, words=words) if part.form == Form.TOKENS else part for part in samples.parts))


def with_known_words(model: keras.Model, samples: Samples, names: Mapping[str, Any]) -> Samples:
    """Samples with the words of the only layer in the notebook that produces such tokens, and a note on it; otherwise unchanged.

    Args:
        names: the variables of the notebook.
    """
    parts = [part for part in samples.parts if part.form == Form.TOKENS]
    found = {id(layer): name for name, layer in names.items() if isinstance(layer, KINDS) and parts and _makes(layer, model, parts)}
    if len(found) != 1:
        return samples
    (name,) = found.values()
    origin = (samples.origin + gettext(" The words are from {name}.", name=name)).strip()
    return replace(with_words(samples, words_of(names[name])), origin=origin)


def _makes(layer: Any, model: keras.Model, parts: list[SamplePart]) -> bool:
    """Whether tokens may come from a layer: its vocabulary is as large as the embedding's input_dim, and the sequences are as long."""
    settings = layer.get_config()
    words = len(layer.get_vocabulary())
    rows = {inner.input_dim for inner in layers_inside(model) if isinstance(inner, keras.layers.Embedding)}
    length = settings.get("output_sequence_length")
    fits = all(length in (None, part.rows.shape[-1]) and part.rows.size and part.rows.max() < words for part in parts)
    return settings.get("output_mode") == "int" and bool(rows & {words, settings.get("max_tokens")}) and fits


def tokens_in(model: keras.Model, text: Any) -> list[str]:
    """The words into which a model's own TextVectorization splits a text; empty if it has no such layer, or several.

    Args:
        text: a row of the samples.
    """
    layers = [layer for layer in layers_inside(model) if isinstance(layer, keras.layers.TextVectorization)]
    if len(layers) != 1 or layers[0].get_config()["output_mode"] != "int":
        return []
    words = words_of(layers[0])
    numbers = np.asarray(layers[0](tf.constant(np.asarray(text).reshape(1, -1).astype(str)))).ravel()
    return [words[number] for number in numbers]
