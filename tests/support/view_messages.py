"""Decoding the messages of a view to its page."""

from __future__ import annotations

import json
import struct
from array import array
from typing import Any

from seqmagic.widgets.training_view import TrainingView


def unpack(block: bytes) -> tuple[dict[str, Any], array[float]]:
    """The header and the numbers of a block."""
    (size,) = struct.unpack("<I", block[:4])
    return json.loads(block[4 : 4 + size]), array("f", block[4 + size :])


def listen(view: TrainingView) -> list[dict[str, Any]]:
    """A list to which the header of everything that a view sends is appended."""
    sent: list[dict[str, Any]] = []
    view.send = lambda content, buffers=(): sent.append({**content, **unpack(buffers[0])[0], "bytes": len(buffers[0])})
    return sent
