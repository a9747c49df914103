"""Typing the next network while one is training: completions, shapes and waves come, and the training goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.test_as_you_type import NETWORK, loaded
from tests.support.notebook_page import NotebookPage, wait_for_more_points, wait_until

pytestmark = pytest.mark.browser

TRAINED = """import numpy as np
x, y = np.random.default_rng(1).normal(size=(2000, 20)), np.zeros(2000)
%sequential net input 20 -> dense 32 relu -> dense 1 --quiet
net.compile("sgd", "mse")
%dashboard net x y epochs=1000000"""
ADDED = "\nblock wide(n): dense n relu -> dropout 0.3\nwide 32 -> dense 12 softmax"
SLOW = 120  # Milliseconds between the keys: 100 words a minute.


def test_a_network_is_written_while_another_is_trained(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK, TRAINED)
    wait_until(page, lambda: cell.shapes().get(5), "10")
    page.run_cell(2)
    page.panel().get_by_role("button", name="Train").wait_for()
    page.press("Train")
    page.wait_for_state("running")
    points = wait_for_more_points(page, 0)
    for delay in (0, SLOW):
        cell.go().type(ADDED, delay=delay)
        assert cell.text == NETWORK + ADDED, "each key has arrived, in its place"
        wait_until(page, lambda: {line: shape for line, shape in cell.shapes().items() if line > 5}, {7: "12"})
        points = wait_for_more_points(page, points)
        cell.type(" -> flatt", delay=delay)
        cell.complete_until(lambda: cell.text.endswith(" -> flatten"))
        cell.type(" -> activation rleu", delay=delay)
        wait_until(page, cell.waves, ["rleu"])
        points = wait_for_more_points(page, points)
        while cell.text != NETWORK:
            before = cell.text
            cell.press("Control+z")
            assert cell.text != before
        wait_until(page, cell.waves, [])
        wait_until(page, lambda: max(cell.shapes(), default=0), 5)
    page.wait_for_state("running")
    page.press("Stop")
    page.wait_for_state("stopped")
