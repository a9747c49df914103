"""What is known before the first step is said before it, and each fix that is offered trains when it is typed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.data.whole_batches import whole_shares
from seqmagic.errors import SeqmagicError

RNG = np.random.default_rng(0)
STEPS, ROWS, PICTURES = RNG.random((40, 6, 2), "float32"), RNG.random((40, 5), "float32"), RNG.random((8, 28, 28, 1), "float32")
LABELS_OF_STEPS = RNG.integers(0, 3, (40, 6))
STATEFUL = "input 6x2 batch=4 -> lstm 2 stateful -> dense 1\ncompile adam mse"
TAGGER = "input 6x2 -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy"


def refusal(text: str, x: Any, y: Any, names: dict[str, Any] | None = None, **options: Any) -> SeqmagicError:
    """What is said of a training before it begins."""
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.Run(seqmagic.build(text, names), x, y, **options)
    return caught.value


def learn(text: str, x: Any, y: Any, names: dict[str, Any] | None = None, **options: Any) -> list[float]:
    """The losses of a training that works."""
    losses = seqmagic.fit(seqmagic.build(text, names), x, y, **options).wait().history["loss"]
    assert np.isfinite(losses).all()
    return losses


@pytest.mark.parametrize("share", [0.25, 0.35, 0.05, 0.95])
def test_a_share_that_leaves_whole_batches_trains_a_stateful_model(share: float) -> None:
    error = refusal(STATEFUL, STEPS, ROWS[:, 0], batch_size=4, validation_split=share)
    assert "the fixed batch size on the input line" in error.expected
    learn(STATEFUL, STEPS, ROWS[:, 0], batch_size=4, validation_split=float(error.instead.partition("=")[2]))


@pytest.mark.parametrize(("rows", "fixed"), [(9, 3), (21, 3), (49, 7), (1100, 11), (12, 12), (10, 3)])
def test_any_share_that_is_offered_cuts_whole_batches_as_keras_does(rows: int, fixed: int) -> None:
    offered = [whole_shares(rows, fixed, share) for share in (0.01, 0.1, 0.2, 0.5, 0.9)]
    assert all(texts or rows // fixed < 2 or rows % fixed for texts in offered)
    for text in (texts[0] for texts in offered if texts):
        cut = int(rows * (1 - float(text)))
        assert cut % fixed == (rows - cut) % fixed == 0 < cut < rows


def test_a_batch_size_left_out_is_asked_for_where_a_stateful_model_needs_it() -> None:
    assert refusal(STATEFUL, STEPS, ROWS[:, 0]).instead == "batch_size=4"
    learn(STATEFUL, STEPS, ROWS[:, 0], batch_size=4)


def test_a_schedule_and_a_callback_that_sets_the_rate_are_one_too_many() -> None:
    setting = keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10.0)
    text = "input 5 -> dense 1\ncompile {} mse"
    error = refusal(text.format("adam(exponential_decay(0.02, 10, 0.9))"), ROWS, ROWS[:, 0], callbacks=[setting])
    assert error.instead == "adam(0.02)"
    learn(text.format(error.instead), ROWS, ROWS[:, 0], callbacks=[setting], epochs=4)


def test_weights_for_each_step_do_what_those_of_classes_should() -> None:
    error = refusal(TAGGER, STEPS, LABELS_OF_STEPS, class_weight={0: 1, 1: 2, 2: 5})
    things = {"np": np, "y": LABELS_OF_STEPS}
    exec(error.instead.partition(", and ")[0], things)  # noqa: S102  # It is our own proposal, typed.
    model = seqmagic.build(TAGGER)
    by_keras = model.evaluate(STEPS, LABELS_OF_STEPS, sample_weight=things["weights"], batch_size=40, verbose=0)
    losses = seqmagic.fit(model, STEPS, LABELS_OF_STEPS, sample_weight=things["weights"], batch_size=40).wait().history["loss"]
    assert losses[0] == pytest.approx(by_keras, rel=1e-5)


@pytest.mark.parametrize(
    "network",
    [
        "input 28x28x1\nconv 2 4 relu\nconv 1 1 sigmoid",
        "input 28x28x1\nmaxpool 2 -> maxpool 2 -> maxpool 2\nupsampling2d 8\nconv 1 3 sigmoid same",
    ],
)
def test_an_autoencoder_meets_its_pictures_after_each_fix(network: str) -> None:
    text = f"{network}\ncompile adam mse"
    error = refusal(text, PICTURES, PICTURES)
    assert error.problem.startswith("A row of y is 28x28x1, but the last layer outputs 2")
    assert error.fixes
    for fix in error.fixes:
        changed = text.replace(fix.removesuffix(" same").partition(" -> ")[0], fix, 1) if fix not in text else text
        learn(changed, PICTURES, PICTURES)


def test_ragged_rows_are_padded_by_the_fix() -> None:
    ragged = tf.data.Dataset.from_tensor_slices((tf.ragged.constant([[1.0, 2.0], [3.0], [], [4.0]]), ROWS[:4, 0])).batch(2)
    error = refusal("input 3 -> dense 1\ncompile adam mse", ragged, None)
    things = {"x": ragged}
    exec(error.instead, things)  # noqa: S102  # As above.
    learn("input 3 -> dense 1\ncompile adam mse", things["x"], None)


def test_text_becomes_a_tensor_by_the_fix() -> None:
    text = "stringlookup vocabulary=[good,bad] -> embedding 4 2 -> flatten -> dense 1\ncompile adam mse"
    words = np.array(["good", "bad"] * 4)
    error = refusal(text, words, ROWS[:8, 0])
    things = {"tf": tf, "x": words}
    exec(error.instead, things)  # noqa: S102  # As above.
    learn(text, things["x"], ROWS[:8, 0])


def test_more_steps_than_a_dataset_has_are_noted_with_both_numbers() -> None:
    data = tf.data.Dataset.from_tensor_slices((ROWS, ROWS[:, 0])).batch(10)
    run = seqmagic.Run(seqmagic.build("input 5 -> dense 1\ncompile adam mse"), data, steps_per_epoch=9)
    assert any("steps_per_epoch is 9 but x has only 4 batches" in note for note in run.advice)
