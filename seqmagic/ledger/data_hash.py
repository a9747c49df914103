"""The fingerprint of data: its shape, dtype and a hash of its values, for comparing the data of two runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from seqmagic.network.shape_math import format_shape
from seqmagic.translation import gettext

# In larger data, blocks of rows spread evenly over it are hashed: hashing 3 GB would take seconds.
HASHED_BYTES = 16_000_000
BLOCKS = 64


def fingerprint_of(data: Any) -> dict[str, Any]:
    """A JSON-compatible description of data; equal data has an equal fingerprint.

    >>> found = fingerprint_of(np.zeros((3, 2), "float32"))
    >>> found["kind"], found["shape"], found["dtype"]
    ('array', [3, 2], 'float32')

    `sampled` is the number of hashed rows, if not all were hashed. Data that can be read only once is described only by its type.

    Args:
        data: an array, tensor, table, dataset, generator, or several of them in a list, tuple or dict; None gives {}.
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
    """A fingerprint as short text.

    >>> format_data({"kind": "array", "shape": [1437, 8, 8, 1], "dtype": "float32", "hash": "ab12"})
    '1,437 rows of 8x8x1, float32'
    """
    shape = facts.get("shape")
    if not facts:
        return gettext("none")
    if not shape:
        parts = facts.get("parts") or []
        joined = gettext(" and ").join(map(format_data, parts.values() if isinstance(parts, Mapping) else parts))
        return joined or str(facts.get("kind", "?"))
    each = gettext(" of {shape}", shape=format_shape(tuple(shape[1:]))) if len(shape) > 1 else ""
    rows = gettext("{count:,} rows{each}", count=shape[0], each=each)
    return gettext("{rows}, {dtype}", rows=rows, dtype=facts["dtype"]) if "dtype" in facts else rows


def _array(array: np.ndarray) -> dict[str, Any]:
    sample, count = _sample(array)
    facts = {"kind": "array", "shape": list(array.shape), "dtype": array.dtype.name, "hash": _hash(sample)}
    return facts if count is None else {**facts, "sampled": count}


def _table(table: Any) -> dict[str, Any]:
    """A DataFrame: each column is hashed separately, because their dtypes may differ."""
    columns = [str(column) for column in table.columns]
    digest, seen = hashlib.blake2b(digest_size=8), None
    for index in range(len(columns)):
        sample, seen = _sample(np.asarray(table.iloc[:, index]), share=len(columns))
        digest.update(_hash(sample).encode())
    facts = {"kind": "DataFrame", "shape": list(table.shape), "columns": columns, "hash": digest.hexdigest()}
    return facts if seen is None else {**facts, "sampled": seen}


def _sample(array: np.ndarray, share: int = 1) -> tuple[np.ndarray, int | None]:
    """The rows to hash, and their number, or None if they are all rows.

    Args:
        share: divides the limit for the hashed bytes.
    """
    most, rows = HASHED_BYTES // share, len(array) if array.ndim else 0
    if array.nbytes <= most or rows <= BLOCKS:
        return array, None
    length = max(1, most * rows // array.nbytes // BLOCKS)
    starts = np.linspace(0, rows - length, BLOCKS).astype(int)  # These include the first and the last rows.
    return np.concatenate([array[start : start + length] for start in starts]), BLOCKS * length


def _hash(array: np.ndarray) -> str:
    """A hash of the values that does not depend on their memory layout."""
    digest = hashlib.blake2b(digest_size=8)
    if array.dtype.hasobject:
        digest.update("\0".join(map(str, array.ravel().tolist())).encode())
    else:
        plain = array.astype(array.dtype.newbyteorder("="), copy=False) if array.dtype.byteorder == ">" else array
        flat = np.ascontiguousarray(plain).reshape(-1)
        digest.update(flat.view(np.uint8).data if flat.size else b"")
    return digest.hexdigest()


def _as_array(data: Any) -> np.ndarray | None:
    """Data in memory as an array; None if it isn't an array, or can't be copied from its device."""
    if not (hasattr(data, "__array__") or isinstance(data, (list, tuple, int, float))):
        return None
    try:
        return np.asarray(data)
    except Exception:  # noqa: BLE001  # Any class may raise anything here.
        return None


def _cardinality(dataset: Any) -> int | None:
    """The number of batches of a dataset, or None if it is unknown or infinite."""
    try:
        count = int(dataset.cardinality())
    except Exception:  # noqa: BLE001  # As above.
        return None
    return count if count >= 0 else None
