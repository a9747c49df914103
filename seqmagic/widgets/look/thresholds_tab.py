"""The thresholds tab: from which probability on it is a yes, what each choice costs, and whether the probabilities can be believed."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.confusion import Confusion
from seqmagic.analysis.thresholds import Calibration, RocCurve, calibration_of, confusion_at, has_thresholds, roc_of
from seqmagic.errors import DataError
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.plot import Plot
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown
from seqmagic.widgets.text_table import align

USUAL = 50  # Percent.
TOLD = (10, 30, 50, 70, 90)


class ThresholdsTab(LookTab):
    """The ROC curve and the calibration of a model that says yes or no."""

    name = "thresholds"
    title = gettext_noop("Thresholds")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether it is yes or no, and there are labels of both."""
        return has_thresholds(state.predictions)

    def sentence(self) -> str:
        """How well a threshold separates the yeses from the noes."""
        try:
            area = roc_of(self.predictions).area
        except DataError as error:
            return gettext("{problem} To see them: {instead}", problem=error.problem, instead=error.instead)
        words = gettext(
            "The area under the ROC curve is {area:.3f}: this is how likely a yes is to score higher than a no; "
            "0.5 is guessing, 1 is perfect.",
            area=area,
        )
        if self.predictions.probabilities is None:
            return words
        return gettext("{words} Where the calibration points are on the line, the share of yes is what the model predicts.", words=words)

    def body(self, *, live: bool) -> list[Shown]:
        """The threshold with what it gives, and both curves."""
        predictions = self.predictions
        shown: list[Shown] = [self._choice(live=live)] if predictions.probabilities is not None else []
        try:
            roc, calibration = roc_of(predictions), calibration_of(predictions)
        except DataError:
            return shown or [element("p", "")]
        figures = [self._roc(roc), *([_calibration(calibration)] if calibration is not None else [])]
        return [*shown, element("div", *figures, class_="plots")]

    def lines(self) -> list[str]:
        """What some thresholds give."""
        if self.predictions.probabilities is None:
            return [gettext("The model does not output probabilities.")]
        rows = [(f"{percent / 100:g}", *_scores(confusion_at(self.predictions, percent / 100))) for percent in TOLD]
        heads = (gettext("right"), gettext("precision"), gettext("recall"), gettext("false alarms"), gettext("missed"))
        return align([(gettext("yes above"), *heads), *rows], right=range(6))

    def press(self, what: str, value: str) -> None:
        """Choose a threshold, in hundredths."""
        if what == "threshold" and value.isdecimal() and int(value) <= 100:
            self.state.chosen["threshold"] = int(value)
        else:
            super().press(what, value)

    @property
    def _percent(self) -> int:
        return int(self.state.chosen.get("threshold", USUAL))

    def _choice(self, *, live: bool) -> Element:
        percent = self._percent
        names = (gettext("Right"), gettext("Precision"), gettext("Recall"), gettext("False alarms"), gettext("Missed"))
        scores = _scores(confusion_at(self.predictions, percent / 100))
        values = [element("span", f"{name}: ", element("b", score), class_="score") for name, score in zip(names, scores, strict=True)]
        words = gettext("{class_name} above {percent:.2f}", class_name=self.predictions.class_name(1), percent=percent / 100)
        if not live:
            return element("p", element("b", words), "; ", *values)
        slider = element("input", type="range", min=0, max=100, step=1, value=percent, data_press="threshold", data_control="threshold")
        return element("div", element("label", gettext("It is {words} ", words=words), slider), *values, class_="bar")

    def _roc(self, roc: RocCurve) -> Element:
        plot = Plot((0, 1), (0, 1), (gettext("false alarms: share of all no"), gettext("found: share of all yes")))
        plot.curve(np.array([0, 1]), np.array([0, 1]), "ideal").curve(roc.false_positives, roc.true_positives)
        if self.predictions.probabilities is not None:
            here = confusion_at(self.predictions, self._percent / 100)
            plot.points(np.array([1 - here.recall[0]]), np.array([here.recall[1]]), "chosen", mark=1)
        figure = plot.figure(gettext("ROC curve, area {area:.3f}", area=roc.area))
        return element(
            "figure", figure, element("figcaption", gettext("ROC curve; the square is the threshold, the dashed line is guessing"))
        )


def _calibration(calibration: Calibration) -> Element:
    plot = Plot((0, 1), (0, 1), (gettext("predicted probability"), gettext("share of yes")))
    plot.curve(np.array([0, 1]), np.array([0, 1]), "ideal").curve(calibration.probabilities, calibration.shares)
    plot.points(calibration.probabilities, calibration.shares)
    counts = ", ".join(f"{count:,}" for count in calibration.counts)
    figure = plot.figure(gettext("Calibration: how often it is a yes, by predicted probability"))
    return element(
        "figure",
        figure,
        element("figcaption", gettext("Calibration, in bins of 0.1; with {counts} samples, from left to right", counts=counts)),
    )


def _scores(confusion: Confusion) -> tuple[str, ...]:
    shares = (confusion.accuracy, confusion.precision[1], confusion.recall[1])
    return *(f"{share:.3f}" if np.isfinite(share) else "–" for share in shares), str(confusion.counts[0, 1]), str(confusion.counts[1, 0])
