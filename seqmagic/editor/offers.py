"""Offers: words that can be typed at a place, each with a description, the best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqmagic.editor.notebook import things_of
from seqmagic.editor.vocabulary import Setting, Vocabulary, VocabularyEntry, normalize
from seqmagic.translation import gettext, gettext_noop

BEST, GOOD, OTHER, LATER, LAST = range(5)
MOST_DETAIL = 60  # Characters of the description next to a word.
# The most common words of each kind.
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
# The most common settings, offered after the required ones.
COMMON_SETTINGS = (
    *("optimizer", "loss", "metrics", "trials", "epochs", "batch_size", "validation_data", "validation_split", "patience", "until"),
    "callbacks",
    *("activation", "padding", "strides", "kernel_initializer", "kernel_regularizer", "dropout", "name"),
)
# The kinds of offers, which are shown next to the words.
KINDS = (
    gettext_noop("layer"),
    gettext_noop("activation"),
    gettext_noop("optimizer"),
    gettext_noop("loss"),
    gettext_noop("metric"),
    gettext_noop("initializer"),
    gettext_noop("regularizer"),
    gettext_noop("constraint"),
    gettext_noop("callback"),
    gettext_noop("learning rate schedule"),
    gettext_noop("line"),
    gettext_noop("value"),
    gettext_noop("block"),
    gettext_noop("variable"),
    gettext_noop("padding"),
    gettext_noop("parameter"),
    gettext_noop("argument"),
    gettext_noop("data"),
    gettext_noop("searched"),
    gettext_noop("option"),
    gettext_noop("networks"),
    gettext_noop("run"),
    gettext_noop("output"),
    gettext_noop("model"),
    gettext_noop("file"),
    gettext_noop("folder"),
)
PLACED = ("x", "y", "shape", "layers")  # These are usually positional.


@dataclass(frozen=True)
class Offer:
    """A word that can be typed.

    Attributes:
        kind: such as "layer" or "argument".
        meaning: a short description.
        fit: how well it fits the place; 0 is best.
    """

    text: str
    kind: str
    meaning: str = ""
    fit: int = OTHER

    @property
    def detail(self) -> str:
        """The short description next to it."""
        kind = gettext(self.kind)
        detail = gettext("{kind}: {meaning}", kind=kind, meaning=self.meaning) if self.meaning else kind
        return detail if len(detail) <= MOST_DETAIL else f"{detail[: MOST_DETAIL - 3].rstrip()}..."


def matching(offers: Iterable[Offer], fragment: str) -> list[Offer]:
    """The offers that begin with the typed fragment, the best first; if there are none, those that contain it.

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
    """The words of a kind, of Keras and of the notebook.

    Args:
        capital: whether to offer Keras's own names, as in pasted code.
    """
    yield from (Offer(name, kind, meaning) for name, meaning in things_of(kind, names))
    for entry in sorted(vocabulary.of_kind.get(kind, ()), key=lambda entry: _order(entry, kind)):
        if entry.reason:
            continue
        yield from (Offer(entry.name, kind, entry.meaning, GOOD),) if capital else _spellings(entry)


def _spellings(entry: VocabularyEntry) -> Iterator[Offer]:
    """The words for one entry, the most common first."""
    first, *others = spellings(entry)
    common = COMMON.get(entry.kind, ())
    yield Offer(first, entry.kind, entry.meaning, GOOD if first in common else OTHER)
    yield from (Offer(word, entry.kind, entry.meaning, GOOD if word in common else LATER) for word in others)


def spellings(entry: VocabularyEntry) -> tuple[str, ...]:
    """The words for one entry, the most common first.

    Keras's aliases, such as AvgPool2D, are accepted but not offered.
    """
    prefers_short = entry.kind in ("layer", "loss", "metric") and entry.word != "accuracy"
    words = (*entry.short, entry.word) if prefers_short else (entry.word, *entry.short)
    return tuple(dict.fromkeys(words))


def _order(entry: VocabularyEntry, kind: str) -> tuple[int, str]:
    common = COMMON.get(kind, ())
    return min((common.index(word) for word in spellings(entry) if word in common), default=len(common)), entry.word


def names_of(settings: Sequence[Setting], *, due: str = "") -> Iterator[Offer]:
    """The names of settings, each followed by = and described by its default.

    Args:
        due: the name of the next positional setting.
    """
    named = (setting for setting in settings if setting.name not in PLACED)
    for setting in sorted(named, key=lambda setting: _order_of_setting(setting.name)):
        default, meaning = setting.default_text, setting.meaning
        detail = gettext("{default}; {meaning}", default=default, meaning=meaning) if meaning else default
        is_next = setting.default is None or setting.name == due
        fit = GOOD if is_next else LATER if setting.name in COMMON_SETTINGS else LAST
        yield Offer(f"{setting.name}=", "argument", detail, fit)


def _order_of_setting(name: str) -> int:
    return COMMON_SETTINGS.index(name) if name in COMMON_SETTINGS else len(COMMON_SETTINGS)


def flags_of(settings: Sequence[Setting]) -> Iterator[Offer]:
    """The settings that their bare name turns on."""
    for setting in settings:
        if setting.default == "false":
            yield Offer(setting.name, "argument", gettext("turned on; {meaning}", meaning=setting.meaning or setting.default_text), OTHER)


def choices_of(setting: Setting | None) -> Iterator[Offer]:
    """The words that a setting accepts, if it has a list of them."""
    for word in setting.choices if setting is not None else ():
        yield Offer(word, "value", gettext("the default") if setting is not None and word == setting.default else "", BEST)
