"""The row: what a plan knows of one layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from seqmagic.language import Layer
from seqmagic.network.multiply_adds import UNKNOWN, Work, multiply_adds
from seqmagic.network.shape_math import Shape, shape_arithmetic, weights_arithmetic

SIZES = {"bfloat16": 2, "string": 0}  # What NumPy doesn't know; how long a text is, nobody does.


@dataclass(frozen=True)
class Weight:
    """One weight of a layer: its shape, the bytes it takes and whether training changes it."""

    shape: tuple[int, ...]
    bytes: int
    trainable: bool


@dataclass(frozen=True)
class Row:
    """One layer of the plan. Shapes are without the batch axis, and None when no input line fixes them.

    Attributes:
        work: the multiply-adds for one sample.
        output_size: the bytes that each number of the output takes.
        sources: the names of the layers that it takes its input from, in a model that is no chain.
        takes: where in the plan those are.
    """

    layer: Layer
    target: Callable[..., Any]
    before: Shape | None = None
    after: Shape | None = None
    weights: tuple[Weight, ...] = ()
    shape_sum: str = ""
    activation: str | None = None
    work: Work = UNKNOWN
    output_size: int = 4
    sources: tuple[str, ...] = ()
    takes: tuple[int, ...] = ()

    @property
    def parameters(self) -> int:
        """How many numbers the layer holds."""
        return sum(prod(weight.shape) for weight in self.weights)

    @property
    def parameter_sum(self) -> str:
        """The sum behind that number."""
        return weights_arithmetic([weight.shape for weight in self.weights])

    @property
    def output_bytes(self) -> int:
        """The memory that the output takes for one sample; an unknown length counts as 1."""
        return 0 if self.after is None else self.output_size * prod(dim or 1 for dim in self.after)

    @property
    def kind(self) -> str:
        """Keras's name for the layer."""
        return self.target.__name__


def row_of(line: Layer, target: Callable[..., Any], layer: Any, taken: Any, given: Any, activation: str | None = None) -> Row:
    """What there is to know of a layer that was put together with others.

    Args:
        layer: the one that `target` made of the line.
        taken, given: the symbolic tensors that it takes and gives, or only their shapes without the batch.
    """
    befores = [shape for tensor in (taken if isinstance(taken, list) else [taken]) if (shape := _shape(tensor)) is not None]
    before, after = befores[0] if len(befores) == 1 else None, _shape(given)
    return Row(
        line,
        target,
        before,
        after,
        weights=tuple(map(weight_of, getattr(layer, "weights", ()))),
        shape_sum="" if before is None or after is None else shape_arithmetic(layer, before, after),
        activation=activation,
        work=multiply_adds(layer, befores, after),
        output_size=size_of(getattr(given, "dtype", None) or getattr(layer, "compute_dtype", None) or "float32"),
    )


def _shape(tensor: Any) -> Shape | None:
    return tensor if tensor is None or isinstance(tensor, tuple) else tuple(tensor.shape[1:])


def size_of(dtype: Any) -> int:
    """The bytes of one number of a kind.

    >>> size_of("float32"), size_of("bfloat16"), size_of("bool")
    (4, 2, 1)
    """
    name = str(dtype)
    return SIZES[name] if name in SIZES else np.dtype(name).itemsize


def weight_of(variable: Any) -> Weight:
    """What a plan says of a variable of Keras."""
    shape = tuple(int(dim) for dim in variable.shape)
    return Weight(shape, prod(shape) * size_of(variable.dtype), bool(variable.trainable))
