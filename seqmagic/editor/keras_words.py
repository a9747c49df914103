"""Keras's words: the vocabulary of the installed Keras, read from the catalogue.

`python -m seqmagic.editor.keras_words` writes words.json.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import keras

from seqmagic.describe.word_list import KINDS, default_text, list_words
from seqmagic.editor.meanings import STATEMENTS
from seqmagic.editor.vocabulary import FILE, Setting, Vocabulary, VocabularyEntry, dump
from seqmagic.network.catalogue import (
    COMMON_LAYER_PARAMETERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    SPECIAL_METRICS,
    parameters_of,
    registry_of_parameter,
)
from seqmagic.network.layers import input_parameters
from seqmagic.options.fit_line import fit_parameters

HIDDEN = ("kwargs", "y_true", "y_pred", "x", "autocast", "fn", "input_tensor")
NUMBERS = ("initial_learning_rate",)  # Named like a parameter that accepts a schedule, but only a number.
OF_COMPILE = {"optimizer": OPTIMIZERS.kind, "loss": LOSSES.kind, "metrics": METRICS.kind, "weighted_metrics": METRICS.kind}
OF_FIT = ("x", "y")


def read_vocabulary() -> Vocabulary:
    """The words of the installed Keras."""
    return Vocabulary(keras.__version__, (*_statements(), *_things()))


def _things() -> Iterator[VocabularyEntry]:
    for name, registry in KINDS.items():
        words = registry.words()
        for entry in list_words(name):
            target = registry.find(entry.word)
            settings = tuple(_settings(parameters_of(target), hidden=HIDDEN, unplaced=COMMON_LAYER_PARAMETERS))
            also = tuple(word for word in words if registry.find(word) is target and word not in (entry.word, *entry.short))
            summary = _first_sentence(target)
            yield VocabularyEntry(registry.kind, entry.word, entry.name, entry.short, also, settings, entry.reason, summary)
    for word in ("accuracy", "crossentropy"):
        short = tuple(short for short, meant in SPECIAL_METRICS.items() if meant == word and short != word)
        yield VocabularyEntry(METRICS.kind, word, word, short)
    yield VocabularyEntry(
        "layer", "sequential", "Sequential", (), (), (Setting("layers", None, "layer"), Setting("name", "none", has_place=False))
    )


def _statements() -> Iterator[VocabularyEntry]:
    settings: dict[str, tuple[Setting, ...]] = {
        "input": tuple(_settings(input_parameters(), hidden=("input_shape",))),
        "compile": tuple(_settings(parameters_of(keras.Model.compile), kinds=OF_COMPILE, placed=("optimizer", "loss", "metrics"))),
        "fit": tuple(_settings(fit_parameters(), hidden=("split", "dtype_policy"), placed=OF_FIT)),
    }
    for word in STATEMENTS:
        yield VocabularyEntry("statement", word, word, settings=settings.get(word, ()))


def _settings(
    parameters: Mapping[str, inspect.Parameter],
    *,
    hidden: Iterable[str] = (),
    unplaced: Iterable[str] = (),
    placed: Iterable[str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> list[Setting]:
    """The settings of a signature, positional ones first."""
    found: list[Setting] = []
    for name, parameter in parameters.items():
        if name in hidden:
            continue
        has_place = parameter.kind is not inspect.Parameter.KEYWORD_ONLY and name not in unplaced
        has_place = has_place if placed is None else name in placed
        registry = registry_of_parameter(name) if name not in NUMBERS else None
        kind = (kinds or {}).get(name) or (registry.kind if registry is not None else "")
        default = None if parameter.default is inspect.Parameter.empty else default_text(parameter.default)
        found.append(Setting(name, default, kind, has_place))
    return sorted(found, key=lambda setting: not setting.has_place)


def _first_sentence(target: Any) -> str:
    """The first sentence of an object's docstring."""
    paragraph = " ".join((inspect.getdoc(target) or "").partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")[:120]


if __name__ == "__main__":
    plain = read_vocabulary()
    # Keras's own sentences are not copied.
    entries = tuple(replace(e, summary="") for e in plain.entries)
    FILE.write_text(dump(Vocabulary(plain.keras, entries)), "utf-8")
