"""Every optimizer, loss, metric, schedule and callback of Keras goes by its name, with its arguments."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.language import Step, parse_step
from seqmagic.language.syntax import expressions_in
from seqmagic.network.catalogue import CALLBACKS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES, SPECIAL_METRICS, Registry, parameters_of
from seqmagic.network.expressions import expression_key
from seqmagic.options.compile_line import loss_of, read_compile
from seqmagic.options.fit_line import read_fit


def halve(x: Any) -> Any:
    return x / 2


def call_of(registry: Registry, key: str) -> str:
    target = registry.find(key)
    if target is None:
        return key  # A string that compile itself understands, such as crossentropy.
    values = {
        "initial_learning_rate": "0.1", "decay_steps": "100", "first_decay_steps": "10", "decay_rate": "0.9", "boundaries": "[1]",
        "values": "[0.1, 0.2]", "num_classes": "2", "target_class_ids": "[0]", "filepath": "'best.keras'", "filename": "'log.csv'",
        "backup_dir": "'backup'", "directory": "'orbax'", "schedule": "halve", "optimizer_map": "halve",
    }  # fmt: skip
    needed = [name for name, p in parameters_of(target).items() if p.default is p.empty and name not in ("y_true", "y_pred")]
    return f"{key}({', '.join(values.get(name, '0.5') for name in needed)})" if needed else key


def test_every_optimizer_loss_metric_schedule_and_callback_goes_by_its_name() -> None:
    names = {"halve": halve, "x": np.zeros((2, 1)), "y": np.zeros(2)}
    for word in OPTIMIZERS.words():
        assert type(read_compile(parse_step(f"compile {call_of(OPTIMIZERS, word)} mse"), names).optimizer) is OPTIMIZERS.find(word)
    for word in LOSSES.words():
        assert read_compile(parse_step(f"compile adam {word}"), names).loss
    for word in METRICS.words():
        assert read_compile(parse_step(f"compile adam mse {call_of(METRICS, word)}"), names).metrics
    for word in SCHEDULES.words():
        rate = read_compile(parse_step(f"compile sgd({call_of(SCHEDULES, word)}, momentum=0.5) mse"), names).optimizer._learning_rate  # noqa: SLF001
        assert type(rate) is SCHEDULES.find(word)
    for word in CALLBACKS.words():
        if word in ("orbax_checkpoint", "remote_monitor"):
            continue  # These need packages that nothing else here needs.
        (callback,) = read_fit(parse_step(f"fit x y callbacks={call_of(CALLBACKS, word)}"), names).options["callbacks"]
        assert type(callback) is CALLBACKS.find(word)


def test_metrics_have_the_same_names_in_every_run() -> None:
    text = "input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy auc precision() auc(num_thresholds=3) auc(name=auc_7)"
    for _ in range(2):
        assert [metric.name for metric in compiled_with(seqmagic.build(text))["metrics"]] == ["auc", "precision", "auc_1", "auc_7"]
    own = [keras.metrics.AUC(), keras.metrics.AUC(name="auc_5")]
    for metric in own:
        model = seqmagic.build("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy own", {"own": metric})
        assert compiled_with(model)["metrics"] == [metric]
    assert own[1].name == "auc_5"


def test_a_loss_is_the_same_when_it_gives_the_same_numbers() -> None:
    def loss(line: str) -> object:
        return loss_of(seqmagic.build(f"input 4 -> dense 1 sigmoid\ncompile adam {line}"))

    assert loss("mse") == loss("mean_squared_error") == loss("mse mae") != loss("mae")
    assert (
        loss("binary_crossentropy(label_smoothing=0.1)") == loss("binary_crossentropy(label_smoothing=0.1)") != loss("binary_crossentropy")
    )


def test_keras_knows_whatever_a_word_stands_for() -> None:
    for word in LOSSES.words():
        assert callable(keras.losses.get(read_compile(parse_step(f"compile adam {word}"), {}).loss)), word
    functions = {word for word in METRICS.words() if not isinstance(METRICS.find(word), type)}
    for word in functions - {*SPECIAL_METRICS}:  # These are for compile itself.
        assert callable(keras.metrics.get(read_compile(parse_step(f"compile adam mse {word}"), {}).metrics[0])), word


@pytest.mark.parametrize("word", ["specificity_at_sensitivity", "recall_at_precision", "mean_iou", "one_hot_iou", "iou"])
def test_a_metric_without_its_value_gets_the_way_it_is_written(word: str) -> None:
    with pytest.raises(ArgumentError, match=f"'{word}' needs a value for") as caught:
        read_compile(parse_step(f"compile adam mse {word}"), {})
    read_compile(parse_step(f"compile adam mse {caught.value.instead}"), {})


def evaluated(step: Step) -> dict[str, Any]:
    """The values of a line's expressions, as a live cell finds them."""
    return {expression_key(found): eval(found.text, {"halve": halve}) for found in expressions_in(step)}  # noqa: S307  # They stand here.


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("compile(sgd, loss=['mse'], metrics=[['mae', 'mse']])", ["mae", "mse"]),
        ("model.compile('sgd', loss='mse', metrics=[['mae']])", ["mae"]),
        ("model.compile('sgd', loss='mse', metrics={'out': 'mae'})", ["mae"]),
        ("model.compile('sgd', loss='mse', metrics={'out': ['mae', 'mse']})", ["mae", "mse"]),
    ],
)
def test_lists_and_dictionaries_of_the_only_output_are_read_as_by_keras(line: str, metrics: list[str]) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="out")])
    data = np.ones((4, 2)), np.ones(4)
    step = parse_step(line)
    read_compile(step, evaluated(step)).apply(model)
    assert list(model.fit(*data, verbose=0).history) == ["loss", *metrics]
    if line.startswith("model."):
        eval(line, {"model": model})  # noqa: S307  # It stands above.
        assert list(model.fit(*data, verbose=0).history) == ["loss", *metrics]


def test_a_loss_in_a_dictionary_is_the_one_of_the_only_output() -> None:
    step = parse_step("model.compile('sgd', loss={'out': 'mse'})")
    assert read_compile(step, evaluated(step)).loss == "mean_squared_error"
    step = parse_step("model.compile('sgd', loss={'out': halve})")
    assert read_compile(step, evaluated(step)).loss is halve
