"""The vocabulary of a model with token input: the words for the tokens, if a layer with the vocabulary is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.samples import Form, SamplePart, Samples
from seqmagic.data.names import data_name_of
from seqmagic.data.shapes import shape_fits, wanted_shape
from seqmagic.errors import DataError, printable
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.translation import gettext

FEW_TEXTS = 20  # On which a layer is tried.
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


@contextmanager
def offering_vectorizer(model: keras.Model, x: Any, name: str, names: Mapping[str, Any]) -> Iterator[None]:
    """Within this context, a refusal of texts offers the layer of the notebook that makes the tokens which the model takes.

    Args:
        x: the data. name: its name.
        names: the variables of the notebook.
    """
    try:
        yield
    except DataError as error:
        error.fixes = error.fixes or tuple(filter(None, [_vectorized(model, x, name, names)]))
        raise


def _vectorized(model: keras.Model, x: Any, name: str, names: Mapping[str, Any]) -> str:
    """The line that turns texts into what a model takes; "" unless exactly one layer of the notebook does."""
    texts = _texts(x)
    layers = {id(layer): key for key, layer in names.items() if isinstance(layer, keras.layers.TextVectorization)} if len(texts) else {}
    fitting = [key for key in layers.values() if _gives(names[key], model, texts)]
    return f"{name} = {fitting[0]}({name})" if len(fitting) == 1 and data_name_of(name).variable else ""


def _texts(x: Any) -> np.ndarray:
    """The first texts of data that are texts; of other data none."""
    values = np.asarray(x[:FEW_TEXTS]) if isinstance(x, (list, tuple, np.ndarray)) else np.empty(0)
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    are_texts = values.ndim == 1 and all(isinstance(value, str) for value in values.tolist())
    return values.astype(str) if are_texts else np.empty(0)


def _gives(layer: Any, model: keras.Model, texts: np.ndarray) -> bool:
    """Whether a model takes what a layer makes of texts."""
    wanted = wanted_shape(model)
    embeddings = [inner.input_dim for inner in layers_inside(model) if isinstance(inner, keras.layers.Embedding)]
    settings = layer.get_config()
    varies = settings["output_mode"] == "int" and settings["output_sequence_length"] is None  # As long as the longest text.
    if wanted is None or (varies and None not in wanted) or len(layer.get_vocabulary()) > min(embeddings, default=np.inf):
        return False
    try:
        made = layer(tf.constant(texts))
    except Exception:  # noqa: BLE001  # Its `standardize` and `split` may be anyone's code.
        return False
    return shape_fits(tuple(made.shape[1:]), wanted)


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
