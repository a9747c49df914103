"""Compatibility: which losses, metrics and class weights fit a network's last layer and its labels, with a reason for each."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import keras
import numpy as np

from seqmagic.data.class_weights import balance
from seqmagic.data.labels import Labels, check_labels, is_one_hot
from seqmagic.data.names import data_name_of
from seqmagic.data.suggest import has_several_outputs, output_names, propose_line
from seqmagic.data.values import as_numbers
from seqmagic.errors import SeqmagicError
from seqmagic.forms.choices import Choice, short
from seqmagic.forms.compiled import SOME_OPTIMIZER, read_line
from seqmagic.forms.word_groups import FIRST_METRICS, metric_words
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.catalogue import LOSSES
from seqmagic.network.layers import first_sentence
from seqmagic.network.loss_names import CIRCLE, CLASS_LOSSES, YES_OR_NO_LOSSES, loss_name
from seqmagic.network.output_layer import ending_of
from seqmagic.options.loss_checks import Mismatch, find_metric_mismatches, find_mismatches
from seqmagic.options.weights import count_classes
from seqmagic.translation import gettext, ngettext

# Results for Keras's own metrics. Creating a metric leaks some memory in Keras, and a notebook opens many panels.
KNOWN: dict[tuple[Any, ...], Compatibility] = {}
MOST_KNOWN = 10_000


class Compatibility(NamedTuple):
    """Whether a choice fits the network and its labels.

    Attributes:
        level: "" if it fits, "unwise", or "wrong" if it can't work.
    """

    level: str = ""
    reason: str = ""


class WithLoss:
    """A model with its loss replaced, without compiling it."""

    def __init__(self, model: keras.Model, loss: Any) -> None:
        self._model = model
        self.loss = loss

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class CompatibilityCheck:
    """Inspects a model and its labels once, and then checks choices against them.

    Attributes:
        model: a built Keras model.
        y: the labels, or None; name: of their variable.
        names: the notebook's own losses and metrics.
    """

    def __init__(self, model: keras.Model, y: Any, name: str, names: Mapping[str, Any]) -> None:
        self.model, self.name, self.names = model, name, names
        self.y = as_numbers(y) if y is not None else None
        self.holds_no_numbers = self.y is None and getattr(getattr(y, "dtype", None), "kind", "f") not in "biuf"
        self.ending = ending_of(model)
        self.compile_call = propose_line(model, y) if has_several_outputs(model) else ""
        self._of_word = lru_cache(maxsize=1024)(self._check_text)

    def seen(self) -> str:
        """A sentence on the last layer's output and the labels."""
        units, activation = self.ending.units, self.ending.activation
        if self.compile_call:
            outputs = gettext(
                "The model has {count} outputs ({output_names})",
                count=len(self.model.outputs),
                output_names=", ".join(output_names(self.model)),
            )
            if self.model.compiled:
                return gettext("{outputs}; their losses and metrics stay as they are.", outputs=outputs)
            return gettext(
                "{outputs}, and each needs its own loss. Compile it in a cell, such as {compile_call}",
                outputs=outputs,
                compile_call=self.compile_call,
            )
        if units is None:
            return ""
        through = (
            ""
            if activation is None
            else gettext(", with no activation")
            if activation == "linear"
            else gettext(" through {activation}", activation=activation)
        )
        given = ngettext(
            "The last layer gives {count} number{through}", "The last layer gives {count} numbers{through}", units, through=through
        )
        labels = self._seen_labels()
        return gettext("{given}; {labels}.", given=given, labels=labels) if labels else gettext("{sentence}.", sentence=given)

    def _seen_labels(self) -> str:
        if self.y is None:
            return gettext("{name} contains no numbers, but training needs them", name=self.name) if self.holds_no_numbers else ""
        seen = self.y[:100_000]
        if is_one_hot(seen):
            return gettext("{name} is one-hot, with {shape} columns", name=self.name, shape=seen.shape[-1])
        known = seen[np.isfinite(seen)]
        kind = gettext("whole numbers") if np.array_equal(known, np.round(known)) else gettext("numbers")
        reach = gettext(" from {low:g} to {high:g}", low=known.min(), high=known.max()) if known.size else ""
        return gettext(
            "{name} holds {kind}{reach}{broken}",
            name=self.name,
            kind=kind,
            reach=reach,
            broken=gettext(", and NaN or infinity") if known.size < seen.size else "",
        )

    def loss(self, choice: Choice) -> Compatibility:
        """Check whether a loss fits."""
        return self._of_word(choice.text(), "")

    def metric(self, choice: Choice, loss: Choice) -> Compatibility:
        """Check whether a metric fits together with a loss; it is tried on a few rows."""
        texts = (loss.text() or "mse", choice.text())
        if self.names.keys() & set(re.findall(r"\w+", " ".join(texts))):
            return self._of_word(*texts)  # Don't cache: a notebook variable may change.
        like = (*texts, self.ending.shape, self.ending.activation, self._sample)
        if like not in KNOWN:
            if len(KNOWN) >= MOST_KNOWN:
                KNOWN.clear()
            KNOWN[like] = self._of_word(*texts)
        return KNOWN[like]

    def _check_text(self, loss: str, metric: str) -> Compatibility:
        try:
            options = read_line(f"compile {SOME_OPTIMIZER} {loss} {metric}", self.names)
        except SeqmagicError:
            return Compatibility()  # An unknown word is reported elsewhere.
        return self._check_metric(metric, options.metrics[0], options.loss) if metric else self._check_loss(options.loss)

    def _check_loss(self, loss: Any) -> Compatibility:
        found = list(find_mismatches(self.ending, loss))
        for mismatch in found:
            if mismatch.fatal:
                return _from_mismatch(mismatch)
        if self.y is not None:
            try:
                check_labels(Labels(self.y, data_name_of(self.name), WithLoss(self.model, loss), self.ending, None, tries_fixes=False))
            except SeqmagicError as error:
                return Compatibility("wrong", error.problem)
        return _from_mismatch(found[0]) if found else self._try_loss(loss)

    def _try_loss(self, loss: Any) -> Compatibility:
        output = self._some_output()
        if output is None or not (isinstance(loss, str) or is_of_keras(loss)):
            return Compatibility()  # The notebook's own code isn't run before Train is pressed.
        if loss_name(loss) == CIRCLE:
            # Calling it would make TensorFlow print a message about integer matmul. `_check_loss` has checked the labels.
            return Compatibility()
        labels = self._some_labels
        try:
            # Like Keras, give the labels the rank of the output before calling the function.
            keras.losses.get(loss)(labels.reshape(output.shape) if labels.size == output.size else labels, output)
        except Exception as error:  # noqa: BLE001  # Keras raises many types of exceptions for wrong labels.
            return Compatibility("wrong", gettext("This loss can't be used with these labels: {shorten}", shorten=_shorten(error)))
        return Compatibility()

    def _some_output(self) -> np.ndarray | None:
        """Plausible output of the network for the labels at hand; None if its shape isn't known."""
        shape = tuple(size for size in self.ending.shape or () if size is not None)
        if self.y is None or not shape or shape != self.ending.shape or not len(self.y):
            return None
        return np.full((len(self._some_labels), *shape), 1 / (shape[-1] if shape[-1] > 1 else 2), "float32")

    def _check_metric(self, text: str, metric: Any, loss: Any) -> Compatibility:
        for mismatch in find_metric_mismatches(self.ending, loss, metric):
            return _from_mismatch(mismatch)
        output, tried = self._some_output(), _copy(metric)
        if output is None or tried is None or metric in ("accuracy", "acc"):
            return Compatibility()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                tried(self._some_labels, output)
        except Exception as error:  # noqa: BLE001  # Keras raises many types of exceptions for wrong labels.
            return Compatibility("wrong", gettext("{text} can't be used with these labels: {shorten}", text=text, shorten=_shorten(error)))
        return Compatibility("unwise", _shorten(Exception(str(caught[0].message)))) if caught else Compatibility()

    @cached_property
    def _some_labels(self) -> np.ndarray:
        """A few rows to try losses and metrics on, as Keras passes them, including the smallest and the largest label."""
        assert self.y is not None  # noqa: S101  # Only used if there are labels.
        rows = self.y.reshape(len(self.y), -1)
        return self.y[[0, len(rows) // 2, int(rows.min(axis=1).argmin()), int(rows.max(axis=1).argmax())]].astype("float32")

    @cached_property
    def _sample(self) -> str:
        """Identifies these rows: equal labels give equal text."""
        if self.y is None or not len(self.y):
            return ""
        return f"{self._some_labels.shape} {sha256(self._some_labels.tobytes()).hexdigest()}"

    @cached_property
    def no_class_weights(self) -> str:
        """Why class weights can't be computed from the labels, as a sentence; "" if they can."""
        if self.y is None:
            return (
                gettext("{name} contains no numbers.", name=self.name)
                if self.holds_no_numbers
                else gettext("The labels can't be counted, because they are not in memory.")
            )
        reason = balance(self.y, count_classes(self.model))[1]
        return gettext("{sentence}.", sentence=f"{self.name} {reason}") if reason else ""


def _from_mismatch(mismatch: Mismatch) -> Compatibility:
    expected = gettext(" Expected: {expected}.", expected=mismatch.expected) if mismatch.expected and mismatch.fatal else ""
    return Compatibility("wrong" if mismatch.fatal else "unwise", f"{mismatch.reason}.{expected}")


def _shorten(error: Exception) -> str:
    sentence = first_sentence(error)
    if "{{" in sentence:  # The message of an error inside TensorFlow's graph.
        return gettext("they don't fit the output of the last layer.")
    return sentence if len(sentence) < 160 else f"{sentence[:157]}..."


def _copy(metric: Any) -> Any:
    """A copy of a metric to try, so that the state of the original stays empty. None if it can't be copied."""
    try:
        if isinstance(metric, str):
            return keras.metrics.get(metric)
        return type(metric).from_config(metric.get_config()) if isinstance(metric, keras.metrics.Metric) else metric
    except Exception:  # noqa: BLE001  # Custom metrics may raise anything here and still work in training.
        return None


def metric_groups(check: CompatibilityCheck, loss: Choice, own: list[str]) -> list[tuple[str, list[str]]]:
    """All metrics of Keras and of the notebook, grouped by whether they fit together with a loss."""
    groups: dict[str, list[str]] = {"Common": [], "Of this notebook": own, "Possible": [], "Unwise here": [], "Can't work here": []}
    for word in metric_words():
        possible = "Common" if word in FIRST_METRICS else "Possible"
        groups[{"": possible, "unwise": "Unwise here", "wrong": "Can't work here"}[check.metric(Choice(word), loss).level]].append(word)
    return [(gettext(label), words) for label, words in groups.items() if words]


def loss_groups(check: CompatibilityCheck, best: Choice, own: list[str]) -> list[tuple[str, list[str]]]:
    """All losses of Keras and of the notebook, grouped by whether they fit."""
    fits = bool(best.word) and check.loss(best).level != "wrong"
    groups: dict[str, list[str]] = {"Fits best": [best.word] if fits else [], "Of this notebook": own}
    levels = {"": "Possible", "unwise": "Unwise here", "wrong": "Can't work here"}
    for level in levels.values():
        groups[level] = []
    for word in dict.fromkeys(short(loss_name(word) or word) for word in LOSSES.words()):
        if word not in groups["Fits best"]:
            groups[levels[check.loss(Choice(word)).level]].append(word)
    groups["Possible"].sort(key=lambda word: word not in (*CLASS_LOSSES, *YES_OR_NO_LOSSES, "mse", "mae"))
    return [(gettext(label), words) for label, words in groups.items() if words]
