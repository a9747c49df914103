"""The outputs of a model's layers: for one sample layer by layer, computed on demand, and for many samples batch by batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.forward_slices import as_input
from seqmagic.data.held_out import count_rows, take_rows
from seqmagic.errors import printable
from seqmagic.keras_internals.walk import is_walkable, list_ways, walk
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.translation import gettext, gettext_noop

BATCH = 32  # Samples per batch.
OWN_CODE = gettext_noop("This model's call() is custom code, so its layers can't be shown one by one.")


@dataclass(frozen=True)
class LayerPlace:
    """A call of a layer, or of an operation such as `a + b`, in a model.

    Attributes:
        number: its index among all calls.
        label: its name, prefixed by those of the models that contain it; repeated calls of a layer are numbered.
        layer: the layer itself.
    """

    number: int
    label: str
    layer: Any

    @property
    def kind(self) -> str:
        """The class name, such as Conv2D."""
        return type(self.layer).__name__


@dataclass(frozen=True)
class LayerOutput:
    """A layer's output for some samples.

    Attributes:
        value: an array, one row per sample; None if there is none.
        reason: why there is none, or what is left out, as a sentence; otherwise empty.
    """

    value: np.ndarray | None
    reason: str = ""


def places_of(model: keras.Model) -> list[LayerPlace]:
    """The calls of a model's layers, in execution order; empty for a subclassed model.

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="a"), keras.layers.ReLU(name="b")])
    >>> [place.label for place in places_of(model)]
    ['a', 'b']
    """
    if not is_walkable(model):
        return []
    places: list[LayerPlace] = []
    calls: dict[str, int] = {}
    for number, way in enumerate(list_ways(model)):
        label = printable(" / ".join(operation.name for operation in way))
        calls[label] = calls.get(label, 0) + 1
        places.append(
            LayerPlace(number, label if calls[label] == 1 else gettext("{label} (call {calls})", label=label, calls=calls[label]), way[-1])
        )
    return places


class LayerOutputs:
    """The outputs of a model's layers for some samples; a layer is computed when it is first asked for.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.ReLU(), keras.layers.Flatten()])
    >>> LayerOutputs(model, np.array([[-1.0, 2.0]])).at(0).value
    array([[0., 2.]], dtype=float32)

    Args:
        model: Sequential or functional.
        x: the samples: an array, or several in a list or dict.
    """

    def __init__(self, model: keras.Model, x: Any) -> None:
        self.places = places_of(model)
        self._rows = count_rows(x)
        self._known: list[LayerOutput] = []
        self._walk: Generator[tuple[Any, Any], None, Any] | None = walk(model, as_tensors(filled(model, x)))

    def at(self, number: int) -> LayerOutput:
        """The output of the layer with a number."""
        while len(self._known) <= number:
            self._step()
        return self._known[number]

    def is_known(self, number: int) -> bool:
        """Whether the layer with this number has been computed."""
        return number < len(self._known)

    def _step(self) -> None:
        if self._walk is None:
            self._known.append(LayerOutput(None, gettext("An earlier layer fails for this sample.")))
            return
        try:
            _, outputs = next(self._walk)
        except Exception as error:  # noqa: BLE001  # A layer may be the notebook's own, and Keras raises many types of exceptions.
            self._walk = None
            self._known.append(
                LayerOutput(
                    None, gettext("This layer fails for this sample: {error}: {line}", error=type(error).__name__, line=first_line(error))
                )
            )
        else:
            found = to_numbers(outputs)
            self._known.append(LayerOutput(None if found.value is None else found.value[: self._rows], found.reason))


def outputs_by_batch(model: keras.Model, x: Any, rows: np.ndarray, last: int | None = None) -> Iterator[tuple[int, int, Any]]:
    """The outputs of every layer for some rows, batch by batch: the layer's number, the number of rows without padding, its outputs.

    Args:
        rows: the indices of the samples.
        last: the number of the last layer to compute; all by default.
    """
    size = fixed_batch_of(model) or BATCH
    for first in range(0, len(rows), size):
        part = take_rows(x, rows[first : first + size])
        for number, (_, outputs) in enumerate(walk(model, as_tensors(filled(model, part)))):
            yield number, count_rows(part), outputs
            if number == last:
                break


def to_numbers(outputs: Any) -> LayerOutput:
    """A layer's output as an array; of several outputs the first."""
    leaves = keras.tree.flatten(outputs) if not isinstance(outputs, (tf.SparseTensor, tf.RaggedTensor)) else [outputs]
    first = leaves[0]
    reason = gettext("This is the first of its {count} outputs.", count=len(leaves)) if len(leaves) > 1 else ""
    if isinstance(first, tf.SparseTensor):
        first = tf.sparse.to_dense(first)
    if isinstance(first, tf.RaggedTensor):
        return LayerOutput(None, gettext("It outputs rows of different lengths."))
    if first.dtype == tf.string:
        return LayerOutput(None, gettext("It outputs words, not numbers."))
    if first.dtype in (tf.bfloat16, tf.float16, tf.float64):
        first = tf.cast(first, tf.float32)
    return LayerOutput(np.asarray(first), reason)


def as_tensors(x: Any) -> Any:
    """Convert arrays to tensors with the dtypes that a model takes."""
    return keras.tree.map_structure(lambda part: tf.convert_to_tensor(as_input(np.asarray(part))), x)


def filled(model: keras.Model, x: Any) -> Any:
    """Rows repeated to fill a fixed batch size, if the model has one."""
    size, rows = fixed_batch_of(model), count_rows(x)
    return x if size is None or rows in (0, size) else take_rows(x, np.arange(size) % rows)


def first_line(error: Exception) -> str:
    """The first line of an exception's message, without Keras's prefix."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return printable((kept or lines or [""])[0].strip().removeprefix("\x1b[1m").removesuffix("\x1b[0m"))[:200]


def spread_rows(count: int, most: int) -> np.ndarray:
    """At most `most` indices, evenly spaced over all rows.

    >>> spread_rows(10, 4), spread_rows(3, 4)
    (array([0, 2, 5, 7]), array([0, 1, 2]))
    """
    return np.arange(count) if count <= most else np.arange(most) * count // most
