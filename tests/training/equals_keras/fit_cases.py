"""Every option of `fit`, and every kind of data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from tests.training.equals_keras.case import Case, Log
from tests.training.equals_keras.data import (
    BATCH,
    CLASSES,
    FORMS,
    ROWS,
    SERIES,
    STEPS,
    WEIGHTS,
    Batches,
    X,
    Z,
    arrays,
    batches,
    dataset,
    given,
)
from tests.training.equals_keras.models import PLAIN, Make, dense, stack

layers = keras.layers
HELD_OUT = (X[:7] + 1, CLASSES[:7])
UNSHUFFLED: dict[str, Any] = {"shuffle": False}


class Recorder(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Writes down how it is called. hooks: which of them it has."""

    def __init__(self, log: Log, *hooks: str) -> None:
        super().__init__()
        for hook in hooks:
            setattr(self, hook, self._written(log, hook))

    def _written(self, log: Log, hook: str) -> Any:
        def write(place: Any = None, logs: Any = None) -> None:
            found = (place if isinstance(place, dict) else logs) or {}
            number = place if isinstance(place, int) else None
            log.append((hook, number, tuple(sorted(found)), self.params.get("steps"), self.params.get("epochs")))

        return write


class Evaluates(keras.callbacks.Callback):  # type: ignore[misc]
    """Tests with data of its own, after each epoch or batch."""

    def __init__(self, log: Log, hook: str, *data: Any, **options: Any) -> None:
        super().__init__()
        setattr(self, hook, lambda place, logs=None: log.append(self.model.evaluate(*data, verbose=0, **options)))


def rate(epoch: int) -> float:
    return 0.1 / (1 + epoch)


CALLBACKS: dict[str, Any] = {
    "LearningRateScheduler": lambda log: keras.callbacks.LearningRateScheduler(rate),
    "ReduceLROnPlateau": lambda log: keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10),
    "EarlyStopping that puts the best weights back": lambda log: keras.callbacks.EarlyStopping(
        "loss", min_delta=10, patience=1, restore_best_weights=True
    ),
    "SwapEMAWeights": lambda log: keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
    "TerminateOnNaN": lambda log: keras.callbacks.TerminateOnNaN(),
    "a list in a list": lambda log: [[keras.callbacks.TerminateOnNaN()], keras.callbacks.LearningRateScheduler(rate)],
    "a tuple": lambda log: (keras.callbacks.LearningRateScheduler(rate),),
    "a CallbackList": lambda log: keras.callbacks.CallbackList([keras.callbacks.LearningRateScheduler(rate)]),
    "none": lambda log: [],
    "epochs told": lambda log: Recorder(log, "on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"),
    "batches told": lambda log: Recorder(log, "on_train_batch_begin", "on_train_batch_end", "on_epoch_end"),
    "tests told": lambda log: Recorder(log, "on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"),
    "evaluates arrays": lambda log: Evaluates(log, "on_epoch_end", *HELD_OUT),
    "evaluates a part of a dataset": lambda log: Evaluates(log, "on_epoch_end", dataset(), steps=2),
    "evaluates before an epoch": lambda log: Evaluates(log, "on_epoch_begin", *HELD_OUT, batch_size=3),
    "evaluates after each batch": lambda log: Evaluates(log, "on_train_batch_end", *HELD_OUT),
    "predicts": lambda log: keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: log.append(float(logs["loss"]))),
    "adds a number": lambda log: keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(added=epoch)),
    "a function": lambda log: print,
}

OPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "batch_size=1": {"batch_size": 1},
    "batch_size=6": {"batch_size": 6},
    "batch_size=100": {"batch_size": 100},
    "batch_size=None": {"batch_size": None},
    "epochs=1": {"epochs": 1},
    "epochs=0": {"epochs": 0},
    "initial_epoch=2": {"initial_epoch": 2, "epochs": 4},
    "initial_epoch beyond epochs": {"initial_epoch": 4, "epochs": 4},
    "validation_split": {"validation_split": 0.3},
    "validation_split=0.99": {"validation_split": 0.99},
    "validation_split of weighted rows": {"validation_split": 0.3, "sample_weight": WEIGHTS},
    "validation_split of weighted classes": {"validation_split": 0.3, "class_weight": {0: 1.0, 1: 5.0, 2: 0.5}},
    "validation_split and validation_steps": {"validation_split": 0.5, "validation_steps": 2, "batch_size": 3},
    "validation_split and validation_steps without a size": {"validation_split": 0.5, "validation_steps": 4},
    "validation_split and validation_data": {"validation_split": 0.5, "validation_data": HELD_OUT},
    "validation_data": {"validation_data": HELD_OUT},
    "validation_data as a list": {"validation_data": list(HELD_OUT)},
    "validation_data, weighted": {"validation_data": (*HELD_OUT, WEIGHTS[:7])},
    "validation_data beside class_weight": {"validation_data": HELD_OUT, "class_weight": {0: 3.0}},
    "validation_data as tables": {"validation_data": (pd.DataFrame(HELD_OUT[0]), pd.Series(HELD_OUT[1]))},
    "validation_data as a dataset": {"validation_data": dataset(*HELD_OUT)},
    "validation_data as a dataset, in steps": {"validation_data": dataset(batch=2), "validation_steps": 3},
    "validation_data as a dataset, in too many steps": {"validation_data": dataset(), "validation_steps": 30},
    "validation_data as an endless dataset": {"validation_data": dataset().repeat(), "validation_steps": 7},
    "validation_data as a PyDataset": {"validation_data": Batches()},
    "validation_data as a PyDataset of lists, in steps": {"validation_data": Batches(kind=list), "validation_steps": 2},
    "validation_data without labels": {"validation_data": (X[:7],)},
    "validation_data of a wrong width": {"validation_data": (Z[:7], CLASSES[:7])},
    "validation_steps": {"validation_data": HELD_OUT, "validation_steps": 2, "batch_size": 2},
    "validation_steps without a size": {"validation_data": HELD_OUT, "validation_steps": 2},
    "validation_steps beyond the rows": {"validation_data": HELD_OUT, "validation_steps": 20, "validation_batch_size": 3},
    "validation_batch_size": {"validation_data": HELD_OUT, "validation_batch_size": 2},
    "validation_freq=2": {"validation_data": HELD_OUT, "validation_freq": 2, "epochs": 5},
    "validation_freq as a list": {"validation_data": HELD_OUT, "validation_freq": [1, 4], "epochs": 4},
    "validation_freq as a tuple": {"validation_data": HELD_OUT, "validation_freq": (1, 2)},
    "validation_freq beyond the epochs": {"validation_data": HELD_OUT, "validation_freq": 9},
    "validation_freq and initial_epoch": {"validation_split": 0.2, "validation_freq": 2, "initial_epoch": 1, "epochs": 4},
    "sample_weight": {"sample_weight": WEIGHTS},
    "sample_weight as a column": {"sample_weight": WEIGHTS[:, None]},
    "sample_weight as a Series": {"sample_weight": pd.Series(WEIGHTS)},
    "sample_weight as a tensor": {"sample_weight": tf.constant(WEIGHTS)},
    "sample_weight of 0": {"sample_weight": np.zeros(ROWS)},
    "sample_weight of too few rows": {"sample_weight": WEIGHTS[:5]},
    "sample_weight of two numbers a row": {"sample_weight": np.ones((ROWS, 2))},
    "class_weight": {"class_weight": {0: 1.0, 1: 2.0, 2: 0.0}},
    "class_weight of some": {"class_weight": {2: 4.0}},
    "class_weight and sample_weight": {"class_weight": {0: 2.0}, "sample_weight": WEIGHTS},
    "class_weight of no class": {"class_weight": {7: 2.0}},
    "an unknown option": {"epoch": 3},
    "verbose=2": {"verbose": 2},
}
# A table has a column where arrays have one axis: Keras's steps, traced for both, would take neither any more.
WITH_COLUMNS = {
    "validation_data as tables",
    "sample_weight as a column",
    "sample_weight as a Series",
    "sample_weight of two numbers a row",
    "labels as a column",
    "a DataFrame and a Series",
}


def model_for(name: str) -> Make:
    """The model that cases share; another one for those whose data have other axes."""
    return dense() if name in WITH_COLUMNS else PLAIN


def cases() -> Iterator[Case]:
    for name, options in OPTIONS.items():
        yield Case(f"fit: {name}", model_for(name), arrays, lambda log, options=options: {**UNSHUFFLED, **options})  # type: ignore[misc]
    for name, make in CALLBACKS.items():
        more = {"validation_data": HELD_OUT, "epochs": 3, "batch_size": BATCH} if "told" in name or "evaluates" in name else {"epochs": 3}
        model = dense(optimizer=lambda: keras.optimizers.SGD(use_ema=True)) if name == "SwapEMAWeights" else PLAIN
        yield Case(f"callbacks: {name}", model, arrays, lambda log, make=make, more=more: {**UNSHUFFLED, **more, "callbacks": make(log)})  # type: ignore[misc]
    for name, (data, options) in FORMS.items():
        more = {} if "shuffle" in options or not isinstance(data([])[0], (np.ndarray, pd.DataFrame, tf.Tensor)) else UNSHUFFLED
        yield Case(f"data: {name}", model_for(name), data, lambda log, options=options, more=more: {"batch_size": None, **more, **options})  # type: ignore[misc]
    yield from _shuffled()
    yield from _streams()
    yield from _weights_of_steps()


