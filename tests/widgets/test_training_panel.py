"""The training panel is true to its run, does what its controls say, keeps to few messages, and stays readable when saved."""

from __future__ import annotations

import time
import types
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from ipywidgets.widgets.widget import _instances

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.run_state import RunState
from seqmagic.training import registry
from seqmagic.training.run import Run
from seqmagic.widgets import training_view
from seqmagic.widgets.training_panel import TrainingPanel
from seqmagic.widgets.training_view import TrainingView
from tests.support.renewed import renewed
from tests.support.small_network import COMPILED, data
from tests.support.view_messages import listen, unpack

HELD: list[Any] = []  # As a notebook holds its model and its data; a run that has ended does not.


def run_of(epochs: int = 2, **options: Any) -> Run:
    model, (x, y) = renewed(seqmagic.build(COMPILED)), data()
    HELD[:] = [model, x, y]
    return Run(model, x, y, epochs=epochs, **options)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_block_carries_only_what_is_new() -> None:
    view = TrainingView()
    sent = listen(view)
    for step in range(10):
        view.record.batches.add(step / 10, {"loss": step})
        if step == 6:
            view.update()
    view.update()
    assert [(part["start"], part["length"]) for message in sent for part in message["tables"][:1]] == [(0, 14), (7, 6)]


@pytest.mark.parametrize("rows", [0, 3])
def test_a_page_that_begins_to_listen_gets_everything(rows: int) -> None:
    view = TrainingView()
    view.update()  # Nobody listens yet.
    sent = listen(view)
    view._answer(view, {"kind": "hello", "rows": rows}, [])  # noqa: SLF001
    (message,) = sent
    assert (message["fresh"], message["state"]) == (True, view.header()["state"])


def test_a_page_that_asks_gets_everything() -> None:
    view = TrainingView()
    sent = listen(view)
    view.record.batches.add(0.5, {"loss": 1})
    view.update()
    view.update()
    view._answer(view, {"kind": "ask"}, [])  # noqa: SLF001
    lengths = [(message["fresh"], [part["length"] for part in message["tables"]]) for message in sent]
    assert lengths == [(False, [2]), (False, []), (True, [2, 0])]


def test_what_a_new_page_gets_does_not_disturb_the_others() -> None:
    view = TrainingView()
    sent = listen(view)
    view.record.batches.add(0.5, {"loss": 1})
    view.update()
    header, rows = unpack(view.whole())
    view.record.batches.add(0.6, {"loss": 2})
    view.update()
    assert list(rows) == [0.5, 1]
    assert header["messages"] == {"error": "", "text": "", "notes": []}
    assert sent[1]["tables"][0]["start"] == 1


def test_a_page_that_looks_closer_gets_that_part_in_full() -> None:
    view, sent = TrainingView(), []
    positions = np.arange(20_000) / 1000
    view.record.batches.extend(positions, ["loss"], np.sin(positions)[:, None])
    view.send = lambda content, buffers: sent.append((content, *unpack(buffers[0])))
    view._answer(view, {"kind": "detail", "from": 5.0, "to": 5.3}, [])  # noqa: SLF001
    content, header, rows = sent[0]
    assert content == {"kind": "detail"}
    assert header["tables"][0]["table"] == "detail"
    assert 300 <= len(rows) // 2 <= 303
    assert rows[0] == pytest.approx(5, abs=0.01)


def test_updates_stay_below_a_kilobyte_at_any_length() -> None:
    view = TrainingView()
    sent = listen(view)
    view.record.epochs.extend(np.arange(1, 400), ["loss", "accuracy", "val_loss", "val_accuracy"], np.ones((399, 4)))
    view.update(fresh=True)
    for begin in range(0, 100_000, 250):
        positions = np.arange(begin, begin + 250) / 250 + 1
        view.record.batches.extend(positions, ["loss", "accuracy"], np.random.default_rng(1).random((250, 2)))
        view.update()
    assert sorted(message["bytes"] for message in sent[1:])[int(0.95 * len(sent))] < 1000


