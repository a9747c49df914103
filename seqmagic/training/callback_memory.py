"""The memory of callbacks: what they have noted of a training so far, such as how many epochs EarlyStopping has waited.

Keras's callbacks begin empty with each `fit`, and so a run that goes on would be another one. What is plain is kept: numbers, arrays, lists
and dictionaries of them, and what metrics and random generators hold. Nothing is pickled, and no text is kept: out of a stranger's file
it could name a file to write.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import keras
import numpy as np

from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.translation import gettext

PLAIN = (bool, int, float, type(None))
NOT_NOTED = ("_model", "model", "params", "validation_data")  # Keras sets these for each fit.
# What holds no notes of a training, or notes that the state of the model has already.
NO_NOTES = (
    *(FunctionType, BuiltinFunctionType, MethodType, ModuleType, type, np.ufunc),
    *(keras.Model, keras.layers.Layer, keras.losses.Loss, keras.optimizers.Optimizer),
)
WITH_MARGIN = (keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau)
MOST_ITEMS = 100_000  # Of a list: beyond that it is data, and no note.
MOST_BYTES = 50_000_000  # Of an array.


class _NotSerializableError(Exception):
    """A value that can't be kept."""


@dataclass(frozen=True)
class CallbackMemory:
    """What some callbacks have noted.

    Attributes:
        callbacks: for each its class, what it has noted, as JSON can hold it, and the names of what could not be kept.
        arrays: those that the notes refer to.
    """

    callbacks: list[dict[str, Any]] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)


def read_memory(notes: Any, arrays: list[np.ndarray]) -> CallbackMemory:
    """What a file says of callbacks; nothing where it was no run that wrote it."""
    kinds = {"class": str, "noted": dict, "rest": list}
    known = isinstance(notes, list) and all(
        isinstance(one, dict) and all(isinstance(one.get(name), kind) for name, kind in kinds.items()) for one in notes
    )
    return CallbackMemory(notes, arrays) if known else CallbackMemory()


class Notes:
    """Looks at callbacks while they take notes.

    What each has when the training begins is how it was made, and nothing that it noted.

    Attributes:
        callbacks: somebody's own, of one `fit`.
    """

    def __init__(self, callbacks: Sequence[Any]) -> None:
        self.callbacks = list(callbacks)
        self._begin: list[dict[str, Any]] = [{} for _ in self.callbacks]

    def begin(self) -> None:
        """The training begins: all of them have had on_train_begin."""
        self._begin = [_attributes(callback) for callback in self.callbacks]

    def take(self) -> CallbackMemory:
        """A copy of what they have noted by now."""
        arrays: list[np.ndarray] = []
        return CallbackMemory([self._describe(*pair, arrays) for pair in zip(self.callbacks, self._begin, strict=True)], arrays)

    def _describe(self, callback: Any, begin: Mapping[str, Any], arrays: list[np.ndarray]) -> dict[str, Any]:
        noted, rest = {}, []
        for name, value in _values(callback).items():
            count = len(arrays)
            try:
                if name not in begin or not _same(begin[name], value):
                    noted[name] = _encode(value, arrays)
            except Exception:  # noqa: BLE001  # It is anybody's, and another thread may be writing.
                del arrays[count:]
                if not _holds_no_notes(value) and not (isinstance(value, str) and name in begin):
                    rest.append(name)
        own = not is_of_keras(callback)
        return {"class": type(callback).__name__, "noted": noted, "rest": rest if own else []}

    def put_back(self, memory: CallbackMemory) -> list[str]:
        """Give the callbacks what others of their kind had noted; what they can't be given, in sentences."""
        before, now = [notes["class"] for notes in memory.callbacks], [type(callback).__name__ for callback in self.callbacks]
        if before != now:
            then, here = (", ".join(names) or gettext("no callbacks") for names in (before, now))
            return (
                [gettext("The run that was cut had {then}, and this one has {here}: what they had noted is lost.", then=then, here=here)]
                if before
                else []
            )
        gone = [f"{notes['class']}.{name}" for notes in memory.callbacks for name in notes["rest"]]
        for callback, begin, notes in zip(self.callbacks, self._begin, memory.callbacks, strict=True):
            for name, value in notes["noted"].items():
                begin.pop(name, None)  # It is noted from now on, whatever it is.
                try:
                    _put(callback, name, value, memory.arrays)
                except Exception:  # noqa: BLE001  # The same.
                    gone.append(f"{notes['class']}.{name}")
        return [gettext("What callbacks noted in {gone} can't be kept: there they begin anew.", gone=", ".join(gone))] if gone else []


def _values(callback: Any) -> dict[str, Any]:
    values = {name: value for name, value in getattr(callback, "__dict__", {}).items() if name not in NOT_NOTED}
    if _is_margin(callback, "min_delta", values.get("min_delta")):
        values["min_delta"] = abs(values["min_delta"])
    return values


