"""The hash of data: its shape, type and a hash of its values, by which two runs can say whether they saw the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from seqmagic.network.shape_math import format_shape

# Larger data is hashed by blocks of rows spread evenly over it: all of 3 GB would take seconds.
HASHED_BYTES = 16_000_000
BLOCKS = 64


def fingerprint_of(data: Any) -> dict[str, Any]:
    """What data is, as JSON can hold it; equal data has an equal fingerprint.

    >>> found = fingerprint_of(np.zeros((3, 2), "float32"))
    >>> found["kind"], found["shape"], found["dtype"]
    ('array', [3, 2], 'float32')

    `sampled` counts the rows that the hash has seen, where it has not seen all. What can be read only once is described by its type alone.

    Args:
        data: an array, tensor, table, dataset, generator, or several of them in a list, tuple or dictionary; None is {}.
    """
    if data is None:
        return {}
    if hasattr(data, "element_spec"):
        return {"kind": type(data).__name__.lstrip("_"), "elements": str(data.element_spec), "batches": _cardinality(data)}
    if hasattr(data, "columns") and hasattr(data, "dtypes") and hasattr(data, "iloc"):
        return _table(data)
    if isinstance(data, Mapping):
        return {"kind": "dict", "parts": {str(name): fingerprint_of(part) for name, part in data.items()}}
    if isinstance(data, (list, tuple)) and any(hasattr(part, "shape") for part in data):
        return {"kind": type(data).__name__, "parts": [fingerprint_of(part) for part in data]}
    array = _as_array(data)
    return {"kind": type(data).__name__} if array is None else _array(array)


def format_data(facts: Mapping[str, Any]) -> str:
    """A fingerprint in a few words.

    >>> format_data({"kind": "array", "shape": [1437, 8, 8, 1], "dtype": "float32", "hash": "ab12"})
    '1,437 rows of 8x8x1, float32'
    """
    shape = facts.get("shape")
    if not facts:
        return "none"
    if not shape:
        parts = facts.get("parts") or []
        joined = " and ".join(map(format_data, parts.values() if isinstance(parts, Mapping) else parts))
        return joined or str(facts.get("kind", "?"))
    rows = f"{shape[0]:,} rows" + (f" of {format_shape(tuple(shape[1:]))}" if len(shape) > 1 else "")
    return f"{rows}, {facts['dtype']}" if "dtype" in facts else rows


def _array(array: np.ndarray) -> dict[str, Any]:
    sample, count = _sample(array)
    facts = {"kind": "array", "shape": list(array.shape), "dtype": array.dtype.name, "hash": _hash(sample)}
    return facts if count is None else {**facts, "sampled": count}


def _table(table: Any) -> dict[str, Any]:
    """A DataFrame: its columns, each by itself, for they may be of different types."""
    columns = [str(column) for column in table.columns]
    digest, seen = hashlib.blake2b(digest_size=8), None
    for index in range(len(columns)):
        sample, seen = _sample(np.asarray(table.iloc[:, index]), share=len(columns))
        digest.update(_hash(sample).encode())
    facts = {"kind": "DataFrame", "shape": list(table.shape), "columns": columns, "hash": digest.hexdigest()}
    return facts if seen is None else {**facts, "sampled": seen}


def _sample(array: np.ndarray, share: int = 1) -> tuple[np.ndarray, int | None]:
    """The rows to look at, and how many they are, None for all.

    Args:
        share: into how many parts what may be hashed is divided.
    """
    most, rows = HASHED_BYTES // share, len(array) if array.ndim else 0
    if array.nbytes <= most or rows <= BLOCKS:
        return array, None
    length = max(1, most * rows // array.nbytes // BLOCKS)
    starts = np.linspace(0, rows - length, BLOCKS).astype(int)  # The first rows and the last are among them.
    return np.concatenate([array[start : start + length] for start in starts]), BLOCKS * length


def _hash(array: np.ndarray) -> str:
    """A hash of the values, whatever their order in memory."""
    digest = hashlib.blake2b(digest_size=8)
    if array.dtype.hasobject:
        digest.update("\0".join(map(str, array.ravel().tolist())).encode())
    else:
        plain = array.astype(array.dtype.newbyteorder("="), copy=False) if array.dtype.byteorder == ">" else array
        flat = np.ascontiguousarray(plain).reshape(-1)
        digest.update(flat.view(np.uint8).data if flat.size else b"")
    return digest.hexdigest()


def _as_array(data: Any) -> np.ndarray | None:
    """Data in memory as an array; None for what is none, or is on a device that gives none away."""
    if not (hasattr(data, "__array__") or isinstance(data, (list, tuple, int, float))):
        return None
    try:
        return np.asarray(data)
    except Exception:  # noqa: BLE001  # It may be anybody's class.
        return None


def _cardinality(dataset: Any) -> int | None:
    """How many batches a dataset has, or None where it doesn't know, or has no end."""
    try:
        count = int(dataset.cardinality())
    except Exception:  # noqa: BLE001  # The same.
        return None
    return count if count >= 0 else None
