"""The range of a chart: all values except for a few spikes that would flatten everything else. `page/chart/spikes.js` does the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from seqmagic.history import History
from seqmagic.translation import gettext

SHARE = 0.1  # Of a curve's values, on each side: the maximum that counts as spikes.
FEWEST = 8  # With fewer values, none is an outlier.
REACH = 1.5  # As a multiple of the spread of the other values, on each side: Tukey's fence.
FLATTENED = 4  # The full range must be this many times as high as the range without spikes.
LONGEST_WAY = 20  # The same, including the first and the last values, which users want to see.
FLAT = 0.001  # Of the values: a smaller variation looks flat anyway.
MARGIN = 0.06

Range = tuple[float, float]


def range_without_spikes(curves: Sequence[np.ndarray]) -> Range | None:
    """The minimum and maximum of several curves without their spikes, which leave the range and come back.

    >>> range_without_spikes([np.array([1, 2, 3, 2, 1, 2, 500, 2, 3, 1])])
    (1.0, 3.0)
    >>> range_without_spikes([np.array([1, 2, 3, 2, 1, 2, 7, 2, 3, 1])])
    (1.0, 7.0)

    Args:
        curves: the values of each, in order; NaN and infinity are ignored.

    Returns:
        The full range if no curve is flattened; None without finite values.
    """
    finite = [some for values in curves if len(some := values[np.isfinite(values)])]
    if not finite:
        return None
    whole = _union((some.min(), some.max()) for some in finite)
    low, high = _union(map(_fence, finite))
    inside = [(some >= low) & (some <= high) for some in finite]
    core = _union((some[within].min(), some[within].max()) for some, within in zip(finite, inside, strict=True) if within.any())
    if not _size(core) > FLAT * max(map(abs, core)):
        return whole
    shown = _union(_with_ends(some, within) for some, within in zip(finite, inside, strict=True) if within.any())
    shown = core if _size(shown) > LONGEST_WAY * _size(core) else shown
    return shown if _size(whole) > FLATTENED * _size(shown) else whole


def shown_range(curves: Sequence[np.ndarray]) -> Range | None:
    """The range that a chart of several curves shows, with a margin; None if it shows all values."""
    shown, whole = range_without_spikes(curves), extremes(curves)
    if shown is None or shown == whole:
        return None
    margin = MARGIN * _size(shown)
    return (max(0.0, shown[0] - margin) if shown[0] >= 0 else shown[0] - margin), shown[1] + margin


def chart_groups(history: History) -> list[str]:
    """The charts in order: loss first, each metric together with its val_ one."""
    names = [name.removeprefix("val_") for name in (*history.batches.newest(), *history.epochs.newest())]
    return sorted(dict.fromkeys(names), key=lambda name: name != "loss")


def curves_of(history: History, group: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """The curves of a chart, positions and values of each: the batches, the epochs, their validation."""
    drawn = ((history.batches, group), (history.epochs, group), (history.epochs, f"val_{group}"))
    return [(np.array(positions), np.array(values)) for table, name in drawn for positions, values in [table.curve(name)]]


def describe_spikes(history: History) -> list[str]:
    """A sentence for each chart that leaves out spikes.

    >>> history = History()
    >>> for epoch in range(1, 31): history.epochs.add(epoch, {"loss": 900.0 if epoch == 9 else 1 + epoch % 3})
    >>> describe_spikes(history)
    ['loss: spikes up to 900 are outside the chart.']
    """
    sentences = []
    for group in chart_groups(history):
        curves = [values for _, values in curves_of(history, group)]
        shown = shown_range(curves)
        if shown is not None:
            sentences.append(
                gettext("{group}: spikes {outside} are outside the chart.", group=group, outside=describe_outside(curves, shown))
            )
    return sentences


def describe_outside(curves: Sequence[np.ndarray], shown: Range) -> str:
    """What a chart leaves out, as the end of a sentence: 'up to 52.3'."""
    low, high = extremes(curves) or shown
    ends = [gettext("down to {low:.4g}", low=low)] * (low < shown[0]) + [gettext("up to {high:.4g}", high=high)] * (high > shown[1])
    return gettext(" and ").join(ends)


def extremes(curves: Iterable[np.ndarray]) -> Range | None:
    """The minimum and maximum of several curves; None without finite values."""
    finite = [some for values in curves if len(some := values[np.isfinite(values)])]
    return _union((some.min(), some.max()) for some in finite) if finite else None


def _fence(values: np.ndarray) -> Range:
    """The range of a curve's values, without a few outliers."""
    ordered = np.sort(values)
    beyond = 0 if len(ordered) < FEWEST else max(1, int(SHARE * len(ordered)))
    low, high = ordered[beyond], ordered[-1 - beyond]
    reach = REACH * (high - low) if beyond else 0.0
    return max(ordered[0], low - reach), min(ordered[-1], high + reach)


def _with_ends(values: np.ndarray, within: np.ndarray) -> Range:
    """The range of the values inside, extended by those before the first and after the last of them."""
    places = np.flatnonzero(within)
    counted = within.copy()
    counted[: places[0]] = counted[places[-1] :] = True
    return values[counted].min(), values[counted].max()


def _union(ranges: Iterable[Range]) -> Range:
    lows, highs = zip(*ranges, strict=True)
    return float(min(lows)), float(max(highs))


def _size(values: Range) -> float:
    return values[1] - values[0]
