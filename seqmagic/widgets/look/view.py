"""The look view: what a trained model does with data, in tabs; and the same from Python."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import traitlets

from seqmagic.analysis.model_epochs import ModelEpochs
from seqmagic.analysis.predictions import ForwardPass, Predictions, choose_head
from seqmagic.analysis.samples import gather, samples_of_last_run
from seqmagic.analysis.task import heads_of
from seqmagic.describe.source import name_of_model
from seqmagic.errors import SeqmagicError
from seqmagic.errors.boundary import TEXT, Kind, instance_of, raises_ours, translate
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.request import ARGUMENTS
from seqmagic.training.run import run_of
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.look.epoch_bar import EpochBar, key_of
from seqmagic.widgets.look.follower import Follower
from seqmagic.widgets.look.page import NO_EPOCHS, LookPage
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab
from seqmagic.widgets.look.tabs import tabs_for
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.text_table import plain_text

# One thread works for all views: the kernel answers meanwhile, and two passes at once would only share its cores.
WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seqmagic-look")
SECONDS_BETWEEN_WORDS = 0.25
CLASS_NAMES = Kind("a list of names", lambda names: not isinstance(names, str) and hasattr(names, "__len__") and hasattr(names, "__iter__"))
LIVE_STEPS = 20  # Places to a side of a plane while a training is followed: a few hundred in all.


class LookView(SavedView):
    """Shows what a model does with samples. The pass through the model, and each drawing, happen in a thread of their own.

    Attributes:
        passed: the pass through the model.
        state: what the tabs share; None until the pass is done.
        tabs: those that fit, by their names.
        bar: the slider through the epochs; None until the pass is done.
    """

    saved_class = "seqmagic-saved seqmagic-saved-whole"

    def __init__(self, passed: ForwardPass) -> None:
        self.passed = passed
        self.state: LookState | None = None
        self.tabs: dict[str, LookTab] = {}
        self.closed = False
        self.error: SeqmagicError | None = None
        self.bar: EpochBar | None = None
        self.follower = Follower(passed.model, self._show_live, self._look_again, self._later)
        self._resting: LookState | None = None  # What is shown again when a training that is followed has ended.
        self._wanted = ""  # The epoch that the page asked for last.
        self._panels: dict[str, str] = {}
        self._stills: dict[str, tuple[Element, list[str]]] = {}
        self.page = LookPage(self.press)
        super().__init__([self.page])
        self.add_class("seqmagic-panel")
        traitlets.dlink((self.page, "alone"), (self, "alone"))
        self.title = f"Looking at {name_of_model(passed.model)}"
        self.page.show(title=self.title, status=f"{len(passed.samples):,} samples go through the model.")

    def begin(self) -> Future[None]:
        """Let the samples go through the model, in the background; what is given is done when the first tab is drawn."""
        return self._later(self._look)

    def show(self, predictions: Predictions) -> None:
        """Turn to other predictions, of the same samples or of others; what was chosen stays, where the samples do."""
        if self.state is None or self.state.predictions.samples is not predictions.samples:
            self.state = LookState(predictions)
        self.state.predictions = predictions
        epochs = ModelEpochs(predictions)
        self.state.epochs, self.bar = epochs, EpochBar(epochs, self.follower)
        self._stills = {}
        self._arrange()

    def _arrange(self) -> None:
        """Show the tabs that fit."""
        assert self.state is not None  # noqa: S101  # It was set before.
        self.tabs = {tab.name: tab for tab in tabs_for(self.state)}
        self.state.open = self.state.open if self.state.open in self.tabs else next(iter(self.tabs))
        self._panels = {}
        listed = [{"name": tab.name, "title": tab.title} for tab in self.tabs.values()]
        bar = self.bar
        told = {"epochs": NO_EPOCHS} if bar is None else {"epochs": bar.news(), "at": key_of(bar.at)}
        self.page.show(status=" ".join(self._notes()), tabs=listed, **told)
        self._draw()

    def press(self, tab: str, what: str = "", value: str = "") -> None:
        """Open a tab, or do what a control in it says; it is drawn in the background.

        Args:
            what, value: those of the control; empty to open the tab alone.
        """
        self._wanted = value if what == "epoch" and not tab else self._wanted
        self._later(lambda: self._answer(tab, what, value))

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
        self.follower.stop()
        if self._resting is not None and not self.closed:
            self._later(self._rest)

    def close(self) -> None:
        """Take the view away, and let go of the data; a pass that is under way ends."""
        self.closed = True
        self.follow(on=False)
        self.state = self._resting = self.bar = None
        self.tabs = {}
        self.passed.let_go()
        for part in (self.page, self.page.layout, self.layout):
            part.close()
        super().close()

    def _later(self, work: Callable[[], None]) -> Future[None]:
        return WORKER.submit(as_from_here(lambda: self._guarded(work)))

    def _guarded(self, work: Callable[[], None]) -> None:
        """What fails in the background is shown, and raised for who waits."""
        if self.closed:
            return
        try:
            work()
        except Exception as error:
            self.error = translate(error, "The look")
            self.page.show(status=str(self.error))
            raise self.error from error

    def _look(self) -> None:
        said, passed = time.monotonic(), self.passed
        for share in passed.steps():
            if self.closed:
                return
            if time.monotonic() > said + SECONDS_BETWEEN_WORDS:
                said = time.monotonic()
                self.page.show(status=f"{len(passed.samples):,} samples go through the model: {share:.0%}.")
        self.show(passed.predictions())

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
                self._draw()

    def _show_live(self, weights: list[np.ndarray], words: str) -> None:
        """Show what the model gives with weights that it has for a moment, while it is in training."""
        if self.state is None or self.bar is None:
            return
        predictions = self.bar.epochs.live(weights)
        if self._resting is None:
            self._resting = self.state
            self.state = LookState(predictions, open=self.state.open, chosen=dict(self.state.chosen), plane_steps=LIVE_STEPS)
            if predictions.samples is self._resting.predictions.samples:
                self.state.order, self.state.sample = self._resting.order, self._resting.sample
        self.state.predictions, self.bar.live = predictions, words
        self._arrange()

    def _rest(self) -> None:
        """Show again what was shown before a training was followed."""
        if self._resting is not None and self.bar is not None:
            self.state, self._resting, self.bar.live = self._resting, None, ""
            self._arrange()

    def _look_again(self) -> None:
        """A training that was followed has ended: all samples go through the model as it is now."""
        if run_of(self.passed.model) is not None or self.bar is None:
            return  # The next one has begun.
        self.state, self._resting = self._resting or self.state, None
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
        except Exception as error:  # noqa: BLE001  # The other tabs are there all the same.
            return str(element("p", str(translate(error, f"The tab {tab.title}"))))

    def _notes(self) -> list[str]:
        """What belongs to all tabs: where the samples come from, and what is to be said of the model."""
        predictions = self.state.predictions if self.state is not None else None
        return [note for note in (self.passed.samples.origin, *(predictions.notes if predictions is not None else ())) if note]

    def _draw_still(self) -> bool:
        """Draw one more tab as it stays in a saved notebook; False when all are there."""
        if self._resting is not None:
            return False  # Drawn when the training has ended.
        tab = next((tab for name, tab in self.tabs.items() if name not in self._stills), None)
        if tab is None:
            return False
        assert self.state is not None  # noqa: S101  # There are tabs.
        shown = self.state.predictions
        try:
            # What is saved is the model as it is, wherever the slider stands.
            self.state.predictions = self.bar.epochs.now if self.bar is not None else shown
            told = tab.sentence()
            inside = [element("p", told, class_="sentence"), *tab.body(live=False)]
            lines = [told, *tab.lines()]
        except Exception as error:  # noqa: BLE001  # As above.
            told = str(translate(error, f"The tab {tab.title}"))
            inside, lines = [element("p", told)], [told]
        finally:
            self.state.predictions = shown
        self._stills[tab.name] = (element("section", element("h4", tab.title), *inside), ["", tab.title, *lines])
        return True

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        self._later(self.finish_later)  # Behind the pass through the model, where that is still under way.

    def still_bundles(self, *, picture: bool = True) -> tuple[dict[str, str], dict[str, str]]:
        """HTML with its plain text; the tabs are in it once they were drawn for it."""
        return {"text/html": self.saved_html(), "text/plain": self.saved_text()}, {"text/plain": ""}

    def saved_html(self) -> str:
        """All tabs below each other."""
        notes = [element("p", note) for note in self._notes()]
        return card(element("h4", self.title), *notes, *(section for section, _ in self._stills.values()), kind="look")

    def saved_png(self) -> bytes | None:
        """No picture: the HTML has them all."""
        return None

    def saved_text(self) -> str:
        """The same in words."""
        return plain_text([self.title, *self._notes(), *(line for _, lines in self._stills.values() for line in lines)])

    def __repr__(self) -> str:
        return self.saved_text()


@raises_ours(model=instance_of("a Keras model", keras.Model), output=TEXT, class_names=CLASS_NAMES, data_names=ARGUMENTS["data_names"])
def look(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    *,
    output: str | None = None,
    class_names: Sequence[Any] = (),
    data_names: tuple[str, str] = ("x", "y"),
) -> LookView:
    """Look at what a trained model does with data: samples with predictions, the worst mistakes first, and all that they tell.

    >>> look(model, x_test, y_test)                                         # doctest: +SKIP
    >>> look(model)                                                         # doctest: +SKIP
    >>> look(model, x_test, y_test, class_names=["cat", "dog"])             # doctest: +SKIP

    The model stays as it is.

    Args:
        model: a built Keras model.
        x, y: data, a sample a row, and their labels, where there are some; or a dataset. Without them the validation data of the model's
            last run are taken, or else its training data.
        output: the name of the output to look at, for a model with several.
        class_names: what the classes are called, that of class 0 first.
        data_names: what the data and the labels are called.

    Returns:
        A view that shows itself in a notebook, and is text in a terminal.

    Raises:
        DataError: When the data don't fit, or when there are none.
        BusyError: While the model is in training.
    """
    view = LookView(make_pass(model, x, y, output=output, class_names=class_names, data_names=data_names))
    view.begin().result()
    return view


def make_pass(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    output: str | None = None,
    class_names: Sequence[Any] = (),
    data_names: tuple[str, str] = ("x", "y"),
) -> ForwardPass:
    """A pass through a model that has not begun, of data that were held against it.

    Args:
        x: None for the data of the model's last run.
    """
    choose_head(heads_of(model), output, name_of_model(model))
    samples = samples_of_last_run(model) if x is None else gather(model, x, y, data_names)
    return ForwardPass(model, samples, output, class_names)
