"""The amounts tab: predicted against true amounts, and the residuals."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.residuals import Residuals, residuals_of
from seqmagic.analysis.task import LearningTask
from seqmagic.analysis.value_range import count_in_bins
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.plot import MOST_POINTS, Plot
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown, press_select
from seqmagic.widgets.text_table import align

BINS = 20
MOST_COLUMNS = 8


class AmountsTab(LookTab):
    """Amounts that a model predicts, beside the true ones."""

    name = "amounts"
    title = gettext_noop("Predicted and true values")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether the model gives amounts, and there are labels to compare them with."""
        predictions = state.predictions
        return predictions.task == LearningTask.AMOUNTS and predictions.truth is not None and bool(predictions.is_whole.any())

    def sentence(self) -> str:
        """How far off the predictions are, and against what that is to be held."""
        one = self._column()
        off, root = _format(one.mean_absolute_error), _format(one.root_mean_squared_error)
        sentences = [
            gettext(
                "Predictions of {name} are off by {off} on average (mean absolute error); the root mean squared error is {root}.",
                name=one.name,
                off=off,
                root=root,
            )
        ]
        sentences.append(
            gettext(
                "Always predicting the mean would be off by {format}.", format=_format(float(np.abs(one.true - one.true.mean()).mean()))
            )
        )
        if np.isfinite(one.r2):
            sentences.append(gettext("R² is {r2:.3f}: 1 is perfect, 0 is no better than the mean.", r2=one.r2))
        if abs(one.bias) > 0.2 * one.mean_absolute_error:
            sentences.append(
                gettext("On average, the predictions are too high by {bias}.", bias=_format(abs(one.bias)))
                if one.bias > 0
                else gettext("On average, the predictions are too low by {bias}.", bias=_format(abs(one.bias)))
            )
        if len(one.true) > MOST_POINTS:
            sentences.append(gettext("{most_points:,} of {count:,} samples are drawn.", most_points=MOST_POINTS, count=len(one.true)))
        return " ".join(sentences)

    def body(self, *, live: bool) -> list[Shown]:
        """Predicted against true, residuals against predictions, and how often which residual is."""
        one = self._column()
        found = residuals_of(self.predictions)
        shown: list[Shown] = []
        if live and len(found) > 1:
            options = [(str(place), column.name) for place, column in enumerate(found)]
            shown.append(element("div", press_select(gettext("Output"), "column", options, str(self._place(len(found)))), class_="bar"))
        shown.append(element("div", self._against(one), self._residuals(one), self._often(one), class_="plots"))
        return shown

    def lines(self) -> list[str]:
        """The numbers of each column."""
        head = (gettext("column"), gettext("mean absolute error"), gettext("root mean squared error"), gettext("bias"), "R2")
        rows = [
            (
                one.name,
                _format(one.mean_absolute_error),
                _format(one.root_mean_squared_error),
                _format(one.bias),
                f"{one.r2:.3f}",
            )
            for one in residuals_of(self.predictions)[:MOST_COLUMNS]
        ]
        return align([head, *rows], right=range(1, 5))

    def press(self, what: str, value: str) -> None:
        """Choose a column."""
        if what == "column" and value.isdecimal():
            self.state.chosen["column"] = int(value)
        else:
            super().press(what, value)

    def _place(self, count: int) -> int:
        place = int(self.state.chosen.get("column", 0))
        return place if place < count else 0

    def _column(self) -> Residuals:
        found = residuals_of(self.predictions)
        return found[self._place(len(found))]

    def _against(self, one: Residuals) -> Element:
        both = np.concatenate([one.true, one.predicted])
        ends = (float(both.min()), float(both.max()))
        plot = Plot(ends, ends, (gettext("true {name}", name=one.name), gettext("predicted {name}", name=one.name)))
        plot.curve(np.array(ends), np.array(ends), "ideal").points(one.true, one.predicted)
        return _titled(
            gettext("Predicted against true values; points on the line are right"),
            plot.figure(gettext("Predicted {name} against true {name}, one mark per sample", name=one.name)),
        )

    def _residuals(self, one: Residuals) -> Element:
        most = float(np.abs(one.residuals).max())
        plot = Plot(
            (float(one.predicted.min()), float(one.predicted.max())),
            (-most, most),
            (gettext("predicted {name}", name=one.name), gettext("residual")),
        )
        plot.curve(np.array(plot.x), np.zeros(2), "ideal").points(one.predicted, one.residuals)
        return _titled(
            gettext("Residuals: predicted minus true; above 0, the prediction is too high"),
            plot.figure(gettext("Residuals against predictions, one mark per sample")),
        )

    def _often(self, one: Residuals) -> Element:
        counts, edges = count_in_bins(one.residuals, BINS)
        names = (gettext("residual"), gettext("samples"))
        plot = Plot((float(edges[0]), float(edges[-1])), (0, float(counts.max())), names, counts=True)
        plot.bars(edges, counts)
        if plot.x[0] < 0 < plot.x[1]:
            plot.curve(np.zeros(2), np.array(plot.y), "ideal")
        return _titled(gettext("How often each residual occurs"), plot.figure(gettext("Histogram of the residuals")))


def _titled(words: str, plot: Element) -> Element:
    return element("figure", plot, element("figcaption", words))


def _format(value: float) -> str:
    return f"{value:.4g}"
