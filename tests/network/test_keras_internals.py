"""Each reach into Keras's internals still finds what it reaches for, and nothing else of the package reaches there.

What fails here after an update of Keras is to be mended in `seqmagic/keras_internals/`, and nowhere else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import seqmagic
from seqmagic.keras_internals import compiled, threads
from seqmagic.keras_internals import layers as inside

PACKAGE = Path(seqmagic.__file__).parent
INTERNALS = PACKAGE / "keras_internals"
# What Keras exports, or gives no underscore, and yet describes nowhere.
UNDESCRIBED = {"StatelessScope", "distribute_strategy", "global_state", "stop_evaluating", "test_function", "train_function"}
OF_OTHERS = {"_exit", "_getframe", "_repr_html_", "_data_producer"}  # Of `os`, `sys`, IPython and dask.


def private_names(tree: ast.AST) -> Iterator[str]:
    """Names with an underscore that belong to something else than the class they stand in, also those that are written as texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr", "delattr"):
            yield from (part.value for part in node.args[1:2] if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant) and isinstance(part.value, str))
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            yield node.slice.value


def reached(path: Path) -> set[str]:
    return {name for name in private_names(ast.parse(path.read_text("utf-8"))) if re.match(r"_[a-z]\w*$", name)} - OF_OTHERS


def own_names(path: Path) -> set[str]:
    """What the package itself calls with an underscore."""
    text = path.read_text("utf-8")
    return set(re.findall(r"(?:def|self\.|other\.|\n    |\n) ?(_[a-z]\w*)", text))


OUTSIDE = sorted(path for path in PACKAGE.rglob("*.py") if INTERNALS not in path.parents)
OF_KERAS = set().union(*map(reached, INTERNALS.glob("*.py")))


def test_the_rule_sees_what_it_is_there_for() -> None:
    assert {"_compile_config", "_learning_rate", "_flatten_layers", "_keras_history", "_fn_kwargs", "_open_name_scope"} <= OF_KERAS


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_else_reaches_into_keras(path: Path) -> None:
    words = set(re.findall(r"[\w.]+", path.read_text("utf-8")))
    code = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, (ast.Attribute, ast.Name))}
    assert not {name for word in words for name in word.split(".")} & OF_KERAS
    assert not {name for word in code for name in word.split(".")} & UNDESCRIBED
    assert not [word for word in words if word.startswith("keras.src")]
    assert reached(path) <= set().union(*map(own_names, OUTSIDE))


def made() -> keras.Sequential:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.25), "mse", metrics=["mae"])
    return model


def test_what_was_compiled() -> None:
    model = made()
    stamp = compiled.compile_stamp(model)
    assert stamp is not None
    assert stamp is compiled.compile_stamp(model)
    assert compiled.compiled_with(model)["metrics"] == ["mae"]
    assert compiled.compiled_with(keras.Sequential()) == {}
    model.compile("adam", compute := lambda y, given: keras.ops.mean((y - given) ** 2))
    assert compiled.compile_stamp(model) is not stamp
    assert compiled.compiled_with(model)["loss"] is compute
    assert compiled.resolved_jit_compile(model, "auto") == model.jit_compile


def test_the_learning_rate_is_known_behind_whatever_gives_it() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    plain, planned = keras.optimizers.SGD(0.25), keras.optimizers.SGD(schedule)
    assert float(compiled.rate_variable(plain)) == 0.25
    assert compiled.rate_variable(planned) is schedule
    assert compiled.rate_variable(keras.optimizers.LossScaleOptimizer(planned)) is schedule
    assert [compiled.has_plain_rate(optimizer) for optimizer in (plain, planned, None)] == [True, False, False]


def test_an_optimizer_that_leaves_weights_out_of_the_decay() -> None:
    optimizers = [keras.optimizers.AdamW() for _ in range(3)]
    optimizers[1].exclude_from_weight_decay(var_names=["bias"])
    optimizers[2].exclude_from_weight_decay(var_list=[keras.Variable(1.0)])
    assert [compiled.excludes_from_decay(optimizer) for optimizer in optimizers] == [False, True, True]


def test_fit_and_evaluate_call_the_functions_that_are_set() -> None:
    model, called = keras.Sequential([keras.Input((3,)), layers.Dense(2)]), []
    model.compile("sgd", "mse")  # With metrics of its own, Keras would ask those what came out.

    def train(iterator: Any) -> dict[str, float]:
        called.append("train")
        next(iterator)
        return {"own": 7.0}

    def test(iterator: Any) -> dict[str, float]:
        called.append("test")
        next(iterator)
        return {"own": 8.0}

    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    with compiled.replaced_step_functions(model, train, test):
        history = model.fit(x, y, batch_size=2, validation_data=(x, y), verbose=0).history
    assert (history["own"], history["val_own"]) == ([7.0], [8.0])
    assert called == ["train"] * 2 + ["test"] * 2
    assert compiled.step_functions(model) == (None, None)
    model.fit(x, y, verbose=0)
    assert all(function is None or inside.is_of_keras(function) for function in compiled.step_functions(model))
    compiled.forget_step_functions(model)
    assert compiled.step_functions(model) == (None, None)


