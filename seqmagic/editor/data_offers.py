"""Data offers: the notebook's variables that may be data for a network, labels for data, or validation data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from seqmagic.editor.notebook import Data, data_of, things_of
from seqmagic.editor.offers import BEST, GOOD, LAST, LATER, OTHER, Offer
from seqmagic.editor.place import Place
from seqmagic.language.fit_words import SPLITS
from seqmagic.language.unfinished import Unfinished
from seqmagic.translation import gettext

LABELS = ("y", "label", "target")
DATA = ("x", "data", "train", "image", "feature")
TESTS = ("test", "val", "dev")
HELD = ("validation_data", "sample_weight")


def data_offers(names: Mapping[str, Any], place: Place, unfinished: Unfinished, shape: tuple[int | None, ...] | None) -> Iterator[Offer]:
    """The variables that fit at a place on a fit line, or on an input line.

    Args:
        names: the notebook's variables.
        shape: of one sample of the network's input; None if it isn't known.
    """
    owner = place.owner
    if owner is None or (place.argument and place.argument not in HELD):
        yield from _monitors(names, place)
        return
    if not place.argument and owner.word == "fit" and owner.count >= 2:
        return
    before = _name_before(unfinished)
    found = list(data_of(names))
    with_shapes = {data.name: data.shape for data in found}
    wants_labels = before in with_shapes and owner.word == "fit"
    rows = (with_shapes.get(before) or (None,))[0] if wants_labels else None
    for data in sorted(found, key=lambda data: _order(data, wants_labels=wants_labels, tests=place.argument in HELD)):
        if data.name != before:
            fits = _fits_rows(data, rows) if wants_labels else _fits_sample(data, shape)
            yield Offer(data.name, "data", data.description, OTHER if fits is None else GOOD if fits else LATER)


def way_offers(place: Place, refused: Collection[str], *, has_precision: bool) -> Iterator[Offer]:
    """The bare words after the data on a fit line: the kind of split, and the dtype policy.

    Args:
        refused: words that are not accepted beside others on the line.
        has_precision: whether the line may set a dtype policy.
    """
    owner = place.owner
    if owner is not None and not place.argument and owner.word == "fit" and owner.count >= 2:
        offers = (*_splits(owner.names), *(_policies(owner.names) if has_precision else ()))
        yield from (offer for offer in offers if offer.text not in refused)


def _name_before(unfinished: Unfinished) -> str:
    """The variable just before the cursor, for which labels may follow."""
    words = [token for token in unfinished.tokens if token.type != "COMMA"]
    return str(words[-1]) if words and words[-1].type == "WORD" else ""


def _fits_rows(data: Data, rows: int | None) -> bool | None:
    """Whether there are as many labels as rows in the data before them."""
    if rows is None or data.shape is None:
        return None
    return data.shape[0] == rows and len(data.shape) <= 2


def _fits_sample(data: Data, shape: tuple[int | None, ...] | None) -> bool | None:
    """Whether the rows of data have the shape of the network's input."""
    if data.shape is None or shape is None or len(data.shape) == 1:
        return None
    sample = data.shape[1:]
    return len(sample) == len(shape) and all(None in pair or pair[0] == pair[1] for pair in zip(sample, shape, strict=True))


def _order(data: Data, *, wants_labels: bool, tests: bool) -> tuple[bool, bool, bool, str]:
    """The order of data by name: labels first where labels are expected, test data first where validation data is."""
    name = data.name.lower()
    is_label = name.startswith(LABELS) or any(word in name for word in LABELS[1:])
    is_test = any(word in name for word in TESTS)
    has_data_name = is_label or is_test or name.startswith(DATA)
    return is_label is not wants_labels, is_test is not tests, not has_data_name, name


def _splits(names: tuple[str, ...]) -> Iterator[Offer]:
    if "validation_split" in names:
        meanings = {
            "shuffled": gettext("the validation rows are chosen at random"),
            "stratified": gettext("in the same proportion from each class"),
        }
        yield from (Offer(word, "value", meanings[word], BEST) for word in SPLITS)


def _policies(names: tuple[str, ...]) -> Iterator[Offer]:
    if "dtype_policy" not in names:
        means = {
            "mixed_float16": gettext("layers compute in float16; for GPUs"),
            "mixed_bfloat16": gettext("layers compute in bfloat16"),
        }
        yield from (Offer(word, "value", told, LAST) for word, told in means.items())


def _monitors(names: Mapping[str, Any], place: Place) -> Iterator[Offer]:
    """The values of `monitor`, or the callbacks of the notebook."""
    if place.argument in ("monitor", "best"):
        yield from (Offer(word, "value", gettext("after each epoch"), GOOD) for word in ("val_loss", "loss", "val_accuracy", "accuracy"))
    elif place.argument == "callbacks":
        yield from (Offer(name, "callback", description, GOOD) for name, description in things_of("callback", names))
