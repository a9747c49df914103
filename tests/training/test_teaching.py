"""What can't work is refused with a fix that works, what runs away is caught with the last good weights, and what is right is silent."""

from __future__ import annotations

import gc
import itertools
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy.sparse import csr_matrix

import seqmagic
from seqmagic.errors import CompileError, DataError, SeqmagicError, TrainingError
from seqmagic.language import parse
from seqmagic.network.output_layer import Ending, activation_of
from seqmagic.options.loss_checks import find_mismatches
from seqmagic.recipes.recipe import make_recipe

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.random((64, 6)).astype("float32")
CLASSES = GENERATOR.integers(0, 3, 64)
ONE_HOT = keras.utils.to_categorical(CLASSES, 3)
YES_OR_NO = GENERATOR.integers(0, 2, 64)


def build(ending: str, compiled: str, shape: str = "6") -> keras.Sequential:
    return seqmagic.build(f"input {shape}\ndense 4 relu\n{ending}\ncompile {compiled}")


HEALTHY_PAIRS = [
    ("dense 3 softmax", "sparse_categorical_crossentropy", CLASSES),
    ("dense 3 softmax", "categorical_crossentropy", ONE_HOT),
    ("dense 3", "sparse_categorical_crossentropy(from_logits=true)", CLASSES),
    ("dense 3 -> activation softmax", "sparse_categorical_crossentropy", CLASSES),
    ("dense 3 -> softmax", "sparse_categorical_crossentropy", CLASSES),
    ("dense 1 sigmoid", "binary_crossentropy", YES_OR_NO),
    ("dense 1", "binary_crossentropy(from_logits=true)", YES_OR_NO),
    ("dense 3 sigmoid", "binary_crossentropy", ONE_HOT),
    ("dense 1", "mse", 2 * ROWS[:, 0] + 1),
    ("dense 6", "mae", ROWS),
    ("dense 1", "huber", ROWS[:, :1]),
    ("dense 3 softmax", "kl_divergence", ONE_HOT),
]
KINDS: list[Any] = [
    np.asarray,
    lambda values: np.asarray(values, "float32"),
    lambda values: np.asarray(values, "float64"),
    lambda values: np.asarray(values).tolist(),
    lambda values: pd.DataFrame(values) if np.ndim(values) == 2 else pd.Series(values),
    tf.constant,
]


@pytest.mark.parametrize(("ending", "loss", "labels"), HEALTHY_PAIRS)
def test_what_is_right_is_silent(ending: str, loss: str, labels: Any, recwarn: pytest.WarningsRecorder) -> None:
    program = parse(f"input 6\ndense 4 relu\n{ending}\ncompile adam {loss}")
    recipe = make_recipe(program, {})  # The same whatever the data are; no run is started, so that the model stays as it is.
    for kind_of_x, kind_of_y in itertools.product(KINDS, KINDS):
        run = seqmagic.Run(recipe.model, kind_of_x(ROWS), kind_of_y(labels), batch_size=32, validation_split=0.0)
        assert (recipe.advice, run.advice) == ((), ())
    assert [warning for warning in recwarn if "seqmagic" in str(warning.filename)] == []


@pytest.mark.parametrize("kind", ["bool", "uint8", "int8", "int64", "float32"])
def test_labels_of_any_kind_of_number_are_right(kind: str) -> None:
    model = build("dense 1 sigmoid", "adam binary_crossentropy")
    assert seqmagic.Run(model, ROWS, YES_OR_NO.astype(kind)).advice == ()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("dense 3 sigmoid\ncompile adam categorical_crossentropy", "'sigmoid' scores each of the 3 classes separately"),
        ("dense 3 softmax\ncompile adam binary_crossentropy", "'softmax' makes the 3 outputs add up to 1"),
        ("dense 3 softmax\ncompile adam categorical_crossentropy(from_logits=true)", "this one already has softmax"),
    ],
)
def test_what_is_unwise_trains_with_a_note(text: str, advice: str) -> None:
    (sentence,) = make_recipe(parse(f"input 6\n{text}"), {}).advice
    assert advice in sentence


def test_unscaled_pictures_and_a_batch_too_large_get_a_note() -> None:
    model = build("flatten -> dense 3 softmax", "adam sparse_categorical_crossentropy", "4x4x1")
    pictures = GENERATOR.integers(0, 256, (64, 4, 4, 1)).astype("uint8")
    (scale,) = seqmagic.Run(model, pictures, CLASSES).advice
    assert scale.endswith("x / 255")
    (batch,) = seqmagic.Run(model, pictures / 255, CLASSES, batch_size=100).advice
    assert "single step" in batch
    scaled = seqmagic.build("input 4x4x1\nrescaling 0.004\nflatten -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy")
    assert seqmagic.Run(scaled, pictures, CLASSES).advice == ()


