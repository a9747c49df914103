"""Arrays in the ledger: arrays as plain bytes with a word on their type and shape, and back bit for bit. Nothing is pickled."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqmagic.history import MISSING
from seqmagic.ledger.row_checks import whole


@dataclass(frozen=True)
class Packed:
    """An array as a file keeps it.

    Attributes:
        dtype: its type, as NumPy reads it back.
        shape: its lengths, as JSON.
        content: its bytes, row by row.
    """

    dtype: str
    shape: str
    content: Any

    @property
    def size(self) -> int:
        """How many bytes the content has."""
        return len(self.content)


def pack_array(array: Any) -> Packed:
    """An array as bytes; they are the array's own, not copied, where it lies in one piece.

    >>> packed = pack_array(np.array([[1, 2]], "<i2"))
    >>> packed.dtype, packed.shape, packed.size
    ('<i2', '[1, 2]', 4)

    Raises:
        TypeError: For an array of Python objects: those could only be pickled.
    """
    given = np.asarray(array)
    if given.dtype.hasobject or given.dtype.names:
        raise TypeError(f"an array of {given.dtype} holds more than numbers")
    flat = np.ascontiguousarray(given).reshape(-1)
    content = flat.view(np.uint8).data if flat.size else b""
    return Packed(_name_of(given.dtype), json.dumps(given.shape), content)


def unpack(packed: Packed) -> np.ndarray:
    """The array, which may be written to.

    Raises:
        ValueError: When the bytes don't make such an array.
    """
    dtype = _dtype_of(packed.dtype)
    shape = json.loads(packed.shape)
    if not isinstance(shape, list) or not all(map(whole(), shape)):
        raise ValueError(f"{packed.shape} is no shape")
    if packed.size != dtype.itemsize * math.prod(shape):
        raise ValueError(f"{packed.size} bytes are no {packed.dtype} of shape {shape}")
    return np.frombuffer(bytearray(packed.content), dtype).reshape(shape)


def checksum(facts: str, parts: Iterable[Packed]) -> str:
    """A short text that changes with any bit of the facts or the arrays."""
    digest = hashlib.blake2b(facts.encode(), digest_size=16)
    for part in parts:
        digest.update(f"\0{part.dtype}{part.shape}".encode())
        digest.update(part.content)
    return digest.hexdigest()


def join_rows(pieces: Sequence[tuple[Sequence[str], np.ndarray]]) -> tuple[list[str], np.ndarray]:
    """Pieces of a table one below the other; a column that a piece doesn't have is MISSING there.

    Args:
        pieces: the names of the columns after the position, and the rows, position first.
    """
    names = list(dict.fromkeys(name for piece, _ in pieces for name in piece))
    whole = np.full((sum(len(rows) for _, rows in pieces), 1 + len(names)), MISSING)
    at = 0
    for piece, rows in pieces:
        columns = [0, *(1 + names.index(name) for name in piece)]
        whole[at : at + len(rows), columns] = rows
        at += len(rows)
    return names, whole


def as_json(value: Any) -> str:
    """Facts as JSON; what JSON has no form for becomes a number where it is one, else text."""
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def _name_of(dtype: np.dtype[Any]) -> str:
    """The type as a text that gives the same type: '<f4' keeps the order of bytes, 'bfloat16' is no type of NumPy's own."""
    try:
        return dtype.str if np.dtype(dtype.str) == dtype else dtype.name
    except TypeError:
        return dtype.name


def _dtype_of(name: str) -> np.dtype[Any]:
    """The type of a name from a file.

    Raises:
        ValueError: For one that holds anything but plain values.
    """
    import ml_dtypes  # Keras's own: NumPy knows bfloat16 and its like by their names only from there.

    own = getattr(ml_dtypes, name, None)
    try:
        dtype = np.dtype(own if isinstance(own, type) and issubclass(own, np.generic) else name)
    except (TypeError, ValueError, SyntaxError) as error:
        raise ValueError(f"{name!r} is no type of numbers") from error
    if dtype.hasobject or dtype.names or dtype.subdtype:
        raise ValueError(f"{name!r} is no type of numbers")
    return dtype
