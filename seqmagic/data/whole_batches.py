"""Whole batches: an input line with a fixed batch size allows no smaller last batch, in training or in validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.errors import ArgumentError, DataError
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.translation import gettext

KERAS_BATCH = 32  # The default of Keras's `fit`.


def check_whole_batches(model: keras.Model, values: np.ndarray, names: tuple[DataName, DataName]) -> None:
    """Refuse a number of rows that is not a multiple of the fixed batch size.

    Raises:
        DataError: With a slice that is.
    """
    fixed, rows = fixed_batch_of(model), len(values)
    if not fixed or rows % fixed == 0:
        return
    error = DataError(
        gettext(
            "{start} has {rows:,} rows, but the input line sets a fixed batch size of {fixed}.",
            start=names[0].start,
            rows=rows,
            fixed=fixed,
        ),
        expected=gettext("a multiple of {fixed}", fixed=fixed),
    )
    kept = rows - rows % fixed
    if kept and all(name.variable for name in names):
        error.fixes = (", ".join(name.variable for name in names) + " = " + ", ".join(f"{name.code}[:{kept}]" for name in names),)
    raise error


def check_batch_size(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a batch_size that differs from the one fixed in the input line.

    Raises:
        ArgumentError: If it does.
    """
    fixed, size = fixed_batch_of(model), options.get("batch_size")
    if fixed and size and size != fixed:
        problem = gettext("batch_size is {size}, but the input line sets a fixed batch={fixed}.", size=size, fixed=fixed)
        raise ArgumentError(problem, expected=gettext("the same size"), instead=f"batch_size={fixed}")


def check_parts(model: keras.Model, rows: int, options: Mapping[str, Any]) -> None:
    """For a fixed batch size, refuse a validation_split that cuts a batch, and a batch_size left out where the model is stateful.

    Raises:
        ArgumentError: With the batch size, or the nearest share, that fits.
    """
    fixed, share = fixed_batch_of(model), options.get("validation_split") if options.get("validation_data") is None else None
    if not fixed:
        return
    if share and not is_cut_whole(model, rows, share):
        cut = int(rows * (1 - share))
        problem = gettext(
            "validation_split={share:g} of {rows:,} rows makes parts of {cut:,} and {rest:,} rows.",
            share=share,
            rows=rows,
            cut=cut,
            rest=rows - cut,
        )
        error = ArgumentError(problem, expected=gettext("two multiples of {fixed}, the fixed batch size on the input line", fixed=fixed))
        error.fixes = tuple(f"validation_split={text}" for text in whole_shares(rows, fixed, share))[:1]
        raise error
    if not options.get("batch_size") and fixed != KERAS_BATCH and _is_stateful(model):
        problem = gettext(
            "The batch size is {keras_batch} by default, but the input line sets a fixed batch={fixed}.",
            keras_batch=KERAS_BATCH,
            fixed=fixed,
        )
        raise ArgumentError(problem, expected=gettext("the same size"), instead=f"batch_size={fixed}")


def is_cut_whole(model: keras.Model, rows: int, share: float) -> bool:
    """Whether a share gives whole batches in both parts, if the input line fixes the batch size."""
    fixed, cut = fixed_batch_of(model), int(rows * (1 - share))
    return not fixed or not (cut % fixed or (rows - cut) % fixed)


def whole_shares(rows: int, fixed: int, share: float) -> list[str]:
    """Texts for the nearest share that gives whole batches in both parts."""
    batches = rows // fixed
    if rows % fixed or batches < 2:
        return []
    held_out = min(max(1, round(share * batches)), batches - 1)
    # Keras truncates the number of training rows. If the exact share truncates to a row too few, half a row less does not.
    shares = (held_out / batches, (held_out * fixed - 0.5) / rows)
    texts = (f"{share:.{digits}g}" for share in shares for digits in (2, 3, 4, 6))
    return [text for text in texts if int(rows * (1 - float(text))) == rows - held_out * fixed]


def _is_stateful(model: keras.Model) -> bool:
    parts = [part for layer in getattr(model, "layers", ()) for part in (layer, getattr(layer, "layer", None))]
    return any(getattr(part, "stateful", False) for part in parts)
