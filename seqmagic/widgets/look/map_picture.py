"""What a layer gives or holds, as pictures: feature maps in grey, weights and gradients in two colours around 0."""

from __future__ import annotations

import numpy as np
from PIL import ImageColor

from seqmagic.widgets.html import Picture
from seqmagic.widgets.look.sample_picture import draw_pixels
from seqmagic.widgets.page import LOOK

MAP_SIDE = 64  # Pixels of the page.
THUMBNAIL = 44


def maps_in(value: np.ndarray, *, channels_first: bool = False) -> list[np.ndarray]:
    """What a layer gives for one sample as flat pictures: one a channel, or one of steps, or one of units.

    >>> [len(maps_in(np.zeros(shape))) for shape in ((8, 8, 3), (5, 4), (10,), ())]
    [3, 1, 1, 1]

    Args:
        value: its numbers, without the batch axis. Of volumes the slice in the middle is taken.
        channels_first: whether a picture's channels stand before its rows.
    """
    if value.ndim >= 3 and channels_first:
        value = np.moveaxis(value, 0, -1)
    while value.ndim > 3:
        value = value[len(value) // 2]
    if value.ndim == 3:
        return list(np.moveaxis(value, -1, 0))
    return [value.T if value.ndim == 2 else in_rows(value.reshape(-1))]


def in_rows(values: np.ndarray) -> np.ndarray:
    """Numbers in a row as a picture of about three times as many columns as rows, from left to right and from top to bottom.

    >>> in_rows(np.arange(5.0))
    array([[0., 1., 2., 3., 4.]])
    """
    columns = len(values) if len(values) <= 16 else int(np.ceil(np.sqrt(3 * len(values))))
    rows = -(-len(values) // max(1, columns))
    return np.pad(values.astype("float64"), (0, rows * columns - len(values)), constant_values=np.nan).reshape(rows, columns)


def limits_of(value: np.ndarray) -> tuple[float, float]:
    """The lowest and highest number, and 0 among them: what is 0 in one layer looks as in another."""
    whole = value[np.isfinite(value)]
    return (min(0.0, float(whole.min())), max(0.0, float(whole.max()))) if whole.size else (0.0, 1.0)


def draw_map(values: np.ndarray, limits: tuple[float, float], words: str = "", side: int = MAP_SIDE) -> Picture:
    """A flat picture in grey, black for the lowest number."""
    return draw_pixels(values, limits, words, side)


def draw_signed(values: np.ndarray, largest: float, words: str = "", side: int = MAP_SIDE) -> Picture:
    """Numbers around 0 in two colours: white for 0, blue below, vermilion above."""
    below, above = (np.array(ImageColor.getrgb(LOOK["colors"][name])) / 255 for name in ("training", "validation"))
    strength = np.clip(np.nan_to_num(values) / (largest or 1.0), -1, 1)[..., None]
    colours = np.where(strength < 0, 1 + strength * (1 - below), 1 - strength * (1 - above))
    return draw_pixels(colours, (0.0, 1.0), words, side)


def draw_thumbnail(value: np.ndarray, *, channels_first: bool = False) -> Picture:
    """All that a layer gives for one sample as one small picture: the mean of its channels, where it has some."""
    maps = maps_in(value.astype("float64"), channels_first=channels_first)
    mean = np.mean(maps, axis=0)
    return draw_map(mean, limits_of(mean), "", THUMBNAIL)
