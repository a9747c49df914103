"""Weak references to data: what a run trained on, for a later run, as long as something else keeps it alive."""

from __future__ import annotations

from types import GeneratorType
from typing import Any
from weakref import ref

import keras
import numpy as np


class WeakData:
    """A weak reference to data: panels and their runs stay in a notebook, but must not keep the data in memory.

    >>> x = keras.ops.zeros((2, 2))
    >>> borrowed = WeakData((x, None))
    >>> borrowed.get()[0] is x
    True
    >>> del x
    >>> borrowed.get() is None
    True

    Attributes:
        data: arrays, tables, datasets, or tuples, lists and dicts of them. Plain values are kept.
    """

    def __init__(self, data: Any) -> None:
        self._hold = keras.tree.map_structure(_loosely, data)

    def get(self) -> Any:
        """The data, or None if any part of it has been freed."""
        parts = [hold() if isinstance(hold, (ref, Part)) else hold for hold in keras.tree.flatten(self._hold)]
        gone = [part is None and hold is not None for part, hold in zip(parts, keras.tree.flatten(self._hold), strict=True)]
        return None if any(gone) else keras.tree.pack_sequence_as(self._hold, parts)


def _loosely(part: Any) -> Any:
    if part is None or isinstance(part, (bool, int, float, str, keras.callbacks.Callback)):
        return part
    if isinstance(part, GeneratorType):
        return ref(Exhausted())  # A generator is exhausted by the run that used it.
    if isinstance(part, np.ndarray) and isinstance(part.base, np.ndarray) and part.base.flags.c_contiguous:
        return Part(part)
    try:
        return ref(part)
    except TypeError:
        return part  # Objects without weak references are small builtins.


class Part:
    """A weak reference to a view of an array, such as x[:1400], valid as long as the array exists.

    >>> x = np.arange(10)
    >>> Part(x[2:8:3])()
    array([2, 5])
    """

    def __init__(self, part: np.ndarray) -> None:
        base: Any = part.base
        self._whole = ref(base)
        self._offset = part.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        self._shape, self._dtype, self._strides = part.shape, part.dtype, part.strides

    def __call__(self) -> np.ndarray | None:
        """The view, or None if the array has been freed; called like a `weakref.ref`."""
        whole: Any = self._whole()
        return None if whole is None else np.ndarray(self._shape, self._dtype, whole.data, self._offset, self._strides)


class Exhausted:
    """Stands for data that can be read only once."""
