"""The sweep panel: the trials as a sorted table, their charts, and buttons for Pause, Stop, stopping one trial, and more trials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import ipywidgets

from seqmagic.errors.boundary import translate
from seqmagic.sweeps.sweep import Sweep
from seqmagic.translation import gettext
from seqmagic.widgets.html import Picture, card, card_widget, element
from seqmagic.widgets.picture import ARTIST
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.sweep_charts import describe_missing_charts
from seqmagic.widgets.sweep_picture import describe_sweep, draw_apart, draw_sweep
from seqmagic.widgets.sweep_table import SweepTable

SECONDS_BETWEEN_TABLES = 0.5
# Drawing takes a tenth of a second of CPU time, so it is limited to a twentieth of the time.
SECONDS_BETWEEN_PICTURES, SHARE = 2.0, 0.05
MORE = 10


class SweepPanel(SavedView):
    """Shows one sweep, and the controls for it. It always shows the sweep's actual state, whoever started, paused or ended it.

    Attributes:
        sweep: in any state.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self._hold = _button(gettext("Pause"), self._press(lambda: sweep.resume() if sweep.paused else sweep.pause()))
        self._skip = _button(gettext("Stop this trial"), self._press(sweep.stop_trial))
        self._stop = _button(gettext("Stop"), self._press(sweep.stop))
        self._more = _button(gettext("{more} more trials", more=MORE), self._press(lambda: sweep.more(MORE)))
        self._head, self._charts, self._table = card_widget(), card_widget(), card_widget()
        self._charts.layout.display = "none"  # Until there is one.
        self._message = ""
        self._next_table = self._next_picture = 0.0
        self._drawing = threading.Lock()
        buttons = ipywidgets.HBox([self._hold, self._skip, self._stop, self._more], layout={"flex_flow": "row wrap"})
        buttons.add_class("seqmagic-buttons")
        super().__init__([buttons, self._head, self._charts, self._table])
        self.add_class("seqmagic-panel")  # By this class a page recognizes the live view, and hides the saved one.
        self._show()
        sweep.watchers.append(self._watch)

    def close(self) -> None:
        """Close the panel; the sweep continues."""
        if self._watch in self.sweep.watchers:
            self.sweep.watchers.remove(self._watch)
        super().close()

    def _press(self, work: Callable[[], object]) -> Callable[[object], None]:
        """The handler of a button; errors are shown in the panel, because an exception in a widget callback would not be visible."""

        def pressed(_: object) -> None:
            self._message = ""
            try:
                work()
            except Exception as error:  # noqa: BLE001
                self._message = str(translate(error, gettext("The button")))
            self._show()

        return pressed

    def _watch(self, sweep: Sweep) -> None:
        now = time.monotonic()
        if sweep.ended:
            self._show()
            self._draw()
            self.refresh_saved()
        elif now >= self._next_table:
            self._next_table = now + SECONDS_BETWEEN_TABLES
            self._show()
            if now >= self._next_picture and self._drawing.acquire(blocking=False):
                ARTIST.submit(self._draw_and_let_go)

    def _draw_and_let_go(self) -> None:
        """Runs in the drawing thread, so that the training need not wait for it."""
        try:
            began = time.monotonic()
            self._put(draw_apart(self.sweep))
            now = time.monotonic()
            self._next_picture = now + max(SECONDS_BETWEEN_PICTURES, (now - began) / SHARE)
        finally:
            self._drawing.release()

    def _draw(self) -> None:
        self._put(ARTIST.submit(draw_apart, self.sweep).result())

    def _put(self, charts: list[Picture]) -> None:
        missing = describe_missing_charts(self.sweep)
        words = [element("p", element("small", missing))] if missing else []
        self._charts.value = card(element("div", *charts, class_="charts"), *words, kind="sweep") if charts else ""
        self._charts.layout.display = None if charts else "none"

    def _show(self) -> None:
        sweep = self.sweep
        self._hold.description = gettext("Continue") if sweep.paused else gettext("Pause")
        self._hold.disabled = self._skip.disabled = self._stop.disabled = sweep.ended or sweep.state == "ready"
        several = list(sweep.worker.runs_under_way) if not sweep.ended else []
        self._skip.description = gettext("Stop trial {number}", number=min(several)) if len(several) > 1 else gettext("Stop this trial")
        # After a Stop it finishes the trials that have begun.
        self._more.disabled = not sweep.task.family.searched or (sweep.state == "done" and sweep.worker.has_tried_all)
        best = sweep.best
        parts = [element("p", element("b", sweep.name), f": {sweep.format_state()}")]
        parts += [element("p", line) for line in (sweep.where, sweep.reason, self._message, str(sweep.error or "")) if line]
        parts += (
            [element("p", gettext("The best network, trial {number}:", number=best.number)), element("pre", best.text.rstrip())]
            if best is not None
            else []
        )
        self._head.value = card(*parts, kind="sweep")
        self._table.value = SweepTable(sweep)._repr_html_()

    def saved_png(self) -> bytes | None:
        """The charts so far."""
        return draw_sweep(self.sweep)

    def saved_text(self) -> str:
        """The same in words."""
        return describe_sweep(self.sweep)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.sweep.format_state()}>"


def _button(label: str, press: Callable[[object], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label, layout={"width": "auto"})  # As wide as its label, which is cut off otherwise.
    button.on_click(press)
    return button