def test_a_panel_shows_a_run_that_others_started_and_ended() -> None:
    run = run_of()
    panel = TrainingPanel(run)
    run.start().wait()
    assert panel.view.header()["state"] == "done"
    assert "pause" not in panel.able()
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert "Done: 2 of 2 epochs" in bundle["text/plain"]
    assert "Best: loss" in bundle["text/plain"]
    table = bundle["text/plain"].partition("\n\n")[2].splitlines()
    assert table[0].split() == ["epoch", "loss", "accuracy"]
    assert [line.split()[0] for line in table[1:]] == ["1", "2"]


def test_two_panels_of_one_run_agree_whoever_presses() -> None:
    run = run_of(100_000)
    left, right = TrainingPanel(run), TrainingPanel(run)
    run.start()
    left.press("pause")
    wait_for(lambda: run.paused)
    assert left.view.header()["state"] == right.view.header()["state"] == "paused"
    right.press("rate", "0.02")
    wait_for(lambda: left.view.header()["rate"] == right.view.header()["rate"] == 0.02)
    points = len(run.record.batches)
    left.press("batch")
    wait_for(lambda: len(run.record.batches) == points + 1 and run.paused)
    right.press("pause")
    wait_for(lambda: len(run.record.batches) > points + 10)
    run.stop().wait()
    assert left.view.header()["state"] == right.view.header()["state"] == "stopped"


def test_train_more_goes_on_in_the_same_panel_with_as_many_epochs_as_it_says() -> None:
    run = run_of(2)
    panel = TrainingPanel(run)
    run.start().wait()
    panel.press("train", 3)
    assert panel.run is not run
    panel.run.wait()
    assert len(panel.record.epochs) == 5
    assert panel.view.header()["epochs"] == 5


def test_the_first_weights_come_back_and_training_begins_anew() -> None:
    run = run_of(2)
    model = run.model
    first = [weight.copy() for weight in model.get_weights()]
    panel = TrainingPanel(run)
    run.start().wait()
    panel.press("first")
    assert all((now == before).all() for now, before in zip(model.get_weights(), first, strict=True))
    assert "starts over" in panel.view.message
    panel.press("train", 1)
    panel.run.wait()
    assert len(panel.record.epochs) == 1


@pytest.mark.parametrize("value", ["quick", "-1", "0", "nan", None])
def test_a_learning_rate_that_is_none_is_reported_and_changes_nothing(value: Any) -> None:
    run = run_of(100_000)
    panel = TrainingPanel(run)
    run.start()
    panel.press("rate", value)
    assert isinstance(panel.view.message, SeqmagicError)
    assert "learning rate" in panel.view.message.problem
    assert "number above 0" in panel.view.messages()["error"]
    assert run.learning_rate == pytest.approx(0.001)
    panel.press("rate", "0.5")
    assert panel.view.message == ""
    wait_for(lambda: run.learning_rate == 0.5)
    run.stop().wait()


def test_a_press_that_makes_no_sense_now_does_nothing() -> None:
    panel = TrainingPanel()
    panel.press("train", 3)
    panel.press("explode")
    run = run_of()
    panel.attach(run)
    run.start().wait()
    panel.press("pause")
    panel.press("stop")
    assert run.state == "done"
    assert panel.view.header()["state"] == "done"


def test_a_learning_rate_of_a_schedule_has_no_control() -> None:
    model = seqmagic.build(COMPILED.replace("adam", "adam(exponential_decay(0.1, 100, 0.9))"))
    run = Run(model, *data(), epochs=2)
    panel = TrainingPanel(run)
    run.start().wait()
    assert "rate" not in panel.able()
    assert panel.view.header()["rate"] is None


def test_an_error_in_training_is_laid_out_in_the_panel() -> None:
    x, y = data()
    dataset = tf.data.Dataset.from_tensor_slices((x, np.where(np.arange(len(y)) > 32, 5, y))).batch(32)
    run = Run(renewed(seqmagic.build(COMPILED)), dataset)
    panel = TrainingPanel(run)
    run.start().wait_quietly()
    assert "There is a label" in str(panel.view.message)
    assert "seqmagic-error" in panel.view.messages()["error"]
    assert panel.view.header()["state"] == "failed"


