"""What fails in a callback of the page is shown in the panel: elsewhere nobody would see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import UnexpectedError
from seqmagic.widgets.dashboard import Dashboard

X, Y = np.arange(12.0).reshape(4, 3) / 12, np.array([[0.0], [1], [0], [1]])


@pytest.fixture
def panel() -> Dashboard:
    return Dashboard(seqmagic.build("input 3 -> dense 1 sigmoid\ncompile adam binary_crossentropy"), X, Y)


def test_a_control_that_fails_says_so_in_the_panel(panel: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("mine")

    monkeypatch.setattr(panel.compile_panel.state, "put", fail)
    panel.compile_panel._handle_custom_msg({"kind": "set", "control": "loss", "value": "mse"}, [])  # noqa: SLF001  # As the kernel hands a message of the page on.
    assert str(panel.view.message).startswith("Line ")
    assert "Your 'fail' raises ZeroDivisionError: mine." in str(panel.view.message)


def test_a_button_that_fails_within_seqmagic_asks_for_a_report(panel: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "_actions", lambda: {"train": np.float64})
    panel.press("train", "x")
    assert isinstance(panel.view.message, UnexpectedError)
    assert "Please report it" in str(panel.view.message)
