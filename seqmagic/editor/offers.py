"""The offers: words that may be typed at a place, each with what it is, the best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqmagic.editor.notebook import things_of
from seqmagic.editor.vocabulary import Setting, Vocabulary, VocabularyEntry, normalize

BEST, GOOD, OTHER, LATER, LAST = range(5)
MOST_DETAIL = 60  # Letters of what is shown beside a word.
# What people reach for first, of each kind.
COMMON: dict[str, tuple[str, ...]] = {
    "layer": (
        *("conv", "maxpool", "dense", "lstm", "gru", "embedding", "flatten", "dropout", "batchnorm", "gap", "avgpool", "activation"),
        *("bidirectional", "rescaling", "layernorm", "reshape", "simple_rnn", "upsampling", "convtranspose", "sepconv", "dwconv", "gmp"),
    ),
    "activation": ("relu", "softmax", "sigmoid", "tanh", "gelu", "silu", "elu", "selu", "leaky_relu", "linear"),
    "optimizer": ("adam", "sgd", "rmsprop", "adamw", "nadam"),
    "loss": (
        *("mse", "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"),
        *("mae", "huber", "mean_squared_error", "mean_absolute_error"),
    ),
    "metric": ("accuracy", "auc", "precision", "recall", "mae", "mse", "root_mean_squared_error"),
    "learning rate schedule": ("cosine_decay", "exponential_decay", "piecewise_constant_decay"),
    "initializer": ("he_normal", "he_uniform", "glorot_uniform", "zeros", "ones", "random_normal"),
    "regularizer": ("l2", "l1", "l1l2"),
    "constraint": ("max_norm",),
    "callback": ("early_stopping", "reduce_lr_on_plateau", "model_checkpoint"),
}
# Those of a setting that people give most often, after what has to be given.
COMMON_SETTINGS = (
    *("optimizer", "loss", "metrics", "trials", "epochs", "batch_size", "validation_data", "validation_split", "patience", "until"),
    "callbacks",
    *("activation", "padding", "strides", "kernel_initializer", "kernel_regularizer", "dropout", "name"),
)
PLACED = ("x", "y", "shape", "layers")  # Nobody names these.


@dataclass(frozen=True)
class Offer:
    """A word that may be typed.

    Attributes:
        kind: what it is, such as "layer" or "argument".
        meaning: what it stands for, in a few words.
        fit: how well it fits the place; 0 is best.
    """

    text: str
    kind: str
    meaning: str = ""
    fit: int = OTHER

    @property
    def detail(self) -> str:
        """What is shown beside it, short."""
        detail = f"{self.kind}: {self.meaning}" if self.meaning else self.kind
        return detail if len(detail) <= MOST_DETAIL else f"{detail[: MOST_DETAIL - 3].rstrip()}..."


def matching(offers: Iterable[Offer], fragment: str) -> list[Offer]:
    """The offers that begin as what has been typed, the best first; if none does, those that hold it.

    >>> [offer.text for offer in matching([Offer("maxpool", "layer"), Offer("gap", "layer"), Offer("avgpool", "layer")], "pool")]
    ['maxpool', 'avgpool']
    """
    wanted = normalize(fragment)
    unique: dict[str, Offer] = {}
    for offer in sorted(offers, key=lambda offer: offer.fit):
        unique.setdefault(offer.text, offer)
    begins = [offer for offer in unique.values() if normalize(offer.text).startswith(wanted)]
    return begins or [offer for offer in unique.values() if wanted in normalize(offer.text)]


def words_of(kind: str, vocabulary: Vocabulary, names: Mapping[str, Any], *, capital: bool = False) -> Iterator[Offer]:
    """The words of a kind, Keras's and the notebook's.

    Args:
        capital: whether Keras's own names are meant, as in pasted code.
    """
    yield from (Offer(name, kind, meaning) for name, meaning in things_of(kind, names))
    for entry in sorted(vocabulary.of_kind.get(kind, ()), key=lambda entry: _order(entry, kind)):
        if entry.reason:
            continue
        yield from (Offer(entry.name, kind, entry.meaning, GOOD),) if capital else _spellings(entry)


def _spellings(entry: VocabularyEntry) -> Iterator[Offer]:
    """The words for one thing: that which people type most, and the others."""
    first, *others = spellings(entry)
    common = COMMON.get(entry.kind, ())
    yield Offer(first, entry.kind, entry.meaning, GOOD if first in common else OTHER)
    yield from (Offer(word, entry.kind, entry.meaning, GOOD if word in common else LATER) for word in others)


def spellings(entry: VocabularyEntry) -> tuple[str, ...]:
    """The words for one thing, that which people type most first.

    Keras's second names, such as AvgPool2D, are read and not offered.
    """
    prefers_short = entry.kind in ("layer", "loss", "metric") and entry.word != "accuracy"
    words = (*entry.short, entry.word) if prefers_short else (entry.word, *entry.short)
    return tuple(dict.fromkeys(words))


def _order(entry: VocabularyEntry, kind: str) -> tuple[int, str]:
    common = COMMON.get(kind, ())
    return min((common.index(word) for word in spellings(entry) if word in common), default=len(common)), entry.word


def names_of(settings: Sequence[Setting], *, due: str = "") -> Iterator[Offer]:
    """The names of settings, each with its default, ready for its value.

    Args:
        due: the name of that whose value would come next.
    """
    named = (setting for setting in settings if setting.name not in PLACED)
    for setting in sorted(named, key=lambda setting: _order_of_setting(setting.name)):
        detail = f"{setting.default_text}; {setting.meaning}" if setting.meaning else setting.default_text
        is_next = setting.default is None or setting.name == due
        fit = GOOD if is_next else LATER if setting.name in COMMON_SETTINGS else LAST
        yield Offer(f"{setting.name}=", "argument", detail, fit)


def _order_of_setting(name: str) -> int:
    return COMMON_SETTINGS.index(name) if name in COMMON_SETTINGS else len(COMMON_SETTINGS)


def flags_of(settings: Sequence[Setting]) -> Iterator[Offer]:
    """The settings that their bare name turns on."""
    for setting in settings:
        if setting.default == "false":
            yield Offer(setting.name, "argument", f"turned on; {setting.meaning or 'default false'}", OTHER)


def choices_of(setting: Setting | None) -> Iterator[Offer]:
    """The words that a setting takes, where they are few."""
    for word in setting.choices if setting is not None else ():
        yield Offer(word, "value", "the default" if setting is not None and word == setting.default else "", BEST)
