"""The follower of a training: it takes the weights between two batches, a few times a second, for a view that shows what they give."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from seqmagic.ledger.run_state import RunState
from seqmagic.training import registry
from seqmagic.training.registry import ActiveRun, last_run_of
from seqmagic.training.run import Run
from seqmagic.training.state import take_weights

SECONDS_BETWEEN = 0.35
SHARE = 0.05  # Of the time, for the forward pass and the drawing, which share the cores with the training.
SHARE_OF_COPIES = 0.005  # Of the time of the run's own thread.


class Follower:
    """Follows all runs of a model, as long as it is asked to; a run that nobody follows knows nothing of it.

    Attributes:
        show: gets weights, and where the run is in a few words.
        end: called when a run has ended.
        later: has such work done in another thread than the run's.
    """

    def __init__(
        self, model: keras.Model, show: Callable[[list[np.ndarray], str], None], end: Callable[[], None], later: Callable[[Any], Any]
    ) -> None:
        self.show, self.end, self.later = show, end, later
        self._model = model
        self._seen = last_run_of(model)
        self._unsubscribe: Callable[[], None] | None = None
        self._rests = False
        self._is_busy, self._next = False, 0.0

    @property
    def is_on(self) -> bool:
        """Whether it follows."""
        return self._unsubscribe is not None and not self._rests

    def start(self) -> None:
        """Follow the run that goes on, and those that begin from now on."""
        self._rests = False
        if self._unsubscribe is None:
            self._unsubscribe = registry.subscribe(self._look_for_run)
            self._seen = last_run_of(self._model)
            if self._seen is not None and not self._seen.ended:
                self._seen.watchers.append(self._watch)
                if self._seen.ended:  # It has ended in the meantime, and won't notify any more.
                    self.later(self.end)
        if isinstance(self._seen, Run) and not self._seen.ended:
            self._seen.between_batches(partial(self._take, self._seen))  # Also while it is paused, when it sends no notifications.

    def rest(self) -> None:
        """Report the end of a run, and nothing before it."""
        self._rests = True

    def stop(self) -> None:
        """Follow none any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._seen is not None and self._watch in self._seen.watchers:
            self._seen.watchers.remove(self._watch)

    def _look_for_run(self) -> None:
        run = last_run_of(self._model)
        if run is None or run is self._seen:
            return
        self._seen = run
        if run.ended:  # It ended before this was called.
            self.later(self.end)
        else:
            run.watchers.append(self._watch)

    def _watch(self, run: ActiveRun) -> None:
        """Called in the run's own thread, between two batches: the weights belong together."""
        if run.ended:
            if self._watch in run.watchers:
                run.watchers.remove(self._watch)
            self.later(self.end)
            return
        if run.state == RunState.RUNNING:
            self._take(run)

    def _take(self, run: ActiveRun) -> None:
        began = time.monotonic()
        if self._rests or self._is_busy or began < self._next or run.model is None:
            return
        weights = take_weights(run.model)
        pause = (time.monotonic() - began) / SHARE_OF_COPIES
        self._is_busy = True
        self.later(partial(self._work, weights, run.format_state(), pause))

    def _work(self, weights: list[np.ndarray], words: str, pause: float) -> None:
        began = time.monotonic()
        try:
            if self.is_on:
                self.show(weights, words)
        finally:
            now = time.monotonic()
            self._next = now + max(SECONDS_BETWEEN, pause, (now - began) / SHARE)
            self._is_busy = False
