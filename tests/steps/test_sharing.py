"""What several workers can't train is refused before any of them is started, each in a sentence with what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.steps import sharing
from seqmagic.training.run import Run

X, Y = np.zeros((21, 4), "float32"), np.zeros(21, "int32")
NETWORK = "input 4 -> dense 3 softmax\ncompile adam {loss}"


def network(text: str = "input 4 -> dense 3 softmax", loss: str = "sparse_categorical_crossentropy") -> keras.Sequential:
    return seqmagic.build(f"{text}\ncompile adam {loss}")


class OwnStep(keras.Sequential):  # type: ignore[misc]
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


def own_step() -> keras.Model:
    model = OwnStep([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def compiled(**options: Any) -> keras.Model:
    model = network()
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", **options})
    return model


def of_layers(*layers: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def with_own_loss() -> keras.Model:
    def strange(y_true: Any, y_pred: Any) -> Any:
        return keras.losses.mean_squared_error(y_true, y_pred)

    return compiled(loss=strange)


def with_own_layer() -> keras.Model:
    class Doubling(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    return of_layers(Doubling(), keras.layers.Dense(3, "softmax"))


SUM = keras.losses.SparseCategoricalCrossentropy(reduction="sum")
REFUSED: dict[str, tuple[Callable[[], keras.Model], Any, dict[str, Any], str]] = {
    "a step of its own": (own_step, X, {}, r"has its own train_step\(\).*Expected: a run without workers="),
    "no graph": (lambda: compiled(run_eagerly=True), X, {}, "run_eagerly=True"),
    "a fixed batch": (lambda: network("input 4 batch=7 -> dense 3 softmax"), X, {"batch_size": 7}, "sets a fixed batch size of 7"),
    "a lambda": (
        lambda: of_layers(keras.layers.Lambda(lambda x: x), keras.layers.Dense(3, "softmax")),
        X,
        {},
        "is a function, which can't be sent",
    ),
    "a layer of the notebook": (with_own_layer, X, {}, r"defined in the notebook: layer '\w+' \(Doubling\).*imports"),
    "an activation of the notebook": (
        lambda: of_layers(keras.layers.Dense(3, lambda x: x)),
        X,
        {},
        "defined in the notebook: activation of layer",
    ),
    "a loss of the notebook": (with_own_loss, X, {}, "defined in the notebook: loss 'strange'"),
    "a sum": (lambda: compiled(loss=SUM), X, {}, "reduction='sum'"),
    "steps": (network, X, {"steps_per_epoch": 2}, "steps_per_epoch=2 and workers=2"),
    "too few rows": (network, X, {"batch_size": 4}, "The last batch of an epoch has 1 row, for 2 workers.*\nType instead: batch_size=6"),
    "batches of one": (network, X, {"batch_size": 1}, "A batch has 1 row, for 2 workers.*\nType instead: batch_size="),
    "float16": (network, X, {"dtype_policy": "mixed_float16"}, "mixed_float16 and workers=2 can't be combined"),
    "too many": (network, X, {"workers": 100}, "workers is 100.*\n?.*whole number from 1 to 64"),
    "half a worker": (network, X, {"workers": 1.5}, "workers is 1.5"),
    "none": (network, X, {"workers": 0}, "workers is 0"),
    "a table of callbacks": (
        network,
        X,
        {"callbacks": [keras.callbacks.TensorBoard(update_freq=1)]},
        "TensorBoard records each step",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_workers_cannot_train_is_refused(what: str) -> None:
    make, x, options, said = REFUSED[what]
    model = make()
    with pytest.raises(SeqmagicError, match=f"(?s){said}"):
        Run(model, x, Y, **{"workers": 2, **options})


def test_a_generator_is_refused() -> None:
    dataset = keras.utils.timeseries_dataset_from_array(X, Y, 1, batch_size=4).map(lambda x, y: (x[:, 0], y))
    with pytest.raises(SeqmagicError, match="2 workers need rows in memory"):
        Run(network(), dataset, workers=2)


def test_one_worker_is_the_kernel_itself() -> None:
    assert Run(network(), X, Y, workers=1).plan == ()


def test_what_is_shared_is_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing.os, "cpu_count", lambda: 2)
    (said,) = Run(network(), X, Y, workers=3, batch_size=10, validation_split=0.05).plan
    assert said.startswith("Each batch of 10 is split between 3 processes: 3 or 4 rows each. Batch normalization")
    assert "listens on 3 ports of all network interfaces" in said
    assert said.endswith("This computer has 2 cores, so the processes wait for each other.")


def test_fewer_gpus_than_workers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "count_gpus", lambda: 1)
    with pytest.raises(SeqmagicError, match="There are 2 workers, but only 1 of the GPUs"):
        sharing.check_gpus(2)


def test_keras_own_workers_of_before_are_left_out_of_a_pasted_call() -> None:
    text = "input 4 -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy\nmodel.fit(x, y, epochs=1, workers=4, use_multiprocessing=True)"
    from seqmagic.recipes.recipe import make_recipe, read

    recipe = make_recipe(read(text, {"x": X, "y": Y}), {"x": X, "y": Y})
    assert recipe.fit is not None
    assert recipe.fit.options == {"epochs": 1}
    assert "workers is ignored" in " ".join(recipe.advice)
