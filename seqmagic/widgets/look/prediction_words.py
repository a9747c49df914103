"""Predictions in words: what is true of a sample, what a model says, how sure it is."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.task import LearningTask
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.run_words import join_phrases


def describe_score(predictions: Predictions) -> str:
    """How good a model is at samples, as the end of a sentence."""
    if predictions.wrong is not None:
        wrong = int(predictions.wrong.sum())
        right = 1 - wrong / len(predictions)
        return (
            gettext("{share} right, {wrong:,} wrong.", share=format_share(right), wrong=wrong)
            if predictions.chooses
            else gettext("all labels right for {share} of them.", share=format_share(right))
        )
    if predictions.errors is not None:
        known = predictions.errors[np.isfinite(predictions.errors)]
        return (
            gettext("on average off by {known:.4g}.", known=known.mean())
            if len(known)
            else gettext("the model outputs NaN or infinity for all of them.")
        )
    return gettext("this is the model's output for them.")


def prediction_cells(predictions: Predictions, place: int) -> tuple[str, ...]:
    """What is true of a sample, what is predicted, and how sure that is or how far off."""
    if predictions.task in (LearningTask.AMOUNTS, LearningTask.OTHER):
        given, truth = predictions.rows[place], predictions.truth
        if truth is None:
            return (_numbers(given),)
        off = given - truth[place]
        return (
            _numbers(truth[place]),
            _numbers(given),
            f"{off[0]:+.4g}" if len(off) == 1 else gettext("{abs:.4g} on average", abs=np.abs(off).mean()),
        )
    truth = predictions.truth
    known = () if truth is None else (_name_classes(predictions, truth[place]),)
    sure = () if predictions.confidence is None else (format_share(float(predictions.confidence[place])),)
    return (*known, _name_classes(predictions, predictions.predicted[place]), *sure)


def describe_prediction(predictions: Predictions, place: int) -> str:
    """The same in a few words, such as '3, taken for 5, 87.1%'."""
    cells = prediction_cells(predictions, place)
    if predictions.task in (LearningTask.AMOUNTS, LearningTask.OTHER):
        return gettext("{true}, predicted {predicted}", true=cells[0], predicted=cells[1]) if len(cells) == 3 else cells[0]
    if predictions.truth is None:
        return join_phrases(cells)
    wrong = predictions.wrong is not None and predictions.wrong[place]
    return join_phrases(
        [cells[0], gettext("predicted as {predicted}", predicted=cells[1]), *cells[2:]] if wrong else [cells[0], *cells[2:]]
    )


def state_of(predictions: Predictions, place: int) -> str:
    """Whether a prediction is "right" or "wrong"; "" where that can't be said."""
    return "" if predictions.wrong is None else gettext_noop("wrong") if predictions.wrong[place] else gettext_noop("right")


def mark(predictions: Predictions, place: int) -> Element | None:
    """A sign for right or wrong that needs no colour."""
    state = state_of(predictions, place)
    if not state:
        return None
    return element("span", "✗" if state == "wrong" else "✓", class_=f"mark {state}", role="img", aria_label=gettext(state))


def format_share(share: float) -> str:
    """A probability or a share as a percentage; what is nearly all or nothing is not rounded to it.

    >>> format_share(0.871), format_share(0.99999), format_share(1.0)
    ('87.1%', '>99.9%', '100%')
    """
    if not np.isfinite(share):
        return gettext("no number")
    if share in (0, 1):
        return f"{share:.0%}"
    return ">99.9%" if share > 0.9995 else "<0.1%" if share < 0.0005 else f"{share:.1%}"


def _numbers(values: np.ndarray) -> str:
    text = ", ".join(f"{value:.4g}" for value in values[:4])
    return f"{text}, … ({len(values)})" if len(values) > 4 else text


def _name_classes(predictions: Predictions, found: np.ndarray) -> str:
    if predictions.task != LearningTask.LABELS:
        return predictions.class_name(int(found))
    names = [predictions.class_name(int(number)) for number in np.flatnonzero(found > 0)]
    return " + ".join(names) or gettext("none")