def test_a_column_that_says_nothing_gets_a_note() -> None:
    model = build("dense 1", "adam mse", "2")
    table = pd.DataFrame({"age": ROWS[:, 0], "year": 2026.0})
    (sentence,) = seqmagic.Run(model, table, ROWS[:, 1]).advice
    assert "'year'" in sentence


def test_a_share_for_validation_leaves_rows_on_both_sides() -> None:
    model = build("dense 1", "adam mse")
    with pytest.raises(DataError, match="leaves one side without rows"):
        seqmagic.Run(model, ROWS, ROWS[:, 0], validation_split=0.999)


def test_an_activation_of_ones_own_is_taken_to_know_what_it_does() -> None:
    def mine(x: Any) -> Any:
        return x

    model = seqmagic.build("input 6\ndense 3 mine\ncompile adam categorical_crossentropy", {"mine": mine})
    assert activation_of(model.layers[-1]) is None


def test_every_pair_of_ending_and_loss_is_judged_without_an_error() -> None:
    losses = ["mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "hinge", None, lambda y, p: p]
    for activation, units, loss in itertools.product(["softmax", "sigmoid", "linear", "relu", None], [1, 3, None], losses):
        assert all(mismatch.reason for mismatch in find_mismatches(Ending((units,), activation), loss))


@pytest.mark.parametrize(
    ("compiled", "labels", "fix"),
    [
        ("adam categorical_crossentropy", CLASSES, lambda y: keras.utils.to_categorical(y, 3)),
        ("adam sparse_categorical_crossentropy", ONE_HOT, lambda y: y.argmax(axis=-1)),
        ("adam sparse_categorical_crossentropy", CLASSES + 1, lambda y: y - 1),
    ],
)
def test_a_fix_for_labels_trains(compiled: str, labels: Any, fix: Any) -> None:
    model = build("dense 3 softmax", compiled)
    with pytest.raises(DataError) as caught:
        seqmagic.Run(model, ROWS, labels)
    assert caught.value.fixes
    assert seqmagic.fit(model, ROWS, fix(labels)).wait().state == "done"


def test_what_was_tried_for_a_fix_leaves_nothing_behind() -> None:
    model = build("dense 2 softmax", "adam sparse_categorical_crossentropy")
    counts = []
    for _ in range(4):
        with pytest.raises(DataError) as caught:
            seqmagic.Run(model, ROWS, CLASSES)
        assert "dense 3 softmax" in caught.value.fixes[0]
        del caught
        gc.collect()
        counts.append(sum(type(thing) is keras.layers.Dense for thing in gc.get_objects()))
    assert counts[3] <= counts[1]


def test_no_fix_is_offered_that_does_not_work() -> None:
    for text in ("input 8\ndense 0", "input 8\nadd", "input 7\nreshape 3x3", "input 8\nzzzzzz 3"):
        with pytest.raises(SeqmagicError) as caught:
            seqmagic.build(text)
        assert caught.value.fixes == (), text


def test_every_fix_of_a_network_builds() -> None:
    typos = ("desne 3", "dense 3 rleu", "softmax 10", "dropout 20", "dense '10'", "dense 10.0", "dense 10, relu", "dense 2*32")
    for text in (*typos, "reshape 3x3"):
        with pytest.raises(SeqmagicError) as caught:
            seqmagic.build(f"input 8\n{text}")
        assert caught.value.fixes
        for fix in caught.value.fixes:
            assert seqmagic.build(f"input 8\n{fix}").built


def test_a_model_compiled_by_hand_is_held_against_its_loss_too() -> None:
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1, "softmax")])
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(CompileError, match="Softmax on 1 unit"):
        seqmagic.Run(model, ROWS, YES_OR_NO)


def test_a_loss_that_runs_away_is_stopped_at_its_batch_with_the_last_good_weights() -> None:
    model = seqmagic.build("input 6\ndense 8 relu\ndense 1\ncompile sgd(1e30) mse\nseed 1")
    before = model.get_weights()
    run = seqmagic.Run(model, ROWS * 100, ROWS[:, 0], epochs=5, batch_size=8).start()
    with pytest.raises(TrainingError) as caught:
        run.wait()
    assert "The loss became NaN or infinite in batch" in str(caught.value)
    assert "a smaller learning rate; it is 1e+30" in str(caught.value)
    assert len(run.record.batches)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    model.optimizer.learning_rate = 1e-4
    assert np.isfinite(seqmagic.fit(model, ROWS, ROWS[:, 0], epochs=2).wait().history["loss"]).all()


