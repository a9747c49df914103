"""The look view: what a trained model does with data, in tabs; and the same from Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import traitlets

from seqmagic.analysis.forward_pass import ForwardPass
from seqmagic.analysis.predictions import Predictions
from seqmagic.describe.source import name_of_model
from seqmagic.errors import DataError, SeqmagicError
from seqmagic.errors.boundary import translate
from seqmagic.training import registry
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.current_runs import run_of
from seqmagic.training.registry import ActiveRun
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.epoch_mark import MARKS
from seqmagic.widgets.html import card, element
from seqmagic.widgets.look.epoch_bar import EpochBar, key_of
from seqmagic.widgets.look.follower import Follower
from seqmagic.widgets.look.open_looks import OPEN
from seqmagic.widgets.look.page import GONE, NO_EPOCHS, LookPage
from seqmagic.widgets.look.scene import Scene
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.stills import Stills
from seqmagic.widgets.look.tab import LookTab
from seqmagic.widgets.look.tabs import tabs_for
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.text_table import plain_text

# One thread works for all views: the kernel can answer in the meantime, and two forward passes at once would only share its cores.
WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seqmagic-look")
SECONDS_BETWEEN_WORDS = 0.25
PENDING = gettext_noop("The model was training when this was saved. The result appears here after it has ended.")
LET_GO = gettext_noop("This look has released its data {why}. Run its cell again to continue.")
WHEN_OVER = gettext_noop("After that, all samples go through the model.")


class LookView(SavedView):
    """Shows what a model does with samples. The pass through the model, and each drawing, happen in a thread of their own.

    Attributes:
        passed: the pass through the model.
        scene: what is shown now.
        tabs: those that fit, by their names.
    """

    saved_class = "seqmagic-saved seqmagic-saved-whole"

    def __init__(self, passed: ForwardPass) -> None:
        self.passed = passed
        self.tabs: dict[str, LookTab] = {}
        self.closed = False
        self.error: SeqmagicError | None = None
        self.follower = Follower(passed.model, self._show_live, self._look_again, self._later)
        self.scene = Scene(self.follower)
        self._wanted = ""  # The epoch that the page asked for last.
        self._panels: dict[str, str] = {}
        self._stills = Stills()
        self.page = LookPage(self.press)
        super().__init__([self.page])
        self.add_class("seqmagic-panel")
        traitlets.dlink((self.page, "alone"), (self, "alone"))
        self.title = gettext("Looking at {of_model}", of_model=name_of_model(passed.model))
        self.page.show(title=self.title, status=gettext("Running {count:,} samples through the model.", count=len(passed.samples)))

    @property
    def state(self) -> LookState | None:
        """What the tabs share; None until there are predictions."""
        return self.scene.state

    @property
    def bar(self) -> EpochBar | None:
        """The slider through the epochs; None until there are predictions."""
        return self.scene.bar

    def begin(self) -> Future[None]:
        """Let the samples go through the model, in the background; what is given is done when the first tab is drawn."""
        OPEN.add(self)
        return self._later(self._look)

    def show(self, predictions: Predictions) -> None:
        """Turn to other predictions, of the same samples or of others; what was chosen stays, where the samples do."""
        self._mark(None)
        self.scene.show(predictions)
        self._stills = Stills()
        self._arrange()

    def _arrange(self) -> None:
        """Show the tabs that fit."""
        assert self.state is not None  # noqa: S101  # It was set before.
        self.tabs = {tab.name: tab for tab in tabs_for(self.state)}
        self.state.open = self.state.open if self.state.open in self.tabs else next(iter(self.tabs))
        self._panels = {}
        listed = [{"name": tab.name, "title": gettext(tab.title)} for tab in self.tabs.values()]
        bar = self.bar
        epochs = {"epochs": NO_EPOCHS} if bar is None else {"epochs": bar.news(), "at": key_of(bar.at)}
        self.page.show(status=" ".join(self._notes()), tabs=listed, **epochs)
        self._draw()

    def press(self, tab: str, what: str = "", value: str = "") -> Future[None] | None:
        """Open a tab, or do what a control in it says; it is drawn in the background, and what is given is done when it is drawn.

        Args:
            what, value: those of the control; empty to open the tab alone.
        """
        if what == GONE:
            self.let_go(gettext("because it was not visible on the page"))
            return None
        self._wanted = value if what == "epoch" and not tab else self._wanted
        return self._later(lambda: self._answer(tab, what, value))

    def finish(self) -> None:
        """Draw all tabs for the saved notebook, at once."""
        while self._draw_still():
            pass

    def finish_later(self) -> None:
        """The same in the background, a tab at a time, so that whoever presses something does not wait for all of them."""
        if self._draw_still():
            self._later(self.finish_later)
        else:
            self.refresh_saved()

    def follow(self, *, on: bool = True) -> None:
        """Show what the model does while it is in training, with some of the samples; or no longer."""
        if on:
            self.follower.start()
            return
        if self.scene.is_only_training and not self.closed:
            self.follower.rest()  # There is nothing else to show until the training has ended.
            return
        self.follower.stop()
        if self.scene.is_of_training and not self.closed:
            self._later(self._rest)

    def let_go(self, why: str) -> None:
        """Keep what is drawn, and nothing else: neither data nor what was computed of them. It happens behind what is under way."""
        self._later(partial(self._let_go, why))

    def _let_go(self, why: str) -> None:
        self._forget()
        drawn = [tab for tab in self.page.shown["tabs"] if tab["name"] in self._panels]
        self.page.show(status=gettext(LET_GO, why=why), tabs=drawn, epochs=NO_EPOCHS)

    def _forget(self) -> None:
        OPEN.discard(self)
        self.closed = True  # For work that is still running.
        self.follower.stop()
        self._mark(None)
        self.scene.clear()
        self.tabs = {}
        self.passed.let_go()

    def close(self) -> None:
        """Take the view away, and let go of the data; a pass that is under way ends."""
        self._forget()
        super().close()

    def _later(self, work: Callable[[], None]) -> Future[None]:
        return WORKER.submit(as_from_here(lambda: self._guarded(work)))

    def _guarded(self, work: Callable[[], None]) -> None:
        """What fails in the background is shown, and raised for those who wait."""
        if self.closed:
            return
        try:
            work()
        except Exception as error:
            self.error = translate(error, gettext("The look"))
            self.page.show(status=str(self.error))
            raise self.error from error

    def _look(self) -> None:
        busy = registry.run_of(self.passed.model)
        if busy is not None:
            self._begin_beside(busy)
            return
        shown_at, passed = time.monotonic(), self.passed
        for share in passed.steps():
            if self.closed:
                return
            if time.monotonic() > shown_at + SECONDS_BETWEEN_WORDS:
                shown_at = time.monotonic()
                self.page.show(
                    status=gettext("Running {count:,} samples through the model: {share:.0%}.", count=len(passed.samples), share=share)
                )
        self.show(passed.predictions())

    def _begin_beside(self, busy: ActiveRun) -> None:
        """Begin while the model is in training, with what it does meanwhile; while rates are tried on it, wait."""
        status = gettext("{of_model} is training ({state}).", of_model=name_of_model(self.passed.model), state=busy.format_state())
        if isinstance(busy, Run):
            self.follower.start()
            if self.state is None:
                self.page.show(
                    status=gettext(
                        "{status} Its progress is shown here meanwhile. {when_over}", status=status, when_over=gettext(WHEN_OVER)
                    )
                )
            return
        busy.watchers.append(lambda search: self._later(self._look) if search.ended else None)
        self.page.show(
            status=gettext(
                "{of_model} is being used for a learning rate search. {when_over}",
                of_model=name_of_model(self.passed.model),
                when_over=gettext(WHEN_OVER),
            )
        )
        if busy.ended:
            self._look()

    def _answer(self, tab: str, what: str, value: str) -> None:
        if not tab and what == "epoch":
            self._turn(value)
        if not tab and what == "follow" and self.bar is not None:
            self.follow(on=value == "true")
            self.page.show(epochs=self.bar.news())
        if self.state is None or tab not in self.tabs:
            return
        self.state.open = tab
        if what:
            self._panels = {}
            self.tabs[tab].press(what, value)
        self._draw()

    def _turn(self, value: str) -> None:
        """Show the model as it was after an epoch. Where the slider has moved on meanwhile, this one is not waited for."""
        stop = self.bar.find(value) if self.bar is not None else None
        if self.bar is None or self.state is None or stop is None:
            return
        for predictions in self.bar.epochs.steps(stop):
            if self.closed or value != self._wanted:
                return
            if predictions is not None:
                self.bar.at, self.state.predictions, self._panels = stop, predictions, {}
                self.page.show(at=key_of(stop))
                self._mark(stop.epoch)
                self._draw()

    def _mark(self, epoch: float | None) -> None:
        """Show in the curves of the run which of its epochs is looked at."""
        run = self.bar.epochs.run if self.bar is not None else None
        if run is not None:
            MARKS.put(run.record, epoch, by=self)

    def _show_live(self, weights: list[np.ndarray], words: str) -> None:
        """Show what the model gives with weights that it has for a moment, while it is training."""
        epochs = self.scene.epochs_of(self.passed)
        try:
            predictions = epochs.live(weights)
        except DataError as error:
            self.follower.rest()
            self.page.show(status=f"{error} {gettext(WHEN_OVER)}")
            return
        self.scene.show_live(epochs, predictions, words)
        self._arrange()

    def _rest(self) -> None:
        """Show again what was shown before a training was followed."""
        if self.scene.rest():
            self._arrange()

    def _look_again(self) -> None:
        """A training that was followed has ended: all samples go through the model as it is now."""
        if run_of(self.passed.model) is not None:
            return  # The next one has begun.
        if not self.follower.is_on:
            self.follower.stop()
        self.scene.end_training()
        self._look()
        self._later(self.finish_later)

    def _draw(self) -> None:
        """Draw the tab that is open, where it is not there yet."""
        assert self.state is not None  # noqa: S101  # There are tabs.
        name = self.state.open
        if name not in self._panels:
            self._panels[name] = self._panel(self.tabs[name])
        self.page.show(open=name, panels=dict(self._panels))

    def _panel(self, tab: LookTab) -> str:
        try:
            return str(element("div", element("p", tab.sentence(), class_="sentence"), *tab.body(live=True)))
        except Exception as error:  # noqa: BLE001  # The other tabs are still shown.
            return str(element("p", str(translate(error, gettext("The tab {title}", title=gettext(tab.title))))))

    def _notes(self) -> list[str]:
        """What belongs to all tabs: where the samples come from, and what is to be said of the model."""
        predictions = self.state.predictions if self.state is not None else None
        return [note for note in (self.passed.samples.origin, *(predictions.notes if predictions is not None else ())) if note]

    def _draw_still(self) -> bool:
        """Draw one more tab as it stays in a saved notebook; False when all are there."""
        if self.scene.is_of_training:
            return False  # Drawn when the training has ended.
        tab = self._stills.missing(self.tabs.values())
        if tab is None:
            return False
        assert self.state is not None  # noqa: S101  # There are tabs.
        shown = self.state.predictions
        try:
            # The saved form shows the model with its current weights, wherever the slider is.
            self.state.predictions = self.bar.epochs.now if self.bar is not None else shown
            self._stills.draw(tab)
        finally:
            self.state.predictions = shown
        return True

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        self._later(self.finish_later)  # After the forward pass, if it is still running.

    def still_bundles(self, *, picture: bool = True) -> tuple[dict[str, str], dict[str, str]]:
        """HTML with its plain text; the tabs are in it once they were drawn for it."""
        return {"text/html": self.saved_html(), "text/plain": self.saved_text()}, {"text/plain": ""}

    def _saved_notes(self) -> list[str]:
        """Those of all tabs; of a training that goes on, that there will be more."""
        is_pending = not self._stills.sections() and registry.run_of(self.passed.model) is not None
        return [*self._notes(), *([gettext(PENDING)] if is_pending else [])]

    def saved_html(self) -> str:
        """All tabs below each other."""
        notes = [element("p", note) for note in self._saved_notes()]
        return card(element("h4", self.title), *notes, *self._stills.sections(), kind="look")

    def saved_png(self) -> bytes | None:
        """No picture: the HTML has them all."""
        return None

    def saved_text(self) -> str:
        """The same in words."""
        return plain_text([self.title, *self._saved_notes(), *self._stills.lines()])

    def __repr__(self) -> str:
        return self.saved_text()
