"""A learning-rate search in the background: it blocks no cell, Stop ends it, and the model is restored in any case."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self

import keras

from seqmagic.analysis.rate_finder import STEPS, RateCurve, prepare_search
from seqmagic.describe.source import name_of_model
from seqmagic.errors import Interrupted, SeqmagicError
from seqmagic.errors.boundary import translate
from seqmagic.history import History
from seqmagic.ledger.run_state import RunState
from seqmagic.training import registry
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.interrupts import wait_for
from seqmagic.training.registry import Turn
from seqmagic.training.trainer import train_in_line
from seqmagic.training.watchers import Watchers
from seqmagic.translation import gettext


class RateSearch:
    """Tries learning rates in a thread of its own, as `find_rate` does. Cells that use the model wait for it, as for a training.

    >>> search = RateSearch(model, x_train, y_train).start()          # doctest: +SKIP
    >>> search.wait_quietly(); search.curve.suggestion                # doctest: +SKIP
    0.01

    Raises what `find_rate` raises.

    Attributes:
        state: like a run's. tried: the number of rates tried.
        curve: the result, once it is done. error: that ended it.
        watchers: called with the search as it progresses.
    """

    number: int | None = None
    paused = False
    went_on_from: History | None = None

    def __init__(self, model: keras.Model, x: Any, y: Any = None, *, data_names: tuple[str, str] = ("x", "y"), **options: Any) -> None:
        self.model = model
        self.name = name_of_model(model)
        self.state, self.watchers = RunState.READY, Watchers()
        self.earlier: tuple[History, ...] = ()
        self.record = History()  # Always empty: the search keeps no history.
        self.tried = 0
        self.curve: RateCurve | None = None
        self.error: SeqmagicError | None = None
        self._prepared = prepare_search(model, x, y, data_names=data_names, **options)
        self._stop, self._over = threading.Event(), threading.Event()

    def start(self) -> Self:
        """Start, and return at once.

        Raises:
            BusyError: If the model is training.
        """
        turn = Turn(as_from_here(self._try_rates), self._finish)
        registry.enter(self, self.model, turn, queued=False)
        self.state = RunState.RUNNING
        guarded, work = threading.Event(), as_from_here(train_in_line)
        try:
            threading.Thread(target=work, args=(turn, self.model, guarded), name=f"seqmagic-rates-{self.name}", daemon=True).start()
        except BaseException:  # For example, no thread could be started.
            self._finish(RunState.FAILED, self.model)
            raise
        guarded.wait()
        return self

    def _try_rates(self, model: Any) -> str:
        def look(tried: int) -> bool:
            self.tried = tried
            self.watchers.notify(self)
            return self._stop.is_set()

        try:
            self.curve = self._prepared.try_rates(look)
        except Interrupted:
            return RunState.STOPPED
        except Exception as error:  # noqa: BLE001  # Whatever ends the thread must be reported to the user who waits.
            self.error = translate(error, gettext("The learning rate search"))
            return RunState.FAILED
        return RunState.DONE

    def _finish(self, outcome: str, model: Any) -> Turn | None:
        following = registry.withdraw(self, model)
        self.state = RunState(outcome)
        self.watchers.notify(self, now=True)
        self._over.set()
        return following

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.state.is_end

    @property
    def fraction(self) -> float:
        """The fraction that is done, from 0 to 1."""
        return self.tried / STEPS

    def format_state(self) -> str:
        """The progress in a few words."""
        return gettext("trying learning rates, {tried} of {steps}", tried=self.tried, steps=STEPS)

    def stop(self) -> Self:
        """End it before the next batch; the model is restored."""
        self._stop.set()
        return self

    def cancel(self) -> Self:
        """Do nothing: a search is never queued."""
        return self

    def wait_quietly(self, meanwhile: Callable[[], object] = lambda: None) -> bool:
        """Wait for the end. False if the wait was interrupted."""
        return not wait_for(self._over, self.stop, meanwhile=meanwhile).count