def test_notes_are_shown_unless_they_are_switched_off() -> None:
    run = Run(renewed(seqmagic.build(COMPILED)), *data(10), epochs=1, batch_size=32)
    assert "batch_size is 32" in TrainingPanel(run).view.notes[0]
    assert TrainingPanel(run, advice=False).view.notes == ()


def test_numbers_that_run_away_reach_the_page_as_none() -> None:
    view = TrainingView()
    view.record.batches.add(0.5, {"loss": float("nan"), "accuracy": float("inf")})
    assert view.header()["numbers"] == [("loss", None), ("accuracy", None)]
    view.record.epochs.add(1.0, {"loss": float("nan")})
    assert unpack(view.whole())[0]["best"] is None


def test_the_most_epochs_there_can_be_reach_the_page() -> None:
    assert unpack(TrainingPanel(run_of(2**31 - 1)).view.whole())[0]["more"] == 2**31 - 1


def test_a_closed_panel_leaves_nothing_behind() -> None:
    before = set(_instances)
    run = run_of(1)
    panel = TrainingPanel(run)
    run.start().wait()
    panel.close()
    assert set(_instances) == before
    assert run.watchers == []


def test_earlier_runs_of_the_same_name_stand_behind_the_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_earlier", {})  # Other tests' models may have had the name.
    first = run_of(3).start().wait()
    second = Run(first.model, *data(), epochs=1)
    assert second.earlier[-1] is first.record
    header, rows = unpack(TrainingPanel(second).view.whole())
    part = header["tables"][2]
    assert (part["table"], part["names"]) == ("earlier0", first.record.epochs.names)
    assert rows[1] == pytest.approx(first.record.epochs.curve(part["names"][0])[1][0])


def test_a_page_that_was_reloaded_in_mid_run_gets_every_part_of_the_curve() -> None:
    view, page = TrainingView(), np.empty((0, 2))
    view._feeds["batches"].expect(20_000)  # noqa: SLF001
    blocks: list[bytes] = []
    view.send = lambda content, buffers=(): blocks.append(buffers[0])

    def grow(first: int, last: int) -> None:
        for step in range(first, last, 20):
            view.record.batches.extend(np.arange(step, step + 20) / 100, ["loss"], np.ones((20, 1)))
            view.update()

    def put(page: Any, block: bytes) -> Any:
        header, numbers = unpack(block)
        rows = np.array(numbers)[: header["tables"][0]["length"]].reshape(-1, 2) if header["tables"] else np.empty((0, 2))
        return np.concatenate([page[: header["tables"][0]["start"]] if header["tables"] else page, rows])

    grow(0, 3000)
    page = put(page, view.whole())
    view._answer(view, {"kind": "hello", "rows": len(page)}, [])  # noqa: SLF001
    del blocks[:-1]
    grow(3000, 6000)
    for block in blocks:
        page = put(page, block)
    assert np.diff(page[:, 0], prepend=0).max() < 1.0
    assert page[-1, 0] == pytest.approx(59.99)


def test_a_block_says_what_is_new_and_after_a_snapshot_all() -> None:
    panel = TrainingPanel(run_of(2))
    sent = listen(panel.view)
    panel.view.update(fresh=True)
    panel.view.update()
    assert panel.run is not None
    panel.run.start().wait()
    wait_for(lambda: sent[-1].get("word") == "Done")
    first, second, *_, last = sent
    assert {"word", "can", "messages"} <= first.keys()
    assert second.keys() == {"kind", "fresh", "block", "tables", "bytes"}, "nothing happened in between"
    assert last["word"] == "Done"
    assert "messages" not in last
    assert [header["block"] for header in sent] == list(range(first["block"], last["block"] + 1))
    snapshot = unpack(panel.view.whole())[0]
    assert snapshot["block"] == last["block"]
    panel.view.update()
    assert {**snapshot, **sent[-1], "tables": []} == {**sent[-1], "tables": []}, "no part of it is missing"


