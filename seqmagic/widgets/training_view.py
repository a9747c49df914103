"""The training view: controls, progress and live curves on the page, updated by small messages from the kernel."""

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
from seqmagic.widgets.status import STATES, describe_resumption, facts_of, format_means, ordered

EARLIER_POINTS = 100
SECONDS_BETWEEN_RATES = 2.0
# Curves grow with every update, but digits that change so often can't be read.
SECONDS_BETWEEN_WORDS = 0.25
SECONDS_BETWEEN_NOTES = 1.0
MOST_EPOCHS = 1000  # With more than four times as many, only the minimum and maximum of every few epochs are sent to the page.
FEWEST_EPOCHS = 50  # At least this many are on the axis from the start, if they are planned.
# A table name, its columns, the index of the first row in the page, and the rows.
Part = tuple[str, list[str], int, np.ndarray]


@dataclass
class Sent:
    """What the pages have received.

    Attributes:
        header: its values. moment, at: the progress when it was sent, and the time in seconds.
        messages: the last ones.
    """

    header: dict[str, Any] = field(default_factory=dict)
    moment: tuple[int, ...] | None = None
    at: float = 0.0
    messages: tuple[Any, ...] = ()


@dataclass
class Known:
    """Cached values that are expensive to look up.

    Attributes:
        rate: the time of the lookup, the number of times the rate had been set by then, and the learning rate.
        best: a key that changes with the epochs, and the best epoch.
        notes: the time of the lookup, a key that changes with the curves, and the notes.
    """

    rate: tuple[float, int, float | None] = (0.0, -1, None)
    best: tuple[Any, Any] = ((), None)
    notes: tuple[float, tuple[Any, int], list[str]] = (0.0, ((), -1), [])


