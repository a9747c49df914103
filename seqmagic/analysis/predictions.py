"""A model's predictions for some samples: its output, the meaning of the output, and where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.samples import Samples
from seqmagic.analysis.task import Head, LearningTask, probabilities_in, task_of
from seqmagic.data.classes import numbers_of_classes
from seqmagic.errors import ArgumentError, DataError
from seqmagic.translation import gettext, ngettext


@dataclass(frozen=True)
class Predictions:
    """One output of a model for some samples.

    Attributes:
        model: a Keras model; each object belongs to one model and one set of samples.
        samples: the input.
        outputs: one row per sample.
        head: which of the model's outputs it is.
        class_names: by default the classes are numbered.
        notes: sentences to show with every view.
    """

    model: keras.Model
    samples: Samples
    outputs: np.ndarray
    head: Head = field(default_factory=Head)
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.outputs)

    @cached_property
    def rows(self) -> np.ndarray:
        """The outputs, flattened to one row per sample."""
        return self.outputs.reshape(len(self.outputs), -1)

    @cached_property
    def task(self) -> LearningTask:
        """The kind of task that the output is for."""
        return task_of(self.head, self.outputs)

    @cached_property
    def probabilities(self) -> np.ndarray | None:
        """The probability of each class, or for binary classification of class 1, in one column; None if the model gives none."""
        return probabilities_in(self.head, self.task, self.rows)

    @cached_property
    def is_whole(self) -> np.ndarray:
        """For each sample whether all of its outputs are finite."""
        return np.isfinite(self.rows).all(axis=1)

    @cached_property
    def chooses(self) -> bool:
        """Whether the model predicts one class per sample, including binary classification."""
        return self.task in (LearningTask.CLASSES, LearningTask.YES_OR_NO)

    @cached_property
    def predicted(self) -> np.ndarray:
        """The predicted class of each sample, or for multi-label outputs 0 or 1 for each label; -1 if the output is not finite."""
        if self.task == LearningTask.CLASSES:
            chosen = (self.rows if self.probabilities is None else self.probabilities).argmax(axis=1)
        elif self.probabilities is not None:
            chosen = (self.probabilities > 0.5).astype("int64")
        else:
            chosen = (self.rows > self.head.least_yes).astype("int64")
        chosen = chosen[:, 0] if self.task == LearningTask.YES_OR_NO and chosen.ndim == 2 else chosen
        chosen[~self.is_whole] = -1
        return chosen

    @cached_property
    def truth(self) -> np.ndarray | None:
        """The true class of each sample, or for regression the targets; None without suitable labels."""
        y = self._labels()
        if y is None:
            return None
        if self.task == LearningTask.CLASSES:
            numbers = numbers_of_classes(y)
            return y.argmax(axis=1) if numbers is None and y.shape == self.rows.shape else numbers
        if self.task in (LearningTask.YES_OR_NO, LearningTask.LABELS):
            answers = (y.reshape(len(y), -1) > (0.0 if y.min() < 0 else 0.5)).astype("int64")
            fits = answers.shape == self.rows.shape
            return None if not fits else answers[:, 0] if self.task == LearningTask.YES_OR_NO else answers
        amounts = y.reshape(len(y), -1).astype("float64")
        return amounts if amounts.shape == self.rows.shape else None

    @cached_property
    def wrong(self) -> np.ndarray | None:
        """For each sample whether the prediction is wrong; None if that isn't defined."""
        if self.truth is None or self.task not in (LearningTask.CLASSES, LearningTask.YES_OR_NO, LearningTask.LABELS):
            return None
        return (self.predicted != self.truth).reshape(len(self), -1).any(axis=1)

    @cached_property
    def errors(self) -> np.ndarray | None:
        """The error of each prediction: one minus the probability of the true class, or the absolute error; None without labels."""
        if self.truth is None:
            return None
        if self.task in (LearningTask.AMOUNTS, LearningTask.OTHER):
            far = np.abs(self.rows - self.truth).mean(axis=1)
        elif self.probabilities is None:
            far = np.asarray(self.wrong, dtype=float)
        elif self.task == LearningTask.CLASSES:
            far = 1 - np.take_along_axis(self.probabilities, self.truth[:, None], axis=1)[:, 0]
        else:
            far = np.abs(self.probabilities - self.truth.reshape(self.probabilities.shape)).max(axis=1)
        return np.where(self.is_whole, far, np.inf)

    @cached_property
    def ranking(self) -> np.ndarray:
        """The samples, the worst errors first; without labels the least confident first."""
        if self.errors is not None:
            keys = (-self.errors, ~self.wrong) if self.wrong is not None else (-self.errors,)
            return np.lexsort(keys)
        return np.argsort(self.confidence, kind="stable") if self.confidence is not None else np.arange(len(self))

    @cached_property
    def confidence(self) -> np.ndarray | None:
        """The probability of the predicted class; None if the model gives none."""
        if self.probabilities is None:
            return None
        return (
            self.probabilities.max(axis=1)
            if self.task == LearningTask.CLASSES
            else np.maximum(self.probabilities, 1 - self.probabilities).min(axis=1)
        )

    @property
    def classes(self) -> int:
        """The number of classes; for multi-label outputs, of labels."""
        return 2 if self.task == LearningTask.YES_OR_NO else self.rows.shape[1]

    def class_name(self, number: int) -> str:
        """The name of a class."""
        if number < 0:
            return gettext("no number")
        return self.class_names[number] if number < len(self.class_names) else str(number)

    @property
    def has_labels(self) -> bool:
        """Whether there are labels for this output, even if they don't fit it."""
        return self._given_labels() is not None

    @property
    def has_shares(self) -> bool:
        """Whether labels of classes are rounded to be compared: those of a mixture, or shares between 0 and 1."""
        y = None if self.truth is None else self._labels()
        if y is None or self.task not in (LearningTask.CLASSES, LearningTask.YES_OR_NO, LearningTask.LABELS):
            return False
        if self.task == LearningTask.CLASSES:
            return numbers_of_classes(y) is None and not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) <= 1).all())
        return not (np.isin(y, (0, 1)).all() or np.isin(y, (-1, 1)).all())

    @property
    def without_class(self) -> int:
        """How many rows of one-hot labels have no 1."""
        y = self._labels() if self.task == LearningTask.CLASSES else None
        return int((y == 0).all(axis=1).sum()) if y is not None and y.shape == self.rows.shape else 0

    def _labels(self) -> np.ndarray | None:
        y = self._given_labels()
        made = None if y is None else np.asarray(y)
        return made if made is not None and made.dtype.kind in "biuf" else None

    def _given_labels(self) -> Any:
        y = self.samples.y
        if isinstance(y, dict):
            return y.get(self.head.name)
        return (y[self.head.place] if self.head.place < len(y) else None) if isinstance(y, (list, tuple)) else y


