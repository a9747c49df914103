"""What a class file sets holds for networks and trainings, in cells and from Python."""

from __future__ import annotations

import threading
from pathlib import Path

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.classroom.hints import add_hints
from seqmagic.errors import ArgumentError, BoundError, FileError, SeqmagicError, SeveralErrors
from seqmagic.recipes.faults import find_faults, find_line_faults
from seqmagic.recipes.recipe import build, make_recipe, read
from seqmagic.training.run import Run
from tests.support.class_rules import class_of, no_rules_left  # noqa: F401  # A fixture.

pytestmark = pytest.mark.usefixtures("no_rules_left")

NET = "input 4\ndense 8 relu\ndense 2 softmax\ncompile adam sparse_categorical_crossentropy"
X, Y = np.random.default_rng(0).normal(size=(64, 4)).astype("float32"), np.arange(64) % 2
NAMES = {"x": X, "y": Y}


def raised(text: str) -> SeqmagicError:
    with pytest.raises(SeqmagicError) as caught:
        make_recipe(read(text, NAMES), NAMES)
    return caught.value


def test_a_network_that_is_too_large_is_refused_at_its_largest_layer() -> None:
    class_of(bounds={"parameters": 50})
    error = raised(NET)
    assert isinstance(error, BoundError)
    assert "This network has 58 parameters; 40 of its parameters are in 'dense'." in str(error)
    assert "at most 50 parameters, the limit in seqmagic-class.toml" in str(error)
    assert error.span is not None
    assert error.span.line == 2
    assert any("58 parameters" in fault for fault in find_faults(NET, NAMES))
    class_of(bounds={"parameters": 58, "memory": 58 * 4})
    assert build(NET).count_params() == 58
    class_of(bounds={"memory": 58 * 4 - 1})
    assert "weights that need 232 B" in str(raised(NET))


def test_layers_that_are_added_count_with_those_that_are_there() -> None:
    from seqmagic.recipes.recipe import add_to

    class_of(bounds={"parameters": 60})
    model = build("input 4 -> dense 8 relu")
    before = model.get_config()
    with pytest.raises(BoundError, match="at most 60 parameters"):
        add_to(model, read("dense 20", {}), {})
    assert model.get_config() == before


def test_too_many_epochs_are_refused_at_the_line_before_anything_is_trained() -> None:
    class_of(bounds={"epochs": 3})
    error = raised(f"{NET}\nfit x y epochs=4")
    single = error.errors[0] if isinstance(error, SeveralErrors) else error
    assert isinstance(single, BoundError)
    assert "epochs=4 is more than this class allows." in str(single)
    assert single.span is not None
    assert single.span.source[single.span.column - 1 : single.span.end - 1].startswith("epochs")
    model = build(NET)
    assert find_line_faults("fit x y epochs=3", model, NAMES) == {}
    assert find_line_faults("fit x y epochs=4", model, NAMES)
    for epochs in (9, np.int64(9), np.uint8(9)):
        with pytest.raises(BoundError, match="epochs=9 "):
            seqmagic.fit(model, X, Y, epochs=epochs)
    assert len(seqmagic.fit(model, X, Y, epochs=3).wait().history["loss"]) == 3


def test_time_ends_a_run_as_stop_does_and_what_was_learned_stays() -> None:
    model = build(NET)
    before = model.get_weights()
    class_of(bounds={"seconds": 0.01})
    run = seqmagic.fit(model, X, Y, epochs=100_000).wait()
    assert str(run.state) == "stopped"
    assert run.reason == "seqmagic-class.toml stops training after 0.01 seconds."
    assert run.history["loss"]
    assert not all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    class_of(bounds={"seconds": 1000})
    assert str(run.more(epochs=1).wait().state) == "done"


def test_stop_by_hand_has_no_reason_of_the_class() -> None:
    class_of(bounds={"seconds": 1000})
    began = threading.Event()
    run = Run(build(NET), X, Y, epochs=100_000)
    run.watchers.append(lambda state: began.set() if state.progress.batches else None)
    run.start()
    assert began.wait(60)
    assert run.stop().wait().reason == ""