def _is_margin(callback: Any, name: str, value: Any) -> bool:
    """Whether a value is the margin by which a number has to get better for Keras to take it as better.

    Keras turns its sign once in the life of such a callback, when it finds out, by the first epoch's end, that lower is better. That is no
    note: put into a fresh callback, it would be turned back.
    """
    return name == "min_delta" and isinstance(callback, WITH_MARGIN) and type(value) in (int, float)


def _attributes(callback: Any) -> dict[str, Any]:
    """What a callback has, in copies where they can be made, to see later what has changed."""
    found = {}
    for name, value in _values(callback).items():
        arrays: list[np.ndarray] = []
        try:
            found[name] = (value, _encode(value, arrays), arrays)
        except _NotSerializableError:
            found[name] = (value, _NotSerializableError, arrays)
    return found


def _same(begin: tuple[Any, Any, list[np.ndarray]], value: Any) -> bool:
    """Whether an attribute is what it was when the training began.

    Raises:
        _NotSerializableError: Where that isn't known.
    """
    _, encoded, arrays = begin
    if encoded is _NotSerializableError:
        raise _NotSerializableError
    now: list[np.ndarray] = []
    return encoded == _encode(value, now) and all(map(_same_array, arrays, now))


def _same_array(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def _holds_no_notes(value: Any) -> bool:
    # An array that is too large to be kept is data.
    return isinstance(value, (*NO_NOTES, np.ndarray))


def _encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """A value as JSON can hold it, beside arrays."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return {"array": _add(np.array(value), arrays), "scalar": isinstance(value, np.generic)}
    if type(value) in (list, tuple, set, frozenset) and len(value) <= MOST_ITEMS:
        items = value if isinstance(value, (list, tuple)) else sorted(value, key=repr)
        return {type(value).__name__: [_encode(item, arrays) for item in items]}
    if type(value) is dict and len(value) <= MOST_ITEMS:
        return {"dict": [[key if isinstance(key, str) else _encode(key, arrays), _encode(item, arrays)] for key, item in value.items()]}
    if isinstance(value, np.random.Generator):
        return {"generator": _plain_state(value.bit_generator.state)}
    if isinstance(value, (keras.metrics.Metric, keras.Variable, keras.random.SeedGenerator)):
        return {"variables": [_add(np.array(variable.numpy()), arrays) for variable in _variables(value)]}
    raise _NotSerializableError


def _add(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    if array.dtype.hasobject or array.dtype.names or array.nbytes > MOST_BYTES:
        raise _NotSerializableError
    arrays.append(array)
    return len(arrays) - 1


def _plain_state(state: Any) -> Any:
    """The state of a random generator of NumPy's: the one thing with texts in it, which NumPy itself checks."""
    if isinstance(state, dict):
        return {name: _plain_state(item) for name, item in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state


def keep_logs(callbacks: Sequence[Any], first: int) -> None:
    """Let CSVLogger go on with its file, where it would begin it anew; epochs that are trained again are taken out.

    Args:
        first: the first epoch to be trained, counted from 0.
    """
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.CSVLogger) and not callback.append:
            path = Path(callback.filename)
            with contextlib.suppress(OSError, ValueError, IndexError):
                head, *rows = path.read_text("utf-8").splitlines(keepends=True)
                path.write_text("".join([head, *(row for row in rows if int(row.split(callback.sep)[0]) < first)]), "utf-8", newline="")
            callback.append = path.exists()


def _variables(value: Any) -> list[Any]:
    if isinstance(value, keras.Variable):
        return [value]
    return [value.state] if isinstance(value, keras.random.SeedGenerator) else list(value.variables)


def _put(callback: Any, name: str, encoded: Any, arrays: Sequence[np.ndarray]) -> None:
    """Give a callback one of its notes: into the thing that it has, where that is more than a value."""
    if isinstance(encoded, dict) and "variables" in encoded:
        for variable, index in zip(_variables(getattr(callback, name)), encoded["variables"], strict=True):
            variable.assign(arrays[index])
    elif isinstance(encoded, dict) and "generator" in encoded:
        getattr(callback, name).bit_generator.state = encoded["generator"]
    elif isinstance(getattr(callback, name, None), (str, PurePath)):
        raise _NotSerializableError
    elif _is_margin(callback, name, encoded):
        setattr(callback, name, -abs(encoded) if callback.monitor_op is keras.ops.less else abs(encoded))
    else:
        setattr(callback, name, _decode(encoded, arrays))


def _decode(encoded: Any, arrays: Sequence[np.ndarray]) -> Any:
    if not isinstance(encoded, dict):
        return encoded
    if "array" in encoded:
        array = np.array(arrays[encoded["array"]])
        return array[()] if encoded["scalar"] else array
    if "dict" in encoded:
        return {_decode(key, arrays): _decode(value, arrays) for key, value in encoded["dict"]}
    kind, items = next(iter(encoded.items()))
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](_decode(item, arrays) for item in items)