def test_curves_grow_with_every_block_and_words_come_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = types.SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(training_view, "time", clock)
    run = run_of()
    view = TrainingView()
    view.show(run)
    sent = listen(view)

    def numbers_after(**changed: Any) -> Any:
        for name, value in changed.items():
            setattr(run._trainer.session.count, name, value)  # noqa: SLF001
        view.update()
        return sent[-1].get("numbers")

    run.state = RunState.RUNNING
    for step in range(8):
        run.record.batches.add((step + 1) / 10, {"loss": step})
        numbers_after(begun=1, batches=1)
        clock.now += 0.1
    assert [message["tables"][0]["length"] for message in sent] == [2] * 8
    assert [message["numbers"] for message in sent if "numbers" in message] == [[["loss", 0.0]], [["loss", 3.0]], [["loss", 6.0]]]
    # At once: when the state changes, an epoch begins or ends, a validation begins, the learning rate is set, or all is asked for.
    run.state = RunState.PAUSED
    assert numbers_after() == [["loss", 7.0]]
    run.state = RunState.RUNNING
    numbers_after()
    run.record.epochs.add(1, {"loss": 9.0})
    assert numbers_after() == [["loss", 9.0]]
    run.record.batches.add(1.1, {"loss": 5.0})
    assert numbers_after() is None
    assert numbers_after(begun=2) == [["loss", 5.0]]
    run.record.batches.add(1.2, {"loss": 4.5})
    assert numbers_after(validating=True) == [["loss", 4.5]]
    run.learning_rate = 0.25
    view.update()
    assert sent[-1]["rate"] == 0.25
    view.whole()
    assert numbers_after() == [["loss", 4.5]]
    # Until the first batch each word counts.
    run.record.batches.add(1.25, {"loss": 4.0})
    assert numbers_after(batches=0) == [["loss", 4.0]]
    run.record.batches.add(1.3, {"loss": 3.0})
    assert numbers_after() == [["loss", 3.0]]


def test_what_was_said_just_before_another_page_came_reaches_the_first_one() -> None:
    view = TrainingView()
    sent = listen(view)
    view.message = "Hear this."
    view.whole()
    view.update()
    assert sent[-1]["messages"]["text"] == "Hear this."


def test_epochs_stand_one_by_one_however_many_are_to_come_and_have_room() -> None:
    model = renewed(seqmagic.build(COMPILED))
    run = seqmagic.Run(model, *data(), epochs=5000)
    panel = TrainingPanel(run)
    run.step_epoch()
    wait_for(lambda: run.paused and len(run.record.epochs) == 1)
    run.step_epoch()
    wait_for(lambda: run.paused and len(run.record.epochs) == 2)
    header, _ = unpack(panel.view.whole())
    lengths = {part["table"]: (part["length"], len(part["names"]) + 1) for part in header["tables"]}
    assert (lengths["epochs"][0] / lengths["epochs"][1], header["epochs"]) == (2, 50)
    run.stop().wait()


def test_batches_of_an_epoch_that_broke_off_are_in_the_chart() -> None:
    class Boom(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.iterations > 3:
                raise ValueError("boom")

    run = seqmagic.Run(renewed(seqmagic.build(COMPILED)), *data(), epochs=5, callbacks=[Boom()])
    panel = TrainingPanel(run)
    run.start().wait_quietly()
    wait_for(lambda: run.ended)
    header, _ = unpack(panel.view.whole())
    assert (run.state, len(run.record.epochs), header["epochs"]) == ("failed", 1, 2)


def test_the_first_weights_in_mid_run_are_no_new_beginning() -> None:
    run = seqmagic.fit(renewed(seqmagic.build(COMPILED)), *data(), epochs=100_000)
    panel = TrainingPanel(run)
    wait_for(lambda: "first" in panel.able())
    panel.press("first")
    assert panel.view.message == "The weights from before the first epoch were put back."
    run.stop().wait()
    panel.press("first")
    assert panel.view.message.endswith("Training starts over from there.")


def test_what_is_saved_in_mid_run_says_that_it_is_of_then() -> None:
    run = Run(renewed(seqmagic.build(COMPILED)), *data(), epochs=3)
    made = TrainingPanel(run)
    run.step_epoch()
    while run.state != "paused":
        time.sleep(0.01)
    assert made.saved_text().startswith(f"{run.name}: this was saved during training, in epoch ")
    assert len(made.saved_text().splitlines()) == 5  # That, the numbers, an empty line, and the table of one epoch.
    run.resume().wait()
    assert made.saved_text().startswith(f"{run.name}: Done: 3 of 3 epochs")
