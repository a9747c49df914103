"""Every option of `compile`, and models that are special in some way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from tests.training.equals_keras.case import Case
from tests.training.equals_keras.data import CLASSES, MASKS, NUMBERS, ONE_HOT, PICTURES, SERIES, STEPS, TOKENS, WEIGHTS, X, Z, arrays, given
from tests.training.equals_keras.models import (
    COMPILED,
    PLAIN,
    Counting,
    Make,
    NoisyLayer,
    OwnFit,
    OwnFunction,
    OwnLoop,
    OwnLoss,
    OwnMetrics,
    OwnTest,
    OwnTestFunction,
    Penalty,
    PlainStep,
    Sub,
    WeightedStep,
    branched,
    dense,
    frozen,
    lookup,
    of_kind,
    quantized,
    softmax,
    stack,
    two_inputs,
    two_outputs,
    under_policy,
    with_lora,
)

layers, optimizers, losses, metrics = keras.layers, keras.optimizers, keras.losses, keras.metrics
UNSHUFFLED: dict[str, Any] = {"shuffle": False, "batch_size": 4}
VALIDATED = {**UNSHUFFLED, "validation_split": 0.3}


def own_loss(labels: Any, output: Any) -> Any:
    return keras.ops.mean(keras.ops.square(output - keras.ops.cast(keras.ops.reshape(labels, (-1, 1)), output.dtype)), axis=-1)


def own_metric(labels: Any, output: Any) -> Any:
    return keras.ops.max(output)


OPTIMIZERS: dict[str, Any] = {
    "adam as a word": "adam",
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "Adam": lambda: optimizers.Adam(0.01, amsgrad=True),
    "AdamW": lambda: optimizers.AdamW(0.01),
    "Nadam": optimizers.Nadam,
    "RMSprop": lambda: optimizers.RMSprop(centered=True),
    "Adagrad": optimizers.Adagrad,
    "Ftrl": optimizers.Ftrl,
    "Lion": optimizers.Lion,
    "Muon": optimizers.Muon,
    "a schedule": lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 8)),
    "clipnorm": lambda: optimizers.SGD(1.0, clipnorm=0.1),
    "global_clipnorm": lambda: optimizers.SGD(1.0, global_clipnorm=0.1),
    "EMA": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5),
    "EMA, overwriting": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=3),
    "gradient accumulation": lambda: optimizers.Adam(gradient_accumulation_steps=3),
    "loss scaling": lambda: optimizers.LossScaleOptimizer(optimizers.SGD(0.1), dynamic_growth_steps=2),
}
METRICS: dict[str, Any] = {
    "none": None,
    "words": ["accuracy", "sparse_top_k_categorical_accuracy"],
    "a function": [own_metric],
    "a nameless object": lambda: [metrics.SparseCategoricalAccuracy()],
    "a named object": lambda: [metrics.SparseCategoricalCrossentropy(name="nll")],
    "a dictionary": {"dense_1": ["accuracy"]},
}


def cases() -> Iterator[Case]:
    for name, optimizer in OPTIMIZERS.items():
        yield Case(f"optimizers: {name}", dense(optimizer=optimizer), arrays, lambda log: UNSHUFFLED)
    for name, given_metrics in METRICS.items():
        if not isinstance(given_metrics, dict):
            yield Case(f"metrics: {name}", dense(metrics=given_metrics), arrays, lambda log: VALIDATED)
    yield from _numbers_of_classes()
    yield from _compiled()
    for name, (make, data) in {**_stacks(), **_own(), **_structured()}.items():
        options = {**UNSHUFFLED, "validation_split": 0.5} if name in SPLIT else UNSHUFFLED
        yield Case(f"models: {name}", make, given(*data), lambda log, options=options: options)  # type: ignore[misc]
    yield Case(
        "models: own train_step, weighted classes",
        of_kind(WeightedStep, metrics=None),
        arrays,
        lambda log: {**UNSHUFFLED, "class_weight": {0: 3.0}},
    )
    yield Case(
        "models: own train_step, weighted rows",
        of_kind(WeightedStep, metrics=None),
        arrays,
        lambda log: {**UNSHUFFLED, "sample_weight": WEIGHTS},
    )
    weights, by_name = [WEIGHTS, WEIGHTS[::-1] + 0.5], {"one": WEIGHTS, "other": WEIGHTS[::-1] + 0.5}
    for name, make, labels, rows in (
        ("in a list", two_outputs(weighted_metrics=[["accuracy"], ["mae"]]), [CLASSES, NUMBERS], weights),
        ("by name", two_outputs(named=True), {"one": CLASSES, "other": NUMBERS}, by_name),
        ("for one of them", two_outputs(metrics=[["accuracy"], ["mae"]]), [CLASSES, NUMBERS], [None, WEIGHTS]),
        ("in one array", two_outputs(), [CLASSES, NUMBERS], WEIGHTS),
    ):
        for split, more in (("", {}), (", split", {"validation_split": 0.3}), (", validated", {"validation_data": (X, labels, rows)})):
            options = {**UNSHUFFLED, "sample_weight": rows, **more}
            case = f"models: several outputs, weights {name}{split}"
            yield Case(case, make, given(X, labels), lambda log, options=options: options)  # type: ignore[misc]


def _numbers_of_classes() -> Iterator[Case]:
    """Metrics that give a number for each class."""
    one_hot = {"loss": "categorical_crossentropy"}
    for name, make in {
        "F1Score": lambda: [metrics.F1Score()],
        "F1Score and accuracy": lambda: ["accuracy", metrics.F1Score(average=None, threshold=0.4)],
        "F1Score, weighted": lambda: [metrics.F1Score(average="weighted")],
        "FBetaScore": lambda: [metrics.FBetaScore(beta=2.0)],
        "R2Score": lambda: [metrics.R2Score(class_aggregation=None)],
        "F1Score of one class": lambda: [metrics.F1Score(threshold=0.3)],
    }.items():
        labels = ONE_HOT if "one class" not in name else ONE_HOT[:, :1]
        model = dense(metrics=make, **one_hot)
        if "one class" in name:
            model = stack(lambda: layers.Dense(1, "sigmoid"), loss="binary_crossentropy", metrics=make)
        yield Case(f"metrics: {name}", model, given(X, labels), lambda log: {**VALIDATED, "validation_freq": 2, "epochs": 3})


def _compiled() -> Iterator[Case]:
    for name, compiled in {
        "run_eagerly": {"run_eagerly": True},
        "jit_compile": {"jit_compile": True},
        "jit_compile='auto'": {"jit_compile": "auto"},
        "steps_per_execution=3": {"steps_per_execution": 3},
        "steps_per_execution=2 and eagerly": {"steps_per_execution": 2, "run_eagerly": True},
        "weighted_metrics": {"weighted_metrics": ["accuracy"], "metrics": None},
        "auto_scale_loss=False": {"auto_scale_loss": False},
        "loss as an object": {"loss": lambda: losses.SparseCategoricalCrossentropy(from_logits=True)},
        "loss summed": {"loss": lambda: losses.SparseCategoricalCrossentropy(reduction="sum")},
        "loss averaged with the weights": {"loss": lambda: losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")},
        "loss as a list": {"loss": ["sparse_categorical_crossentropy"]},
        "loss_weights": {"loss_weights": [0.5], "loss": ["sparse_categorical_crossentropy"]},
        "no loss": {"loss": None, "metrics": None},
        "an unknown loss": {"loss": "sparse_crossentropy_of_mine"},
    }.items():
        yield Case(f"compile: {name}", dense(**compiled), arrays, lambda log: {**VALIDATED, "sample_weight": WEIGHTS})
    yield Case("compile: own loss", stack(lambda: layers.Dense(1), loss=own_loss), given(X, NUMBERS), lambda log: VALIDATED)
    yield Case("compile: one-hot labels", dense(loss="categorical_crossentropy"), given(X, ONE_HOT), lambda log: VALIDATED)
    yield Case(
        "compile: weighted classes of one-hot labels",
        dense(loss="categorical_crossentropy"),
        given(X, ONE_HOT),
        lambda log: {**VALIDATED, "class_weight": {0: 2.0, 2: 0.1}},
    )
    yield Case("compile: labels that the last layer has no unit for", PLAIN, given(X, CLASSES + 1), lambda log: UNSHUFFLED)


SPLIT = {"batch normalization", "dropout and noise", "several outputs", "several inputs as a dictionary", "activity regularized"}


def _stacks() -> dict[str, tuple[Make, tuple[Any, ...]]]:
    one, numbers, steps = lambda: layers.Dense(1), (X, NUMBERS), (SERIES, STEPS)
    return {
        "batch normalization": (stack(lambda: layers.Dense(4), layers.BatchNormalization, one), numbers),
        "dropout and noise": (stack(lambda: layers.Dropout(0.4), lambda: layers.GaussianNoise(0.1), one), numbers),
        "noise of its own": (stack(NoisyLayer, one), numbers),
        "a state of its own": (stack(Counting, one), numbers),
        "regularized": (stack(lambda: layers.Dense(3, kernel_regularizer="l2", bias_regularizer="l1"), one), numbers),
        "activity regularized": (stack(lambda: layers.Dense(3, activity_regularizer="l2"), one), numbers),
        "constrained": (stack(lambda: layers.Dense(3, kernel_constraint="unit_norm"), one), numbers),
        "spectral normalization": (stack(lambda: layers.SpectralNormalization(layers.Dense(3)), one), numbers),
        "a loss added in a layer": (stack(Penalty, one), numbers),
        "convolution": (stack(lambda: layers.Conv2D(1, 3, padding="same"), shape=(6, 6, 2)), (PICTURES, MASKS)),
        "augmented": (
            stack(
                lambda: layers.RandomFlip(seed=3),
                lambda: layers.RandomTranslation(0.2, 0.2, seed=4),
                lambda: layers.RandomContrast(0.3, seed=5),
                lambda: layers.Conv2D(1, 3, padding="same"),
                shape=(6, 6, 2),
            ),
            (PICTURES, MASKS),
        ),
        "LSTM": (stack(lambda: layers.LSTM(3, return_sequences=True, recurrent_dropout=0.2), lambda: layers.Dense(2), shape=(5, 3)), steps),
        "stateful": (
            lambda: _compiled_stack(
                [keras.Input((5, 3), batch_size=4), layers.GRU(3, stateful=True, return_sequences=True), layers.Dense(2)]
            ),
            steps,
        ),
        "both directions": (
            stack(lambda: layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True)), lambda: layers.Dense(2), shape=(5, 3)),
            steps,
        ),
        "masked": (
            stack(lambda: layers.Masking(0.5), lambda: layers.LSTM(3), one, shape=(5, 3)),
            (np.where(SERIES > 0.3, 0.5, SERIES), STEPS[:, 0, :1]),
        ),
        "masked steps": (
            stack(
                lambda: layers.Embedding(6, 3, mask_zero=True),
                lambda: layers.LSTM(3, return_sequences=True),
                lambda: layers.Dense(2),
                shape=(5,),
            ),
            (TOKENS, STEPS),
        ),
        "time distributed": (stack(lambda: layers.TimeDistributed(layers.Dense(2)), shape=(5, 3)), steps),
        "mixed_float16": (
            under_policy("mixed_float16", stack(lambda: layers.Dense(4, "relu"), lambda: layers.Dense(1, dtype="float32"))),
            numbers,
        ),
        "mixed_bfloat16": (under_policy("mixed_bfloat16", stack(lambda: layers.Dense(4, "relu"), one)), numbers),
        "float64": (under_policy("float64", stack(lambda: layers.Dense(4, "relu"), one)), (X.astype("float64"), NUMBERS.astype("float64"))),
        "unbuilt": (stack(lambda: layers.Dense(4), one, shape=None), numbers),
        "unbuilt, rows without an end": (stack(lambda: layers.LSTM(2, return_sequences=True), lambda: layers.Dense(2), shape=None), steps),
        "nothing to train": (stack(lambda: layers.Dense(1, trainable=False)), numbers),
        "one axis more": (stack(one, shape=(4,)), (X[..., None], NUMBERS)),
        "labels of one axis": (stack(one), (X, NUMBERS[:, 0])),
        "lookup of words": (lookup, (np.array(["a", "b", "c"])[CLASSES][:, None], CLASSES)),
        "lookup of words in a tensor": (lookup, (keras.ops.convert_to_tensor(np.array(["a", "b", "c"])[CLASSES][:, None]), CLASSES)),
        "quantized": (quantized, (X, CLASSES)),
        "LoRA": (with_lora, (X, CLASSES)),
        "frozen, then compiled": (frozen(after=False), (X, CLASSES)),
        "frozen after it was compiled": (frozen(after=True), (X, CLASSES)),
        "softmax twice": (stack(softmax, softmax, loss="sparse_categorical_crossentropy"), (X, CLASSES)),
    }


def _compiled_stack(parts: list[Any]) -> Any:
    model = keras.Sequential(parts)
    model.compile("sgd", "mse")
    return model


def _own() -> dict[str, tuple[Make, tuple[Any, ...]]]:
    both = (X, CLASSES)
    return {
        "own train_step": (of_kind(PlainStep), both),
        "own train_step that reports other numbers": (of_kind(WeightedStep, metrics=None), both),
        "own train_step, jit": (of_kind(PlainStep, jit_compile=True), both),
        "own train_step, eager": (of_kind(PlainStep, run_eagerly=True), both),
        "own test_step": (of_kind(OwnTest), both),
        "own compute_loss": (of_kind(OwnLoss), both),
        "own compute_metrics": (of_kind(OwnMetrics), both),
        "own make_train_function": (of_kind(OwnFunction), both),
        "own make_test_function": (of_kind(OwnTestFunction), both),
        "own fit in two phases": (of_kind(OwnFit), both),
        "own fit without callbacks": (of_kind(OwnLoop), both),
        "a subclass": (lambda: _compiled_model(Sub()), both),
    }


def _compiled_model(model: Any) -> Any:
    model.compile(**COMPILED)
    return model


def _structured() -> dict[str, tuple[Make, tuple[Any, ...]]]:
    return {
        "several inputs as a list": (two_inputs(named=False), ([X, Z], CLASSES)),
        "several inputs as a tuple": (two_inputs(named=False), ((X, Z), CLASSES)),
        "several inputs as a dictionary": (two_inputs(), ({"a": X, "b": Z}, CLASSES)),
        "several outputs": (two_outputs(), (X, [CLASSES, NUMBERS])),
        "several outputs by name": (two_outputs(named=True), (X, {"one": CLASSES, "other": NUMBERS})),
        "several outputs, weighted losses": (two_outputs(loss_weights=[1.0, 0.2]), (X, [CLASSES, NUMBERS])),
        "several outputs, metrics of each": (two_outputs(metrics=[["accuracy"], ["mae", "mse"]]), (X, [CLASSES, NUMBERS])),
        "branched and shared": (branched, (X, CLASSES)),
    }
