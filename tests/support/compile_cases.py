"""Every optimizer, schedule, loss and metric of Keras with a non-default value for each argument, and what each one computes.

This module does not import seqmagic, so that a plain Python process can use it too.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

VALUES: dict[str, Any] = {
    "alpha": 0.4,
    "gamma": 1.5,
    "q": 0.3,
    "delta": 20.0,
    "axis": 0,
    "label_smoothing": 0.2,
    "ignore_class": 1,
    "reduction": "sum",
    "dtype": "float64",
    "name": "mine",
    "threshold": 0.6,
    "thresholds": [0.2, 0.6],
    "top_k": 2,
    "class_id": 1,
    "k": 2,
    "beta": 2.0,
    "average": "macro",
    "num_classes": 3,
    "target_class_ids": [1, 2],
    "curve": "PR",
    "summation_method": "majoring",
    "multi_label": True,
    "num_labels": 3,
    "label_weights": [0.2, 0.3, 0.5],
    "num_thresholds": 7,
    "recall": 0.5,
    "precision": 0.5,
    "specificity": 0.5,
    "sensitivity": 0.5,
    "class_aggregation": None,
    "num_regressors": 1,
    "mean": [0.1, 0.2, 0.3],
    "normalizer": [0.1, 0.2, 0.3],
    "values": [0.1, 0.05, 0.01],
    "boundaries": [3, 8],
    "decay_steps": 10,
    "first_decay_steps": 4,
    "decay_rate": 0.7,
    "initial_learning_rate": 0.2,
    "warmup_target": 0.5,
    "warmup_steps": 3,
    "staircase": True,
    "learning_rate": 1 / 3,
    "weight_decay": 1 / 7,
    "clipnorm": 0.3,
    "clipvalue": 0.2,
    "global_clipnorm": 0.4,
    "ema_momentum": 0.7,
    "ema_overwrite_frequency": 2,
    "loss_scale_factor": 4.0,
    "gradient_accumulation_steps": 2,
    "momentum": 0.9,
    "rho": 0.6,
    "epsilon": 1e-3,
    "beta_1": 0.6,
    "beta_2": 0.7,
    "relative_step": False,
    "clip_threshold": 0.5,
    "beta_2_decay": -0.6,
    "learning_rate_power": -0.7,
    "initial_accumulator_value": 0.4,
    "l1_regularization_strength": 0.2,
    "l2_regularization_strength": 0.3,
    "l2_shrinkage_regularization_strength": 0.1,
    "initial_scale": 8.0,
    "dynamic_growth_steps": 3,
    "inner_optimizer": "sgd",
    "variance_epsilon": 1e-3,
    "dice": 0.5,
    "function": "relu",
}
# Arguments that have an effect only together with another one.
WITH: dict[str, dict[str, Any]] = {
    "nesterov": {"momentum": 0.8},
    "centered": {"rho": 0.8},
    "ema_momentum": {"use_ema": True},
    "ema_overwrite_frequency": {"use_ema": True},
    "from_sorted_ids": {},
    "num_labels": {"multi_label": True},
    "label_weights": {"multi_label": True, "num_labels": 3},
    "warmup_steps": {"warmup_target": 0.5},
    "warmup_target": {"warmup_steps": 3},
    "alpha": {},
    "class_id": {},
}
NOT_ALONE = {"MultiOptimizer", "OptimizerMap", "Metric", "Loss", "Optimizer", "LearningRateSchedule", "MeanMetricWrapper"}
KINDS: dict[str, tuple[Any, type]] = {
    "optimizer": (keras.optimizers, keras.optimizers.Optimizer),
    "schedule": (keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule),
    "loss": (keras.losses, keras.losses.Loss),
    "metric": (keras.metrics, keras.metrics.Metric),
}


def classes_of(kind: str) -> list[Any]:
    """All classes of a kind."""
    module, base = KINDS[kind]
    found = {
        thing
        for name in dir(module)
        if inspect.isclass(thing := getattr(module, name)) and issubclass(thing, base) and name not in NOT_ALONE
    }
    return sorted(found - {base}, key=lambda target: target.__name__)


def parameters(target: Any) -> dict[str, inspect.Parameter]:
    """The keyword parameters of a class."""
    fixed = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {name: p for name, p in inspect.signature(target.__init__).parameters.items() if name != "self" and p.kind not in fixed}


def other_value(parameter: inspect.Parameter) -> Any:
    """A value that differs from the default."""
    default = parameter.default
    if isinstance(default, bool):
        return not default
    value = VALUES.get(parameter.name, default / 2 if isinstance(default, float) else None)
    if value == default:
        value = value * 2 if isinstance(value, (int, float)) else None
    return value


def cases_of(kind: str) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """For each class its required arguments alone, then with each optional one: a name, the class, the arguments."""
    for target in classes_of(kind):
        known = parameters(target)
        required = {name: VALUES[name] for name, p in known.items() if p.default is p.empty}
        yield target.__name__, target, required
        for name, parameter in known.items():
            value = None if name in required else other_value(parameter)
            if value is None:
                continue
            arguments = {**required, **{key: one for key, one in WITH.get(name, {}).items() if key in known}, name: value}
            yield f"{target.__name__}({name})", target, arguments


def made(target: Any, arguments: dict[str, Any]) -> Any:
    """The object; None if Keras doesn't accept these arguments."""
    inner = {name: keras.optimizers.get(value) if name == "inner_optimizer" else value for name, value in arguments.items()}
    try:
        return target(**inner)
    except Exception:
        return None


