"""The range of values that a plot or histogram shows: never too narrow to be divided."""

from __future__ import annotations

import numpy as np

LEAST_STEPS = 1000  # Numbers that a float can tell apart within a range.


def wide_range(low: float, high: float) -> tuple[float, float]:
    """A range as it is, or widened about its middle if it is empty, or too narrow for floats to divide it.

    >>> wide_range(0, 2), wide_range(3, 3), wide_range(1e17, 1e17)
    ((0.0, 2.0), (2.5, 3.5), (9.9999999999992e+16, 1.00000000000008e+17))
    """
    low, high = float(low), float(high)
    least = LEAST_STEPS * float(np.spacing(np.float64(max(abs(low), abs(high), float(np.finfo("float32").tiny)))))
    if high - low >= least:
        return low, high
    middle, half = low / 2 + high / 2, max(least / 2, 0.5 if low >= high else 0.0)
    return middle - half, middle + half


def count_in_bins(values: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """The counts and edges of a histogram, as `numpy.histogram` gives them, also where that can't divide the range.

    >>> count_in_bins(np.array([1, np.nextafter(*np.float32([1, 2]))], "float32"), 2)[0], count_in_bins(np.full(5, 1e20), 3)[0]
    (array([1, 1]), array([0, 5, 0]))
    """
    wide = np.asarray(values, "float64")
    return np.histogram(wide, bins, range=wide_range(wide.min(), wide.max()) if wide.size else None)
