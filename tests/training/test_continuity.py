"""A run that goes on is the one that was cut, or says why not: before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqmagic
from seqmagic.errors import ArgumentError, CompileError, DataError, TrainingError
from seqmagic.language import parse
from seqmagic.ledger.arrays import as_json
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.recipes.recipe import make_recipe
from seqmagic.training.callback_memory import CallbackMemory, Notes
from seqmagic.training.registry import last_run_of
from seqmagic.training.run import Run
from tests.support.renewed import renewed
from tests.support.steps import stop_in_third_epoch

TEXT = "seed 3\ninput 8x8x1\nflatten -> dense 8 relu -> dense 10 softmax\ncompile adam(0.01) sparse_categorical_crossentropy"
STATEFUL = "seed 3\ninput 8x8 batch=32\nbidirectional gru(8, stateful=true)\ndense 10 softmax\ncompile adam sparse_categorical_crossentropy"
ROWS = 320


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path) -> Any:
    yield keep_runs(tmp_path / "runs.sqlite")
    name_ledger(None)


@pytest.fixture(scope="module")
def data(digits_data: Any) -> Any:
    return tuple(part[:ROWS] for part in digits_data)


def make(text: str = TEXT) -> Any:
    return renewed(make_recipe(parse(text), {}, "digits").model)


def cut_run(model: Any, data: Any, **options: Any) -> Run:
    """A run that was cut in the middle of its third epoch."""
    return stop_in_third_epoch(seqmagic.Run(model, *data, **{"epochs": 5, "batch_size": 32, **options}), batches=3)


def numbers(model: Any) -> list[np.ndarray]:
    return [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]


def are_same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def test_what_layers_carry_from_batch_to_batch_goes_on_and_goes_back(digits_data: Any) -> None:
    x, y = digits_data[0][:ROWS, :, :, 0], digits_data[1][:ROWS]
    uncut, model = make(STATEFUL), make(STATEFUL)
    seqmagic.fit(uncut, x, y, epochs=5, shuffle=False).wait()
    run = cut_run(model, (x, y), shuffle=False, batch_size=None)
    (layer,) = [layer for layer in model.layers if isinstance(layer, keras.layers.Bidirectional)]
    assert np.abs(layer.forward_layer.states[0].numpy()).max() > 0
    run.restore("first")
    assert np.abs(layer.forward_layer.states[0].numpy()).max() == 0
    seqmagic.fit(model, x, y, resume=True).wait()
    assert are_same(numbers(model), numbers(uncut))
    other = uncut.layers[0]
    assert np.array_equal(layer.backward_layer.states[0].numpy(), other.backward_layer.states[0].numpy())


def test_a_run_that_goes_on_takes_its_batches_over_and_hands_them_on(digits_data: Any) -> None:
    x, y = digits_data[0][:ROWS, :, :, 0], digits_data[1][:ROWS]
    text = STATEFUL.replace("batch=32", "batch=16")
    uncut, model = make(text), make(text)
    seqmagic.fit(uncut, x, y, epochs=6, shuffle=False, batch_size=16).wait()
    cut_run(model, (x, y), shuffle=False, batch_size=16)
    run = seqmagic.fit(model, x, y, resume=True).wait()
    more = run.more(epochs=1).wait()
    assert len(more.record.batches) == 6 * ROWS // 16
    assert are_same(numbers(model), numbers(uncut))


LOSS = "sparse_categorical_crossentropy"


def own_loss(labels: Any, output: Any) -> Any:
    return keras.losses.sparse_categorical_crossentropy(labels, output)


def adam(rate: Any = 0.01, **settings: Any) -> Any:
    return keras.optimizers.Adam(rate, **settings)


REFUSED: list[tuple[Callable[[], dict[str, Any]], str]] = [
    (lambda: {"optimizer": "sgd"}, "the optimizer Adam, but 'digits' now has SGD"),
    (lambda: {"optimizer": adam(beta_1=0.5)}, "the optimizer's beta_1 0.9, but 'digits' now has 0.5"),
    (lambda: {"optimizer": adam(keras.optimizers.schedules.CosineDecay(0.1, 9))}, "the optimizer's learning_rate 0.01"),
    (lambda: {"loss": own_loss}, "the loss sparse_categorical_crossentropy, but 'digits' now has"),
    (lambda: {"metrics": ["accuracy"]}, "the metrics none, but 'digits' now has accuracy"),
]


def test_another_compile_line_is_refused_and_the_run_can_still_be_gone_on_with(data: Any) -> None:
    uncut, model = make(), make()
    seqmagic.fit(uncut, *data, epochs=5, batch_size=32).wait()
    cut = cut_run(model, data)
    fresh = make()
    for changed, said in REFUSED:
        for there in (model, fresh):  # In the kernel that had the run, and in another.
            there.compile(**{"optimizer": adam(), "loss": LOSS, **changed()})
            before = [variable.numpy() for variable in there.variables]
            with pytest.raises(CompileError) as raised:
                seqmagic.fit(there, *data, resume=True)
            assert said in str(raised.value)
            assert are_same(before, [variable.numpy() for variable in there.variables]), said
            assert last_run_of(model) is cut
    model.compile(adam(), LOSS)
    seqmagic.fit(model, *data, resume=True).wait()
    assert are_same(numbers(model), numbers(uncut))


def test_a_run_that_learned_nothing_hides_none_that_was_cut(data: Any) -> None:
    class Fails(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            raise RuntimeError("not today")

    uncut, model = make(), make()
    seqmagic.fit(uncut, *data, epochs=5, batch_size=32).wait()
    cut = cut_run(model, data)
    for options in ({"resume": True}, {"epochs": 3}):
        with pytest.raises(TrainingError, match="not today"):
            seqmagic.fit(model, *data, callbacks=[Fails()], **options).wait()
        assert last_run_of(model) is cut
        assert cut.can_restore("best")
    fresh = make()
    for there in (model, fresh):
        seqmagic.fit(there, *data, resume=True).wait()
        assert are_same(numbers(there), numbers(uncut))
        if there is model:
            name_ledger(None)  # The run that came to its end stands in the file.
            break


def test_weights_of_classes_are_taken_over_and_weights_of_rows_asked_for(data: Any) -> None:
    weights, rows = {label: 1 + label / 3 for label in range(10)}, np.linspace(0, 2, ROWS)
    for options in ({"class_weight": weights}, {"sample_weight": rows}):
        uncut = make()
        seqmagic.fit(uncut, *data, epochs=5, batch_size=32, **options).wait()
        model = make()
        cut_run(model, data, **options)
        for there in (model, make()):
            if "sample_weight" in options:
                with pytest.raises(DataError, match=r"had sample_weight, which is not saved\.\nExpected: the same sample_weight again"):
                    seqmagic.fit(there, *data, resume=True)
                with pytest.raises(DataError, match="sample_weight is not the data that the interrupted run was trained on"):
                    seqmagic.fit(there, *data, resume=True, sample_weight=rows + 1)
            else:
                with pytest.raises(DataError, match="The interrupted run had class_weight"):
                    seqmagic.fit(there, *data, resume=True, class_weight={0: 2.0})
        again = {"sample_weight": rows} if "sample_weight" in options else {}
        fresh = make()
        seqmagic.fit(fresh, *data, resume=True, **again).wait()
        assert are_same(numbers(fresh), numbers(uncut))


def test_what_the_run_had_not_is_refused_too_and_a_learning_rate_that_changed_is_said(data: Any) -> None:
    model = make()
    cut_run(model, data, batch_size=None, validation_data=(data[0][:20], data[1][:20]), patience=4)
    held = {"validation_data": (data[0][:20], data[1][:20])}
    for options, said in (
        ({"batch_size": 64, **held}, "had batch_size=32"),
        ({"class_weight": {0: 2.0}, **held}, "had no class_weight"),
        ({"sample_weight": np.ones(ROWS), **held}, "had no sample_weight"),
        ({"shuffle": False, **held}, "had shuffle=True"),
        ({}, "had validation_data, which is not saved"),
    ):
        with pytest.raises(DataError, match=said):
            seqmagic.fit(model, *data, resume=True, **options)
    for weights in (np.ones(10), [1.0, 2.0], [1, "a"]):
        for going_on in ({"resume": True}, {}):
            with pytest.raises(ArgumentError, match="class_weight is "):
                seqmagic.fit(model, *data, class_weight=weights, **held, **going_on)
    with pytest.raises(DataError, match="x is not the data that the interrupted run was trained on"):
        seqmagic.fit(model, data[0] * 2, data[1], resume=True, **held)
    model.optimizer.learning_rate = 0.5
    run = seqmagic.fit(model, *data, resume=True, batch_size=32, **held)
    assert run._trainer.request.early_stop.patience == 4  # noqa: SLF001
    assert run.wait().warnings == ["The run continues with its own learning rate, 0.01, not with 0.5."]


# What callbacks note.

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


class Noting(keras.callbacks.Callback):
    pass


def carried(values: dict[str, Any], begin: dict[str, Any] | None = None) -> tuple[Noting, list[str]]:
    """A fresh callback with what another had noted, over JSON and arrays, and what is said."""
    import json

    first, second = Noting(), Noting()
    vars(first).update(begin or {})
    vars(second).update(begin or {})
    notes, anew = Notes([first]), Notes([second])
    notes.begin()
    anew.begin()
    vars(first).update(values)
    memory = notes.take()
    said = anew.put_back(CallbackMemory(json.loads(as_json(memory.callbacks)), [array.copy() for array in memory.arrays]))
    return second, said


@settings(max_examples=40, deadline=None)
@given(value=plain)
def test_plain_notes_come_back_as_they_were(value: Any) -> None:
    callback, said = carried({"note": value})
    assert (callback.note, said) == (value, [])
    assert type(callback.note) is type(value)


def test_arrays_metrics_and_random_generators_come_back() -> None:
    generator, metric, seed = np.random.default_rng(3), keras.metrics.Mean(), keras.random.SeedGenerator(1)
    generator.random(5)
    metric.update_state([1.0, 5.0])
    seed.next()
    begin = {"generator": np.random.default_rng(3), "metric": keras.metrics.Mean(), "seed": keras.random.SeedGenerator(1)}
    values = {"generator": generator, "metric": metric, "seed": seed, "best": np.float32(0.1), "mean": [np.arange(3.0)], "seen": {3, 1}}
    callback, said = carried(values, begin)
    assert said == []
    assert callback.generator.random() == generator.random()
    assert float(callback.metric.result()) == 3
    assert np.array_equal(callback.seed.state.numpy(), seed.state.numpy())
    assert (callback.best, type(callback.best), callback.seen) == (np.float32(0.1), np.float32, {1, 3})
    assert np.array_equal(callback.mean[0], [0, 1, 2])


def test_what_can_not_be_kept_is_said_in_one_note_and_what_nobody_noted_stays_as_it_was_made() -> None:
    callback, said = carried(
        {"thing": object(), "words": ["a"], "count": 3}, {"patience": 3, "function": len, "layer": keras.layers.ReLU()}
    )
    assert said == ["These values of callbacks can't be saved: Noting.thing, Noting.words. They start over."]
    assert (callback.count, callback.patience) == (3, 3)
    notes = Notes([Noting()])
    assert notes.put_back(CallbackMemory([{"class": "EarlyStopping", "noted": {}, "rest": []}])) == [
        "The interrupted run had EarlyStopping, and this one has Noting, so what the old callbacks had recorded is lost."
    ]


MONITORS: list[Callable[..., Any]] = [
    lambda **options: keras.callbacks.EarlyStopping(patience=2, **options),
    lambda **options: keras.callbacks.ReduceLROnPlateau(patience=2, factor=0.5, **options),
]


@pytest.mark.parametrize("mode", ["auto", "min", "max"])
@pytest.mark.parametrize("make_monitor", MONITORS, ids=["EarlyStopping", "ReduceLROnPlateau"])
def test_what_is_better_to_a_callback_is_so_after_a_cut(make_monitor: Callable[..., Any], mode: str) -> None:
    """Keras turns the sign of min_delta at the first epoch's end, in each callback once: 4.9 is no better than 5 by 0.2."""
    sign = -1 if mode == "max" else 1

    def begin(monitor: Any) -> Notes:
        monitor.set_model(make())
        monitor.on_train_begin()
        notes = Notes([monitor])
        notes.begin()
        return notes

    def go_through(monitor: Any, epochs: range) -> list[tuple[Any, int]]:
        seen = []
        for epoch in epochs:
            monitor.on_epoch_end(epoch, {"loss": sign * [5.0, 4.9, 4.7, 4.6, 4.4, 4.3, 4.3][epoch]})
            seen.append((monitor.best, monitor.wait))
        return seen

    def fresh() -> Any:
        return make_monitor(monitor="loss", mode=mode, min_delta=0.2)

    begin(uncut := fresh())
    wanted = go_through(uncut, range(7))
    assert wanted[1] == (sign * 5.0, 1)
    for cut_at in range(1, 7):
        notes = begin(cut := fresh())
        go_through(cut, range(cut_at))
        memory = notes.take()
        for goes_on in (fresh(), cut):  # In another kernel, and in the same with the callback that was there.
            assert begin(goes_on).put_back(memory) == []
            assert go_through(goes_on, range(cut_at, 7)) == wanted[cut_at:], cut_at


def test_no_file_can_name_another_file_to_write(tmp_path: Path) -> None:
    logger = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    for found in ("elsewhere.csv", 1, {"list": []}, {"array": 0, "scalar": False}, {"variables": [0]}, {"dict": 3}, {"import": "os"}):
        Notes([logger]).put_back(CallbackMemory([{"class": "CSVLogger", "noted": {"filename": found}, "rest": []}]))
        assert logger.filename == str(tmp_path / "log.csv")


def test_a_log_goes_on_where_it_was_and_counts_no_epoch_twice(tmp_path: Path, data: Any) -> None:
    def log(name: str) -> Any:
        return keras.callbacks.CSVLogger(str(tmp_path / name))

    seqmagic.fit(make(), *data, epochs=5, batch_size=32, callbacks=log("uncut.csv")).wait()
    cut_run(make(), data, callbacks=log("log.csv"))
    (tmp_path / "log.csv").open("a").write("2,9.9\n3,9.9\n")  # Of epochs that were not kept any more.
    run = seqmagic.fit(make(), *data, resume=True, callbacks=log("log.csv")).wait()
    assert run.warnings == []
    assert (tmp_path / "log.csv").read_text() == (tmp_path / "uncut.csv").read_text()
