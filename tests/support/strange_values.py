"""Values that lie close together, or far out."""

from __future__ import annotations

import numpy as np

AFTER_ONE = np.nextafter(np.float32(1), np.float32(2))
VALUES = {
    "one step apart": np.array([1, AFTER_ONE], "float32"),
    "equal and large": np.full(4, 1e20),
    "equal and large, in float32": np.full(4, 3e38, "float32"),
    "the whole of float32": np.array([-3e38, 3e38], "float32"),
    "the smallest": np.array([0, 1e-45], "float32"),
    "equal": np.full(5, 0.25),
    "a single one": np.array([7.0]),
    "all over": np.random.RandomState(0).randn(1000),
}