def test_a_weight_that_is_lost_behind_a_loss_that_looks_well_is_found_at_the_end_of_the_epoch() -> None:
    # On some processors relu makes 0 of NaN; this does it on all.
    names = {"filled": keras.ops.nan_to_num}
    model = seqmagic.build("input 6\ndense 4 filled -> dense 1 sigmoid\ncompile adam binary_crossentropy", names)

    class Spoil(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                kernel, *others = self.model.get_weights()
                self.model.set_weights([kernel * np.nan, *others])

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            logs["loss"] = 0.693

    run = seqmagic.Run(model, ROWS, YES_OR_NO, epochs=5, batch_size=64, callbacks=Spoil()).start()
    with pytest.raises(
        TrainingError,
        match=r"A weight became NaN or infinite in epoch [345]; the weights from (the end of epoch [12]|before the first epoch) were put back",
    ):
        run.wait()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


@pytest.mark.parametrize(
    ("text", "dataset", "message"),
    [
        (
            "input 6\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy",
            (ROWS, np.where(np.arange(64) > 40, 7, CLASSES)),
            "There is a label 7",
        ),
        (
            "input 6\nembedding 5 2 -> flatten -> dense 1\ncompile adam mse",
            (np.where(np.arange(64)[:, None] < 16, 0, 9).repeat(6, axis=1), ROWS[:, 0]),
            "the embedding only has 5",
        ),
    ],
)
def test_what_only_tensorflow_finds_is_reported_in_our_words(text: str, dataset: Any, message: str) -> None:
    run = seqmagic.Run(seqmagic.build(text), tf.data.Dataset.from_tensor_slices(dataset).batch(16)).start()
    with pytest.raises(TrainingError) as caught:
        run.wait()
    assert message in str(caught.value)
    assert caught.value.__cause__ is not None
    if "embedding" in message:
        assert caught.value.span is not None
        assert caught.value.span.line == 2


class Batches(keras.utils.PyDataset):
    """Two batches, with labels of one's choice."""

    def __init__(self, labels: Any) -> None:
        super().__init__()
        self.labels = labels

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return ROWS[:32], self.labels[:32]


@pytest.mark.parametrize(
    "stream",
    [
        Batches,
        lambda labels: tf.data.Dataset.from_tensor_slices((ROWS, labels)).batch(32),
        lambda labels: ((ROWS[:32], labels[:32]) for _ in range(2)),
    ],
    ids=["PyDataset", "tf.data", "generator"],
)
def test_the_first_batch_of_a_stream_is_looked_at_and_none_is_lost(stream: Any) -> None:
    model = build("dense 3 softmax", "adam sparse_categorical_crossentropy")
    with pytest.raises(DataError, match="The labels in the first batch of x range from"):
        seqmagic.Run(model, stream(CLASSES + 3))
    run = seqmagic.Run(model, stream(CLASSES)).start().wait()
    assert len(run.record.batches) == 2
    assert run.advice == ()


def test_an_empty_generator_is_refused() -> None:
    model = build("dense 3 softmax", "adam sparse_categorical_crossentropy")
    with pytest.raises(DataError, match="yields nothing"):
        seqmagic.Run(model, (batch for batch in ()))


def test_a_missing_value_that_the_network_itself_fills_in_is_no_mistake() -> None:
    fill = keras.layers.Lambda(keras.ops.nan_to_num)
    model = keras.Sequential([keras.Input((6,)), fill, keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    late = np.where(np.arange(64)[:, None] == 50, np.nan, ROWS)
    run = seqmagic.Run(model, tf.data.Dataset.from_tensor_slices((late, CLASSES)).batch(16), epochs=2).start().wait()
    assert np.isfinite(run.history["loss"]).all()


@pytest.mark.parametrize(
    "sparse",
    [
        lambda: (csr_matrix(ROWS), CLASSES),
        lambda: (tf.sparse.from_dense(ROWS), CLASSES),
        lambda: (tf.data.Dataset.from_tensor_slices((tf.sparse.from_dense(ROWS), CLASSES)).batch(16), None),
    ],
    ids=["scipy", "tensor", "stream"],
)
def test_sparse_data_trains_as_in_keras(sparse: Any) -> None:
    model = keras.Sequential([keras.Input((6,), sparse=True), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    run = seqmagic.Run(model, *sparse(), epochs=2).start().wait()
    assert len(run.history["loss"]) == 2
