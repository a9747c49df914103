"""`validation_split` shuffled and stratified: which rows are kept aside, that all parts of a row go along, and that it stays so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight

import seqmagic
from seqmagic.data.class_weights import balance
from seqmagic.data.held_out import count_held_out, divide, draw_held_out, find_held_out
from seqmagic.errors import ArgumentError, DataError, SeqmagicError
from seqmagic.language import parse_step
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.describe import fit_line
from seqmagic.ledger.ledger import Ledger
from seqmagic.options.fit_line import read_fit
from tests.support.renewed import renewed
from tests.support.steps import stop_in_third_epoch

RNG = np.random.default_rng(5)
X = RNG.normal(size=(60, 4)).astype("float32")
Y = np.repeat([0, 1, 2], [36, 18, 6])
ONE_HOT = keras.utils.to_categorical(Y, 3)
TEXT = "input 4 -> dense 3 softmax\ncompile sgd(0.1) {} accuracy"
SPARSE, COLUMNS = "sparse_categorical_crossentropy", "categorical_crossentropy"


def make(text: str = TEXT, loss: str = SPARSE) -> keras.Sequential:
    keras.utils.set_random_seed(1)
    return renewed(seqmagic.build(text.format(loss)))


def weights_of(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(weight) for weight in model.get_weights()]


def same(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights_of(one), weights_of(other), strict=True))


@pytest.mark.parametrize(("rows", "share"), [(10, 0.3), (60, 0.2), (61, 0.25), (1437, 0.2), (7, 0.5), (100, 0.01), (100, 0.99)])
def test_shuffled_rows_are_those_of_scikit_learn(rows: int, share: float) -> None:
    held_out = draw_held_out(rows, share)
    assert held_out.sum() == count_held_out(rows, share) == rows - int(rows * (1 - share))
    _, theirs = train_test_split(np.arange(rows), test_size=int(held_out.sum()), random_state=0)
    assert set(theirs) == set(np.flatnonzero(held_out))


@pytest.mark.parametrize("seed", range(12))
def test_stratified_rows_give_each_class_its_share_as_scikit_learn_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    share = float(generator.choice([0.1, 0.2, 0.25, 1 / 3, 0.5]))
    classes = generator.choice(generator.integers(2, 7), size=generator.integers(60, 400)) * 3 - 1
    held_out = draw_held_out(len(classes), share, classes)
    numbers, counts = np.unique(classes, return_counts=True)
    assert held_out.sum() == count_held_out(len(classes), share)
    ours = np.array([(classes[held_out] == number).sum() for number in numbers])
    assert np.all(np.abs(ours - counts * held_out.sum() / len(classes)) < 1.5)
    _, theirs = train_test_split(classes, test_size=int(held_out.sum()), stratify=classes, random_state=0)
    assert np.all(np.abs(ours - [(theirs == number).sum() for number in numbers]) <= 1)
    assert np.array_equal(held_out, draw_held_out(len(classes), share, classes))
    assert not np.array_equal(np.flatnonzero(held_out), np.arange(len(classes))[-held_out.sum() :])


def test_a_rare_class_is_on_both_sides() -> None:
    classes = np.array([0] * 98 + [1] * 2)
    held_out = draw_held_out(100, 0.2, classes)
    assert (classes[held_out] == 1).sum() == (classes[~held_out] == 1).sum() == 1
    assert held_out.sum() == 20


def test_labels_as_numbers_columns_and_tables_are_split_alike() -> None:
    options = {"validation_split": 0.2, "split": "stratified"}
    forms = [Y, ONE_HOT, Y[:, None], Y.astype("float32"), pd.Series(Y, index=range(100, 160)), pd.DataFrame(ONE_HOT), tf.constant(Y)]
    masks = [find_held_out(labels, 60, options) for labels in forms]
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    assert [int((Y[masks[0]] == number).sum()) for number in range(3)] == [7, 4, 1]


def test_every_part_of_a_row_goes_along() -> None:
    held_out = draw_held_out(60, 0.2)
    rows = np.arange(60)
    x = {"table": pd.DataFrame({"a": rows, "b": -rows}, index=rows[::-1]), "pictures": [rows[:, None], tf.constant(rows)]}
    kept_x, kept_y, options = divide(
        x, (Y, rows), {"sample_weight": rows / 2, "validation_split": 0.2, "split": "shuffled", "epochs": 2}, held_out
    )
    other_x, other_y, other_weights = options.pop("validation_data")
    assert np.array_equal(options.pop("sample_weight"), rows[~held_out] / 2)
    assert options == {"epochs": 2}
    for parts, chosen in (((kept_x, kept_y), ~held_out), ((other_x, other_y), held_out)):
        (table, (column, tensor)), (labels, numbers) = (parts[0]["table"], parts[0]["pictures"]), parts[1]
        assert isinstance(table, pd.DataFrame)
        for values in (table["a"], -table["b"], column[:, 0], np.asarray(tensor), numbers):
            assert np.array_equal(values, rows[chosen])
        assert np.array_equal(labels, Y[chosen])
    assert np.array_equal(other_weights, rows[held_out] / 2)


@pytest.mark.parametrize("way", ["shuffled", "stratified"])
@pytest.mark.parametrize(
    "more", [{}, {"sample_weight": np.linspace(0.5, 2, 60)}, {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}}], ids=["", "rows", "classes"]
)
def test_a_run_is_keras_own_on_these_rows(way: str, more: dict[str, Any]) -> None:
    facts = {"epochs": 2, "batch_size": 8, "shuffle": False, **more}
    ours, keras_own = make(), make()
    run = seqmagic.fit(ours, X, Y, validation_split=0.2, split=way, **facts).wait()
    held_out = draw_held_out(60, 0.2, Y if way == "stratified" else None)
    weights = facts.pop("sample_weight", None)
    validation = (X[held_out], Y[held_out], *([] if weights is None else [weights[held_out]]))
    facts |= {} if weights is None else {"sample_weight": weights[~held_out]}
    history = keras_own.fit(X[~held_out], Y[~held_out], validation_data=validation, verbose=0, **facts)
    assert same(ours, keras_own)
    assert np.allclose(run.history["val_loss"], history.history["val_loss"], rtol=1e-6)
    assert len(run.history["val_loss"]) == 2


def test_several_inputs_are_split_along() -> None:
    def two() -> keras.Model:
        keras.utils.set_random_seed(2)
        one, other = keras.Input((4,), name="one"), keras.Input((2,), name="other")
        model = keras.Model([one, other], keras.layers.Dense(3, "softmax")(keras.layers.Concatenate()([one, other])))
        model.compile("sgd", SPARSE)
        return model

    second = X[:, :2] * 2
    held_out = draw_held_out(60, 0.25, Y)
    facts = {"epochs": 2, "batch_size": 8, "shuffle": False}
    keras_own = two()
    validation = ([X[held_out], second[held_out]], Y[held_out])
    losses = keras_own.fit([X[~held_out], second[~held_out]], Y[~held_out], validation_data=validation, verbose=0, **facts).history[
        "val_loss"
    ]
    for x in ([X, second], {"one": X, "other": second}):
        ours = two()
        run = seqmagic.fit(ours, x, Y, validation_split=0.25, split="stratified", **facts).wait()
        assert same(ours, keras_own)
        assert np.allclose(run.history["val_loss"], losses, rtol=1e-6)


def test_the_words_of_a_fit_line() -> None:
    names = {"x": X, "y": Y, "shuffled": Y}
    for line, way in (
        ("fit x y validation_split=0.2 shuffled", "shuffled"),
        ("fit x y stratified validation_split=0.2 epochs=3", "stratified"),
        ("fit x validation_split=0.2 shuffled", "shuffled"),
        ("fit x y validation_split=0.2 epochs=3 split=stratified", "stratified"),
        ('fit x shuffled validation_split=0.2 split="stratified"', "stratified"),
    ):
        options = read_fit(parse_step(line), names).options
        assert (options["split"], options["validation_split"]) == (way, 0.2)
    assert read_fit(parse_step("fit x shuffled validation_split=0.2"), names).y is Y
    with pytest.raises(ArgumentError, match="'split' twice"):
        read_fit(parse_step("fit x y validation_split=0.2 shuffled stratified"), names)
    with pytest.raises(ArgumentError, match=r"split is 'shufled'(.|\n)*shuffled or stratified(.|\n)*split=\"shuffled\""):
        read_fit(parse_step('fit x y validation_split=0.2 split="shufled"'), names)
    with pytest.raises(SeqmagicError, match="value without a name"):
        read_fit(parse_step("fit x y y"), names)
    assert fit_line({"epochs": 2, "validation_split": 0.2, "split": "stratified"}) == "fit x y epochs=2 validation_split=0.2 stratified"


REFUSED: list[tuple[str, Any, Any, dict[str, Any], str, list[dict[str, Any]]]] = [
    ("alone", X, Y, {"split": "shuffled"}, "but not how many", [{"validation_split": 0.2, "split": "shuffled"}]),
    ("both", X, Y, {"split": "shuffled", "validation_split": 0.2, "validation_data": (X, Y)}, "validation_data is given", []),
    ("word", X, Y, {"split": "random", "validation_split": 0.2}, "split is 'random'", []),
    ("single", X, np.array([0] * 58 + [1, 2]), {"split": "stratified", "validation_split": 0.2}, "Class 1 has only one row", [{"validation_split": 0.2, "split": "shuffled"}]),
    ("few", X[:8], np.array([0, 1, 2] * 2 + [0, 1]), {"split": "stratified", "validation_split": 0.2}, "too few for a row of each of the 3 classes", [{"validation_split": 0.3, "split": "stratified"}, {"validation_split": 0.2, "split": "shuffled"}]),
    ("many", X, Y, {"split": "stratified", "validation_split": 0.96}, "parts of 2 and 58, which is too few", [{"validation_split": 0.5, "split": "stratified"}, {"validation_split": 0.96, "split": "shuffled"}]),
    ("none", X, Y, {"split": "shuffled", "validation_split": 0.99}, "leaves one side without rows", []),
]  # fmt: skip


@pytest.mark.parametrize(("x", "y", "options", "said", "fixes"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cant_be_split_so_is_refused_with_a_way_that_works(
    x: Any, y: Any, options: dict[str, Any], said: str, fixes: list[dict[str, Any]]
) -> None:
    model = make()
    with pytest.raises(SeqmagicError, match=said) as caught:
        seqmagic.fit(model, x, y, **options)
    assert len(caught.value.fixes) == len(fixes)
    for typed, fix in zip(caught.value.fixes, fixes, strict=True):
        assert eval(f"dict({typed})") == fix  # noqa: S307  # It is our own sentence.
        assert "val_loss" in seqmagic.fit(make(), x, y, **{**options, **fix}).wait().history
    with pytest.raises(SeqmagicError, match=said) as caught:
        seqmagic.Run(model, x, y, fit_line="fit x y", **options)
    for typed, fix in zip(caught.value.fixes, fixes, strict=True):
        assert read_fit(parse_step(f"fit x y {typed}"), {"x": x, "y": y}).options == fix


def test_labels_that_are_no_classes_are_not_stratified() -> None:
    model = make("input 4 -> dense 1\ncompile sgd mse")
    for labels, said in ((X[:, 0], "y contains no classes"), (None, "there are no labels")):
        if labels is None:
            keras_own = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activity_regularizer="l2")])
            keras_own.compile("sgd")
            model = keras_own
        with pytest.raises(DataError, match=said) as caught:
            seqmagic.fit(model, X, labels, validation_split=0.2, split="stratified")
        assert caught.value.fixes == ('validation_split=0.2, split="shuffled"',)
        seqmagic.fit(model, X, labels, validation_split=0.2, split="shuffled").wait()
    several = make("input 4 -> dense 3 sigmoid\ncompile sgd binary_crossentropy")
    with pytest.raises(DataError, match="y has several numbers per row instead of one class"):
        seqmagic.fit(several, X, np.ones((60, 3)), validation_split=0.2, split="stratified")


def test_streams_are_not_split() -> None:
    model = make()
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    for stream in (dataset, ((X, Y) for _ in range(3))):
        with pytest.raises(DataError, match="validation_split can't split"):
            seqmagic.fit(model, stream, validation_split=0.2, split="shuffled")


def test_the_plan_says_what_is_kept_aside_and_more_epochs_keep_it_so() -> None:
    ours, keras_own, held_out = make(), make(), draw_held_out(60, 0.2, Y)
    run = seqmagic.fit(ours, X, Y, shuffle=False, validation_split=0.2, split="stratified", class_weight="balanced").wait()
    assert run.plan == (
        "12 of 60 rows are held out for validation, chosen at random, in the same proportion from each class (stratified); they are the same every time.",
        "class_weight=balanced: class 0 has weight 0.5517, class 1 has weight 1.143, class 2 has weight 3.2.",
    )
    more = run.more(epochs=1).wait()
    assert more.plan == run.plan
    weights = dict(enumerate(compute_class_weight("balanced", classes=np.arange(3), y=Y[~held_out])))
    keras_own.fit(X[~held_out], Y[~held_out], epochs=2, shuffle=False, class_weight=weights, verbose=0)
    assert same(ours, keras_own)
    given = run.more(epochs=1, validation_data=(X[:5], Y[:5])).wait()
    assert given.plan == ("class_weight=balanced: class 0 has weight 0.5556, class 1 has weight 1.111, class 2 has weight 3.333.",)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield keep_runs(tmp_path / "runs.sqlite")
    name_ledger(None)


def cut_training(model: keras.Model, **options: Any) -> None:
    stop_in_third_epoch(seqmagic.Run(model, X, Y, epochs=5, batch_size=8, **options))


@pytest.mark.parametrize("way", ["shuffled", "stratified"])
def test_a_run_that_goes_on_keeps_its_rows_aside(ledger: Ledger, way: str) -> None:
    facts = {"validation_split": 0.2, "split": way, "class_weight": "balanced"}
    uncut = make()
    whole = seqmagic.fit(uncut, X, Y, epochs=5, batch_size=8, seed=4, **facts).wait()
    for again in ({}, facts, {"split": way}):
        cut = make()
        cut_training(cut, seed=4, **facts)
        run = seqmagic.fit(cut, X, Y, resume=True, **again).wait()
        assert same(cut, uncut)
        assert run.history == whole.history
        assert run.plan[:1] == whole.plan[:1]
    entry = ledger.entries()[0]
    assert entry.settings["fit"]["split"] == way
    assert entry.settings["fit"]["validation_split"] == 0.2
    learned = Y[~draw_held_out(60, 0.2, Y if way == "stratified" else None)]
    assert entry.settings["fit"]["class_weight"] == {str(label): weight for label, weight in balance(learned)[0].items()}
    assert f"validation_split=0.2 {way}" in entry.fit


def test_a_run_of_another_process_keeps_its_rows_aside(ledger: Ledger) -> None:
    model = make()
    model.name = "net"
    cut_training(model, seed=4, validation_split=0.2, split="stratified")
    uncut, fresh = make(), make()
    fresh.name = uncut.name = "net"
    seqmagic.fit(uncut, X, Y, epochs=5, batch_size=8, seed=4, validation_split=0.2, split="stratified").wait()
    cut = ledger.entries()[0]
    assert cut.state == "stopped"
    run = seqmagic.fit(fresh, X, Y, resume=cut.id).wait()  # All that it knows stands in the file.
    assert same(fresh, uncut)
    assert "stratified" in run.plan[0]
    for options, said in (({"split": "shuffled"}, "had split=stratified"), ({"validation_split": 0.3}, "had validation_split=0.2")):
        other = make()
        other.name = "net"
        with pytest.raises(DataError, match=said):
            seqmagic.fit(other, X, Y, resume=cut.id, **options)


def test_a_way_to_split_that_the_cut_run_had_not_is_refused(ledger: Ledger) -> None:
    model = make()
    cut_training(model, validation_split=0.2)
    with pytest.raises(DataError, match=r"had no split\.\nExpected: the same value, or no split"):
        seqmagic.fit(model, X, Y, resume=True, split="shuffled")


ADVICE: list[tuple[str, str, Any, dict[str, Any], str]] = [
    ("sorted classes", SPARSE, Y, {}, "y is sorted by class, and validation_split=0.2 holds out the last 12 rows: class 2 is then missing from the training rows. Better: "),
    ("a class never learned", SPARSE, np.array([1, 0] * 24 + [2] * 12), {}, "validation_split=0.2 holds out the last 12 rows: class 2 is then missing from the training rows. Better: "),
    ("one-hot", COLUMNS, ONE_HOT, {}, "y is sorted by class, and validation_split=0.2 holds out the last 12 rows: class 2 is then missing from the training rows. Better: "),
    ("a class never drawn", SPARSE, np.where(np.arange(60) == 7, 2, np.arange(60) % 2), {"split": "shuffled"}, ""),
    ("a class not looked at", SPARSE, np.array([2] * 10 + [0, 1] * 25), {}, "validation_split=0.2 holds out the last 12 rows: class 2 is then missing from the validation rows. Better: "),
    ("mixed", SPARSE, np.arange(60) % 3, {}, ""),
    ("stratified", SPARSE, Y, {"split": "stratified"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "y", "options", "said"), [case[1:] for case in ADVICE], ids=[case[0] for case in ADVICE])
def test_a_note_where_a_class_would_be_left_out_with_a_way_that_does_not(loss: str, y: Any, options: dict[str, Any], said: str) -> None:
    run = seqmagic.Run(make(loss=loss), X, y, validation_split=0.2, **options)
    notes = [note for note in run.advice if "holds out" in note]
    assert len(notes) == bool(said)
    for note in notes:
        assert note.startswith(said)
        better = eval(f"dict({note.rpartition('Better: ')[2].removesuffix('.')})")  # noqa: S307  # It is our own sentence.
        assert not [note for note in seqmagic.Run(make(loss=loss), X, y, **better).advice if "holds out" in note]
    in_line = seqmagic.Run(make(loss=loss), X, y, fit_line="fit x y", validation_split=0.2, **options).advice
    assert [note for note in in_line if note.endswith("Better: validation_split=0.2 stratified.")] if notes else True


def test_a_note_on_sorted_amounts() -> None:
    text = "input 4 -> dense 1\ncompile sgd mse"
    for y, end in ((np.sort(X[:, 0]), "largest"), (np.sort(X[:, 0])[::-1], "smallest")):
        (note,) = seqmagic.Run(make(text), X, y, validation_split=0.2).advice
        message = f"y is sorted, and validation_split=0.2 holds out the last 12 rows, which have the {end} labels. Better: "
        assert note == f'{message}validation_split=0.2, split="shuffled".'
        assert seqmagic.Run(make(text), X, y, validation_split=0.2, split="shuffled").advice == ()
        assert seqmagic.Run(make(text), X, y).advice == ()
