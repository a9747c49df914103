"""The samples tab: what goes in, with what the model makes of it; the worst mistakes first."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.samples import Form, SamplePart
from seqmagic.analysis.task import LearningTask
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.prediction_words import describe_prediction, describe_score, format_share, mark, prediction_cells, state_of
from seqmagic.widgets.look.sample_picture import all_columns, cells_of, describe_sample, draw_output, draw_sample, heads_of, is_drawn
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown, press_button
from seqmagic.widgets.text_table import align

PAGE = 24  # Samples visible at once;
STILL = 12  # in a saved notebook,
MOST_ROWS = 10  # and in plain text.
MOST_CLASSES = 10  # Classes shown for one sample, the most probable first.


class SamplesTab(LookTab):
    """Samples with predictions and probabilities."""

    name = "samples"
    title = gettext_noop("Samples")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Always: there are samples."""
        return len(state.predictions) > 0

    def sentence(self) -> str:
        """How many there are, how good the model is at them, and in which order they stand."""
        predictions, count = self.predictions, len(self.predictions)
        parts = [ngettext("{count} sample: {score}", "{count:,} samples: {score}", count, score=describe_score(predictions))]
        if self.state.ranked is not predictions:
            parts.append(gettext("They keep the order of the first look, so that you see the same samples."))
        elif predictions.wrong is not None:
            worst = (
                gettext("The worst mistakes come first.")
                if predictions.wrong.any()
                else gettext("The samples closest to a mistake come first.")
            )
            parts.append(worst)
        elif predictions.errors is not None:
            parts.append(gettext("The samples with the largest errors come first."))
        elif predictions.confidence is not None:
            parts.append(gettext("There are no labels to compare with, so the least certain predictions come first."))
        return " ".join(parts)

    def body(self, *, live: bool) -> list[Shown]:
        """The samples themselves, a page of them, and the one that is chosen with all that is known of it."""
        chosen = self.state.selected()
        first = self._first(len(chosen)) if live else 0
        places = chosen[first : first + (PAGE if live else STILL)]
        seen = self._grid(places, live=live) if any(map(is_drawn, self.predictions.samples.parts)) else self._table(places, live=live)
        shown: list[Shown] = [self._bar(len(chosen), first), seen] if live else [seen]
        if live and self.state.sample in places:
            shown.append(self._detail(self.state.sample))
        return shown if len(places) else [*shown[:-1], element("p", gettext("There are no such samples."))]

    def lines(self) -> list[str]:
        """The first samples as a table."""
        rows = [self._row(int(place)) for place in self.state.order[:MOST_ROWS]]
        return align([(gettext("sample"), *self._heads(), gettext("data")), *rows], right=[0])

    def press(self, what: str, value: str) -> None:
        """Go to a page, choose a sample, or show all again."""
        if what == "page" and value.isdecimal():
            self.state.chosen["first sample"] = int(value)
        elif what == "all":
            self.state.cell = None
            self.state.chosen["first sample"] = 0
        else:
            super().press(what, value)

    def _first(self, count: int) -> int:
        first = int(self.state.chosen.get("first sample", 0))
        return first if first < count else 0

    def _bar(self, count: int, first: int) -> Element:
        """Which samples are seen, and how to get to the others."""
        last = min(first + PAGE, count)
        span = gettext("{first:,} to {last:,} of {count:,}", first=first + 1, last=last, count=count) if count else "0"
        cell = self.state.cell
        parts: list[object] = [element("span", f"{span}{self._describe_cell()}", class_="where")]
        if first:
            parts.append(press_button(gettext("Previous"), "page", max(0, first - PAGE), control="earlier"))
        if last < count:
            parts.append(press_button(gettext("More"), "page", last, control="more"))
        if cell is not None:
            parts.append(press_button(gettext("All samples"), "all", "", control="all"))
        return element("div", *parts, class_="bar")

    def _describe_cell(self) -> str:
        if self.state.cell is None:
            return ""
        name = self.predictions.class_name
        true, predicted = self.state.cell
        words = [gettext("is {name}", name=name(true))] if true is not None else []
        words += [gettext("predicted as {name}", name=name(predicted))] if predicted is not None else []
        return f": {', '.join(words)}"

    def _grid(self, places: np.ndarray, *, live: bool) -> Element:
        drawn = []
        for place in map(int, places):
            words = describe_prediction(self.predictions, place)
            pictures = [
                draw_sample(part, place, gettext("sample {place}: {words}", place=place, words=words))
                for part in self.predictions.samples.parts
            ]
            given = draw_output(self.predictions.samples.parts[0], self.predictions.outputs[place], gettext("the model's output for it"))
            inside = element("span", *pictures, given, class_="pictures")
            caption = element("span", mark(self.predictions, place), words, class_="words")
            look = f"sample {state_of(self.predictions, place)}"
            if live:
                pressed = place == self.state.sample
                button = press_button(inside, "sample", place, control=f"sample-{place}", pressed=pressed)
                drawn.append(element("figure", button, element("figcaption", caption), class_=look))
            else:
                drawn.append(element("figure", inside, element("figcaption", caption), class_=look))
        return element("div", *drawn, class_="samples")

    def _table(self, places: np.ndarray, *, live: bool) -> Element:
        parts = self.predictions.samples.parts
        columns = [
            (head, "value" if part.form == Form.ROW else None)
            for part in parts
            for head in (heads_of(part) if part.form == Form.ROW else [part.name or gettext(part.form.value)])
        ]
        alignment = "number" if self.predictions.task in (LearningTask.AMOUNTS, LearningTask.OTHER) else None
        heads = [element("th", words.capitalize(), scope="col", class_=alignment) for words in self._heads()]
        heads += [element("th", words, scope="col", class_=kind) for words, kind in columns]
        head = element("tr", element("th", gettext("Sample"), scope="col"), *heads)
        rows = []
        for place in map(int, places):
            number = press_button(place, "sample", place, control=f"sample-{place}", pressed=place == self.state.sample) if live else place
            shown = [element("td", words, class_=alignment) for words in self._row(place)[1:-1]]
            cells = [
                cell for part in parts for cell in (cells_of(part, place) if part.form == Form.ROW else [describe_sample(part, place)])
            ]
            shown += [element("td", cell, class_=kind) for cell, (_, kind) in zip(cells, columns, strict=True)]
            marked = element("th", mark(self.predictions, place), number, scope="row")
            rows.append(element("tr", marked, *shown, class_=state_of(self.predictions, place)))
        caption = element("caption", gettext("Samples and the model's predictions for them"))
        return element("div", element("table", caption, element("thead", head), element("tbody", *rows), class_="rows"), class_="wide")

    def _heads(self) -> tuple[str, ...]:
        known = (gettext("true"),) if self.predictions.truth is not None else ()
        if self.predictions.task in (LearningTask.AMOUNTS, LearningTask.OTHER):
            return (*known, gettext("predicted"), *((gettext("off by"),) if known else ()))
        return (*known, gettext("predicted"), *((gettext("probability"),) if self.predictions.confidence is not None else ()))

    def _row(self, place: int) -> tuple[str, ...]:
        shown = " | ".join(describe_sample(part, place) for part in self.predictions.samples.parts)
        return (str(place), *prediction_cells(self.predictions, place), shown)

    def _detail(self, place: int) -> Element:
        """All that is known of one sample: the probability of each class."""
        predictions = self.predictions
        title = element("p", element("b", gettext("Sample {place}", place=place)), f": {describe_prediction(predictions, place)}")
        shares, columns = (
            predictions.probabilities,
            [self._columns(part, place) for part in predictions.samples.parts if part.form == Form.ROW],
        )
        if shares is None:
            return element("div", title, *columns, class_="detail")
        row = shares[place] if predictions.task != LearningTask.YES_OR_NO else np.array([1 - shares[place, 0], shares[place, 0]])
        order = np.argsort(-row, kind="stable")[:MOST_CLASSES]
        bars = [_bar_row(predictions.class_name(int(number)), float(row[number])) for number in order]
        of_each = gettext("Probability of each label") if predictions.task == LearningTask.LABELS else gettext("Probability of each class")
        caption = (
            of_each if len(order) == len(row) else gettext("Probabilities, the {count} highest of {row}", count=len(order), row=len(row))
        )
        table = element("table", element("caption", caption), element("tbody", *bars), class_="bars")
        return element("div", title, element("div", table, *columns, class_="plots"), class_="detail")

    def _columns(self, part: SamplePart, place: int) -> Element:
        """All columns of a row, which the table above has no room for."""
        names, values = all_columns(part, place)
        rows = [
            element("tr", element("th", name, scope="row"), element("td", value, class_="value"))
            for name, value in zip(names, values, strict=True)
        ]
        more = np.size(part.rows[place]) - len(names)
        caption = (
            gettext("Its first {count} columns; there are {more:,} more", count=len(names), more=more) if more else gettext("Its columns")
        )
        return element(
            "table", element("caption", f"{part.name}: {caption}" if part.name else caption), element("tbody", *rows), class_="bars"
        )


def _bar_row(name: str, share: float) -> Element:
    width = round(160 * share, 1) if np.isfinite(share) else 0
    rect = element("rect", width=width, height=12, class_="bar")
    bar = element("svg", rect, viewBox="0 0 160 12", width=160, height=12, aria_hidden="true")
    return element("tr", element("th", name, scope="row"), element("td", format_share(share), class_="number"), element("td", bar))
