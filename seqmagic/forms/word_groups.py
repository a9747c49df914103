"""The words that a control offers, in groups: the common ones first, then all others."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras

from seqmagic.forms.choices import short
from seqmagic.network.catalogue import METRICS, OPTIMIZERS, SCHEDULES, SPECIAL_METRICS, parameters_of
from seqmagic.translation import gettext, gettext_noop

# Labels of the groups, also in the lists of losses and metrics.
LABELS = (
    gettext_noop("Common"),
    gettext_noop("Of this notebook"),
    gettext_noop("All others"),
    gettext_noop("Now"),
    gettext_noop("Possible"),
    gettext_noop("Unwise here"),
    gettext_noop("Can't work here"),
    gettext_noop("Fits best"),
)
FIRST_OPTIMIZERS = ("adam", "sgd", "rmsprop", "adamw", "adagrad")
FIRST_METRICS = ("accuracy", "mae", "mse", "auc", "precision", "recall", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy")
COUNTERS = ("mean", "sum")  # These average plain numbers and take no labels.

Groups = list[tuple[str, list[str]]]


def optimizer_groups(now: str, own: list[str]) -> Groups:
    """All optimizers, including the model's current one, even if it is a custom one."""
    others = [word for word in OPTIMIZERS.words() if stands_alone(word) and word not in FIRST_OPTIMIZERS]
    known = {*FIRST_OPTIMIZERS, *others, *own}
    groups = [("Common", list(FIRST_OPTIMIZERS)), ("Of this notebook", own), ("All others", others)]
    return [(gettext(label), words) for label, words in [*groups, ("Now", [now] if now not in known else [])] if words]


def stands_alone(optimizer: str) -> bool:
    """Whether an optimizer can be created without arguments."""
    return all(parameter.default is not parameter.empty for parameter in parameters_of(OPTIMIZERS.find(optimizer)).values())


@cache
def metric_words() -> tuple[str, ...]:
    """All metrics that `compile` can create, each once; the common ones first."""
    usable = {short(word) for word in METRICS.words() if word not in COUNTERS and _is_usable(word)}
    return (*FIRST_METRICS, *sorted(usable.difference(FIRST_METRICS)))


def _is_usable(word: str) -> bool:
    if word in SPECIAL_METRICS and METRICS.function_name(word) is None:
        return word == "accuracy"
    name = METRICS.function_name(word)
    if name is None:
        return True  # A class is created with its options.
    try:
        return keras.metrics.get(name) is not None
    except ValueError:
        return False


def schedule_groups() -> list[Any]:
    """All learning rate schedules."""
    return [("", SCHEDULES.words())]