class TrainingView(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Shows a run's history and the controls for it. Each update contains only what is new; a page that missed one asks for everything.

    It has its own renderer, because anywidget sends the code with every view, and a notebook has many: uPlot alone is larger than all of
    this code, and has neither marks for colour-blind users nor a table for screen readers.

    Attributes:
        press: called when the user presses a control: with its name, and a number if it has one.
        able: returns the enabled controls. why_not: returns why training can't begin. rate: returns the learning rate to show.
        name: of the model, while there is no run. is_headed: whether the view has a heading.
    """

    _esm = script("training_view.js")
    # Not stored: the rows are assembled when a page asks for the widget's state, that is after a reload.
    snapshot = traitlets.Bytes(b"\0\0\0\0").tag(sync=True, to_json=lambda value, view: view.whole())
    # The user's display options for the curves: logarithmic, smoothed, ... They come from the page, and are restored after a reload.
    look = traitlets.Dict().tag(sync=True)
    # Whether the page doesn't use Jupyter's outputs, and so will not hide the image saved next to the view.
    alone = traitlets.Bool(default_value=False)

    def __init__(self, press: Callable[[str, Any], None] = lambda what, value: None, **traits: Any) -> None:
        self.record = History()
        self.run: Run | None = None
        self.message: str | SeqmagicError = ""
        self.notes: tuple[str, ...] = ()
        self.next_words = ""  # For a queued run.
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
        self._esm = script("training_view.js", current_language())  # Before anywidget turns it into a trait.
        super().__init__(**traits)
        self.on_msg(self._answer)
        MARKS.show_in(self)

    def show(self, run: Run) -> None:
        """Show a run; its history may continue an earlier one."""
        with self._lock:
            self.run, self.record, self.message = run, run.record, ""
            self.update(fresh=True)

    def show_message(self, message: str | SeqmagicError) -> None:
        """Show a message under the progress; an empty one removes it."""
        self.message = message
        self.update()

    def update(self, *, fresh: bool = False) -> None:
        """Send what is new since the last update."""
        # A run's thread and a press on the page may call this at the same time.
        with self._lock:
            if self.run is not None and self.run.record is not self.record:
                self.record, fresh = self.run.record, True
            fresh = fresh or (self.run is not None and self.run.ended and any(feed.is_coarse for feed in self._feeds.values()))
            if fresh:
                self._follow()
            self._blocks += 1
            self.send({"kind": "block", "fresh": fresh}, buffers=[self._news(fresh=fresh)])

    def whole(self) -> bytes:
        """Everything that a page needs to start; updates for other pages are not affected."""
        with self._lock:
            kept = self._feeds
            self._feeds = self._new_feeds()
            try:
                return self._news(fresh=True)
            finally:
                # The other pages may lack what this page has received: the next block contains everything.
                self._feeds, self._sent = kept, Sent()

    def header(self, progress: Progress | None = None) -> dict[str, Any]:
        """The state in words and numbers, ready for display.

        Args:
            progress: of the run, if it is already known.
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
            return {**ready, "fraction": 0.0, "epochs": 1, "rate": self.rate(None), "curve_notes": [], "gone": "", **shared}
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
            "gone": describe_resumption(run),
            **shared,
        }

    def _axis(self, epochs: int) -> int:
        """The number of epochs on the axis: all planned ones, unless there are so many that the existing ones would be squeezed."""
        shown, reached = FEWEST_EPOCHS, self.record.reached
        while reached > 0.8 * shown:
            shown *= 2
        return min(epochs, shown)

    def rate_of(self, run: Run | None) -> float | None:
        """A run's learning rate, or None if it can't be set.

        Reading it from TensorFlow costs more than the rest of an update. During a run it is read at once after it was set, and otherwise
        from time to time, because a callback may have changed it.
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
        """The notes on the curves; with short epochs not after each one, because computing them takes longer as the curves grow."""
        curves, epochs, now = (id(self.record), run.state), len(self.record.epochs), time.monotonic()
        asked, (known, seen), known_notes = self._known.notes
        if known != curves or (seen != epochs and now > asked + SECONDS_BETWEEN_NOTES):
            known_notes = [note.text for note in notes_of(run)]
            self._known.notes = (now, (curves, epochs), known_notes)
        return known_notes

    def messages(self) -> dict[str, Any]:
        """The messages: a formatted error, or a sentence; and notes."""
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
        """An update as bytes: the header's length, the changed part of the header, then rows of 32-bit floats."""
        progress = self.run.progress if self.run is not None else None
        new, moment, now = {}, self._moment(progress), time.monotonic()
        if fresh or moment is None or moment != self._sent.moment or now > self._sent.at + SECONDS_BETWEEN_WORDS:
            new, self._sent.moment, self._sent.at = self._new_header(progress, fresh=fresh), moment, now
        shown = (self.message, self.notes, getattr(self.message, "fixes", ()))
        if fresh or shown != self._sent.messages:
            self._sent.messages = shown
            new["messages"] = self.messages()
        new["block"] = self._blocks  # A page that misses one asks for everything.
        parts: list[Part] = [(name, *feed.news()) for name, feed in self._feeds.items()]
        return pack_message(new, [*parts, *self._earlier()] if fresh else [part for part in parts if part[-1].size])

    def _moment(self, progress: Progress | None) -> tuple[int, ...] | None:
        """A key; while it is unchanged, texts may be delayed. None if they must not be: before the first batch, or when nothing runs."""
        run = self.run
        if run is None or progress is None or run.state != RunState.RUNNING or not progress.batches:
            return None
        return progress.epoch, progress.validating, len(self.record.epochs), run.rates_set

    def _new_header(self, progress: Progress | None, *, fresh: bool) -> dict[str, Any]:
        """The changed part of the header."""
        run = self.run
        header = self.header(progress)
        if run is not None and progress is not None and not run.ended:
            # The number of batches per epoch may be known only after the first epoch has begun. Planned epochs beyond the axis must not
            # reduce the resolution of the visible ones.
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
        """The best epoch, from `History.best`; None if there is none."""
        epochs = self.record.epochs
        known = (id(epochs), len(epochs), epochs.generation)
        if self._known.best[0] != known:  # Computed once per epoch.
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
            # Its rows come from a snapshot, and updates must continue with the same ones. Messages sent before the page was listening are
            # lost, and for a queued run no other would follow.
            self.update(fresh=True)
        elif kind == "detail":
            self._send_detail(float(content["from"]), float(content["to"]))
        elif kind == "press":
            self._press(str(content.get("what")), content.get("value"))

    def _send_detail(self, begin: float, end: float) -> None:
        """The page has zoomed in: send the batches of that part, as finely as a chart can show them."""
        names, rows = self.record.batches.rows_from()
        first, last = np.searchsorted(rows[:, 0], [begin, end])
        part = thin(rows[max(0, first - 1) : last + 1], BUCKETS)
        self.send({"kind": "detail"}, buffers=[pack_message({}, [("detail", names, 0, part)])])


def rounded(value: float) -> float | None:
    """A number with the digits that anybody reads; None for NaN, which JSON lacks."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def pack_message(header: dict[str, Any], parts: Iterable[Part]) -> bytes:
    """A header and rows as one binary buffer, which is sent to the page without conversion to text."""
    listed = list(parts)
    tables = [
        {"table": name, "start": start, "length": rows.size, **({} if start else {"names": names})} for name, names, start, rows in listed
    ]
    text = orjson.dumps({**header, "tables": tables}, option=orjson.OPT_SERIALIZE_NUMPY)
    return struct.pack("<I", len(text)) + text + b"".join(rows.astype("<f4").tobytes() for *_, rows in listed)
