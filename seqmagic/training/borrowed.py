"""Borrowed data: what a run trained on, for another run, for as long as somebody else still has it."""

from __future__ import annotations

from types import GeneratorType
from typing import Any
from weakref import ref

import keras


class Borrowed:
    """A hold on data that doesn't keep it in memory: panels stay in a notebook, and runs with them, but the data must not.

    >>> x = keras.ops.zeros((2, 2))
    >>> borrowed = Borrowed((x, None))
    >>> borrowed.get()[0] is x
    True
    >>> del x
    >>> borrowed.get() is None
    True

    data: arrays, tables, datasets, or tuples, lists and dictionaries of them. Plain values are kept.
    """

    def __init__(self, data: Any) -> None:
        self._hold = keras.tree.map_structure(_loosely, data)

    def get(self) -> Any:
        """The data, or None when some of it is gone."""
        found = keras.tree.map_structure(lambda hold: hold() if isinstance(hold, ref) else hold, self._hold)
        gone = [hold for hold in keras.tree.flatten(self._hold) if isinstance(hold, ref) and hold() is None]
        return None if gone else found


def _loosely(part: Any) -> Any:
    if part is None or isinstance(part, (bool, int, float, str, keras.callbacks.Callback)):
        return part
    if isinstance(part, GeneratorType):
        return ref(Spent())  # It gave its batches to the run that had it.
    try:
        return ref(part)
    except TypeError:
        return part  # A small thing of Python's own.


class Spent:
    """Stands for what can be used only once."""
