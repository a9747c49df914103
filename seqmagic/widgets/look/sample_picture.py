"""One sample as somebody sees it: a picture, a curve, or a few words."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from seqmagic.analysis.samples import CHANNELS, Form, SamplePart
from seqmagic.errors import printable
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, Picture, element
from seqmagic.widgets.look.tab import Shown

SIDE = 72  # Pixels of the page.
MOST_PIXELS = 144  # A larger picture is scaled down, because a notebook stores many of them.
CURVE = (120, 48)
MOST_CURVES = 4
MOST_WORDS, MOST_CHARACTERS, MOST_COLUMNS, MOST_NAMED = 24, 160, 8, 30


def is_drawn(part: SamplePart) -> bool:
    """Whether a sample is seen better than read."""
    return part.form in (Form.PICTURE, Form.SERIES)


def draw_sample(part: SamplePart, place: int, words: str = "", side: int = SIDE) -> Shown:
    """A sample as a small picture, a curve, or words.

    Args:
        side: how wide the larger side of a picture is.
    """
    row = part.rows[place]
    if part.form == Form.PICTURE:
        return draw_pixels(row.reshape(part.sides) if part.sides else row, part.limits, words, side)
    return draw_series(row) if part.form == Form.SERIES else element("span", describe_sample(part, place), class_="words")


def draw_output(part: SamplePart, given: np.ndarray, words: str = "") -> Picture | None:
    """What a model gives for a sample as a picture, such as that of an autoencoder; None where it is none.

    Args:
        part: the sample's picture, whose scale is used.
        given: the output.
    """
    if given.ndim == 3 and given.shape[-1] in CHANNELS:
        return draw_pixels(given, part.limits, words)
    if part.form == Form.PICTURE and given.shape == part.rows.shape[1:]:
        return draw_pixels(given.reshape(part.sides) if part.sides else given, part.limits, words)
    return None


def draw_pixels(pixels: np.ndarray, limits: tuple[float, float], words: str = "", side: int = SIDE) -> Picture:
    """An array of pixels as a picture, the larger side as wide as said.

    Args:
        pixels: height x width, with 1, 3 or 4 channels or none.
        limits: the values that are black and white.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    return Picture(to_pixels(pixels, limits), words, max(1, round(width * scale)), max(1, round(height * scale)), class_="pixels")


def to_pixels(pixels: np.ndarray, limits: tuple[float, float]) -> bytes:
    """An array as PNG, a pixel a value; a large one smaller."""
    low, high = limits
    shown = np.nan_to_num((pixels.astype("float64") - low) / ((high - low) or 1.0)) * 255
    shown = np.clip(shown, 0, 255).astype("uint8")
    image = Image.fromarray(shown[..., 0] if shown.ndim == 3 and shown.shape[-1] == 1 else shown)
    if max(image.size) > MOST_PIXELS:
        image.thumbnail((MOST_PIXELS, MOST_PIXELS))
    buffer = BytesIO()
    image.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def draw_series(row: np.ndarray) -> Element:
    """Steps as curves, the first few columns of them, each on the same scale."""
    width, height = CURVE
    columns = row.reshape(len(row), -1)[:, :MOST_CURVES].astype("float64")
    low, high = float(np.nanmin(columns)), float(np.nanmax(columns))
    across = np.linspace(2, width - 2, len(columns))
    up = height - 3 - (columns - low) / ((high - low) or 1.0) * (height - 6)
    drawn = [element("path", d=path_of(across, up[:, place]), class_=f"curve c{place}") for place in range(columns.shape[1])]
    label = gettext("{count} steps from {low:.3g} to {high:.3g}", count=len(row), low=low, high=high)
    return element(
        "svg", *drawn, viewBox=f"0 0 {width} {height}", width=width, height=height, role="img", aria_label=label, class_="series"
    )


def path_of(across: np.ndarray, up: np.ndarray) -> str:
    """Points as a line; what is no number breaks it."""
    written, begins = [], True
    for x, y in zip(across, up, strict=True):
        if not (np.isfinite(x) and np.isfinite(y)):
            begins = True
            continue
        written.append(f"{'M' if begins else 'L'}{x:.1f} {y:.1f}")
        begins = False
    return "".join(written)


def describe_sample(part: SamplePart, place: int) -> str:
    """A sample in a few words."""
    row = part.rows[place]
    if part.form == Form.TEXT:
        text = printable(" ".join(map(str, np.ravel(row))))
        return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    values = np.ravel(row)
    if part.form == Form.TOKENS:
        used = np.trim_zeros(values)
        text = " ".join(format_token(part, value) for value in used[:MOST_WORDS])
        return f"{text} …" if len(used) > MOST_WORDS else text or gettext("only 0")
    if part.form in (Form.PICTURE, Form.SERIES, Form.OTHER):
        return gettext("{shape}, mean {np:.3g}", shape="x".join(map(str, row.shape)), np=float(np.mean(values)))
    text = ", ".join(format_value(value) for value in values[:MOST_COLUMNS])
    return f"{text}, … ({len(values)})" if len(values) > MOST_COLUMNS else text


def format_token(part: SamplePart, token: float) -> str:
    """A token as its word; where that is not known, as its number."""
    place = int(token)
    return part.words[place] if 0 < place < len(part.words) else f"{token:g}"


def heads_of(part: SamplePart) -> list[str]:
    """What stands above the columns of rows."""
    count = part.rows.shape[1] if part.rows.ndim > 1 else 1
    named = part.columns or tuple(gettext("column {place}", place=place) for place in range(count))
    return [*named[:MOST_COLUMNS], *([gettext("… {count} more", count=count - MOST_COLUMNS)] if count > MOST_COLUMNS else [])]


def cells_of(part: SamplePart, place: int) -> list[str]:
    """What stands in the columns of a row."""
    values = np.ravel(part.rows[place])
    return [*map(format_value, values[:MOST_COLUMNS]), *([""] if len(values) > MOST_COLUMNS else [])]


def all_columns(part: SamplePart, place: int) -> tuple[list[str], list[str]]:
    """The names and the values of all columns of a row, as far as anybody reads them."""
    values = np.ravel(part.rows[place])[:MOST_NAMED]
    named = part.columns[:MOST_NAMED] or tuple(gettext("column {number}", number=number) for number in range(len(values)))
    return list(named), [f"{value:.6g}" for value in values]


def format_value(value: float) -> str:
    """A number as exact as anybody reads it."""
    return f"{value:.4g}"
