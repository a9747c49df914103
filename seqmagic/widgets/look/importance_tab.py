"""The importance tab: which pixels, tokens or columns one answer depends on, and which columns all answers do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from seqmagic.analysis.input_gradients import Explanation, InputGradient, explain
from seqmagic.analysis.permutation import NO_COLUMNS, REPEATS, ColumnImportance, columns_of, rank_columns, score_name, score_of
from seqmagic.analysis.samples import Form, SamplePart
from seqmagic.analysis.task import LearningTask
from seqmagic.analysis.vocabulary import tokens_in
from seqmagic.keras_internals.walk import is_walkable
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.layer_tab import SECONDS, ModelTab, bar_row, sample_buttons, titled
from seqmagic.widgets.look.map_picture import draw_map, draw_signed, in_rows
from seqmagic.widgets.look.prediction_words import describe_prediction
from seqmagic.widgets.look.sample_picture import draw_sample, format_token
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import Shown
from seqmagic.widgets.text_table import align

SIDE = 160  # Pixels of the page.
MOST_BARS = 20
OTHER_OUTPUT = gettext_noop("Gradients are shown for the first output of the model.")
PICTURES = gettext_noop(
    "the sample; how much each position matters (white: most); in which direction (orange raises the score of "
    "the prediction, blue lowers it)"
)
TOKENS = gettext_noop("the length of the gradient at each token")
COLUMNS = gettext_noop("the gradient of each column; below 0, a larger value lowers the score")


class ImportanceTab(ModelTab):
    """What the answers depend on."""

    name = "importance"
    title = gettext_noop("Importance")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether gradients can be followed through the model, or its columns dealt out."""
        return is_walkable(state.predictions.model)

    def explanation(self) -> Explanation | str:
        """The gradients of the sample that is chosen."""
        sample = self.state.sample
        found: Explanation | str = self.once(sample, lambda: self._explain(sample))
        return found

    def _explain(self, sample: int) -> Explanation | str:
        predictions = self.predictions
        if predictions.head.place:
            return gettext(OTHER_OUTPUT)
        says_a_class = predictions.task == LearningTask.CLASSES and predictions.is_whole[sample]
        return explain(self.model, self.sample(), int(predictions.predicted[sample]) if says_a_class else None)

    def ranking(self) -> list[ColumnImportance] | str:
        """The columns, the weightiest first."""
        asked = replace(self.predictions, model=self.model)
        found: list[ColumnImportance] | str = self.once("ranking", lambda: rank_columns(asked, SECONDS))
        return found

    def sentence(self) -> str:
        """What is shown, and how it is meant."""
        sample = self.state.sample
        sentences = [
            gettext(
                "Which inputs would change the prediction for sample {sample} ({prediction}) most.",
                sample=sample,
                prediction=describe_prediction(self.predictions, sample),
            )
        ]
        ranking = self.ranking()
        if isinstance(ranking, str):
            return " ".join([*sentences, ranking] if ranking != gettext(NO_COLUMNS) else sentences)
        score = score_of(self.predictions)
        of_now = "" if score is None else f" ({score:.4g})"
        sentences.append(
            gettext(
                "Below: how much {score_name}{of_now} drops when a column is shuffled between the samples.",
                score_name=score_name(self.predictions),
                of_now=of_now,
            )
        )
        samples = self.predictions.samples
        columns = len(columns_of(samples.x, samples.parts))
        if len(ranking) < columns:
            limit = gettext("the limit is {seconds:.0f} seconds", seconds=SECONDS)
            sentences.append(
                gettext(
                    "Only {count} of the {columns} columns were tried, because the model is slow and {limit}.",
                    count=len(ranking),
                    columns=columns,
                    limit=limit,
                )
            )
        return " ".join(sentences)

    def body(self, *, live: bool) -> list[Shown]:
        """The gradients of one sample, then the columns for all."""
        shown: list[Shown] = [element("div", *sample_buttons(), class_="bar")] if live else []
        found = self.explanation()
        if isinstance(found, str):
            shown.append(element("p", found))
        else:
            shown.append(element("div", *map(self._draw, _telling(found)), class_="plots"))
        ranking = self.ranking()
        if not isinstance(ranking, str):
            shown.append(_ranking_table(ranking))
        return shown

    def lines(self) -> list[str]:
        """The strongest inputs of the sample, then the columns."""
        found, ranking = self.explanation(), self.ranking()
        lines = [found] if isinstance(found, str) else [line for gradient in _telling(found) for line in self._describe(gradient)]
        if not isinstance(ranking, str):
            rows = [(one.name, f"{one.mean:.4g}", f"{one.std:.2g}") for one in ranking[:MOST_BARS]]
            lines += ["", *align([(gettext("column"), gettext("score drops by"), gettext("varies by")), *rows], right=(1, 2))]
        return lines

    def _part(self, gradient: InputGradient) -> SamplePart | None:
        """The part of the samples that a gradient belongs to."""
        parts = self.predictions.samples.parts
        if len(parts) == 1:
            return parts[0]
        return next((part for part in parts if part.name == gradient.name), None)

    def _names(self, gradient: InputGradient) -> list[str]:
        values, part = gradient.values, self._part(gradient)
        count = 0 if values is None else values.size
        if gradient.are_tokens:
            tokens = self._tokens(part)
            if len(tokens) != count:
                return [gettext("position {place}", place=place) for place in range(count)]
            return [_place_of(place, token) for place, token in enumerate(tokens)]
        if part is not None and len(part.columns) == count:
            return list(part.columns)
        return [gettext("column {place}", place=place) for place in range(count)]

    def _tokens(self, part: SamplePart | None) -> list[Any]:
        """The tokens of the sample, as words where those are known, else as numbers."""
        if part is None or part.form not in (Form.TOKENS, Form.TEXT):
            return []
        row = part.rows[self.state.sample]
        if part.form == Form.TEXT:
            return list(tokens_in(self.model, row))
        return [(format_token(part, token) if token else gettext("(empty)")) if part.words else token for token in np.ravel(row)]

    def _strongest(self, gradient: InputGradient) -> list[tuple[str, float]]:
        """The names and the gradients of a row or of tokens, the strongest first."""
        values = np.ravel(gradient.values if gradient.values is not None else np.zeros(0))
        order = np.argsort(-np.abs(values), kind="stable")[:MOST_BARS]
        names = self._names(gradient)
        return [(names[place], float(values[place])) for place in order]

    def _is_picture(self, gradient: InputGradient) -> bool:
        part = self._part(gradient)
        return gradient.values is not None and (gradient.values.ndim > 1 or (part is not None and part.sides is not None))

    def _describe(self, gradient: InputGradient) -> list[str]:
        title = gradient.name or gettext("the input")
        if gradient.values is None:
            return [f"{title}: {gradient.reason}"]
        if not self._is_picture(gradient):
            return [f"{title}:", *align([(name, f"{value:.4g}") for name, value in self._strongest(gradient)], right=(1,))]
        strengths = gradient.strengths
        place = "x".join(map(str, np.unravel_index(int(np.argmax(strengths)), strengths.shape)))
        return [
            gettext(
                "{title}: strongest at {place} ({most:.4g}), {mean:.4g} on average",
                title=title,
                place=place,
                most=strengths.max(),
                mean=float(strengths.mean()),
            )
        ]

    def _draw(self, gradient: InputGradient) -> Element:
        title, part = gradient.name, self._part(gradient)
        if gradient.values is None:
            return titled(title, element("p", gradient.reason))
        if self._is_picture(gradient):
            return titled(title, element("div", *self._pictures(gradient, part), class_="pictures"), more=gettext(PICTURES))
        strongest = self._strongest(gradient)
        largest = max((abs(value) for _, value in strongest), default=0.0)
        rows = [bar_row(name, value, largest) for name, value in strongest]
        return titled(
            title, element("table", element("tbody", *rows), class_="bars"), more=gettext(TOKENS if gradient.are_tokens else COLUMNS)
        )

    def _pictures(self, gradient: InputGradient, part: SamplePart | None) -> Iterator[Shown]:
        """A sample, how much each place of it counts, and which way."""
        signed = _flat(gradient, part)
        largest = float(np.nanmax(np.abs(signed))) if np.isfinite(signed).any() else 0.0
        if part is not None:
            yield draw_sample(part, self.state.sample, gettext("sample {sample}", sample=self.state.sample), SIDE)
        yield draw_map(
            np.abs(signed), (0.0, largest), gettext("how much each position matters, {largest:.3g} at most", largest=largest), SIDE
        )
        yield draw_signed(signed, largest, gettext("in which direction: orange raises the score, blue lowers it"), SIDE)


