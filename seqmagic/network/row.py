"""The row of one layer in a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from seqmagic.language import Layer
from seqmagic.network.multiply_adds import UNKNOWN, Work, multiply_adds
from seqmagic.network.shape_math import Shape, shape_arithmetic, weights_arithmetic

SIZES = {"bfloat16": 2, "string": 0}  # For types that NumPy doesn't know, and for strings, whose length is unknown.


@dataclass(frozen=True)
class Weight:
    """One weight of a layer: its shape, its size in bytes and whether it is trainable."""

    shape: tuple[int, ...]
    bytes: int
    trainable: bool


@dataclass(frozen=True)
class Row:
    """One layer of the plan. Shapes are without the batch axis, and None if no input line fixes them.

    Attributes:
        work: the multiply-adds for one sample.
        output_size: bytes per value of the output.
        several: the shape of each output and the bytes per value, if there are several; `after` is then None.
        sources: the names of its input layers, if the model isn't a chain.
        takes: the indices of these in the plan.
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
    several: tuple[tuple[Shape, int], ...] = ()
    sources: tuple[str, ...] = ()
    takes: tuple[int, ...] = ()

    @cached_property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(prod(weight.shape) for weight in self.weights)

    @property
    def parameter_sum(self) -> str:
        """The sum that gives the number of parameters."""
        return weights_arithmetic([weight.shape for weight in self.weights])

    @cached_property
    def weight_bytes(self) -> int:
        """The memory of the weights."""
        return sum(weight.bytes for weight in self.weights)

    @cached_property
    def output_bytes(self) -> int:
        """The memory of the output for one sample, or of all its outputs; an unknown dimension counts as 1."""
        return sum(size * prod(dim or 1 for dim in shape) for shape, size in self.outputs)

    @property
    def outputs(self) -> tuple[tuple[Shape, int], ...]:
        """The shape of each output and the bytes per value, as far as they are known."""
        return self.several if self.after is None else ((self.after, self.output_size),)

    @property
    def kind(self) -> str:
        """The layer's class name in Keras."""
        return self.target.__name__


def row_of(line: Layer, target: Callable[..., Any], layer: Any, taken: Any, given: Any, activation: str | None = None) -> Row:
    """The row of a layer that has been called.

    Args:
        layer: created by `target` from the line.
        taken, given: its symbolic input and output tensors, or only their shapes without the batch axis.
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
    """The bytes of one value of a dtype.

    >>> size_of("float32"), size_of("bfloat16"), size_of("bool")
    (4, 2, 1)
    """
    name = str(dtype)
    return SIZES[name] if name in SIZES else np.dtype(name).itemsize


def weight_of(variable: Any) -> Weight:
    """The plan's entry for a Keras variable."""
    shape = tuple(int(dim) for dim in variable.shape)
    return Weight(shape, prod(shape) * size_of(variable.dtype), bool(variable.trainable))
