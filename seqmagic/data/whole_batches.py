"""Whole batches: an input line that fixes the batch leaves no room for a shorter last one, in the training or in the validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.errors import ArgumentError, DataError
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.translation import gettext

KERAS_BATCH = 32  # What `fit` takes where no batch_size is given.


def check_whole_batches(model: keras.Model, values: np.ndarray, names: tuple[DataName, DataName]) -> None:
    """Refuse rows that make no whole number of batches.

    Raises:
        DataError: With the rows that do.
    """
    fixed, rows = fixed_batch_of(model), len(values)
    if not fixed or rows % fixed == 0:
        return
    error = DataError(
        gettext("{start} has {rows:,} rows, and the input line fixes batches of {fixed}.", start=names[0].start, rows=rows, fixed=fixed),
        expected=gettext("a multiple of {fixed}", fixed=fixed),
    )
    kept = rows - rows % fixed
    if kept and all(name.variable for name in names):
        error.fixes = (", ".join(name.variable for name in names) + " = " + ", ".join(f"{name.code}[:{kept}]" for name in names),)
    raise error


def check_batch_size(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a batch size other than the one that the input line fixes.

    Raises:
        ArgumentError: Where it does not fit.
    """
    fixed, size = fixed_batch_of(model), options.get("batch_size")
    if fixed and size and size != fixed:
        problem = gettext("batch_size is {size}, and the input line fixes batch={fixed}.", size=size, fixed=fixed)
        raise ArgumentError(problem, expected=gettext("the same"), instead=f"batch_size={fixed}")


def check_parts(model: keras.Model, rows: int, options: Mapping[str, Any]) -> None:
    """Refuse, for data in memory, a batch size left out where it can't be, and a validation_split that cuts a batch in two.

    Raises:
        ArgumentError: With the batch size, or the nearest share, that does.
    """
    fixed, share = fixed_batch_of(model), options.get("validation_split") if options.get("validation_data") is None else None
    if not fixed:
        return
    if share and not is_cut_whole(model, rows, share):
        cut = int(rows * (1 - share))
        problem = gettext(
            "validation_split={share:g} of {rows:,} rows makes parts of {cut:,} and {rest:,}.",
            share=share,
            rows=rows,
            cut=cut,
            rest=rows - cut,
        )
        error = ArgumentError(
            problem, expected=gettext("two multiples of {fixed}, which is the batch that the input line fixes", fixed=fixed)
        )
        error.fixes = tuple(f"validation_split={text}" for text in whole_shares(rows, fixed, share))[:1]
        raise error
    if not options.get("batch_size") and fixed != KERAS_BATCH and _is_stateful(model):
        problem = gettext(
            "The batch size is {keras_batch}, as nothing else is said, and the input line fixes batch={fixed}.",
            keras_batch=KERAS_BATCH,
            fixed=fixed,
        )
        raise ArgumentError(problem, expected=gettext("the same"), instead=f"batch_size={fixed}")


def is_cut_whole(model: keras.Model, rows: int, share: float) -> bool:
    """Whether a share leaves whole batches on both sides, where the input line fixes them."""
    fixed, cut = fixed_batch_of(model), int(rows * (1 - share))
    return not fixed or not (cut % fixed or (rows - cut) % fixed)


def whole_shares(rows: int, fixed: int, share: float) -> list[str]:
    """Ways to write the nearest share that leaves whole batches on both sides."""
    batches = rows // fixed
    if rows % fixed or batches < 2:
        return []
    held_out = min(max(1, round(share * batches)), batches - 1)
    # Keras rounds what is left down: where the share itself comes out a row too low, half a row less does not.
    shares = (held_out / batches, (held_out * fixed - 0.5) / rows)
    texts = (f"{share:.{digits}g}" for share in shares for digits in (2, 3, 4, 6))
    return [text for text in texts if int(rows * (1 - float(text))) == rows - held_out * fixed]


def _is_stateful(model: keras.Model) -> bool:
    parts = [part for layer in getattr(model, "layers", ()) for part in (layer, getattr(layer, "layer", None))]
    return any(getattr(part, "stateful", False) for part in parts)
