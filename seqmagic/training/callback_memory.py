"""The state of callbacks: what they have stored during a training, such as the number of epochs that EarlyStopping has waited.

Keras's callbacks are reset by each `fit`, so a resumed run would otherwise behave differently. Plain values are saved: numbers, arrays,
lists and dicts of them, and the state of metrics and random generators. Nothing is pickled, and no strings are saved: in a file from
someone else, a string could name a file to write.
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
# Values without training state, or whose state is already part of the model's.
NO_NOTES = (
    *(FunctionType, BuiltinFunctionType, MethodType, ModuleType, type, np.ufunc),
    *(keras.Model, keras.layers.Layer, keras.losses.Loss, keras.optimizers.Optimizer),
)
WITH_MARGIN = (keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau)
MOST_ITEMS = 100_000  # Of a list; larger ones are data, not state.
MOST_BYTES = 50_000_000  # Of an array.


class _NotSerializableError(Exception):
    """A value that can't be saved."""


@dataclass(frozen=True)
class CallbackMemory:
    """The saved state of some callbacks.

    Attributes:
        callbacks: for each its class, its state in JSON-compatible form, and the names of attributes that could not be saved.
        arrays: to which the state refers.
    """

    callbacks: list[dict[str, Any]] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)


def read_memory(notes: Any, arrays: list[np.ndarray]) -> CallbackMemory:
    """Read the state of callbacks from a file; empty if a run did not write it."""
    kinds = {"class": str, "noted": dict, "rest": list}
    known = isinstance(notes, list) and all(
        isinstance(one, dict) and all(isinstance(one.get(name), kind) for name, kind in kinds.items()) for one in notes
    )
    return CallbackMemory(notes, arrays) if known else CallbackMemory()


class Notes:
    """Tracks the state of callbacks during a training.

    The attributes of a callback at the start of training are its configuration, not state.

    Attributes:
        callbacks: the user's own, of one `fit`.
    """

    def __init__(self, callbacks: Sequence[Any]) -> None:
        self.callbacks = list(callbacks)
        self._begin: list[dict[str, Any]] = [{} for _ in self.callbacks]

    def begin(self) -> None:
        """Called when training begins, after on_train_begin of all callbacks."""
        self._begin = [_attributes(callback) for callback in self.callbacks]

    def take(self) -> CallbackMemory:
        """A copy of their current state."""
        arrays: list[np.ndarray] = []
        return CallbackMemory([self._describe(*pair, arrays) for pair in zip(self.callbacks, self._begin, strict=True)], arrays)

    def _describe(self, callback: Any, begin: Mapping[str, Any], arrays: list[np.ndarray]) -> dict[str, Any]:
        noted, rest = {}, []
        for name, value in _values(callback).items():
            count = len(arrays)
            try:
                if name not in begin or not _same(begin[name], value):
                    noted[name] = _encode(value, arrays)
            except Exception:  # noqa: BLE001  # A callback may be anyone's code, and another thread may be writing to it.
                del arrays[count:]
                if not _holds_no_notes(value) and not (isinstance(value, str) and name in begin):
                    rest.append(name)
        own = not is_of_keras(callback)
        return {"class": type(callback).__name__, "noted": noted, "rest": rest if own else []}

    def put_back(self, memory: CallbackMemory) -> list[str]:
        """Restore the state of equal callbacks; returns what could not be restored, in sentences."""
        before, now = [notes["class"] for notes in memory.callbacks], [type(callback).__name__ for callback in self.callbacks]
        if before != now:
            then, here = (", ".join(names) or gettext("no callbacks") for names in (before, now))
            return (
                [
                    gettext(
                        "The interrupted run had {then}, and this one has {here}, so what the old callbacks had recorded is lost.",
                        then=then,
                        here=here,
                    )
                ]
                if before
                else []
            )
        gone = [f"{notes['class']}.{name}" for notes in memory.callbacks for name in notes["rest"]]
        for callback, begin, notes in zip(self.callbacks, self._begin, memory.callbacks, strict=True):
            for name, value in notes["noted"].items():
                begin.pop(name, None)  # It counts as state from now on, whatever its value.
                try:
                    _put(callback, name, value, memory.arrays)
                except Exception:  # noqa: BLE001  # As above.
                    gone.append(f"{notes['class']}.{name}")
        return [gettext("These values of callbacks can't be saved: {gone}. They start over.", gone=", ".join(gone))] if gone else []


def _values(callback: Any) -> dict[str, Any]:
    values = {name: value for name, value in getattr(callback, "__dict__", {}).items() if name not in NOT_NOTED}
    if _is_margin(callback, "min_delta", values.get("min_delta")):
        values["min_delta"] = abs(values["min_delta"])
    return values


def _is_margin(callback: Any, name: str, value: Any) -> bool:
    """Whether a value is the min_delta of a callback.

    Keras flips its sign once in the lifetime of such a callback, when it determines at the end of the first epoch that lower is better. It
    is not state: restored to a new callback, it would be flipped again.
    """
    return name == "min_delta" and isinstance(callback, WITH_MARGIN) and type(value) in (int, float)


def _attributes(callback: Any) -> dict[str, Any]:
    """The attributes of a callback, copied if possible, in order to detect changes."""
    found = {}
    for name, value in _values(callback).items():
        arrays: list[np.ndarray] = []
        try:
            found[name] = (value, _encode(value, arrays), arrays)
        except _NotSerializableError:
            found[name] = (value, _NotSerializableError, arrays)
    return found


def _same(begin: tuple[Any, Any, list[np.ndarray]], value: Any) -> bool:
    """Whether an attribute is unchanged since the start of training.

    Raises:
        _NotSerializableError: If that isn't known.
    """
    _, encoded, arrays = begin
    if encoded is _NotSerializableError:
        raise _NotSerializableError
    now: list[np.ndarray] = []
    return encoded == _encode(value, now) and all(map(_same_array, arrays, now))


def _same_array(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def _holds_no_notes(value: Any) -> bool:
    # An array that is too large to save is data.
    return isinstance(value, (*NO_NOTES, np.ndarray))


def _encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """A value in JSON-compatible form; arrays are stored separately."""
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
    """The state of a NumPy random generator: the only state with strings, which NumPy itself validates."""
    if isinstance(state, dict):
        return {name: _plain_state(item) for name, item in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state


def keep_logs(callbacks: Sequence[Any], first: int) -> None:
    """Make CSVLogger continue its file instead of overwriting it; rows of epochs that are trained again are removed.

    Args:
        first: the first epoch to train, counted from 0.
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
    """Restore one attribute of a callback; if it is an object with variables, these are assigned."""
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
