"""Arrays in the ledger, stored as raw bytes with dtype and shape, and restored bit for bit. Nothing is pickled."""

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
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Packed:
    """An array in the form in which the file stores it.

    Attributes:
        dtype: as text that NumPy can read.
        shape: as JSON.
        content: its bytes in C order.
    """

    dtype: str
    shape: str
    content: Any

    @property
    def size(self) -> int:
        """The number of bytes of the content."""
        return len(self.content)


def pack_array(array: Any) -> Packed:
    """Pack an array; if it is contiguous, the content shares its memory.

    >>> packed = pack_array(np.array([[1, 2]], "<i2"))
    >>> packed.dtype, packed.shape, packed.size
    ('<i2', '[1, 2]', 4)

    Raises:
        TypeError: For an array of Python objects, which could only be pickled.
    """
    given = np.asarray(array)
    if given.dtype.hasobject or given.dtype.names:
        raise TypeError(gettext("an array of {dtype} contains more than numbers", dtype=given.dtype))
    flat = np.ascontiguousarray(given).reshape(-1)
    content = flat.view(np.uint8).data if flat.size else b""
    return Packed(_name_of(given.dtype), json.dumps(given.shape), content)


def unpack(packed: Packed) -> np.ndarray:
    """The array, which is writable.

    Raises:
        ValueError: If the bytes don't match dtype and shape.
    """
    dtype = _dtype_of(packed.dtype)
    shape = json.loads(packed.shape)
    if not isinstance(shape, list) or not all(map(whole(), shape)):
        raise ValueError(gettext("{shape} is not a shape", shape=packed.shape))
    if packed.size != dtype.itemsize * math.prod(shape):
        raise ValueError(gettext("{size} bytes don't fit {dtype} of shape {shape}", size=packed.size, dtype=packed.dtype, shape=shape))
    return np.frombuffer(bytearray(packed.content), dtype).reshape(shape)


def checksum(facts: str, parts: Iterable[Packed]) -> str:
    """A checksum of the facts and the arrays."""
    digest = hashlib.blake2b(facts.encode(), digest_size=16)
    for part in parts:
        digest.update(f"\0{part.dtype}{part.shape}".encode())
        digest.update(part.content)
    return digest.hexdigest()


def join_rows(pieces: Sequence[tuple[Sequence[str], np.ndarray]]) -> tuple[list[str], np.ndarray]:
    """Concatenate pieces of a table; a column that a piece lacks is MISSING there.

    Args:
        pieces: the names of the columns after the position, and the rows, with the position first.
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
    """Facts as JSON; a value that JSON can't represent becomes a number if it is one, otherwise text."""
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def _name_of(dtype: np.dtype[Any]) -> str:
    """A dtype as text that gives the same dtype again: '<f4' includes the byte order, and 'bfloat16' is not one of NumPy's own."""
    try:
        return dtype.str if np.dtype(dtype.str) == dtype else dtype.name
    except TypeError:
        return dtype.name


def _dtype_of(name: str) -> np.dtype[Any]:
    """The dtype for a name from a file.

    Raises:
        ValueError: For a dtype that is not numeric or otherwise plain.
    """
    import ml_dtypes  # A dependency of Keras, which adds bfloat16 and similar dtypes to NumPy.

    own = getattr(ml_dtypes, name, None)
    try:
        dtype = np.dtype(own if isinstance(own, type) and issubclass(own, np.generic) else name)
    except (TypeError, ValueError, SyntaxError) as error:
        raise ValueError(gettext("{name!r} is not a numeric type", name=name)) from error
    if dtype.hasobject or dtype.names or dtype.subdtype:
        raise ValueError(gettext("{name!r} is not a numeric type", name=name))
    return dtype
