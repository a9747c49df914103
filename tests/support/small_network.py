"""A small network with data."""

from __future__ import annotations

from typing import Any

import numpy as np

SMALL = "input 4 -> dense 3 softmax"
COMPILED = f"{SMALL}\ncompile adam sparse_categorical_crossentropy accuracy"


def data(rows: int = 64) -> tuple[Any, Any]:
    """Rows of 4 numbers, and labels from 0 to 2."""
    random = np.random.default_rng(1)
    return random.random((rows, 4)), random.integers(0, 3, rows)
