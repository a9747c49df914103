"""Rows that the memory has no room for a second time are trained on as they stand, to the same bits as all others."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.steps import graph_loop, rows
from tests.training.test_feeding import NETWORK, NUMBERS, ROWS, TABLE

FORMS = ("arrays", "one batch", "labels as a column", "a table", "held out", "validation in batches of its own", "weights of classes")


@pytest.fixture
def small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "available_bytes", lambda: 1000)
    monkeypatch.setattr(graph_loop, "LARGEST_WINDOW", 5000)


def trained(give: Any, **options: Any) -> tuple[list[np.ndarray], dict[str, list[float]], int]:
    model = seqmagic.build(NETWORK)
    run = seqmagic.fit(model, *give(), epochs=2, **options).wait()
    return model.get_weights(), run.history, len(run.record.batches)


@pytest.mark.parametrize("form", FORMS)
def test_large_rows_give_the_bits_of_small_ones(form: str, request: pytest.FixtureRequest) -> None:
    give, options = ROWS[form]
    small = trained(give, **options)
    request.getfixturevalue("small_machine")
    large = trained(give, **options)
    assert all(np.array_equal(a, b) for a, b in zip(small[0], large[0], strict=True))
    assert small[1:] == large[1:]


def test_they_become_tensors_in_part(small_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    convert = graph_loop.as_tensors

    def note_and_convert(parts: tuple[np.ndarray | None, ...]) -> tuple[Any, ...]:
        sizes.append(sum(part.nbytes for part in parts if part is not None))
        return convert(parts)

    monkeypatch.setattr(graph_loop, "as_tensors", note_and_convert)
    trained(lambda: (TABLE, NUMBERS), validation_split=0.2)
    assert len(sizes) > 10
    assert 0 < max(sizes) <= 5000


def test_rows_that_a_gpu_has_no_room_for_go_there_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = trained(lambda: (TABLE, NUMBERS))
    convert, sizes = graph_loop.as_tensors, []

    def refuse_large(parts: tuple[np.ndarray | None, ...]) -> tuple[Any, ...]:
        sizes.append(len(parts[0]) if parts[0] is not None else 0)
        if sizes[-1] == len(TABLE):
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor on GPU")
        return convert(parts)

    monkeypatch.setattr(graph_loop, "LARGEST_WINDOW", 5000)
    monkeypatch.setattr(graph_loop, "as_tensors", refuse_large)
    large = trained(lambda: (TABLE, NUMBERS))
    assert sizes[0] == len(TABLE) > max(sizes[1:])
    assert all(np.array_equal(a, b) for a, b in zip(wanted[0], large[0], strict=True))


def test_a_run_over_large_rows_goes_on_in_the_middle_of_an_epoch(small_machine: None, tmp_path: Any) -> None:
    whole = trained(lambda: (TABLE, NUMBERS))
    model = seqmagic.build(NETWORK)
    seen: list[int] = []

    def stop_after_twenty(batch: int, logs: Any) -> None:
        seen.append(batch)
        if len(seen) == 20:
            run.stop()

    callbacks = [keras.callbacks.LambdaCallback(on_train_batch_end=stop_after_twenty)]
    run = seqmagic.Run(model, TABLE, NUMBERS, epochs=2, callbacks=callbacks)
    run.start().wait()
    assert 16 < len(run.record.batches) < 32
    again = seqmagic.fit(model, TABLE, NUMBERS, resume=True, callbacks=callbacks).wait()
    assert again.warnings == []
    assert all(np.array_equal(a, b) for a, b in zip(whole[0], model.get_weights(), strict=True))
