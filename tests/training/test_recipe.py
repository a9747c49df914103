"""A whole text: the network, its compile line and its fit line; understood to the end before anything is made."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, CompileError, SeqmagicError, UnknownNameError
from seqmagic.language import parse
from seqmagic.recipes.recipe import make_recipe


def test_build_gives_a_real_compiled_keras_model() -> None:
    model = seqmagic.build("input 4 -> dense 3 relu -> dense 1\ncompile sgd(0.1, momentum=0.9) mse mae")
    assert type(model) is keras.Sequential
    assert model.compiled
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert (model.optimizer.momentum, model.loss) == (0.9, "mean_squared_error")
    history = model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0).history
    assert set(history) == {"loss", "mae"}


def test_the_same_config_as_hand_written_keras() -> None:
    keras.utils.clear_session()
    ours = seqmagic.build("input 8x8x1 -> conv 4 3x3 relu same -> flatten -> dense 10 softmax kernel_regularizer=l2(0.01)")
    keras.utils.clear_session()
    layers = keras.layers
    theirs = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, (3, 3), activation="relu", padding="same"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", kernel_regularizer=keras.regularizers.L2(0.01)),
        ]
    )
    assert ours.get_config() == theirs.get_config()


def test_a_seed_makes_equal_weights() -> None:
    first, second = (seqmagic.build("seed 7\ninput 4 -> dense 3") for _ in range(2))
    assert np.array_equal(first.get_weights()[0], second.get_weights()[0])


@pytest.mark.parametrize(
    ("line", "loss"),
    [
        ("compile rmsprop categorical_crossentropy accuracy", "categorical_crossentropy"),
        ("compile adagrad mse", "mean_squared_error"),
        ("compile optimizer=adam loss=mae metrics=accuracy,auc", "mean_absolute_error"),
        ("compile 'adam' 'mse' 'accuracy'", "mean_squared_error"),
    ],
)
def test_compile_lines(line: str, loss: str) -> None:
    assert seqmagic.build(f"input 4 -> dense 2 softmax\n{line}").loss == loss


def test_a_whole_number_is_a_learning_rate_too() -> None:
    assert float(seqmagic.build("input 2 -> dense 1\ncompile sgd(1) mse").optimizer.learning_rate) == 1


def test_schedules_and_loss_options_nest() -> None:
    model = seqmagic.build("input 2 -> dense 1\ncompile adam(exponential_decay(0.1, 100, 0.9)) binary_crossentropy(from_logits=true) auc")
    assert model.optimizer.get_config()["learning_rate"]["class_name"] == "ExponentialDecay"
    assert model.loss.get_config()["from_logits"] is True


def test_functions_of_the_notebook_are_losses_and_metrics() -> None:
    def mean_pred(y_true: object, y_pred: object) -> object:
        return keras.ops.mean(y_pred)

    model = seqmagic.build("input 2 -> dense 1\ncompile adam mse accuracy mean_pred", {"mean_pred": mean_pred})
    assert "mean_pred" in model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0).history


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "compile adma mse",
            "Line 2: There is no optimizer called 'adma'.\n    compile adma mse\n            ^^^^\nClosest matches: adam, adamax, nadam.\nType instead: compile adam mse\nor: compile adamax mse",
        ),
        (
            "compile mse",
            "Line 2: There is no optimizer called 'mse'.\n    compile mse\n            ^^^\n'mse' is a loss: write it second on the compile line, as in `compile adam mse`.",
        ),
        (
            "compile adam mse acuracy",
            "Line 2: There is no metric called 'acuracy'.\n    compile adam mse acuracy\n                     ^^^^^^^\nClosest matches: accuracy, binary_accuracy, auc.\nType instead: compile adam mse accuracy\nor: compile adam mse binary_accuracy",
        ),
        (
            "compile adam(learningrat=1) mse",
            "Line 2: 'adam' has no argument 'learningrat'.\n    compile adam(learningrat=1) mse\n                 ^^^^^^^^^^^\nClosest matches: learning_rate.\nType instead: compile adam(learning_rate=1) mse",
        ),
        (
            "compile loss=mse",
            "Line 2: The compile line names no optimizer.\n    compile loss=mse\n    ^^^^^^^^^^^^^^^^\nType instead: compile adam mse",
        ),
    ],
)
def test_a_bad_compile_line_is_reported_whole(line: str, message: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(f"input 4 -> dense 1\n{line}")
    assert str(caught.value) == message


def test_a_fit_line_is_understood_and_not_run() -> None:
    data = np.ones((3, 4))
    recipe = make_recipe(
        parse("input 4 -> dense 1\ncompile adam mse\nfit x y epochs=2 validation_data=(x, y)"), {"x": data, "y": [1, 2, 3]}
    )
    assert recipe.fit is not None
    assert recipe.fit.x is data
    assert recipe.fit.options["epochs"] == 2
    assert recipe.model.optimizer.iterations == 0


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ("fit x y", CompileError),
        ("compile adam mse\nfit x_trian y", UnknownNameError),
        ("compile adam mse\nfit", ArgumentError),
        ("compile adam mse\nfit x y 3", ArgumentError),
        ("compile adam mse\nfit x y epochs=0", ArgumentError),
        ("compile adam mse\nfit x y epoch=1", UnknownNameError),
        ("compile adam mse\nfit load() y", ArgumentError),
        ("seed 0.5", ArgumentError),
    ],
)
def test_a_bad_last_line_is_refused(lines: str, kind: type[SeqmagicError]) -> None:
    with pytest.raises(kind):
        seqmagic.build(f"input 4 -> dense 1\n{lines}", {"x": 1, "y": 2})


def test_text_runs_nothing(tmp_path: object) -> None:
    def bomb() -> None:
        raise SystemExit

    for text in ("input 3 -> dense __import__('os')", "input 3 -> dense bomb()", "input 3 -> dense 3 bomb.__call__()"):
        with pytest.raises(SeqmagicError):
            seqmagic.build(text, {"bomb": bomb})