RANDOM = np.random.default_rng(7)
CHANCES = np.exp(RANDOM.normal(size=(6, 3)))
CHANCES = (CHANCES / CHANCES.sum(axis=1, keepdims=True)).astype("float32")
LABELS = np.array([0, 1, 2, 1, 0, 2])
DATA: list[tuple[Any, Any]] = [
    (np.eye(3, dtype="float32")[LABELS], CHANCES),
    (LABELS, CHANCES),
    (np.array([0, 1, 1, 0, 1, 0], "float32"), CHANCES[:, 0]),
    (np.array([[0], [1], [1], [0], [1], [0]], "float32"), CHANCES[:, :1]),
    (RANDOM.normal(size=(4, 3)).astype("float32") * 30, RANDOM.normal(size=(4, 3)).astype("float32") * 30),
    (RANDOM.random((2, 5, 3)).astype("float32"), RANDOM.random((2, 5, 3)).astype("float32")),
    (RANDOM.integers(0, 3, (2, 5)), np.tile(CHANCES[:5], (2, 1, 1))),
    (RANDOM.integers(0, 2, (2, 4, 4, 1)).astype("float32"), RANDOM.random((2, 4, 4, 1)).astype("float32")),
]


def plain(value: Any) -> Any:
    """Numbers in JSON-compatible form."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    found = np.asarray(value, "float64").round(9).tolist()
    # NaN is not equal to itself, but two results that are both NaN count as equal.
    return plain(found) if isinstance(found, list) else found if np.isfinite(found) else str(found)


def done(work: Any) -> Any:
    try:
        return plain(work())
    except Exception as error:
        return type(error).__name__


def behaviour(thing: Any) -> Any:
    """What an object computes for some numbers, in JSON-compatible form."""
    if isinstance(thing, keras.optimizers.Optimizer):
        return done(lambda: steps_of(thing))
    if isinstance(thing, keras.metrics.Metric):
        return [
            [re.sub(r"_\d+$", "", thing.name), str(thing.dtype)],  # Keras numbers the metrics that a process has created.
            *(done(lambda labels=labels, seen=seen: counted(thing, labels, seen)) for labels, seen in DATA),
        ]
    if isinstance(thing, keras.losses.Loss):
        return [str(thing.dtype), *(done(lambda labels=labels, seen=seen: thing(labels, seen)) for labels, seen in DATA)]
    if isinstance(thing, keras.optimizers.schedules.LearningRateSchedule):
        return [done(lambda step=step: thing(step)) for step in (0, 1, 2, 5, 9, 20, 300)]
    if callable(thing):
        return [done(lambda labels=labels, seen=seen: thing(labels, seen)) for labels, seen in DATA]
    return repr(thing)


def counted(metric: Any, labels: Any, seen: Any) -> Any:
    """The result of a metric after two batches."""
    metric.reset_state()
    for _ in range(2):
        metric.update_state(labels, seen) if takes_two(metric) else metric.update_state(seen)
    return metric.result()


def takes_two(metric: Any) -> bool:
    return "y_true" in inspect.signature(metric.update_state).parameters


def steps_of(optimizer: Any) -> Any:
    """The values of some weights after four steps with changing gradients."""
    random = np.random.default_rng(3)
    weights = keras.Variable(np.array([[1.0, -2.0], [3.0, 0.5]], "float32"))
    optimizer.build([weights])
    passed = []
    for _ in range(4):
        gradient = keras.ops.convert_to_tensor(random.normal(size=(2, 2)).astype("float32") * 2)
        optimizer.apply([gradient], [weights])
        passed.append(np.array(weights))
    optimizer.finalize_variable_values([weights])
    return [*passed, np.array(weights)]


def compiled_behaviour(model: Any) -> Any:
    """What a model's optimizer, loss and metrics compute."""
    given = model._compile_config.config  # noqa: SLF001  # The original arguments; the public get_compile_config() loses some.
    # A loss has several names, and none is part of the result.
    parts = [model.optimizer, keras.losses.get(given["loss"]), *(given["metrics"] or [])]
    return [behaviour(part) for part in parts]


def network_behaviour(model: Any) -> Any:
    """A network's output for some data, and the shapes of its weights; the name of the error if a layer fails."""
    shape = [model.input_shape[0] or 2, *(dim or 3 for dim in model.input_shape[1:])]
    data = np.random.default_rng(0).integers(0, 5, shape).astype(model.inputs[0].dtype)
    return [[list(weight.shape) for weight in model.weights], done(lambda: model(data))]


def run(program: str, asked: str) -> Any:
    """What the model of a program computes, or the error that running it raises."""
    keras.utils.set_random_seed(7)
    space: dict[str, Any] = {}
    try:
        exec(program, space)  # noqa: S102  # The program is the test's own.
        return {"compiled": compiled_behaviour, "network": network_behaviour}[asked](space["model"])
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Run programs and print what their models compute; executed by a plain Python process."""
    sys.stdout.write(f"{json.dumps([run(program, asked) for program, asked in json.load(sys.stdin)])}\n")


if __name__ == "__main__":
    main()