def check_names(predictions: Predictions) -> None:
    """Refuse a number of names that differs from the number of classes.

    Raises:
        ArgumentError: With the number of classes.
    """
    names = predictions.class_names
    if (
        names
        and predictions.task in (LearningTask.CLASSES, LearningTask.YES_OR_NO, LearningTask.LABELS)
        and len(names) != predictions.classes
    ):
        problem = gettext("There are {count} names for {classes} classes.", count=len(names), classes=predictions.classes)
        raise ArgumentError(problem, expected=gettext("{classes} names, starting with class 0", classes=predictions.classes))


def find_faults(predictions: Predictions) -> Iterator[str]:
    """Sentences on outputs that are no numbers, and on labels that are read otherwise than they stand there."""
    count = int(np.count_nonzero(~predictions.is_whole))
    if count:
        yield gettext(
            "For {count:,} of {predictions:,} samples, the model outputs NaN or infinity.",
            count=count,
            predictions=len(predictions),
        )
    if predictions.has_shares:
        yield (
            gettext("The labels are shares of classes: the largest share of a row counts as its true class.")
            if predictions.task == LearningTask.CLASSES
            else gettext("The labels are not only 0 and 1: a label above 0.5 counts as 1, any other as 0.")
        )
    if not predictions.has_labels and predictions.samples.y is not None:
        yield gettext("There are no labels for the output {name!r}.", name=predictions.head.name)
    elif predictions.samples.y is not None and predictions.truth is None:
        yield gettext("The labels can't be compared with the predictions, because their shapes differ.")
    elif predictions.without_class:
        count = predictions.without_class
        yield ngettext(
            "In {count} row of the labels, all are 0, so it belongs to no class; here it counts as class 0.",
            "In {count:,} rows of the labels, all are 0, so they belong to no class; here they count as class 0.",
            count,
        )


def check_truth(predictions: Predictions) -> None:
    """Refuse labels that contain a class which the model does not have.

    Raises:
        DataError: With the model's classes.
    """
    truth = predictions.truth
    if predictions.task != LearningTask.CLASSES or truth is None or not len(truth):
        return
    low, high = int(truth.min()), int(truth.max())
    if low < 0 or high >= predictions.classes:
        most, name = predictions.classes - 1, predictions.samples.names[1]
        problem = gettext(
            "The labels {name} range from {low} to {high}, but the model has classes 0 to {most}.",
            name=name,
            low=low,
            high=high,
            most=most,
        )
        raise DataError(problem, expected=gettext("labels from 0 to {most}", most=most))
