"""Fits: which layers accept the current shape, and which losses and metrics fit the network's output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seqmagic.editor.offers import BEST, GOOD, LAST, LATER, Offer
from seqmagic.editor.vocabulary import Vocabulary, VocabularyEntry, normalize

if TYPE_CHECKING:
    from seqmagic.editor.flow import Flow

# The ranks of samples that a layer accepts, if its word has no rank.
AXES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("lstm", "gru", "simple_rnn", "rnn", "bidirectional", "masking"), (2,)),
    **dict.fromkeys(("time_distributed",), (2, 3, 4)),
    **dict.fromkeys(("embedding", "repeat_vector", "category_encoding", "text_vectorization", "string_lookup", "integer_lookup"), (0, 1)),
    **dict.fromkeys(("resizing", "center_crop", "auto_contrast", "rand_augment", "aug_mix", "solarization", "equalization"), (3,)),
    **dict.fromkeys(("contrast_limited_adaptive_histogram_equalization", "cut_mix", "mix_up", "max_num_bounding_boxes"), (3,)),
    **dict.fromkeys(("flatten",), (2, 3, 4)),
}
# The usual losses for the activation of the last layer, the best first.
CHOSEN = {
    "softmax": ("sparse_categorical_crossentropy", "categorical_crossentropy"),
    "sigmoid": ("binary_crossentropy", "bce"),
    "linear": ("mse", "mae", "huber"),
}
OF_AMOUNTS = ("meansquarederror", "mse", "meanabsoluteerror", "mae", "huber", "logcosh", "msle", "mape", "poisson")


def fit_layers(offers: Iterable[Offer], vocabulary: Vocabulary, flow: Flow | None) -> Iterator[Offer]:
    """The layers, those that accept the current shape first."""
    shape = flow.shape if flow is not None else None
    for offer in offers:
        if shape is None:
            yield offer
            continue
        entry = vocabulary.find("layer", offer.text, rank_of(offer.text, len(shape)))
        yield offer if entry is None else replace(offer, fit=offer.fit - 1 if works_on(entry, len(shape)) else max(offer.fit, LATER))


def rank_of(word: str, axes: int) -> int:
    """The rank that a word without one gets from the input."""
    return axes - (2 if normalize(word).startswith("convlstm") else 1)


def works_on(entry: VocabularyEntry, axes: int) -> bool:
    """Whether a layer accepts samples of this rank, as far as its word shows."""
    if entry.rank is not None:
        return axes == entry.rank + (2 if entry.stem.startswith("conv_lstm") else 1)
    if entry.word.startswith("random_"):
        return axes == 3
    return entry.word not in AXES or axes in AXES[entry.word]


def fit_losses(offers: Iterable[Offer], vocabulary: Vocabulary, flow: Flow | None) -> Iterator[Offer]:
    """The losses, those that fit the last layer first, and those that can't work with it last."""
    found = list(offers)
    ending = flow.ending if flow is not None else None
    if ending is None:
        yield from found
        return
    from seqmagic.editor.flow import losses_that_fit

    entries = {offer.text: vocabulary.find("loss", offer.text) for offer in found}
    fits = losses_that_fit(ending, {text: entry.word for text, entry in entries.items() if entry is not None})
    chosen = CHOSEN.get(_kind_of_ending(ending), ())
    for offer in sorted(found, key=lambda offer: chosen.index(offer.text) if offer.text in chosen else len(chosen)):
        fit = BEST if offer.text in chosen else offer.fit if fits.get(offer.text, True) else LAST
        yield replace(offer, fit=fit)


def _kind_of_ending(ending: Any) -> str:
    if ending.activation == "sigmoid":
        return "sigmoid"
    return "softmax" if ending.activation in ("softmax", "log_softmax") and ending.units != 1 else "linear"


def fit_metrics(offers: Iterable[Offer], losses: Sequence[str]) -> Iterator[Offer]:
    """The metrics, with accuracy first for classification, and error metrics first for regression."""
    of_amounts = bool(losses) and normalize(losses[0]) in OF_AMOUNTS
    first = ("mae", "root_mean_squared_error", "mse") if of_amounts else ("accuracy",)
    for offer in offers:
        is_late = of_amounts and ("accuracy" in offer.text or offer.fit == GOOD)
        yield replace(offer, fit=BEST if offer.text in first else LATER if is_late else offer.fit)