class EndsAtOnce(keras.callbacks.Callback):
    """Ends an evaluation after its first batch."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches = batch + 1
        compiled.end_evaluation(self.model)


def test_an_evaluation_can_be_ended() -> None:
    callback = EndsAtOnce()
    made().evaluate(np.ones((8, 3)), np.ones((8, 2)), batch_size=2, verbose=0, callbacks=[callback])
    assert callback.batches == 1


def test_the_strategy_is_that_of_the_scope() -> None:
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = made()
    assert compiled.distribution_of(model) is strategy
    assert type(compiled.distribution_of(made())) is type(tf.distribute.get_strategy())


def test_layers_inside_of_others_are_found() -> None:
    inner = keras.Sequential([layers.Dense(2)])
    found = inside.layers_inside(keras.Sequential([inner, layers.TimeDistributed(layers.Dense(3))]))
    assert [type(layer).__name__ for layer in found] == ["Sequential", "Dense", "TimeDistributed", "Dense"]


@pytest.mark.parametrize(("settings", "name"), [({"sparse": True}, "mine"), ({"dtype": "int32", "batch_size": 4}, "other")])
def test_the_input_layer_is_found_with_its_settings(settings: dict[str, Any], name: str) -> None:
    chain = [keras.Input((5,), name=name, **settings), layers.Dense(2)]
    for parts in (chain, chain[:1]):
        layer = inside.input_layer_of(keras.Sequential(parts))
        assert layer is not None
        config = layer.get_config()
        assert config["name"] == name
        assert config["batch_shape"] == (settings.get("batch_size"), 5)
        assert (config["sparse"], config["dtype"]) == (settings.get("sparse", False), settings.get("dtype", "float32"))
    assert inside.input_layer_of(keras.Sequential([layers.Dense(2)])) is None


def test_the_way_back_from_a_tensor() -> None:
    shared, entry = layers.Dense(3), keras.Input((3,))
    once = shared(entry)
    twice = shared(once)
    assert inside.operation_of(twice) is shared
    calls = [inside.call_of(tensor) for tensor in (once, twice)]
    assert [number for _, number, _ in calls] == [0, 1]
    assert [inside.operator_name(inside.operation_of(tensor)) for tensor in (once + twice, once)] == ["Add", ""]
    assert [node.input_tensors[0] is tensor for (*_, node), tensor in zip(calls, (entry, once), strict=True)] == [True, True]


def test_what_layers_keep_beside_their_configs() -> None:
    words = layers.TextVectorization(vocabulary=["a"])
    assert inside.lookup_of(words).input_vocabulary is not None
    assert inside.lookup_of(layers.StringLookup(vocabulary=["a"])).input_vocabulary is not None
    assert inside.dtype_policy_name(layers.Dense(1, dtype="mixed_bfloat16"), None) == "mixed_bfloat16"
    loss = keras.losses.CategoricalFocalCrossentropy(gamma=3.0)
    assert any(place.get("gamma") == 3.0 for place in inside.places_of_settings(loss))
    assert any("units" in place or "_units" in place for place in inside.places_of_settings(layers.LSTM(4)))
    assert inside.is_preprocessing(layers.Rescaling(2.0))
    assert not inside.is_preprocessing(layers.Dense(1))


def test_a_generator_that_drew_its_seed_says_so() -> None:
    assert [inside.has_drawn_seed(layer) for layer in (layers.Dropout(0.1, seed=3), layers.RandomCrop(2, 2), layers.Dense(1))] == [
        False,
        layers.RandomCrop(2, 2).generator._initial_seed is None,  # noqa: SLF001
        False,
    ]


def test_the_graph_takes_a_name_that_tensorflow_refuses() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="größe")])
    inside.name_in_graph(model.layers[0], "groesse")
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    traced = tf.function(model.call).get_concrete_function(tf.TensorSpec((None, 3)))
    assert any(operation.name.startswith("groesse") or "/groesse/" in operation.name for operation in traced.graph.get_operations())
    assert model.layers[0].name == "größe"


def test_variables_are_held_back_until_they_are_wanted() -> None:
    with threads.held_back_variables():
        model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        kernel = model.layers[0].kernel
        assert tuple(kernel.shape) == (3, 2)
    held_back = kernel._value is None  # noqa: SLF001
    threads.make_held_back_variables()
    assert (held_back, kernel.numpy().shape) == (True, (3, 2)), f"Keras {keras.__version__} holds back no variables any more"


def test_the_generator_of_the_thread_is_what_keras_draws_from() -> None:
    before = threads.seed_generator()
    generator = keras.random.SeedGenerator(5)
    try:
        threads.set_seed_generator(generator)
        drawn = keras.random.normal((2,)).numpy().tolist()
        assert threads.seed_generator() is generator
    finally:
        threads.set_seed_generator(before)
    assert drawn == keras.random.normal((2,), seed=keras.random.SeedGenerator(5)).numpy().tolist()
