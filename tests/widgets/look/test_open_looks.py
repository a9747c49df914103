"""A look holds its data as long as somebody can look at them: not when it is closed, deleted, or one of many."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.widgets.look import view as view_module
from seqmagic.widgets.look.open_looks import OpenLooks
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WORKER, LookView


def settle() -> None:
    for _ in range(3):
        WORKER.submit(lambda: None).result()


def looked_at(model: Any) -> tuple[LookView, Any]:
    rows = np.random.RandomState(1).rand(30, 3)
    return look(model, rows, np.arange(30) % 2), weakref.ref(rows)


@pytest.fixture(scope="module")
def model() -> Any:
    return seqmagic.build("input 3 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy")


@pytest.fixture
def opened(model: Any) -> Iterator[tuple[LookView, Any]]:
    view, rows = looked_at(model)
    yield view, rows
    view.close()


def is_held(rows: Any) -> bool:
    settle()
    gc.collect()
    return rows() is not None


def test_a_look_whose_output_was_deleted_lets_go_and_says_so_where_it_comes_back(opened: tuple[LookView, Any]) -> None:
    view, rows = opened
    before = view.page.shown["panels"]
    assert is_held(rows)
    view.page._answer(None, {"kind": "gone"}, [])  # noqa: SLF001  # What the page sends.
    assert not is_held(rows)
    shown = view.page.shown
    assert shown["status"] == "This look has released its data because it was not visible on the page. Run its cell again to continue."
    assert shown["panels"] == before, "what was drawn is still there"
    assert [tab["name"] for tab in shown["tabs"]] == list(before)
    view.press("confusion")
    view.press("", "epoch", "1")
    settle()
    assert view.error is None
    assert view.page.shown["panels"] == before


def test_a_look_that_is_closed_lets_go(model: Any) -> None:
    view, rows = looked_at(model)
    view.close()
    assert not is_held(rows)


def test_of_many_looks_the_first_ones_let_go(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "OPEN", OpenLooks(2))
    looks = [looked_at(model) for _ in range(4)]
    assert [is_held(rows) for _, rows in looks] == [False, False, True, True]
    assert looks[0][0].page.shown["status"].startswith("This look has released its data to make room for 2 newer looks.")
    looks[3][0].close()
    looks.append(looked_at(model))
    assert [is_held(rows) for _, rows in looks] == [False, False, True, False, True]
    for view, _ in looks:
        view.close()
