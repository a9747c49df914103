"""The training panel: the controls of a run, and the live view of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

from seqmagic.classroom.current import current_rules
from seqmagic.errors import ArgumentError
from seqmagic.errors.boundary import translate
from seqmagic.history import History
from seqmagic.ledger.run_state import RunState
from seqmagic.training.current_runs import run_of
from seqmagic.training.registry import line_before
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.picture import draw_png
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.status import format_count, format_numbers, format_run, with_table
from seqmagic.widgets.training_view import TrainingView

# The image in the notebook is redrawn when a run has lasted this long, then at twice that time, and so on: a page that is reloaded during a
# run no longer receives the final image, and this one is then not too old.
FIRST_PICTURE_SECONDS = 10.0
ANEW = gettext_noop(" Training starts over from there.")
RELOADED = gettext_noop(
    "The page was reloaded after this panel was shown, so the notebook has saved an earlier picture. To save the "
    "current curves, run a cell with %dashboard {name}."
)
BEGINNING = ("train", "batch", "epoch")  # Actions that start a training if there is none.
NEVER = gettext_noop("The training of this cell was cancelled before it started.")
RESTORED = {
    "first": gettext_noop("The weights from before the first epoch were put back."),
    "best": gettext_noop("The weights of the best epoch were put back."),
}


class TrainingPanel(SavedView):
    """Shows one run and the controls for it. It always shows the run's actual state, whoever started, paused or ended it.

    Attributes:
        before: widgets above the controls.
        advice: whether to show notes on what is unwise.
    """

    next_run: Run | None = None  # A queued run; until it starts, the run before it is shown.
    look: Any = None  # Opened by the button "Look inside".
    children: Any  # A trait of the box.

    def __init__(self, run: Run | None = None, before: tuple[ipywidgets.Widget, ...] = (), *, advice: bool = True) -> None:
        self._advises = advice
        self.view = TrainingView(press=self.press)
        self.view.able = self.able
        super().__init__([*before, self.view])
        self.add_class("seqmagic-panel")
        traitlets.dlink((self.view, "alone"), (self, "alone"))
        if run is not None:
            self.attach(run)

    @property
    def run(self) -> Run | None:
        """The run that is shown, in any state; None if there is none yet."""
        return self.view.run

    @property
    def record(self) -> History:
        """The history that is drawn."""
        return self.view.record

    def attach(self, run: Run) -> None:
        """Show a run, in any state."""
        if run.state == RunState.WAITING:
            self.next_run = run
            run.watchers.append(self._watch_next)
            self._watch_next(run)
            return
        self.detach()
        self._close_look()
        self.view.run = run  # Before anything that it notifies uses it.
        self._next_picture = 0.0
        run.watchers.append(self._watch)
        self.view.notes = self._notes(run)
        self.view.more_epochs = min(run.progress.epochs, 2**53)  # JavaScript's largest exact integer.
        self.view.show(run)
        if run.error is not None:
            self.view.show_message(run.error)

    def detach(self) -> None:
        """Stop watching the run; the run itself continues."""
        if self.run is not None and self._watch in self.run.watchers:
            self.run.watchers.remove(self._watch)

    def close(self) -> None:
        """Close the panel and its parts; the run continues."""
        self.detach()
        self._forget_next()
        super().close()

    # The controls.

    def able(self) -> list[str]:
        """The controls that are enabled now."""
        run = self.run
        if run is None or run.state == RunState.READY:
            return []
        queue = ["instead", "after", "never"] if self.next_run is not None else []
        rate = ["rate"] if run.can_set_rate and "optimizer" not in current_rules().locked else []
        weights = [which for which in ("first", "best") if run.can_restore(which)]
        if run.ended:
            return [*([*BEGINNING, *self._can_look()] if run.model is not None else []), *weights, *rate, *queue]
        return ["pause", "stop", "batch", "epoch", *self._can_look(), *weights, *rate, *queue]

    def _can_look(self) -> list[str]:
        """Whether there is something to look at: a model that has trained, or is training."""
        run = self.run
        shown = "look" not in current_rules().hidden
        return ["look"] if shown and run is not None and run_of(run.model) in (None, run) and len(run.record.batches) else []

    def press(self, what: str, value: Any = None) -> None:
        """Perform the action of a control; errors are shown in the panel.

        Args:
            what: train, pause (which also resumes), stop, batch, epoch, first, best, rate, or look; for a queued run: instead, after,
            never.
            value: the learning rate, or the number of further epochs.
        """
        if what not in self.able():
            return
        before = self.view.message
        try:
            self._actions()[what](value)
        except Exception as error:  # noqa: BLE001  # An exception in a widget callback would not be shown to the user.
            self.view.message = translate(error, gettext("The button {what!r}", what=what))
        else:
            if self.view.message is before and what != "stop":
                self.view.message = gettext(RESTORED.get(what, "")) + (
                    gettext(ANEW) if what == "first" and self.run is not None and self.run.ended else ""
                )
        self.view.update()

    def _actions(self) -> dict[str, Callable[[Any], Any]]:
        run = self.run
        if run is None:
            return {}
        return {
            "train": self._train_more,
            "pause": lambda _: run.resume() if run.paused else run.pause(),
            "stop": lambda _: run.stop(),
            "batch": lambda _: self._stepping(run).step_batch(),
            "epoch": lambda _: self._stepping(run).step_epoch(),
            "first": lambda _: run.restore("first"),
            "best": lambda _: run.restore("best"),
            "rate": self._set_rate,
            "look": lambda _: self._look_inside(),
            "instead": lambda _: self._make_room(),
            "after": lambda _: None,  # It is queued already.
            "never": lambda _: self.next_run.cancel() if self.next_run is not None else None,
        }

    def _make_room(self) -> None:
        """End the runs before the queued one."""
        if self.next_run is not None:
            for run in line_before(self.next_run, self.next_run.model):
                run.stop().cancel()

    def _train_more(self, epochs: Any) -> None:
        assert self.run is not None  # noqa: S101  # `able` has checked it.
        whole = isinstance(epochs, (int, float)) and math.isfinite(epochs) and epochs >= 1
        self.attach(self.run.more(int(epochs) if whole else None))

    def _look_inside(self) -> None:
        """Show below what the model does with the data of its last run."""
        from seqmagic.widgets.look.request import make_pass
        from seqmagic.widgets.look.view import LookView

        assert self.run is not None  # noqa: S101  # `able` has checked it.
        view = LookView(make_pass(self.run.model, None, None))
        self._close_look()
        self.look, self.children = view, (*self.children, view)
        view.begin()

    def _close_look(self) -> None:
        """Close the look inside, which shows earlier weights."""
        if self.look is not None:
            self.children = tuple(child for child in self.children if child is not self.look)
            self.look.close()
            self.look = None

    def _stepping(self, run: Run) -> Run:
        """The run for a step: if it has ended, the next one."""
        if not run.ended:
            return run
        following = run.following()
        self.attach(following)
        return following

    def _set_rate(self, value: Any) -> None:
        assert self.run is not None  # noqa: S101  # `able` has checked it.
        try:
            self.run.learning_rate = float(value)
        except (TypeError, ValueError):
            raise ArgumentError(
                gettext("{value!r} is not a learning rate.", value=str(value)[:40]), expected=gettext("a number above 0, such as 0.001")
            ) from None

    # The run's notifications.

    def _watch_next(self, run: Run) -> None:
        """Show the run before a queued run until that starts."""
        if run.state == RunState.WAITING:
            first = run_of(run.model)
            self.view.next_words = gettext(
                "The training of this cell ({epochs}) starts after this one.", epochs=format_count(run.progress.epochs, "epoch")
            )
            if first is not None and first not in (run, self.run):
                self.attach(first)
            return
        self._forget_next()
        if len(run.record.batches) or run.state != RunState.STOPPED:
            self.attach(run)
        else:
            self.view.show_message(gettext(NEVER))

    def _forget_next(self) -> None:
        if self.next_run is not None and self._watch_next in self.next_run.watchers:
            self.next_run.watchers.remove(self._watch_next)
        self.next_run = None
        self.view.next_words = ""

    def _watch(self, run: Run) -> None:
        self.view.notes = self._notes(run)
        if run.ended:
            self.view.message = run.error or ""
        self.view.update()
        if run.ended:
            self.refresh_saved()
        elif not self._next_picture and run.state != RunState.READY:  # It has started: the saved image is out of date.
            self._next_picture = FIRST_PICTURE_SECONDS
            self.refresh_saved(picture=False)
        elif run.progress.seconds > self._next_picture > 0:
            self._next_picture *= 2
            self.refresh_saved()

    def _notes(self, run: Run) -> tuple[str, ...]:
        # The first page sends hello once; another hello comes from a page that was reloaded.
        reloaded = (gettext(RELOADED, name=run.name),) if run.ended and self.view.pages > 1 else ()
        return (*reloaded, *run.plan, *(run.advice if self._advises else ()), *run.warnings)

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        if self.run is not None and self.run.ended:
            self.refresh_saved()

    def saved_png(self) -> bytes | None:
        """The curves so far."""
        return draw_png(self.run or self.record) if len(self.record.batches) else None

    def saved_text(self) -> str:
        """The messages as text, and the epochs as a table."""
        run = self.run
        if run is None or run.ended or run.state == RunState.READY:
            return with_table(self.text(), self.record)
        # This text may stay in the notebook, because a reloaded page receives no updates.
        first = gettext("{name}: this was saved during training, in epoch {place}.", name=run.name, place=run.progress.place)
        return with_table("\n".join(filter(None, [first, format_numbers(run), self.view.next_words])), self.record)

    def text(self) -> str:
        """The run's state and its last metrics."""
        return gettext("Not trained yet.") if self.run is None else format_run(self.run)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.text()}>"