def _shuffled() -> Iterator[Case]:
    for name, options in {
        "batches of 4": {"batch_size": BATCH},
        "batches of 9": {"batch_size": 9},
        "weighted": {"batch_size": BATCH, "sample_weight": WEIGHTS},
        "four epochs": {"batch_size": 6, "epochs": 4},
        "validated": {"batch_size": 6, "validation_data": HELD_OUT},
    }.items():
        yield Case(f"shuffled: {name}", PLAIN, arrays, lambda log, options=options: options, shuffled=True)  # type: ignore[misc]


def _streams() -> Iterator[Case]:
    """A validation beside each kind of stream, and what is drawn of generators."""
    kinds: dict[str, Any] = {
        "a dataset": lambda log: (dataset(),),
        "a PyDataset": lambda log: (Batches(),),
        "a generator": lambda log: (batches(endless=True),),
    }
    for name, data in kinds.items():
        steps = {"steps_per_epoch": 5} if "generator" in name else {}
        for held, options in {
            "rows": {"validation_data": HELD_OUT},
            "rows in steps": {"validation_data": HELD_OUT, "validation_steps": 3, "validation_batch_size": 2},
            "a dataset in steps": {"validation_data": dataset(batch=3), "validation_steps": 2, "validation_freq": 2, "epochs": 4},
        }.items():
            yield Case(
                f"streams: {name}, validated by {held}",
                PLAIN,
                data,
                lambda log, more={**UNSHUFFLED, **steps, **options}: more,  # type: ignore[misc]
            )
    for name, weights in {"class_weight": {1: 3.0, 2: 0.5}, "class_weight, but not of the last class": {1: 3.0}}.items():
        yield Case(f"streams: a dataset with {name}", PLAIN, kinds["a dataset"], lambda log, w=weights: {"class_weight": w})  # type: ignore[misc]
    yield Case("streams: a PyDataset with class_weight", PLAIN, kinds["a PyDataset"], lambda log: {"class_weight": {1: 3.0}, **UNSHUFFLED})
    yield Case(
        "streams: a generator with class_weight", PLAIN, lambda log: (batches(),), lambda log: {"class_weight": {1: 3.0}, "epochs": 1}
    )
    yield Case("streams: a dataset with sample_weight", PLAIN, kinds["a dataset"], lambda log: {"sample_weight": WEIGHTS})
    yield Case("streams: a dataset with validation_split", PLAIN, kinds["a dataset"], lambda log: {"validation_split": 0.2})
    yield Case(
        "streams: validated by an endless generator",
        PLAIN,
        arrays,
        lambda log: {**UNSHUFFLED, "validation_data": batches(endless=True, rows=16), "validation_steps": 2, "epochs": 3},
    )
    yield Case(
        "streams: validated by a generator that ends",
        PLAIN,
        arrays,
        lambda log: {**UNSHUFFLED, "validation_data": batches(rows=16), "epochs": 1},
    )


def _weights_of_steps() -> Iterator[Case]:
    picture = stack(lambda: layers.Conv2D(1, 3, padding="same", activation="sigmoid"), shape=(6, 6, 2), loss="binary_crossentropy")
    from tests.training.equals_keras.data import MASKS, PICTURES

    for name, weights in {
        "one a step": np.linspace(0, 1, 80).reshape(16, 5),
        "one a step, in a column": np.linspace(0, 1, 80).reshape(16, 5, 1),
        "one for all steps": np.linspace(0, 1, 16)[:, None],
        "one a row": np.linspace(0, 1, 16),
        "one a number": np.ones((16, 5, 2)),
    }.items():
        # Each its own model, for the weights have different axes.
        model = stack(lambda: layers.LSTM(3, return_sequences=True), lambda: layers.Dense(2), shape=(5, 3), weighted_metrics=["mae"])
        yield Case(f"weights: {name}", model, given(SERIES, STEPS), lambda log, w=weights: {**UNSHUFFLED, "sample_weight": w})  # type: ignore[misc]
    weights = np.linspace(0, 1, 360).reshape(10, 6, 6)
    yield Case("weights: one a pixel", picture, given(PICTURES, MASKS), lambda log: {**UNSHUFFLED, "sample_weight": weights})
    yield Case(
        "weights: one a pixel, held out too",
        picture,
        given(PICTURES, MASKS),
        lambda log: {**UNSHUFFLED, "sample_weight": weights, "validation_split": 0.3},
    )
