"""The training view: controls, progress and live curves in the page, fed by small messages from the kernel."""

from __future__ import annotations

import math
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anywidget
import numpy as np
import orjson
import traitlets

from seqmagic.analysis.curve_notes import notes_of
from seqmagic.classroom.current import current_rules
from seqmagic.classroom.hints import add_hints
from seqmagic.errors import SeqmagicError
from seqmagic.history import History
from seqmagic.ledger.run_state import RunState
from seqmagic.training.progress import Progress
from seqmagic.training.run import Run
from seqmagic.translation import gettext
from seqmagic.translation.chosen import current_language
from seqmagic.widgets.downsample import BUCKETS, CurveFeed, thin
from seqmagic.widgets.epoch_mark import MARKS
from seqmagic.widgets.error_card import ErrorCard
from seqmagic.widgets.page import script
from seqmagic.widgets.status import STATES, facts_of, format_means, ordered

EARLIER_POINTS = 100
SECONDS_BETWEEN_RATES = 2.0
# Curves grow with every update; digits that change so often can't be read.
SECONDS_BETWEEN_WORDS = 0.25
SECONDS_BETWEEN_NOTES = 1.0
MOST_EPOCHS = 1000  # Beyond four times as many, only the extremes of each few epochs stand in the page.
FEWEST_EPOCHS = 50  # So many are shown from the beginning on, if they are to come.
# A table with its rows, and the place in the page from which they stand.
Part = tuple[str, list[str], int, np.ndarray]


@dataclass
class Sent:
    """What the pages know already.

    Attributes:
        header: its values. moment, at: what went on when it was sent, and when that was, in seconds.
        messages: what was said last.
    """

    header: dict[str, Any] = field(default_factory=dict)
    moment: tuple[int, ...] | None = None
    at: float = 0.0
    messages: tuple[Any, ...] = ()


@dataclass
class Known:
    """What costs time to look up, and is asked again only now and then.

    Attributes:
        rate: when it was asked, how often the rate had been set by then, and the learning rate.
        best: what shows whether there are other epochs, and the best one.
        notes: when the curves were read, what shows whether they are others now, and what they said.
    """

    rate: tuple[float, int, float | None] = (0.0, -1, None)
    best: tuple[Any, Any] = ((), None)
    notes: tuple[float, tuple[Any, int], list[str]] = (0.0, ((), -1), [])


