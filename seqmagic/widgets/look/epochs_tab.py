"""The tab of the epochs: the model at a few of them, side by side, and what it said then of the same samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageColor

from seqmagic.analysis.boundary import boundary_of, has_plane
from seqmagic.analysis.confusion import confusion_of
from seqmagic.analysis.model_epochs import Stop
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import Form
from seqmagic.analysis.task import LearningTask
from seqmagic.measure import format_position
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, Picture, element
from seqmagic.widgets.look.boundary_tab import draw_plane
from seqmagic.widgets.look.prediction_words import describe_score, mark, prediction_cells
from seqmagic.widgets.look.sample_picture import describe_sample, draw_sample, is_drawn
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.text_table import align

FRAMES = 6
SAMPLES = 12
PLANE_STEPS = 40  # Grid points per side of a small plane.
SIDE = 132  # Pixels of a small picture,
SAMPLE_SIDE = 40  # and of a sample next to its predictions.
FEW_COLUMNS = 4  # Columns of a row that are shown; the samples tab shows the others.
MOST_CLASSES = 60  # Of a confusion matrix that is drawn this small.


@dataclass(frozen=True)
class Frame:
    """The model at one moment.

    Attributes:
        stop: the moment.
        score: how good the model was then, in words.
        picture: its boundary or its confusion matrix; None where there is neither.
        marks, words: of the samples: whether it was right, and what it said.
    """

    stop: Stop
    score: str
    picture: Picture | None
    marks: list[Element | None]
    words: list[str]


class EpochsTab(LookTab):
    """A strip of a few epochs."""

    name = "epochs"
    title = gettext_noop("Over the epochs")

    def __init__(self, state: LookState) -> None:
        super().__init__(state)
        self._known: tuple[list[Stop], list[Frame]] = ([], [])

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether the weights of some epochs were kept."""
        return state.epochs is not None and len(state.epochs.stops()) > 1

    def sentence(self) -> str:
        """Which epochs there are."""
        frames = self.frames()
        first = gettext(
            "The model {first}, {last}, and in between: {what}.", first=frames[0].stop, last=frames[-1].stop, what=_what(self.predictions)
        )
        which = gettext(": the first ones, and some of the others") if len(self.predictions) > SAMPLES else ""
        return gettext(
            "{first} Below, the predictions for the same {count} samples each time{which}.",
            first=first,
            count=len(self._samples()),
            which=which,
        )

    def frames(self) -> list[Frame]:
        """The model at a few moments, worked out once."""
        stops = chosen_stops(self.state.epochs.stops() if self.state.epochs is not None else [])
        if stops != self._known[0]:
            self._known = (stops, list(self._work_out(stops)))
        return self._known[1]

    def body(self, *, live: bool) -> list[Shown]:
        """The pictures side by side, then a table with a sample a row."""
        frames = self.frames()
        strip = [
            element("figure", frame.picture, element("figcaption", element("b", _short(frame.stop)), f" {frame.score}")) for frame in frames
        ]
        head = [element("th", gettext("Sample"), scope="col"), *(element("th", _short(frame.stop), scope="col") for frame in frames)]
        rows = []
        for number, place in enumerate(self._samples()):
            cells = [element("td", frame.marks[number], frame.words[number]) for frame in frames]
            rows.append(element("tr", element("th", *self._show(place), scope="row"), *cells))
        caption = element("caption", gettext("Predictions for the same samples"))
        table = element("table", caption, element("thead", element("tr", *head)), element("tbody", *rows), class_="rows")
        return [element("div", *strip, class_="strip"), element("div", table, class_="wide")]

    def lines(self) -> list[str]:
        """How good the model was, then the samples as a table."""
        frames = self.frames()
        lines = [f"{frame.stop}: {frame.score}" for frame in frames]
        known = (gettext("true"),) if self.predictions.truth is not None else ()
        rows = [
            (str(place), *prediction_cells(self.predictions, place)[: len(known)], *(frame.words[number] for frame in frames))
            for number, place in enumerate(self._samples())
        ]
        return [*lines, "", *align([(gettext("sample"), *known, *(_short(frame.stop) for frame in frames)), *rows], right=[0])]

    def _samples(self) -> list[int]:
        """Half of them those that come first, such as the worst mistakes, and half spread over all others."""
        order = self.state.order
        if len(order) > SAMPLES:
            others = order[SAMPLES // 2 :]
            order = np.concatenate([order[: SAMPLES // 2], others[np.linspace(0, len(others) - 1, SAMPLES // 2).round().astype(int)]])
        return [int(place) for place in order]

    def _show(self, place: int) -> Iterator[object]:
        """A sample, with what is true of it."""
        parts = self.predictions.samples.parts
        drawn = [part for part in parts if is_drawn(part)]
        yield from (draw_sample(part, place, gettext("sample {place}", place=place), SAMPLE_SIDE) for part in drawn)
        read = [
            part
            for part in parts
            if part.form in (Form.TEXT, Form.TOKENS) or (part.form == Form.ROW and part.rows[place].size <= FEW_COLUMNS)
        ]
        values = "" if drawn or not read else f" ({' | '.join(describe_sample(part, place) for part in read)})"
        truth = (
            gettext(" is {prediction_cells}", prediction_cells=prediction_cells(self.predictions, place)[0])
            if self.predictions.truth is not None
            else ""
        )
        yield element("span", f"{place}{values}{truth}", class_="words")

    def _work_out(self, stops: list[Stop]) -> Iterator[Frame]:
        assert self.state.epochs is not None  # noqa: S101  # `fits` has checked that there are stops.
        samples = self._samples()
        for stop in stops:
            with self.state.epochs.at(stop) as then:
                marks, words = [mark(then, place) for place in samples], [_describe_prediction(then, place) for place in samples]
                yield Frame(stop, describe_score(then), _draw(then, stop), marks, words)


def chosen_stops(stops: list[Stop], most: int = FRAMES) -> list[Stop]:
    """A few moments of many: the first, the last, and more of the early ones, when most is learned.

    >>> [stop.epoch for stop in chosen_stops([Stop(epoch) for epoch in range(101)])]
    [0, 2, 5, 15, 39, 100]
    """
    if len(stops) <= most:
        return stops
    places = np.geomspace(1, len(stops), most).round().astype(int) - 1
    for number in range(1, most):  # No stop occurs twice.
        places[number] = max(places[number], places[number - 1] + 1)
    return [stops[place] for place in places]


def _what(predictions: Predictions) -> str:
    if has_plane(predictions):
        return gettext("its prediction for each value of the two inputs")
    return gettext("its confusion matrices") if confusion_of(predictions) is not None else gettext("its score")


def _short(stop: Stop) -> str:
    return gettext("now") if stop.epoch is None else gettext("epoch {epoch}", epoch=format_position(stop.epoch))


def _describe_prediction(predictions: Predictions, place: int) -> str:
    """What a model says of a sample."""
    said, *more = prediction_cells(predictions, place)[1 if predictions.truth is not None else 0 :]
    if not more:
        return said
    return f"{said} ({more[0]})" if predictions.task in (LearningTask.AMOUNTS, LearningTask.OTHER) else f"{said}, {more[0]}"


def _draw(predictions: Predictions, stop: Stop) -> Picture | None:
    """The boundary, or the confusion matrix, in small."""
    words = f"{_what(predictions)}, {stop}"
    if has_plane(predictions):
        plane = draw_plane(boundary_of(predictions, PLANE_STEPS), classes=predictions.chooses)
        return Picture(plane, words, SIDE, SIDE, class_="frame")
    confusion = confusion_of(predictions)
    if confusion is None or len(confusion.counts) > MOST_CLASSES:
        return None
    return Picture(draw_confusion(confusion.counts), words, SIDE, SIDE, class_="frame")


def draw_confusion(counts: np.ndarray) -> bytes:
    """A confusion matrix as PNG, a pixel a cell: the right ones in one colour, mistakes in another, stronger where there are more."""
    shown = np.zeros((*counts.shape, 4), dtype="uint8")
    shown[..., :3] = ImageColor.getrgb(LOOK["colors"]["validation"])
    diagonal = np.arange(len(counts))
    shown[diagonal, diagonal, :3] = ImageColor.getrgb(LOOK["colors"]["training"])
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    shown[..., 3] = 20 + 235 * np.sqrt(shares)
    buffer = BytesIO()
    Image.fromarray(shown).save(buffer, "png", optimize=True)
    return buffer.getvalue()
