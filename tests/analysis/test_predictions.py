"""Predictions: what they mean, which are wrong and how badly, held against Keras and scikit-learn; and the data that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf
from sklearn import metrics

import seqmagic
from seqmagic.analysis.confusion import Confusion, confusion_of, confusions_of_labels
from seqmagic.analysis.forward_pass import CHANGED, UNTRAINED, ForwardPass, predict
from seqmagic.analysis.input_gradients import Explanation, explain
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.residuals import Residuals, residuals_of
from seqmagic.analysis.samples import Form, gather, samples_of_last_run
from seqmagic.analysis.task import LearningTask
from seqmagic.errors import DataError, SeqmagicError
from seqmagic.keras_internals.layers import operation_of
from tests.support.rounding import CLOSE

RANDOM = np.random.RandomState(1)
X = RANDOM.rand(60, 4).astype("float32")
THREE, TWO, MANY = RANDOM.randint(0, 3, 60), RANDOM.randint(0, 2, 60), RANDOM.randint(0, 2, (60, 3))
SPARSE = "compile adam sparse_categorical_crossentropy accuracy"


def made(text: str, y: Any, x: Any = X, **options: Any) -> Predictions:
    model = seqmagic.build(text)
    return predict(model, gather(model, x, y), **options)


def keras_made(activation: str, loss: Any, y: np.ndarray) -> Predictions:
    """With a loss that seqmagic's own cells refuse."""
    units = 1 if activation == "sigmoid" else int(y.max()) + 1
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation)])
    model.compile("adam", loss, metrics=["accuracy"])
    return predict(model, gather(model, X, y))


