"""Behind an error of ours stands the exception of Keras or of the user's code, as its cause, for scripts that ask for its type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic

X, Y = np.zeros((8, 4), "float32"), np.zeros((8, 2), "float32")


class OwnCall(layers.Layer):
    def call(self, x: Any) -> Any:
        raise ZeroDivisionError("own call")


class OwnBuild(layers.Layer):
    def build(self, shape: Any) -> None:
        raise LookupError("own build")

    def call(self, x: Any) -> Any:
        return x


def own_weights(shape: Any, dtype: Any = None) -> Any:
    raise ArithmeticError("own weights")


def own_loss(y_true: Any, y_pred: Any) -> Any:
    raise KeyError("own loss")


class OwnCallback(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise IndexError("own callback")


class OwnData(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        raise FileNotFoundError("own data")


def batches(good: int) -> Iterator[Any]:
    for _ in range(good):
        yield X, Y
    raise OSError("disk")


def trained(*data: Any, loss: Any = "mse", metrics: Any = None, **options: Any) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    model.compile("sgd", loss, metrics=metrics)
    seqmagic.fit(model, *(data or (X, Y)), **options).wait()


CASES: dict[str, tuple[Callable[[], Any], type | None]] = {
    "a layer's call": (lambda: seqmagic.build("input 4\nOwnCall", {"OwnCall": OwnCall}), ZeroDivisionError),
    "a layer's build": (lambda: seqmagic.build("input 4\nOwnBuild", {"OwnBuild": OwnBuild}), LookupError),
    "an initializer": (lambda: seqmagic.build("input 4\ndense 3 kernel_initializer=f", {"f": own_weights}), ArithmeticError),
    "a loss": (lambda: trained(loss=own_loss), KeyError),
    "a metric": (lambda: trained(metrics=[own_loss]), KeyError),
    "a callback": (lambda: trained(callbacks=[OwnCallback()]), IndexError),
    "a generator": (lambda: trained(batches(1)), OSError),
    "a generator's first batch": (lambda: trained(batches(0)), OSError),
    "a PyDataset": (lambda: trained(OwnData(workers=0)), FileNotFoundError),
    "Keras's own refusal": (lambda: seqmagic.fit(without_loss(), X, Y).wait(), ValueError),
    "a value that was seen before": (lambda: seqmagic.build("input 4\ndense -3"), None),
    "rows that were counted before": (lambda: trained(X, Y[:3]), None),
}


class Plain(keras.Model):
    def call(self, x: Any) -> Any:
        return x


def without_loss() -> keras.Model:
    model = Plain()
    model.compile("sgd")
    return model


@pytest.mark.parametrize("case", CASES)
def test_the_cause_is_what_was_raised(case: str) -> None:
    fails, kind = CASES[case]
    with pytest.raises(seqmagic.SeqmagicError) as caught:
        fails()
    assert type(caught.value.__cause__) is kind if kind else caught.value.__cause__ is None


def test_it_is_there_each_time_that_a_run_is_waited_for() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    model.compile("sgd", own_loss)
    run = seqmagic.fit(model, X, Y)
    for _ in range(2):
        with pytest.raises(seqmagic.SeqmagicError) as caught:
            run.wait()
        assert isinstance(caught.value.__cause__, KeyError)
