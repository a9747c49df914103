"""Adapted layers: the result of `adapt`, as constructor arguments that recreate it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqmagic.keras_internals.layers import is_of_keras, lookup_of

MOST, WIDEST = 32, 400  # The number of values a line may contain, and their total length in characters.


def learned_settings(layer: Any, *, weights: bool = True) -> dict[str, Any]:
    """The result of `adapt`, as arguments of the layer's class, if it is short enough for a line.

    >>> layer = keras.layers.Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 20.0]]))
    >>> learned_settings(layer)
    {'mean': [2.0, 15.0], 'variance': [1.0, 25.0]}

    Args:
        weights: whether to include what the layer stores as weights.
    """
    found = _find(layer, weights=weights)
    return found if _is_short(found) else {}


def why_too_long(layer: Any, *, weights: bool = True) -> str:
    """Why the result of `adapt` can't be described, and what to do; empty if it can, or if there is none."""
    found = _find(layer, weights=weights)
    if not found or _is_short(found):
        return ""
    count, what = len(np.ravel(next(iter(found.values())))), " and ".join(found).replace("_", " ")
    return f"its {what} ({count:,}) come from data: put that data here, or call the layer's adapt with it again"


def _find(layer: Any, *, weights: bool) -> dict[str, Any]:
    if isinstance(layer, keras.layers.Normalization):
        return _moments(layer) if weights else {}
    if isinstance(layer, keras.layers.Discretization):
        return {} if layer.num_bins is None or layer.bin_boundaries is None else _boundaries(layer)
    if hasattr(layer, "get_vocabulary") and is_of_keras(layer):
        return _words(layer)
    return {}


def _moments(layer: Any) -> dict[str, Any]:
    if layer.input_mean is not None or not hasattr(layer, "adapt_mean"):
        return {}
    try:
        mean, variance = np.asarray(layer.adapt_mean), np.asarray(layer.adapt_variance)
    except Exception:  # noqa: BLE001  # The creation of its weights is deferred, so it has not been adapted.
        return {}
    return {} if not mean.any() and (variance == 1).all() else {"mean": _numbers(mean), "variance": _numbers(variance)}


def _boundaries(layer: Any) -> dict[str, Any]:
    # Without rounding, because inputs are compared with these.
    return {"bin_boundaries": [float(boundary) for boundary in layer.bin_boundaries], "num_bins": None}


def _words(layer: Any) -> dict[str, Any]:
    lookup = lookup_of(layer)
    if lookup.input_vocabulary is not None and not isinstance(lookup.input_vocabulary, str):
        return {}
    words = [getattr(word, "item", lambda word=word: word)() for word in layer.get_vocabulary(include_special_tokens=False)]
    if not words:
        return {}
    if lookup.output_mode != "tf_idf":
        return {"vocabulary": words}
    weights = np.asarray(lookup.idf_weights)
    specials = lookup.vocabulary_size() - len(words)
    return {"vocabulary": words, "idf_weights": _numbers(weights[specials : specials + len(words)])}


def _numbers(values: Any) -> Any:
    """Numbers as Python floats, without digits beyond their precision."""
    return [_numbers(value) for value in values] if np.ndim(values) else float(str(values))


def _is_short(found: dict[str, Any]) -> bool:
    return all(np.size(values) <= MOST for values in found.values()) and len(str(list(found.values()))) <= WIDEST
