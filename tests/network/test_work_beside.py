"""Work beside the notebook leaves no trace in it: no number drawn, no name counted, no warning shown or used up."""

from __future__ import annotations

import random
import sys
import threading
import warnings

import keras
import pytest

from seqmagic.network.own_thread import work_beside


def in_a_thread(work: object) -> None:
    thread = threading.Thread(target=work_beside(work))  # type: ignore[arg-type]
    thread.start()
    thread.join()


def test_python_s_generator_and_keras_s_counters_stay_where_they_are() -> None:
    keras.layers.Dense(1)
    before = random.getstate()
    first = keras.backend.get_uid("dense")
    in_a_thread(lambda: [keras.layers.Dense(3), keras.layers.Dropout(0.3), keras.initializers.HeNormal()])
    assert random.getstate() == before
    assert keras.backend.get_uid("dense") == first + 1


def test_a_seeded_notebook_draws_what_it_would_have_drawn() -> None:
    def weights(*, disturbed: bool) -> list[float]:
        keras.utils.set_random_seed(3)
        if disturbed:
            in_a_thread(lambda: keras.layers.Dense(3).build((None, 2)))
        layer = keras.layers.Dense(2)
        layer.build((None, 2))
        return [float(value) for value in layer.kernel.numpy().ravel()]

    assert weights(disturbed=True) == weights(disturbed=False)


def warn() -> None:
    warnings.warn("a layer says so", UserWarning, stacklevel=1)


def test_a_warning_is_shown_to_the_cell_that_asks_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        monkeypatch.setattr(warnings, "showwarning", lambda message, *others, **more: shown.append(str(message)))
        in_a_thread(warn)
        assert shown == []
        warn()
        warn()
        assert shown == ["a layer says so"]


@pytest.mark.parametrize("module", [None, object()], ids=["forbidden", "without a namespace"])
def test_a_place_in_sys_modules_may_hold_no_module(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    # First, so that a search that fails at it clears nothing behind it.
    monkeypatch.setattr(sys, "modules", {"nowhere": module, **sys.modules})
    test_a_warning_is_shown_to_the_cell_that_asks_and_not_before(monkeypatch)