CLASSIFIERS: dict[str, Callable[[], Predictions]] = {
    "numbers": lambda: made(f"input 4 -> dense 3 softmax\n{SPARSE}", THREE),
    "one-hot": lambda: made(
        "input 4 -> dense 3 softmax\ncompile adam categorical_crossentropy accuracy", keras.utils.to_categorical(THREE)
    ),
    "logits": lambda: made("input 4 -> dense 3\ncompile adam sparse_categorical_crossentropy(from_logits=true) accuracy", THREE),
    "yes or no": lambda: made("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy accuracy", TWO),
    "yes or no in a column": lambda: made(
        "input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy accuracy", TWO[:, None].astype("float32")
    ),
    "truth": lambda: made("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy accuracy", TWO == 1),
    "yes or no as logits": lambda: made("input 4 -> dense 1\ncompile adam binary_crossentropy(from_logits=true) accuracy", TWO),
    "not compiled": lambda: made("input 4 -> dense 3 softmax", THREE),
    # From such outputs Keras goes back to the logits, whatever the loss says of them.
    "softmax for a loss of logits": lambda: keras_made("softmax", keras.losses.SparseCategoricalCrossentropy(from_logits=True), THREE),
    "sigmoid for a loss of logits": lambda: keras_made("sigmoid", keras.losses.BinaryCrossentropy(from_logits=True), TWO),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_what_is_right_is_what_keras_and_scikit_learn_say(kind: str) -> None:
    predictions = CLASSIFIERS[kind]()
    truth = TWO if predictions.task == LearningTask.YES_OR_NO else THREE
    assert predictions.truth is not None
    assert predictions.wrong is not None
    np.testing.assert_array_equal(predictions.truth, truth)
    given = predictions.model.predict(X, verbose=0)
    if kind.endswith("logits") and "for a loss" not in kind:
        given = np.asarray(keras.ops.softmax(given) if predictions.task == LearningTask.CLASSES else keras.ops.sigmoid(given))
    np.testing.assert_allclose(predictions.probabilities, given, rtol=1e-5, atol=1e-6)
    confusion = confusion_of(predictions)
    assert confusion is not None
    names = list(range(predictions.classes))
    np.testing.assert_array_equal(confusion.counts, metrics.confusion_matrix(truth, predictions.predicted, labels=names))
    found = metrics.precision_recall_fscore_support(truth, predictions.predicted, labels=names, zero_division=np.nan)
    for ours, theirs in zip((confusion.precision, confusion.recall, confusion.f1, confusion.support), found, strict=True):
        np.testing.assert_allclose(ours, theirs)
    # Of logits Keras counts those above 0.5 as a yes, and not those above 0.
    if predictions.model.compiled and kind != "yes or no as logits":
        y = predictions.samples.y
        assert confusion.accuracy == pytest.approx(predictions.model.evaluate(X, y, verbose=0)[1], abs=1e-6)
    assert confusion.accuracy == pytest.approx(metrics.accuracy_score(truth, predictions.predicted))


def test_a_hinge_loss_gives_no_probabilities_and_parts_at_zero() -> None:
    predictions = made("input 4 -> dense 1 tanh\ncompile adam hinge", TWO * 2 - 1)
    assert (predictions.task, predictions.probabilities) == (LearningTask.YES_OR_NO, None)
    np.testing.assert_array_equal(predictions.truth, TWO)
    np.testing.assert_array_equal(predictions.predicted, (predictions.rows[:, 0] > 0).astype(int))


@pytest.mark.parametrize("outputs", [[0.2, 0.3, 0.95], [0.2, 0.3, 1.05], [-0.1, 0.3, 0.95], [0.2, 0.3, np.nan]])
def test_a_yes_without_a_sigmoid_is_what_is_a_yes_to_keras(outputs: list[float]) -> None:
    """Whatever the other samples give."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x, y = np.array(outputs, "float32")[:, None], np.array([0, 0, 1])
    predictions = predict(model, gather(model, np.zeros((3, 1)), y))
    predictions = Predictions(model, predictions.samples, x, predictions.head)
    for place in np.flatnonzero(np.isfinite(outputs)):
        right = model.evaluate(x[place : place + 1], y[place : place + 1], verbose=0, return_dict=True)["accuracy"]
        assert predictions.wrong is not None
        assert predictions.wrong[place] == (right == 0)


def test_labels_are_each_a_yes_or_no() -> None:
    predictions = made("input 4 -> dense 3 sigmoid\ncompile adam binary_crossentropy", MANY)
    assert predictions.task == LearningTask.LABELS
    theirs = metrics.multilabel_confusion_matrix(MANY, predictions.predicted)
    np.testing.assert_array_equal([one.counts for one in confusions_of_labels(predictions)], theirs)
    assert predictions.wrong is not None
    assert predictions.wrong.mean() == pytest.approx(1 - metrics.accuracy_score(MANY, predictions.predicted))


def test_the_worst_mistakes_come_first_and_those_that_are_right_last() -> None:
    predictions = CLASSIFIERS["numbers"]()
    assert predictions.wrong is not None
    assert predictions.probabilities is not None
    of_truth = predictions.probabilities[np.arange(60), THREE]
    np.testing.assert_array_equal(predictions.ranking, sorted(range(60), key=lambda place: (not predictions.wrong[place], of_truth[place])))  # type: ignore[index]
    unsure = made("input 4 -> dense 3 softmax", None)
    assert unsure.probabilities is not None
    assert unsure.ranking[0] == unsure.probabilities.max(axis=1).argmin()


@pytest.mark.parametrize("columns", [1, 2])
def test_amounts_have_the_scores_of_scikit_learn(columns: int) -> None:
    y = X[:, :columns] * 3
    predictions = made(f"input 4 -> dense {columns}\ncompile adam mse mae", y if columns > 1 else y[:, 0])
    found = residuals_of(predictions)
    assert (predictions.task, len(found)) == (LearningTask.AMOUNTS, columns)
    given = predictions.model.predict(X, verbose=0)
    for place, one in enumerate(found):
        true, said = y[:, place], given[:, place]
        assert one.mean_absolute_error == pytest.approx(metrics.mean_absolute_error(true, said), rel=1e-5)
        assert one.root_mean_squared_error == pytest.approx(metrics.root_mean_squared_error(true, said), rel=1e-5)
        assert one.r2 == pytest.approx(metrics.r2_score(true, said), rel=1e-4)
        assert one.bias == pytest.approx((said - true).mean(), rel=1e-4)
    assert predictions.errors is not None
    assert predictions.errors.mean() == pytest.approx(predictions.model.evaluate(X, predictions.samples.y, verbose=0)[1], rel=1e-5)


def test_a_model_of_several_outputs_is_looked_at_one_by_one() -> None:
    inputs = keras.Input((4,))
    price, kind = keras.layers.Dense(1, name="price")(inputs), keras.layers.Dense(3, "softmax", name="kind")(inputs)
    for outputs, y in (([price, kind], [X[:, 0], THREE]), ({"price": price, "kind": kind}, {"kind": THREE, "price": X[:, 0]})):
        model = keras.Model(inputs, outputs)
        model.compile("adam", {"price": "mse", "kind": "sparse_categorical_crossentropy"})
        samples = gather(model, X, y)
        first, second = predict(model, samples, "price"), predict(model, samples, "kind")
        assert (first.task, second.task) == (LearningTask.AMOUNTS, LearningTask.CLASSES)
        np.testing.assert_array_equal(second.truth, THREE)
        assert any("shows the output 'price'" in note for note in first.notes)
        assert predict(model, samples).head.name in ("price", "kind")
        with pytest.raises(SeqmagicError, match="has no output 'knd'"):
            predict(model, samples, "knd")


def test_an_output_in_a_dict_has_its_own_loss_and_activation_whatever_the_layers_are_called() -> None:
    """The keys are neither the names of the layers, nor in the order in which Keras keeps them; or they are those of other layers."""
    inputs = keras.Input((4,))
    for names in (("one", "other"), ("kind", "price"), (None, None)):
        price, kind = keras.layers.Dense(1, name=names[0])(inputs), keras.layers.Dense(3, "softmax", name=names[1])(inputs)
        model = keras.Model(inputs, {"price": price, "kind": kind})
        model.compile("adam", {"price": "mse", "kind": "sparse_categorical_crossentropy"})
        given = model.predict(X, verbose=0)
        samples = gather(model, X, {"price": X[:, 0], "kind": THREE})
        for name, activation, task in (("price", "linear", LearningTask.AMOUNTS), ("kind", "softmax", LearningTask.CLASSES)):
            predictions = predict(model, samples, name)
            assert (predictions.head.activation, predictions.task) == (activation, task)
            np.testing.assert_allclose(predictions.rows, given[name], rtol=1e-5, atol=1e-6)
            assert predictions.truth is not None
        first = predict(model, samples)
        explanation = explain(model, X[:1])
        assert isinstance(explanation, Explanation)
        assert first.head.name == "kind", "gradients are shown for the first output"
        by_hand = float((X[:1] @ model.get_layer(operation_of(kind).name).kernel.numpy()).max())
        assert explanation.score == pytest.approx(by_hand, rel=CLOSE["rtol"], abs=CLOSE["atol"])
    alone = keras.Model(inputs, {"kind": kind})
    alone.compile("adam", {"kind": "sparse_categorical_crossentropy"})
    assert predict(alone, gather(alone, X)).task == LearningTask.CLASSES


@pytest.mark.parametrize("never", [(), (1,), (0, 2), (0, 1, 2)])
def test_the_mean_scores_are_scikit_learns_macro_average(never: tuple[int, ...]) -> None:
    """Of four classes, one never occurs; and some are never predicted."""
    predicted = np.where(np.isin(THREE[::-1], never), 3 if len(never) > 2 else next(iter({0, 1, 2} - {*never})), THREE[::-1])
    confusion = Confusion(metrics.confusion_matrix(THREE, predicted, labels=range(5)))
    expected = metrics.precision_recall_fscore_support(THREE, predicted, average="macro", zero_division=0)
    np.testing.assert_allclose(confusion.mean_scores(), expected[:3])
    assert np.isnan(Confusion(np.zeros((3, 3), int)).mean_scores()).all()


def test_labels_that_are_all_the_same_have_no_r2() -> None:
    for value, rows in ((0.1, 10), (0.1, 60), (1e9, 7), (0.0, 1)):
        assert np.isnan(Residuals("y", np.full(rows, value), np.linspace(0, 1, rows)).r2)


def test_what_is_no_number_is_said_and_counts_as_wrong() -> None:
    model = seqmagic.build(f"input 4 -> dense 3 softmax\n{SPARSE}")
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    predictions = predict(model, gather(model, X, THREE))
    assert set(predictions.predicted) == {-1}
    assert predictions.wrong is not None
    assert predictions.wrong.all()
    confusion = confusion_of(predictions)
    assert confusion is not None
    assert (confusion.total, confusion.without) == (0, 60)
    assert any("NaN or infinity" in note for note in predictions.notes)
    assert CHANGED not in predictions.notes


def test_weights_that_change_meanwhile_are_said() -> None:
    model = seqmagic.build("input 4 -> dense 3 softmax")
    passed = ForwardPass(model, gather(model, X, THREE))
    for _ in passed.steps():
        model.set_weights([weight + 1 for weight in model.get_weights()])
    assert passed.predictions().notes[:2] == (CHANGED, UNTRAINED)


# The samples.

FORMS = {
    "pictures": ("input 8x8x1 -> flatten -> dense 1", RANDOM.rand(5, 8, 8, 1), Form.PICTURE),
    "pictures without a channel": ("input 8x8 -> flatten -> dense 1", RANDOM.rand(5, 8, 8), Form.PICTURE),
    "flat pictures": ("input 64 -> dense 1", RANDOM.rand(5, 64), Form.PICTURE),
    "rows": ("input 4 -> dense 1", X, Form.ROW),
    "standardized rows": ("input 64 -> dense 1", RANDOM.randn(5, 64), Form.ROW),
    "a table": ("input 64 -> dense 1", pd.DataFrame(RANDOM.rand(5, 64)), Form.ROW),
    "series": ("input 8x8 -> lstm 2 -> dense 1", RANDOM.rand(5, 8, 8), Form.SERIES),
    "tokens": ("input 6 -> embedding 9 2 -> gap -> dense 1", RANDOM.randint(0, 9, (5, 6)), Form.TOKENS),
}


@pytest.mark.parametrize("kind", FORMS)
def test_a_sample_is_what_somebody_would_take_it_for(kind: str) -> None:
    text, x, form = FORMS[kind]
    samples = gather(seqmagic.build(text), x)
    assert [part.form for part in samples.parts] == [form]
    assert len(samples) == len(x)


def test_a_text_is_a_text() -> None:
    lookup = keras.layers.TextVectorization(20, output_sequence_length=3)
    lookup.adapt(["a good film", "a bad film"])
    layers = [keras.Input((), dtype="string"), lookup, keras.layers.Embedding(20, 2), keras.layers.GlobalAveragePooling1D()]
    model = keras.Sequential([*layers, keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    predictions = predict(model, gather(model, tf.constant(["a good film", "bad"]), np.array([1, 0])))
    assert predictions.samples.parts[0].form == Form.TEXT
    assert predictions.samples.parts[0].rows.tolist() == ["a good film", "bad"]


def test_a_dataset_is_read_with_its_labels() -> None:
    model = seqmagic.build(f"input 4 -> dense 3 softmax\n{SPARSE}")
    samples = gather(model, tf.data.Dataset.from_tensor_slices((X, THREE)).batch(7))
    np.testing.assert_allclose(samples.x, X)
    np.testing.assert_array_equal(samples.y, THREE)


def test_batches_without_an_end_are_read_until_there_are_enough() -> None:
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, place: int) -> tuple[Any, Any]:
            return X, THREE

    model = seqmagic.build(f"input 4 -> dense 3 softmax\n{SPARSE}")
    samples = gather(model, Endless())
    assert len(samples) == 10_000
    assert samples.origin == "The first 10,000 rows of the PyDataset."


def test_the_last_run_brings_its_data() -> None:
    model = seqmagic.build(f"input 4 -> dense 3 softmax\n{SPARSE}")
    with pytest.raises(DataError, match="has not been trained here"):
        samples_of_last_run(model)
    seqmagic.fit(model, X, THREE, epochs=1, validation_data=(X[:10], THREE[:10])).wait()
    whole = X[:10], THREE[:10]
    samples = samples_of_last_run(model)
    assert (len(samples), samples.origin) == (10, "The validation data of its last run.")
    np.testing.assert_array_equal(samples.y, whole[1])
    seqmagic.fit(model, X, THREE, epochs=1, validation_split=0.2, split="stratified").wait()
    samples = samples_of_last_run(model)
    assert len(samples) == 12
    assert "held out" in samples.origin
    assert np.unique(samples.y, return_counts=True)[1].min() > 1
    seqmagic.fit(model, X, THREE, epochs=1).wait()
    samples = samples_of_last_run(model)
    assert len(samples) == 60
    assert "had no validation data" in samples.origin
    seqmagic.fit(model, X * 1, THREE, epochs=1).wait()
    with pytest.raises(DataError, match="no longer available"):
        samples_of_last_run(model)


@pytest.mark.parametrize(
    ("text", "x", "y", "said"),
    [
        ("input 4 -> dense 3 softmax", X[:, :3], None, "One row of x is 3"),
        ("input 4 -> dense 3 softmax", X[:0], None, "x is empty"),
        ("input 4 -> dense 3 softmax", X, THREE[:5], "60 rows, but the number of rows in y is 5"),
        ("input 4 -> dense 3 softmax", X, THREE + 1, "from 1 to 3, but the model has classes 0 to 2"),
        (f"input 4 -> dense 3 softmax\n{SPARSE}", X, THREE + 1, "from 1 to 3"),
        ("input 4 -> dense 3 softmax", np.array([["a"] * 4] * 3), None, "holds text"),
        ("input 4 -> dense 3 softmax", (part for part in ()), None, "only once"),
        ("input 4 -> dense 3 softmax", "x_test.csv", None, "the text 'x_test.csv'"),
    ],
)
def test_data_that_do_not_fit_are_refused(text: str, x: Any, y: Any, said: str) -> None:
    with pytest.raises(SeqmagicError, match=said):
        made(text, y, x)


def softmax(name: str, inputs: Any) -> Any:
    return keras.layers.Dense(3, "softmax", name=name)(inputs)


def outputs_of_one_name() -> keras.Model:
    inputs, shared = keras.Input((4,)), keras.layers.Dense(3, "softmax", name="kind")
    model = keras.Model(inputs, [shared(inputs), shared(keras.layers.Dense(4, "relu")(inputs)), softmax("kind_1", inputs)])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[["accuracy"]] * 3)
    return model


def outputs_in_a_subclass() -> keras.Model:
    class Subclass(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.layers_of_mine = [keras.layers.Dense(3, "softmax") for _ in range(2)]

        def call(self, x: Any) -> Any:
            return {"one": self.layers_of_mine[0](x), "another": self.layers_of_mine[1](x)}

    model = Subclass()
    model.compile("adam", dict.fromkeys(("one", "another"), "sparse_categorical_crossentropy"))
    return model


def test_each_of_several_outputs_is_shown_with_its_own_name_and_labels() -> None:
    labels = [THREE, THREE[::-1].copy(), np.roll(THREE, 7)]
    model = outputs_of_one_name()
    raw = model.predict(X, verbose=0)
    samples = gather(model, X, labels)
    for place, name in enumerate(("kind", "kind_2", "kind_1")):
        predictions = predict(model, samples, name)
        assert np.array_equal(predictions.truth, labels[place])
        assert (~predictions.wrong).mean() == metrics.accuracy_score(labels[place], raw[place].argmax(axis=1))
        others = [repr(one) for one in ("kind", "kind_2", "kind_1") if one != name]
        assert any(note.endswith(f"the model also has {', '.join(others)}.") for note in predictions.notes)


def test_a_subclass_with_several_outputs_says_which_one_is_shown() -> None:
    model = outputs_in_a_subclass()
    raw = model.predict(X, verbose=0)
    predictions = predict(model, gather(model, X, {"one": THREE, "another": THREE[::-1].copy()}))
    assert (predictions.head.name, predictions.task) == ("another", LearningTask.CLASSES)
    assert (~predictions.wrong).mean() == metrics.accuracy_score(THREE[::-1], raw["another"].argmax(axis=1))
    assert "This shows the output 'another'; the model also has 'one'." in predictions.notes


def test_an_output_without_labels_is_told_apart_from_labels_that_do_not_fit() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [softmax("left", inputs), softmax("right", inputs)])
    model.compile("adam", {"right": "sparse_categorical_crossentropy"})
    predictions = predict(model, gather(model, X, {"right": THREE}), "left")
    assert predictions.truth is None
    assert "There are no labels for the output 'left'." in predictions.notes
    assert not any("shapes differ" in note for note in predictions.notes)


SPARSE_ROWS = (X * (X > 0.5)).astype("float32")


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_matrix", "coo_matrix", "lil_matrix", "tensor", "dataset", "inputs"])
def test_sparse_rows_are_looked_at_as_if_they_were_dense(kind: str) -> None:
    model = keras.Sequential([keras.Input((4,), sparse=kind == "tensor"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    tensor = tf.sparse.from_dense(SPARSE_ROWS)
    given: Any = {"tensor": tensor, "dataset": tf.data.Dataset.from_tensor_slices((tensor, TWO)).batch(16)}.get(kind)
    if kind == "inputs":
        given = [scipy.sparse.csc_matrix(SPARSE_ROWS)]
    elif given is None:
        given = getattr(scipy.sparse, kind)(SPARSE_ROWS)
    predictions = predict(model, gather(model, given, None if kind == "dataset" else TWO))
    assert np.allclose(predictions.rows, model.predict(SPARSE_ROWS, verbose=0), atol=1e-6)
    assert (~predictions.wrong).mean() == pytest.approx(model.evaluate(SPARSE_ROWS, TWO, verbose=0)[1])


def test_data_that_can_not_be_read_as_rows_are_refused_as_in_training() -> None:
    model = seqmagic.build("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy accuracy")
    rows = tf.data.Dataset.from_tensor_slices((X, TWO))
    with pytest.raises(DataError, match="not batched"):
        gather(model, rows)
    with pytest.raises(DataError, match="different lengths"):
        gather(model, tf.ragged.constant([[1.0, 2.0], [3.0]]), TWO[:2])
    with pytest.raises(DataError, match="not stored row by row") as refused:
        seqmagic.Run(model, scipy.sparse.csc_matrix(SPARSE_ROWS), TWO)
    assert refused.value.fixes == ("x = x.tocsr()",)
    seqmagic.Run(model, scipy.sparse.csc_matrix(SPARSE_ROWS).tocsr(), TWO).start().wait()


@pytest.mark.parametrize(("rows", "told"), [(10_000, False), (10_001, True), (10_050, True), (10_100, True)])
def test_the_first_rows_of_a_dataset_are_told_of_only_if_there_are_more(rows: int, *, told: bool) -> None:
    model = seqmagic.build("input 1 -> dense 1 sigmoid\ncompile adam binary_crossentropy")
    samples = gather(model, tf.data.Dataset.from_tensor_slices((np.zeros((rows, 1), "float32"), np.zeros(rows))).batch(100))
    assert len(samples) == 10_000
    assert samples.origin == ("The first 10,000 rows of the dataset." if told else "")


SHARES = np.abs(RANDOM.rand(60, 3)) / 3
ROUNDED = {
    "yes or no": ("dense 1 sigmoid", "binary_crossentropy", TWO, ""),
    "-1 and 1": ("dense 1 tanh", "hinge", 2 * TWO - 1, ""),
    "shares of yes": ("dense 1 sigmoid", "binary_crossentropy", SHARES[:, 0], "above 0.5 counts as 1"),
    "several labels": ("dense 3 sigmoid", "binary_crossentropy", MANY, ""),
    "shares of several labels": ("dense 3 sigmoid", "binary_crossentropy", SHARES, "above 0.5 counts as 1"),
    "classes": ("dense 3 softmax", "sparse_categorical_crossentropy", THREE, ""),
    "one-hot": ("dense 3 softmax", "categorical_crossentropy", np.eye(3)[THREE], ""),
    "mixtures": ("dense 3 softmax", "categorical_crossentropy", SHARES / SHARES.sum(axis=1, keepdims=True), "largest share"),
    "amounts": ("dense 1", "mse", SHARES[:, 0], ""),
}


@pytest.mark.parametrize("case", ROUNDED)
def test_labels_that_are_rounded_to_be_compared_have_a_note(case: str) -> None:
    layer, loss, y, words = ROUNDED[case]
    notes = made(f"input 4 -> {layer}\ncompile adam {loss}", y).notes
    assert [note for note in notes if note != UNTRAINED] == [note for note in notes if words and words in note]
    assert any(words in note for note in notes)