def _telling(found: Explanation) -> list[InputGradient]:
    """The gradients that there are; where tokens go through an embedding, that none comes through to their numbers explains nothing."""
    has_tokens = any(gradient.are_tokens for gradient in found.gradients)
    return [gradient for gradient in found.gradients if gradient.values is not None or not has_tokens]


def _place_of(place: int, token: Any) -> str:
    if isinstance(token, str):
        return f"{gettext('position {place}', place=place)}: {token}"
    return gettext("position {place}: {tokens:g}", place=place, tokens=token)


def _flat(gradient: InputGradient, part: SamplePart | None) -> np.ndarray:
    """A gradient as one picture: of channels the one that counts most at each place; of a series steps from left to right."""
    values = np.zeros(0) if gradient.values is None else gradient.values
    if part is not None and part.sides is not None and values.ndim == 1:
        return values.reshape(part.sides)
    if values.ndim != 3:
        return values.T if values.ndim == 2 else in_rows(np.ravel(values))
    return np.take_along_axis(values, np.abs(values).argmax(axis=-1)[..., None], axis=-1)[..., 0]


def _ranking_table(ranking: list[ColumnImportance]) -> Element:
    shown = ranking[:MOST_BARS]
    largest = max((abs(one.mean) for one in shown), default=0.0)
    rows = [bar_row(one.name, one.mean, largest, element("td", f"± {one.std:.2g}", class_="number")) for one in shown]
    more = (
        gettext(", the {most_bars} most important of {count}", most_bars=MOST_BARS, count=len(ranking)) if len(ranking) > MOST_BARS else ""
    )
    caption = element(
        "caption",
        gettext(
            "How much worse the score is without a column: the mean of {repeats} repeats{more}; near 0, the column does not matter",
            repeats=REPEATS,
            more=more,
        ),
    )
    return element("table", caption, element("tbody", *rows), class_="bars")