class TrainingView(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Shows a run's record and the controls for it. Each update carries only what is new; a page that lost some asks for all.

    The renderer is our own because anywidget sends the code with every view, and a notebook has many: uPlot alone is larger than
    all of ours, and knows neither marks for colour-blind eyes nor a table for those who can't see.

    Attributes:
        press: what to do when somebody presses a control: its name, and a number for those that have one.
        able: gives the controls that make sense now. why_not: gives why a training can't begin. rate: gives the learning rate to show.
        name: the model's, while there is no run. is_headed: whether it stands above all else in the view.
    """

    _esm = script("training_view.js")
    # Nothing is kept here. The rows are put together when a page asks for the widget's state, that is after a reload.
    snapshot = traitlets.Bytes(b"\0\0\0\0").tag(sync=True, to_json=lambda value, view: view.whole())
    # How the reader wants the curves: logarithmic, smoothed, ... It comes from the page, and is there again after a reload.
    look = traitlets.Dict().tag(sync=True)
    # Whether the page is one that doesn't know Jupyter's outputs, and will not hide the picture that is kept beside the view.
    alone = traitlets.Bool(default_value=False)

    def __init__(self, press: Callable[[str, Any], None] = lambda what, value: None, **traits: Any) -> None:
        self.record = History()
        self.run: Run | None = None
        self.message: str | SeqmagicError = ""
        self.notes: tuple[str, ...] = ()
        self.next_words = ""  # Of a run that waits for its turn.
        self.able: Callable[[], list[str]] = list
        self.why_not: Callable[[], str] = str
        self.rate: Callable[[Run | None], float | None] = self.rate_of
        self.name, self.is_headed = "", True
        self.more_epochs: int | None = None
        self.pages = 0
        self._press = press
        self._lock = threading.RLock()
        self._blocks = 0
        self._feeds = self._new_feeds()
        self._sent = Sent()
        self._known = Known()
        self._esm = script("training_view.js", current_language())  # Before anywidget makes a trait of it.
        super().__init__(**traits)
        self.on_msg(self._answer)
        MARKS.show_in(self)

    def show(self, run: Run) -> None:
        """Turn to a run; its record may go on from an earlier one."""
        with self._lock:
            self.run, self.record, self.message = run, run.record, ""
            self.update(fresh=True)

    def show_message(self, message: str | SeqmagicError) -> None:
        """Put a message under the progress; an empty one takes it away."""
        self.message = message
        self.update()

    def update(self, *, fresh: bool = False) -> None:
        """Send what is new since the last time."""
        # A run's thread and a press in the page may want this at once.
        with self._lock:
            if self.run is not None and self.run.record is not self.record:
                self.record, fresh = self.run.record, True
            fresh = fresh or (self.run is not None and self.run.ended and any(feed.is_coarse for feed in self._feeds.values()))
            if fresh:
                self._follow()
            self._blocks += 1
            self.send({"kind": "block", "fresh": fresh}, buffers=[self._news(fresh=fresh)])

    def whole(self) -> bytes:
        """All that a page needs to begin with; what goes to other pages stays untouched."""
        with self._lock:
            kept = self._feeds
            self._feeds = self._new_feeds()
            try:
                return self._news(fresh=True)
            finally:
                # What this page knows now the others may not know: the next block says all.
                self._feeds, self._sent = kept, Sent()

    def header(self, progress: Progress | None = None) -> dict[str, Any]:
        """The state in words and numbers, ready to be shown.

        Args:
            progress: of the run, where that is already known.
        """
        numbers = [(name, rounded(value)) for name, value in ordered(self.record.last())]
        shared: dict[str, Any] = {"can": self.able(), "more": self.more_epochs, "best": self.best(), "numbers": numbers}
        shared |= {"points": len(self.record.batches), "counts": self.record.counts, "means": format_means(self.record)}
        shared |= {"looked": MARKS.at(self.record), "next": self.next_words, "why_not": self.why_not(), "is_headed": self.is_headed}
        shared["name"] = self.run.name if self.run is not None else self.name
        shared["hides"] = sorted(current_rules().hidden)
        run = self.run
        if run is None:
            ready = {"state": RunState.READY, "ended": False, "word": gettext(STATES[RunState.READY]), "facts": gettext("not trained yet")}
            return {**ready, "fraction": 0.0, "epochs": 1, "rate": self.rate(None), "curve_notes": [], **shared}
        progress = progress or run.progress
        epochs = math.ceil(self.record.reached) if run.ended else self._axis(run.first_epoch + progress.epochs)
        return {
            "state": run.state,
            "ended": run.ended,
            "word": gettext(STATES[run.state]),
            "facts": " · ".join(facts_of(run, progress)),
            "fraction": 1.0 if run.state == RunState.DONE else round(progress.fraction, 4),
            "epochs": max(1, epochs),
            "rate": self.rate(run),
            "curve_notes": self._curve_notes(run),
            **shared,
        }

    def _axis(self, epochs: int) -> int:
        """How many epochs the charts show: all that are to come, unless they are so many that what there is would have no room."""
        shown, reached = FEWEST_EPOCHS, self.record.reached
        while reached > 0.8 * shown:
            shown *= 2
        return min(epochs, shown)

    def rate_of(self, run: Run | None) -> float | None:
        """A run's learning rate, or None where there is none to set.

        To ask TensorFlow for it costs more than all the rest of an update. While a run trains it is asked at once when it was set, and
        else now and then: a callback may have changed it.
        """
        if run is None:
            return None
        now, (asked, rates_set, known) = time.monotonic(), self._known.rate
        if run.state == RunState.RUNNING and run.rates_set == rates_set and now < asked + SECONDS_BETWEEN_RATES:
            return known
        rates_set, rate = run.rates_set, run.learning_rate
        self._known.rate = (now, rates_set, None if rate is None else float(f"{rate:.5g}"))
        return self._known.rate[-1]

    def _curve_notes(self, run: Run) -> list[str]:
        """What the curves say; of epochs that pass quickly not each is looked at, for that takes longer with every one of them."""
        curves, epochs, now = (id(self.record), run.state), len(self.record.epochs), time.monotonic()
        asked, (known, seen), known_notes = self._known.notes
        if known != curves or (seen != epochs and now > asked + SECONDS_BETWEEN_NOTES):
            known_notes = [note.text for note in notes_of(run)]
            self._known.notes = (now, (curves, epochs), known_notes)
        return known_notes

    def messages(self) -> dict[str, Any]:
        """What there is to say: an error laid out, or a sentence; and notes."""
        error = ""
        if isinstance(self.message, SeqmagicError):
            add_hints(self.message)
            error = ErrorCard(self.message)._repr_html_()
        text = "" if error else str(self.message)
        return {"error": error, "text": text, "notes": list(self.notes)}

    def _follow(self) -> None:
        self._feeds = self._new_feeds()
        self._known = Known()

    def _new_feeds(self) -> dict[str, CurveFeed]:
        return {"batches": CurveFeed(self.record.batches), "epochs": CurveFeed(self.record.epochs, MOST_EPOCHS)}

    def _news(self, *, fresh: bool) -> bytes:
        """The news as bytes: the header's length, what is new in the header, then rows of 32-bit numbers."""
        progress = self.run.progress if self.run is not None else None
        new, moment, now = {}, self._moment(progress), time.monotonic()
        if fresh or moment is None or moment != self._sent.moment or now > self._sent.at + SECONDS_BETWEEN_WORDS:
            new, self._sent.moment, self._sent.at = self._new_header(progress, fresh=fresh), moment, now
        shown = (self.message, self.notes, getattr(self.message, "fixes", ()))
        if fresh or shown != self._sent.messages:
            self._sent.messages = shown
            new["messages"] = self.messages()
        new["block"] = self._blocks  # A page that misses one asks for all.
        parts: list[Part] = [(name, *feed.news()) for name, feed in self._feeds.items()]
        return pack_message(new, [*parts, *self._earlier()] if fresh else [part for part in parts if part[-1].size])

    def _moment(self, progress: Progress | None) -> tuple[int, ...] | None:
        """What must be the same for words to wait; None where they never wait: before the first batch, and when nothing goes on."""
        run = self.run
        if run is None or progress is None or run.state != RunState.RUNNING or not progress.batches:
            return None
        return progress.epoch, progress.validating, len(self.record.epochs), run.rates_set

    def _new_header(self, progress: Progress | None, *, fresh: bool) -> dict[str, Any]:
        """What is new in the header."""
        run = self.run
        header = self.header(progress)
        if run is not None and progress is not None and not run.ended:
            # How long an epoch is may be known only when the first one has begun. Epochs that the charts don't show yet, of very many
            # to come, must not make coarse what is seen.
            self._feeds["batches"].expect(header["epochs"] * (progress.steps or 0))
        header["thinned"] = self._feeds["epochs"].width > 2
        new = {name: value for name, value in header.items() if fresh or self._sent.header.get(name, ...) != value}
        self._sent.header = header
        return new

    def _earlier(self) -> Iterator[Part]:
        for number, history in enumerate(self.run.earlier if self.run is not None else ()):
            names, rows = history.epochs.rows_from()
            yield f"earlier{number}", names, 0, thin(rows, EARLIER_POINTS // 2)

    def best(self) -> list[Any] | None:
        """The best epoch, as `History.best` gives it; None while there is none."""
        epochs = self.record.epochs
        known = (id(epochs), len(epochs), epochs.generation)
        if self._known.best[0] != known:  # It is looked for once an epoch.
            best = self.record.best()
            self._known.best = (known, [best[0], best[1], rounded(best[2])] if best is not None and math.isfinite(best[2]) else None)
        return self._known.best[1]

    def _answer(self, view: Any, content: dict[str, Any], buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "ask":
            self.update(fresh=True)
        elif kind == "hello":
            self.pages += 1
            self.alone = bool(content.get("alone"))
            # Its rows are a snapshot's, and what follows must stand behind the same ones. And what was sent before the page listened
            # is lost: of a run that waits for another nothing else would come.
            self.update(fresh=True)
        elif kind == "detail":
            self._send_detail(float(content["from"]), float(content["to"]))
        elif kind == "press":
            self._press(str(content.get("what")), content.get("value"))

    def _send_detail(self, begin: float, end: float) -> None:
        """A page looks closer: the batches of that part, as finely as a chart can show them."""
        names, rows = self.record.batches.rows_from()
        first, last = np.searchsorted(rows[:, 0], [begin, end])
        part = thin(rows[max(0, first - 1) : last + 1], BUCKETS)
        self.send({"kind": "detail"}, buffers=[pack_message({}, [("detail", names, 0, part)])])


def rounded(value: float) -> float | None:
    """As exact as anybody reads it; JSON has no NaN."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def pack_message(header: dict[str, Any], parts: Iterable[Part]) -> bytes:
    """A header and rows as one piece, which goes to the page without being copied into text."""
    listed = list(parts)
    tables = [
        {"table": name, "start": start, "length": rows.size, **({} if start else {"names": names})} for name, names, start, rows in listed
    ]
    text = orjson.dumps({**header, "tables": tables}, option=orjson.OPT_SERIALIZE_NUMPY)
    return struct.pack("<I", len(text)) + text + b"".join(rows.astype("<f4").tobytes() for *_, rows in listed)
