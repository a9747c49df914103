"""A collection of Python objects of every kind that a notebook may contain, created anew each time, to be passed as arguments."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import fractions
import functools
import io
import math
import os
import pathlib
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator
from enum import Enum
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf


@dataclasses.dataclass
class Point:
    x: int = 1
    y: tuple[int, ...] = (1, 2)


class Colour(Enum):
    RED = 1


Pair = namedtuple("Pair", "x y")  # noqa: PYI024  # As in old notebooks.


class OwnLayer(keras.layers.Layer):
    """A custom layer whose call fails."""

    def call(self, x: Any) -> Any:
        raise ValueError("not today")


class OwnCallback(keras.callbacks.Callback):
    """A custom callback."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise ValueError("my callback")


class Batches(keras.utils.PyDataset):
    """A custom dataset whose batches are useless."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        raise IndexError("my batches")


def _fails(*arguments: Any, **options: Any) -> Any:
    raise RuntimeError("I always fail\nin two lines")


def hostile(*methods: str) -> Any:
    """An object with methods that raise."""
    return type("Hostile", (), dict.fromkeys(methods, _fails))()


def lying(**found: Any) -> Any:
    """An object with misleading attributes."""
    return type("Lying", (), found)()


def _sequence(**found: Any) -> Any:
    return type("Rows", (list,), found)([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def _items() -> Iterator[Any]:
    yield np.ones((2, 3)), np.ones((2, 1))


def _wrong_items() -> Iterator[Any]:
    yield from (1, "a", None)


def _failing_items() -> Iterator[Any]:
    raise ValueError("my generator")
    yield 1


def _masked() -> Any:
    return np.ma.masked_array([[1.0, 2, 3], [4, 5, 6]], mask=[[0, 1, 0], [0, 0, 0]])


class _StrangeArray(np.ndarray):
    def __len__(self) -> int:
        return 77


def _recursive() -> list[Any]:
    own: list[Any] = [1]
    own.append(own)
    return own


async def _coroutine() -> None:
    """A function that only an event loop can run."""


def _functional(outputs: int = 1) -> keras.Model:
    start = keras.Input((3,))
    ends = [keras.layers.Dense(1)(start) for _ in range(outputs)]
    return keras.Model(start, ends if outputs > 1 else ends[0])


def _built(layer: Any) -> Any:
    layer.build((None, 3))
    return layer


X, Y = np.arange(12.0).reshape(4, 3) / 12, np.array([[0.0], [1], [0], [1]])
FRAME = {"a": [1.0, 2, 3, 4], "b": [1, 2, 3, 4], "c": [0.5, 1, 2, 3]}

ZOO: dict[str, Callable[[], Any]] = {
    # Numbers, booleans, strings, None.
    **{
        repr(value)[:20]: functools.partial(lambda value: value, value)
        for value in (0, 1, 3, -1, 10**30, -(10**400), 0.5, 1e308, -0.0, 1 + 2j, True, False, None, ..., NotImplemented)
    },
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "huge int": lambda: 10**5000,
    "decimal": lambda: decimal.Decimal("0.1"),
    "fraction": lambda: fractions.Fraction(1, 3),
    **{
        f"text {value[:12]!r}": functools.partial(str, value)
        for value in ("", "relu", "a b", "{x}", "\x00\n", "\ud800", "ä\u202e", "x" * 9000, "/", "x.seq")
    },
    "bytes": lambda: b"\xff\x00",
    "bytearray": lambda: bytearray(b"ab"),
    "memoryview": lambda: memoryview(b"abc"),
    "numpy int": lambda: np.int64(3),
    "numpy float": lambda: np.float16(0.3),
    "numpy bool": lambda: np.bool_(True),  # noqa: FBT003
    "numpy str": lambda: np.str_("relu"),
    "numpy nat": lambda: np.datetime64("NaT"),
    "str subclass": lambda: type("Text", (str,), {"__eq__": _fails, "__hash__": str.__hash__})("relu"),
    "int subclass": lambda: type("Whole", (int,), {"__repr__": _fails})(3),
    # Containers.
    "empty list": list,
    "list": lambda: [1, 2, 3],
    "rows": X.tolist,
    "ragged": lambda: [[1, 2, 3], [1, 2]],
    "ragged deep": lambda: [[[1], [2, 3]], [[4]]],
    "mixed list": lambda: [1, "a", None, [2]],
    "list of texts": lambda: ["a", "b"],
    "list of arrays": lambda: [X, X],
    "list of ragged arrays": lambda: [np.ones(3), np.ones(2)],
    "list of hostiles": lambda: [hostile("__len__", "__repr__", "__array__")],
    "list of None": lambda: [None, None],
    "recursive": _recursive,
    "deep": lambda: functools.reduce(lambda inner, _: [inner], range(400), 1),
    "tuple": lambda: (1, 2),
    "empty tuple": tuple,
    "pair of arrays": lambda: (X, Y),
    "three": lambda: (X, Y, np.ones(4)),
    "pair of pairs": lambda: ((X, Y), (X, Y)),
    "pair of None": lambda: (None, None),
    "pair of texts": lambda: ("x", "y"),
    "pair of generators": lambda: (_items(), _items()),
    "namedtuple": lambda: Pair(X, Y),
    "dict": lambda: {"a": 1},
    "dict of arrays": lambda: {"a": X, "b": Y},
    "dict of numbers": lambda: {0: 1.0, 1: 2.0},
    "dict of odd keys": lambda: {(1, 2): None, None: [1]},
    "empty dict": dict,
    "ordered dict": lambda: OrderedDict(a=1),
    "defaultdict": lambda: defaultdict(list),
    "counter": lambda: Counter("ab"),
    "set": lambda: {1, 2},
    "frozenset": lambda: frozenset("ab"),
    "deque": lambda: deque([1, 2]),
    "range": lambda: range(4),
    "slice": lambda: slice(3),
    # Iterators, files and callables.
    "generator": _items,
    "generator of odd things": _wrong_items,
    "generator that fails": _failing_items,
    "generator function": lambda: _items,
    "iterator": lambda: iter([(X, Y)]),
    "iterator of dataset": lambda: iter(tf.data.Dataset.from_tensor_slices((X, Y)).batch(2)),
    "zip": lambda: zip([1], [2], strict=True),
    "map": lambda: map(int, "12"),
    "enumerate": lambda: enumerate("ab"),
    "file": lambda: io.StringIO("ab"),
    "open file": lambda: open(os.devnull, "rb"),  # noqa: SIM115, PTH123
    "path": lambda: pathlib.Path("nothing.seq"),
    "module": lambda: np,
    "class": lambda: Point,
    "type": lambda: int,
    "function": lambda: _fails,
    "lambda": lambda: lambda x: x,
    "builtin": lambda: len,
    "method": lambda: [].append,
    "partial": lambda: functools.partial(_fails, 1),
    "partial of layer": lambda: functools.partial(keras.layers.Dense, 3),
    "coroutine function": lambda: _coroutine,
    "dataclass": Point,
    "enum": lambda: Colour.RED,
    "exception": lambda: ValueError("an error"),
    "exception class": lambda: KeyError,
    "namespace": lambda: SimpleNamespace(shape=(4, 3)),
    "date": lambda: dt.datetime(2024, 1, 1),  # noqa: DTZ001
    "object": object,
    # Arrays.
    **{
        f"array {kind}": functools.partial(lambda kind: np.zeros((4, 3), kind), kind)
        for kind in (
            "bool",
            "int8",
            "uint64",
            "float16",
            "float32",
            "longdouble",
            "complex64",
            "S3",
            "U3",
            "object",
            "M8[s]",
            "m8[s]",
            "V4",
            "i4,f8",
        )
    },
    **{
        f"array of rank {rank}": functools.partial(lambda rank: np.ones((4, *[3] * max(0, rank - 1))[:rank], "float32"), rank)
        for rank in range(7)
    },
    "empty array": lambda: np.zeros((0, 3)),
    "array without columns": lambda: np.zeros((4, 0)),
    "scalar text array": lambda: np.array("relu"),
    "array of nan": lambda: np.full((4, 3), np.nan),
    "array of objects": lambda: np.array([object(), None, 1, "a"], dtype=object),
    "array of hostiles": lambda: np.array([hostile("__repr__", "__float__", "__str__", "__eq__")] * 4, dtype=object),
    "array of lists": lambda: np.array([[1, 2], [3]], dtype=object),
    "array of arrays": lambda: np.array([np.ones(3), np.ones(2), None], dtype=object),
    "array of dicts": lambda: np.array([{}, {"a": 1}], dtype=object),
    "array of huge ints": lambda: np.array([10**400, 1, 2, 3], dtype=object),
    "array of texts": lambda: np.array(["a", "b", "c", "d"]),
    "array of bytes": lambda: np.array([b"a", b"\xff", b"c", b"d"]),
    "array of dates": lambda: np.array(["2024-01-01"] * 4, "M8[D]"),
    "masked": _masked,
    "masked whole numbers": lambda: np.ma.masked_array([1, 2, 3, 4], mask=[0, 1, 0, 0]),
    "masked constant": lambda: np.ma.masked,
    "record array": lambda: np.rec.array([(1, 2.0), (3, 4.0)]),
    "matrix": lambda: np.asmatrix(X),
    "array that lies": lambda: X.view(_StrangeArray),
    "backwards array": lambda: X[::-1, ::-1].astype(">f4"),
    "broadcast array": lambda: np.broadcast_to(np.float32(1), (4, 3)),
    # Tables.
    "frame": lambda: pd.DataFrame(FRAME),
    "frame of texts": lambda: pd.DataFrame({**FRAME, "c": list("abcd")}),
    "frame of objects": lambda: pd.DataFrame({**FRAME, "c": [[1], None, {}, "a"]}),
    "frame with gaps": lambda: pd.DataFrame({**FRAME, "c": [1, None, 2, 3]}),
    "frame of own numbers": lambda: pd.DataFrame(FRAME).astype("Int64", errors="ignore"),
    "frame of dates": lambda: pd.DataFrame({**FRAME, "c": pd.date_range("2024", periods=4)}),
    "frame of categories": lambda: pd.DataFrame({**FRAME, "c": pd.Categorical(list("abab"))}),
    "frame with twins": lambda: pd.DataFrame(X, columns=["a", "a", "b"]),
    "frame with two levels": lambda: pd.DataFrame(X, columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])),
    "empty frame": pd.DataFrame,
    "frame without rows": lambda: pd.DataFrame(columns=["a", "b", "c"]),
    "series": lambda: pd.Series([0.0, 1, 0, 1]),
    "series of texts": lambda: pd.Series(list("abab")),
    "series of truth": lambda: pd.Series([True, None, False, True]),
    "series of categories": lambda: pd.Series(list("abab"), dtype="category"),
    "empty series": lambda: pd.Series(dtype="float64"),
    "index": lambda: pd.Index([1, 2, 3, 4]),
    "datetime index": lambda: pd.date_range("2024", periods=4),
    "categorical": lambda: pd.Categorical(list("abab")),
    "pandas array": lambda: pd.array([1, 2, None, 4]),
    "pandas na": lambda: pd.NA,
    "timestamp": lambda: pd.Timestamp("2024"),
    "groupby": lambda: pd.DataFrame(FRAME).groupby("a"),
    "sparse series": lambda: pd.Series([0.0, 1, 0, 1], dtype="Sparse[float]"),
    # TensorFlow objects.
    "tensor": lambda: tf.ones((4, 3)),
    "text tensor": lambda: tf.constant(["a", "b", "c", "d"]),
    "scalar tensor": lambda: tf.constant(1.0),
    "ragged tensor": lambda: tf.ragged.constant([[1.0, 2], [3]]),
    "sparse tensor": lambda: tf.sparse.from_dense(np.eye(4, 3)),
    "variable": lambda: tf.Variable(X),
    "keras variable": lambda: keras.Variable(X),
    "symbolic": lambda: keras.Input((3,)),
    "tensor shape": lambda: tf.TensorShape([None, 3]),
    "dtype": lambda: tf.float32,
    "tf function": lambda: tf.function(_fails),
    "dataset": lambda: tf.data.Dataset.from_tensor_slices((X, Y)).batch(2),
    "dataset of rows": lambda: tf.data.Dataset.from_tensor_slices((X, Y)),
    "dataset of data": lambda: tf.data.Dataset.from_tensor_slices(X).batch(2),
    "dataset of ragged": lambda: tf.data.Dataset.from_tensor_slices((tf.ragged.constant([[1.0, 2], [3]]), [[0.0], [1]])).batch(2),
    "dataset of texts": lambda: tf.data.Dataset.from_tensor_slices((["a", "b"], [[0.0], [1]])).batch(2),
    "dataset of dicts": lambda: tf.data.Dataset.from_tensor_slices(({"a": X}, Y)).batch(2),
    "dataset of nothing": lambda: tf.data.Dataset.from_tensor_slices((X[:0], Y[:0])).batch(2),
    "dataset that fails": lambda: (
        tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (tf.py_function(_fails, [x], tf.float32), y)).batch(2)
    ),
    "dataset without shapes": lambda: tf.data.Dataset.from_generator(_items, output_types=(tf.float32, tf.float32)),
    "dataset without end": lambda: tf.data.Dataset.from_tensor_slices((X, Y)).batch(2).repeat(),
    "batches that fail": Batches,
    # Keras objects.
    "layer": lambda: keras.layers.Dense(3),
    "built layer": lambda: _built(keras.layers.Dense(3)),
    "layer class": lambda: keras.layers.Dense,
    "layer that fails": OwnLayer,
    "layer class that fails": lambda: OwnLayer,
    "input layer": lambda: keras.layers.InputLayer((3,)),
    "model": lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]),
    "model without layers": keras.Sequential,
    "functional model": _functional,
    "model class": lambda: keras.Model,
    "model of two": lambda: _functional(2),
    "optimizer": keras.optimizers.Adam,
    "optimizer class": lambda: keras.optimizers.SGD,
    "schedule": lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9),
    "loss": keras.losses.MeanSquaredError,
    "loss class": lambda: keras.losses.BinaryCrossentropy,
    "loss function": lambda: keras.losses.mean_squared_error,
    "metric": keras.metrics.MeanSquaredError,
    "metric class": lambda: keras.metrics.AUC,
    "initializer": keras.initializers.HeNormal,
    "regularizer": lambda: keras.regularizers.L2(0.1),
    "callback": lambda: keras.callbacks.EarlyStopping("loss"),
    "callback class": lambda: keras.callbacks.EarlyStopping,
    "own callback": OwnCallback,
    "list of callback classes": lambda: [keras.callbacks.TerminateOnNaN, OwnCallback],
    "keras history": keras.callbacks.History,
    "policy": lambda: keras.DTypePolicy("float16"),
    # Objects that raise or mislead.
    **{
        f"fails at {method}": functools.partial(hostile, method)
        for method in (
            "__repr__",
            "__str__",
            "__len__",
            "__eq__",
            "__bool__",
            "__array__",
            "__iter__",
            "__getattr__",
            "__hash__",
            "__float__",
            "__call__",
            "__getitem__",
            "__fspath__",
            "__format__",
            "__index__",
        )
    },
    "fails at all": lambda: hostile(
        "__repr__", "__str__", "__len__", "__eq__", "__bool__", "__array__", "__iter__", "__getattr__", "__float__"
    ),
    "shape fails": lambda: lying(shape=property(_fails)),
    "dtype fails": lambda: lying(shape=(4, 3), dtype=property(_fails), __array__=lambda self, *a, **k: X),
    "shape lies": lambda: lying(shape=(4, 3)),
    "shape of texts": lambda: lying(shape=("a", None)),
    "shape is a number": lambda: lying(shape=4),
    "shape is None": lambda: lying(shape=None),
    "shape is a function": lambda: lying(shape=lambda self: (4, 3)),
    "all attributes": lambda: lying(__getattr__=lambda self, name: self),
    "array of other length": lambda: lying(
        shape=(4, 3), dtype=np.dtype("float32"), __array__=lambda self, *a, **k: X[:2], __len__=lambda self: 4
    ),
    "length is huge": lambda: _sequence(__len__=lambda self: 2**62),
    "length is wrong": lambda: _sequence(__len__=lambda self: -1),
    "list that fails": lambda: _sequence(__getitem__=_fails, __iter__=_fails),
    "element_spec lies": lambda: lying(element_spec=None),
    "mapping that fails": lambda: type("Table", (dict,), {"items": _fails, "values": _fails, "keys": _fails})(a=1),
    "columns lie": lambda: lying(shape=(4, 3), columns=7, dtypes={"a": "float"}, __getitem__=_fails),
}
