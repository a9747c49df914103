"""The training panel: Pause and Stop, and the live view of a run."""

from __future__ import annotations

import ipywidgets

from seqmagic.training.history import History
from seqmagic.training.run import Run
from seqmagic.widgets.picture import draw_png
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.status import spoken_run
from seqmagic.widgets.training_view import TrainingView

# The picture in the notebook is drawn anew when a run has lasted so long, then at twice that, and so on: a page that is
# reloaded in mid-run no longer passes on the last picture, and this one is then not far behind.
FIRST_PICTURE_SECONDS = 10.0
RELOADED = (
    "The page was reloaded during this training, so the picture that is saved in the notebook is an earlier one. "
    "To keep these curves, run a cell with %dashboard {name}."
)


class TrainingPanel(SavedView):
    """Shows one run and lets the reader pause and stop it. It is always true to the run, whoever started or ended that."""

    run: Run | None = None

    def __init__(
        self, run: Run | None = None, before: tuple[ipywidgets.Widget, ...] = (), buttons: tuple[ipywidgets.Widget, ...] = ()
    ) -> None:
        self.view = TrainingView()
        self.pause_button = ipywidgets.Button(description="Pause", icon="pause", tooltip="Hold after the current batch", disabled=True)
        self.stop_button = ipywidgets.Button(
            description="Stop", icon="stop", tooltip="End the training; what it learned stays", disabled=True
        )
        for button in (*buttons, self.pause_button, self.stop_button):
            button.layout.width = "104px"
        self.pause_button.on_click(self._press_pause)
        self.stop_button.on_click(self._press_stop)
        row = ipywidgets.HBox([*buttons, self.pause_button, self.stop_button])
        row.add_class("seqmagic-buttons")
        super().__init__([*before, row, self.view])
        self.add_class("seqmagic-panel")
        if run is not None:
            self.attach(run)

    @property
    def record(self) -> History:
        """What is drawn."""
        return self.view.record

    def attach(self, run: Run) -> None:
        """Turn to a run, in whichever state it is."""
        self.detach()
        self.run = run
        self._pages_before = self.view.pages
        self._next_picture = FIRST_PICTURE_SECONDS
        self._state_shown = ""
        run.watchers.append(self._watch)
        self.view.show(run)
        self._show_state(run)
        if run.error is not None:
            self.view.say(str(run.error))

    def detach(self) -> None:
        """Stop watching; the run itself goes on."""
        if self.run is not None and self._watch in self.run.watchers:
            self.run.watchers.remove(self._watch)

    def close(self) -> None:
        """Take the panel away; the run goes on."""
        self.detach()
        super().close()

    def _watch(self, run: Run) -> None:
        if run.ended:
            self.view.message = self._last_message(run)
        self.view.update()
        if run.state != self._state_shown:
            self._show_state(run)
        if run.ended:
            self.refresh_saved()
        elif run.progress.seconds > self._next_picture:
            self._next_picture *= 2
            self.refresh_saved()

    def _last_message(self, run: Run) -> str:
        if run.error is not None:
            return str(run.error)
        # The page that shows the panel first says hello once; another hello comes from a page that was loaded anew.
        return RELOADED.format(name=run.model.name) if self.view.pages > max(1, self._pages_before) else ""

    def _show_state(self, run: Run) -> None:
        self._state_shown = run.state
        paused = run.state == "paused"
        self.pause_button.description = "Continue" if paused else "Pause"
        self.pause_button.icon = "play" if paused else "pause"
        self.pause_button.disabled = self.stop_button.disabled = run.ended

    def _press_pause(self, button: ipywidgets.Button) -> None:
        if self.run is not None:
            self.run.resume() if self.run.paused else self.run.pause()

    def _press_stop(self, button: ipywidgets.Button) -> None:
        if self.run is not None:
            self.run.stop()

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        if self.run is not None and self.run.ended:
            self.refresh_saved()  # It may have ended while the picture for this output was drawn.

    def saved_png(self) -> bytes | None:
        """The curves so far."""
        return draw_png(self.record) if len(self.record.batches) else None

    def saved_text(self) -> str:
        """The run's state and its last numbers."""
        return "Not trained yet." if self.run is None else spoken_run(self.run)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.saved_text()}>"
