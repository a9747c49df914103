"""While learning rates are tried on a model, no panel changes what the search would put back."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.rate_search import RateSearch
from seqmagic.errors import BusyError
from seqmagic.widgets.training_panel import TrainingPanel
from tests.support.run_end import end_of

X, Y = np.random.RandomState(3).rand(60, 3), np.arange(60) % 2


def test_a_rate_and_weights_of_before_are_refused_until_the_search_has_ended() -> None:
    model = seqmagic.build("input 3 -> dense 2 softmax\ncompile adam(0.01) sparse_categorical_crossentropy")
    run = end_of(seqmagic.fit(model, X, Y, epochs=2))
    panel = TrainingPanel(run)
    reached, go_on = threading.Event(), threading.Event()

    def hold(search: RateSearch) -> None:
        reached.set()
        go_on.wait(60)

    search = RateSearch(model, X, Y)
    search.watchers.append(hold)
    search.start()
    try:
        assert reached.wait(60)
        for what, value in (("rate", 0.5), ("first", None), ("best", None)):
            panel.press(what, value)
            assert "is trying learning rates" in str(panel.view.message), what
        with pytest.raises(BusyError, match="trying learning rates"):
            run.learning_rate = 0.5
    finally:
        go_on.set()
        assert search.wait_quietly()
    assert run.learning_rate == pytest.approx(0.01)
    panel.press("rate", 0.5)
    assert (panel.view.message, run.learning_rate) == ("", 0.5)
    panel.close()