def test_the_seed_of_the_class_makes_networks_alike_and_stands_in_their_text() -> None:
    class_of(seed=7)
    first, second = make_recipe(read(NET, {}), {}), make_recipe(read(NET, {}), {})
    assert all(np.array_equal(a, b) for a, b in zip(first.model.get_weights(), second.model.get_weights(), strict=True))
    own = make_recipe(read(f"seed 8\n{NET}", {}), {})
    follow(NO_RULES)
    written = make_recipe(read(f"seed 7\n{NET}", {}), {})
    assert np.array_equal(first.model.get_weights()[0], written.model.get_weights()[0])
    assert not np.array_equal(first.model.get_weights()[0], own.model.get_weights()[0])


def test_a_locked_optimizer_is_the_only_one_whatever_its_spelling() -> None:
    class_of(locked={"optimizer": "sgd(0.1)", "loss": "sparse_categorical_crossentropy"})
    error = raised(NET)
    assert "seqmagic-class.toml sets the optimizer to sgd(0.1) for this class." in str(error)
    assert error.span is not None
    assert error.span.source[error.span.column - 1 : error.span.end - 1] == "adam"
    for spelling in ("sgd(0.1)", "SGD(learning_rate=0.1)", "sgd(1e-1)"):
        assert build(NET.replace("adam", spelling)).compiled
    assert "optimizer" in str(raised(NET.replace("adam", "sgd(0.2)")))
    assert "the loss" in str(raised(NET.replace("adam sparse_categorical_crossentropy", "sgd(0.1) mse")))
    model = build(NET.partition("\ncompile")[0])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ArgumentError, match="sets the optimizer"):
        seqmagic.fit(model, X, Y)
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    run = seqmagic.fit(model, X, Y).wait()
    with pytest.raises(ArgumentError, match="including its learning rate"):
        run.learning_rate = 0.5
    model.optimizer.learning_rate = 0.01  # As a callback does.
    assert str(seqmagic.fit(model, X, Y).wait().state) == "done"


def test_a_lock_that_is_no_word_is_reported_where_it_is_used() -> None:
    class_of(locked={"optimizer": "adma"})
    with pytest.raises(FileError, match=r"The \[lock\] of seqmagic-class\.toml can't be used: There is no optimizer called 'adma'"):
        make_recipe(read(NET, {}), {})


def test_locked_fit_options_are_filled_in_said_and_defended() -> None:
    class_of(locked={"batch_size": 16, "epochs": 2})
    run = seqmagic.fit(build(NET), X, Y).wait()
    assert run.plan[0] == "seqmagic-class.toml sets batch_size=16, epochs=2."
    assert len(run.history["loss"]) == 2
    assert len(run.record.batches) == 2 * 4
    with pytest.raises(ArgumentError, match=r"batch_size=8, but seqmagic-class\.toml sets batch_size to 16"):
        seqmagic.fit(build(NET), X, Y, batch_size=8)
    error = raised(f"{NET}\nfit x y batch_size=8")
    assert error.instead.endswith("batch_size=16")


def test_hints_are_said_once_to_the_errors_that_they_are_for() -> None:
    class_of(hints={"ShapeError": "Slide 12.", "no layer called": "The words are on the poster.", "SeqmagicError": "Breathe."})
    error = raised("input 4\ndesne 8")
    for _ in range(2):
        add_hints(error)
    assert str(error).count("The words are on the poster.") == 1
    assert "Breathe." in str(error)
    assert "Slide 12." not in str(error)


def test_data_are_found_in_the_folder_of_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "week 1").mkdir(parents=True)
    iris = tmp_path / "data" / "week 1" / "iris.csv"
    iris.write_text("a,b")
    class_of(data=tmp_path / "data")
    assert seqmagic.data_path("week 1/iris.csv") == iris
    assert seqmagic.data_path() == tmp_path / "data"
    with pytest.raises(FileError, match=r"Type instead: 'week 1/iris\.csv'"):
        seqmagic.data_path("week 1/irsi.csv")
    for outside in ("../secret", "/etc/passwd"):
        with pytest.raises(FileError, match="is outside the data folder"):
            seqmagic.data_path(outside)
    follow(NO_RULES)
    monkeypatch.chdir(tmp_path)
    assert seqmagic.data_path("data") == tmp_path / "data"
