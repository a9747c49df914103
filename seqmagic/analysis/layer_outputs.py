"""What the layers of a model give: for one sample layer by layer, as far as somebody looks, and for many samples batch by batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.analysis.forward import as_input
from seqmagic.data.held_out import count_rows, take_rows
from seqmagic.errors import printable
from seqmagic.keras_internals.walk import is_walkable, list_ways, walk
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.translation import gettext, gettext_noop

BATCH = 32  # Samples that go through a layer at once.
OWN_CODE = gettext_noop("What flows where is this model's own code, so that its layers can't be looked at one by one.")


@dataclass(frozen=True)
class LayerPlace:
    """Where a layer, or an operation such as `a + b`, is called in a model.

    Attributes:
        number: its place among all calls, from 0.
        label: its name, behind those of the models that it is in; a second call of the same layer says so.
        layer: the layer itself.
    """

    number: int
    label: str
    layer: Any

    @property
    def kind(self) -> str:
        """The word for it, such as Conv2D."""
        return type(self.layer).__name__


@dataclass(frozen=True)
class LayerOutput:
    """What a layer gives for some samples.

    Attributes:
        value: numbers, a sample a row; None where there are none.
        reason: why there are none, or what is left out, in a sentence; empty where there is nothing to say.
    """

    value: np.ndarray | None
    reason: str = ""


def places_of(model: keras.Model) -> list[LayerPlace]:
    """The layers of a model in the order in which data go through them; none where that is the model's own code.

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
    """What the layers of a model give for some samples; a layer is computed when it is first asked for.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.ReLU(), keras.layers.Flatten()])
    >>> LayerOutputs(model, np.array([[-1.0, 2.0]])).at(0).value
    array([[0., 2.]], dtype=float32)

    Args:
        model: a chain or a graph.
        x: the samples: an array, or several in a list or dictionary.
    """

    def __init__(self, model: keras.Model, x: Any) -> None:
        self.places = places_of(model)
        self._rows = count_rows(x)
        self._known: list[LayerOutput] = []
        self._walk: Generator[tuple[Any, Any], None, Any] | None = walk(model, as_tensors(filled(model, x)))

    def at(self, number: int) -> LayerOutput:
        """What the layer at a place gives."""
        while len(self._known) <= number:
            self._step()
        return self._known[number]

    def is_known(self, number: int) -> bool:
        """Whether the layer at a place was computed already."""
        return number < len(self._known)

    def _step(self) -> None:
        if self._walk is None:
            self._known.append(LayerOutput(None, gettext("A layer before this one fails for this sample.")))
            return
        try:
            _, outputs = next(self._walk)
        except Exception as error:  # noqa: BLE001  # A layer may be the notebook's own, and Keras has many kinds of errors.
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
    """What every layer gives for some rows, batch by batch: the number of its place, how many of the rows are real, its outputs.

    Args:
        rows: the positions of the samples.
        last: the place that is the last to be computed; all are by default.
    """
    size = fixed_batch_of(model) or BATCH
    for first in range(0, len(rows), size):
        part = take_rows(x, rows[first : first + size])
        for number, (_, outputs) in enumerate(walk(model, as_tensors(filled(model, part)))):
            yield number, count_rows(part), outputs
            if number == last:
                break


def to_numbers(outputs: Any) -> LayerOutput:
    """What a layer gave, as an array; of several outputs the first."""
    leaves = keras.tree.flatten(outputs) if not isinstance(outputs, (tf.SparseTensor, tf.RaggedTensor)) else [outputs]
    first = leaves[0]
    reason = gettext("The first of its {count} outputs.", count=len(leaves)) if len(leaves) > 1 else ""
    if isinstance(first, tf.SparseTensor):
        first = tf.sparse.to_dense(first)
    if isinstance(first, tf.RaggedTensor):
        return LayerOutput(None, gettext("It gives rows of different lengths."))
    if first.dtype == tf.string:
        return LayerOutput(None, gettext("It gives words, and no numbers."))
    if first.dtype in (tf.bfloat16, tf.float16, tf.float64):
        first = tf.cast(first, tf.float32)
    return LayerOutput(np.asarray(first), reason)


def as_tensors(x: Any) -> Any:
    """Arrays as tensors, of the kinds that a model takes."""
    return keras.tree.map_structure(lambda part: tf.convert_to_tensor(as_input(np.asarray(part))), x)


def filled(model: keras.Model, x: Any) -> Any:
    """Rows, repeated until they are as many as a model takes, where that takes a certain number of them and no other."""
    size, rows = fixed_batch_of(model), count_rows(x)
    return x if size is None or rows in (0, size) else take_rows(x, np.arange(size) % rows)


def first_line(error: Exception) -> str:
    """What an exception says first, without what Keras puts around it."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return printable((kept or lines or [""])[0].strip().removeprefix("\x1b[1m").removesuffix("\x1b[0m"))[:200]


def spread_rows(count: int, most: int) -> np.ndarray:
    """The positions of so many rows at most, spread evenly over all.

    >>> spread_rows(10, 4), spread_rows(3, 4)
    (array([0, 2, 5, 7]), array([0, 1, 2]))
    """
    return np.arange(count) if count <= most else np.arange(most) * count // most
