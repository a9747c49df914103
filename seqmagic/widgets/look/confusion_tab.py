"""The confusion tab: which classes are taken for which, and how good the model is at each."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.confusion import Confusion, confusion_of, confusions_of_labels
from seqmagic.analysis.task import LearningTask
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.prediction_words import format_share
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown, press_button
from seqmagic.widgets.text_table import align

MOST_CLASSES = 20  # With more classes, only the most frequent confusions are shown, and the classes with the lowest recall.
MOST_IN_WORDS = 12
MOST_PAIRS = 10
SHADES = 8
EXPLAINED = gettext_noop(
    "precision: of all samples predicted as this, how many are right; recall: of all samples that are this, how many are found"
)


class ConfusionTab(LookTab):
    """The confusion matrix, whose cells open their samples, with precision and recall of each class."""

    name = "confusion"
    title = gettext_noop("Confusion")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether the model says classes, and there are labels to compare them with."""
        predictions = state.predictions
        return predictions.truth is not None and (predictions.chooses or predictions.task == LearningTask.LABELS)

    def sentence(self) -> str:
        """How many are right, what guessing would give, and what is mixed up most."""
        confusion = confusion_of(self.predictions)
        if confusion is None:
            return gettext(
                "How good the model is at each of {classes} labels, which it predicts separately.", classes=self.predictions.classes
            )
        if not confusion.total:
            return gettext("The model outputs NaN or infinity for every sample, so there is nothing to count.")
        sentences = [
            gettext("{share} of {total:,} samples are right (accuracy)", share=format_share(confusion.accuracy), total=confusion.total)
        ]
        largest = int(confusion.support.argmax())
        share = confusion.support[largest] / confusion.total
        sentences[0] += gettext(
            "; always predicting {named} would be right for {share}.", named=self._named(largest), share=format_share(share)
        )
        pairs = [
            ngettext(
                "{named} as {predicted} (once)",
                "{named} as {predicted} ({count:,} times)",
                count,
                named=self._named(true),
                predicted=self._named(predicted),
            )
            for true, predicted, count in confusion.worst(2)
        ]
        sentences += (
            [gettext("The most common mistakes: it predicts {pairs}.", pairs=gettext(" and ").join(pairs))]
            if pairs
            else [gettext("There are no mistakes.")]
        )
        sentences += (
            [gettext("{without:,} samples are left out, because the model outputs NaN or infinity for them.", without=confusion.without)]
            if confusion.without
            else []
        )
        return " ".join(sentences)

    def body(self, *, live: bool) -> list[Shown]:
        """The matrix, then the classes one by one."""
        confusion = confusion_of(self.predictions)
        if confusion is None:
            return [self._labels()]
        whole = len(confusion.counts) <= MOST_CLASSES
        first = self._matrix(confusion, live=live) if whole else self._pairs(confusion, live=live)
        return [element("div", element("div", first, class_="wide"), self._classes(confusion, live=live), class_="plots")]

    def lines(self) -> list[str]:
        """Both as tables."""
        confusion = confusion_of(self.predictions)
        if confusion is None:
            return align(self._label_rows(), right=range(1, 5))
        drawn = []
        if len(confusion.counts) <= MOST_IN_WORDS:
            names = [self._named(number) for number in range(len(confusion.counts))]
            rows = [(name, *map(str, counts)) for name, counts in zip(names, confusion.counts, strict=True)]
            drawn = [*align([(gettext("true \\ predicted"), *names), *rows], right=range(1, len(names) + 1)), ""]
        return [*drawn, *align(self._class_rows(confusion), right=range(1, 5))]

    def press(self, what: str, value: str) -> None:
        """Open the samples of a cell, or of a class."""
        if what != "cell":
            super().press(what, value)
            return
        true, _, predicted = value.partition(",")
        wanted = [int(part) if part.isdecimal() and int(part) < self.predictions.classes else None for part in (true, predicted)]
        self.state.cell, self.state.open = (wanted[0], wanted[1]), "samples"
        self.state.chosen["first sample"] = 0
        chosen = self.state.selected()
        if len(chosen):
            self.state.sample = int(chosen[0])

    def _named(self, number: int) -> str:
        return self.predictions.class_name(number)

    def _matrix(self, confusion: Confusion, *, live: bool) -> Element:
        names = [self._named(number) for number in range(len(confusion.counts))]
        over = element("tr", element("td"), element("th", gettext("predicted"), scope="colgroup", colspan=len(names), class_="over"))
        head = element(
            "tr", element("th", gettext("true"), scope="col"), *(element("th", name, scope="col", class_="number") for name in names)
        )
        rows = []
        for true, counts in enumerate(confusion.counts):
            shares = counts / max(1, counts.sum())
            cells = [self._cell(true, predicted, int(count), shares[predicted], live=live) for predicted, count in enumerate(counts)]
            rows.append(element("tr", element("th", names[true], scope="row"), *cells))
        caption = element("caption", gettext("Confusion matrix: one row per true class, one column per predicted class"))
        return element("table", caption, element("thead", over, head), element("tbody", *rows), class_="matrix")

    def _cell(self, true: int, predicted: int, count: int, share: float, *, live: bool) -> Element:
        kind = "right" if true == predicted else "wrong"
        shade = 0 if not count else max(1, round(share**0.5 * SHADES))  # The square root makes small numbers of errors visible.
        label = ngettext(
            "{true} predicted as {said}: {count} sample",
            "{true} predicted as {said}: {count:,} samples",
            count,
            true=self._named(true),
            said=self._named(predicted),
        )
        shown: object = f"{count:,}" if count else element("span", "0", class_="none")
        if live and count:
            # The words are the button's alone: on the cell as well, they would be read twice.
            shown = press_button(shown, "cell", f"{true},{predicted}", control=f"cell-{true}-{predicted}", label=label, hint=label)
        return element("td", shown, class_=f"number {kind} shade-{shade}", title=None if live and count else label)

    def _pairs(self, confusion: Confusion, *, live: bool) -> Element:
        """The pairs that are mixed up most, for more classes than a matrix can show."""
        rows = []
        for true, predicted, count in confusion.worst(MOST_PAIRS):
            shown: object = f"{count:,}"
            if live:
                label = gettext(
                    "Show the samples: {named} predicted as {predicted}", named=self._named(true), predicted=self._named(predicted)
                )
                shown = press_button(shown, "cell", f"{true},{predicted}", control=f"cell-{true}-{predicted}", label=label)
            rows.append(
                element(
                    "tr", element("td", self._named(true)), element("td", self._named(predicted)), element("td", shown, class_="number")
                )
            )
        head = element("tr", *(element("th", words, scope="col") for words in (gettext("True"), gettext("Predicted"), gettext("Samples"))))
        caption = element("caption", gettext("The pairs of {count} classes that are confused most often", count=len(confusion.counts)))
        return element("table", caption, element("thead", head), element("tbody", *rows), class_="rows")

    def _order(self, confusion: Confusion) -> list[int]:
        """The classes that are listed one by one: all, or of many those that are found worst."""
        order = np.arange(len(confusion.counts))
        if len(order) > MOST_CLASSES:
            order = np.argsort(np.nan_to_num(confusion.recall, nan=2.0), kind="stable")[:MOST_CLASSES]
        return [int(number) for number in order]

    def _class_rows(self, confusion: Confusion) -> list[tuple[str, ...]]:
        rows = [_scores(self._named(number), confusion, number) for number in self._order(confusion)]
        return [(gettext("class"), gettext("samples"), gettext("precision"), gettext("recall"), "F1"), *rows, _mean_scores(confusion)]

    def _classes(self, confusion: Confusion, *, live: bool) -> Element:
        """Precision and recall of each class; its name opens its samples."""
        head, *rows = self._class_rows(confusion)
        drawn = []
        for number, (name, *cells) in zip((*self._order(confusion), None), rows, strict=True):
            shown: object = name
            if live and number is not None:
                shown = press_button(
                    name, "cell", f"{number},", control=f"class-{number}", label=gettext("Show the samples of {name}", name=name)
                )
            drawn.append(element("tr", element("th", shown, scope="row"), *(element("td", cell, class_="number") for cell in cells)))
        return _score_table(gettext("Scores of each class. {explained}", explained=gettext(EXPLAINED)), head, drawn)

    def _label_rows(self) -> list[tuple[str, ...]]:
        rows = [_scores(self._named(place), one, 1) for place, one in enumerate(confusions_of_labels(self.predictions))]
        return [(gettext("label"), gettext("samples with it"), gettext("precision"), gettext("recall"), "F1"), *rows]

    def _labels(self) -> Element:
        head, *rows = self._label_rows()
        drawn = [
            element("tr", element("th", name, scope="row"), *(element("td", cell, class_="number") for cell in cells))
            for name, *cells in rows
        ]
        return _score_table(gettext("Scores of each label. {explained}", explained=gettext(EXPLAINED)), head, drawn)


def _score_table(caption: str, head: tuple[str, ...], rows: list[Element]) -> Element:
    first, *others = (words[:1].upper() + words[1:] for words in head)
    cells = [element("th", first, scope="col"), *(element("th", words, scope="col", class_="number") for words in others)]
    table = element("table", element("caption", caption), element("thead", element("tr", *cells)), element("tbody", *rows), class_="rows")
    return element("div", table, class_="wide")


def _scores(name: str, confusion: Confusion, number: int) -> tuple[str, ...]:
    shares = (confusion.precision[number], confusion.recall[number], confusion.f1[number])
    return name, f"{confusion.support[number]:,}", *map(_format_score, shares)


def _mean_scores(confusion: Confusion) -> tuple[str, ...]:
    return gettext("mean of all"), f"{confusion.total:,}", *map(_format_score, confusion.mean_scores())


def _format_score(share: float) -> str:
    return f"{share:.3f}" if np.isfinite(share) else "–"
