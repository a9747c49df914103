"""What Keras keeps per thread reaches a run's own thread."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic
from seqmagic.keras_internals.threads import COUNTERS, OF_THE_MOMENT

CARRIED = {
    "custom_objects_scope_dict",
    "distribution",
    "dtype_policy",
    "flash_attention",
    "global_random_seed",
    "interactive_logging",
    "name_scope_stack",
    "remat_scope_stack",
    "safe_mode_saving",
    "traceback_filtering",
}
X, Y = np.linspace(0, 1, 24, dtype="float32").reshape(8, 3), np.zeros((8, 2), "float32")


def names_in_keras() -> set[str]:
    """Every name under which Keras keeps something for a thread, out of its own text."""
    root = Path(keras.src.__file__).parent
    texts = [path.read_text() for path in root.rglob("*.py") if not path.name.endswith("_test.py")]
    constants = dict(pair for text in texts for pair in re.findall(r'^(GLOBAL_\w+) = "(\w+)"', text, re.MULTILINE))
    calls = re.findall(r"[sg]et_global_attribute\(\s*(f?)(\"[^\"]+\"|[\w.]+)", "\n".join(texts))
    found = {constants.get(word.rpartition(".")[2], word.strip('"')) for is_made, word in calls if not is_made}
    return found - {"name", "_keras_mask"}


def test_all_that_keras_keeps_per_thread_is_carried_or_left_for_a_reason() -> None:
    left = set(OF_THE_MOMENT) - {"_keras_mask_dict"}  # Its name is put together.
    assert names_in_keras() == CARRIED | set(COUNTERS) | left


class Late(layers.Layer):
    """Makes another layer when it is built, and notes what Keras says there."""

    def build(self, shape: Any) -> None:
        self.inner = layers.Dense(2)
        self.inner.build(shape)
        self.seen = {
            "logging": keras.config.is_interactive_logging_enabled(),
            "traceback": keras.config.is_traceback_filtering_enabled(),
            "flash": keras.config.is_flash_attention_enabled(),
            "seed": keras.utils.get_random_seed() if hasattr(keras.utils, "get_random_seed") else None,
            "activation": keras.saving.get_registered_object("own_one"),
            "path": self.inner.kernel.path,
            "dtype": self.inner.compute_dtype,
        }

    def call(self, x: Any) -> Any:
        return self.inner(x)


def own_one(x: Any) -> Any:
    return x


def trained(train: Any) -> dict[str, Any]:
    keras.utils.set_random_seed(5)
    model = keras.Sequential([Late(name="late")], name="net")
    model.compile("sgd", "mse")
    with keras.utils.custom_object_scope({"own_one": own_one}), keras.name_scope("outside"):
        train(model)
    return dict(model.layers[0].seen, weights=model.layers[0].inner.kernel.numpy().tolist())


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_what_is_set_in_a_cell_holds_in_its_run(policy: str) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    keras.config.disable_interactive_logging()
    keras.config.disable_traceback_filtering()
    keras.config.disable_flash_attention()
    try:
        theirs = trained(lambda model: model.fit(X, Y, epochs=2, shuffle=False, verbose=0))
        ours = trained(lambda model: seqmagic.fit(model, X, Y, epochs=2, shuffle=False).wait())
    finally:
        keras.config.set_dtype_policy(before)
        keras.config.enable_interactive_logging()
        keras.config.enable_traceback_filtering()
        keras.config.enable_flash_attention()
    assert re.sub(r"_\d+", "", ours.pop("path")) == re.sub(r"_\d+", "", theirs.pop("path"))
    assert ours == theirs
    assert ours["dtype"] == policy.removeprefix("mixed_")
    assert (ours["logging"], ours["traceback"], ours["flash"], ours["activation"]) == (False, False, False, own_one)


class Noise(layers.Layer):
    """Draws without a seed."""

    def call(self, x: Any) -> Any:
        return x + keras.random.normal(keras.ops.shape(x))


def drawn(train: Any, *, first: bool) -> tuple[Any, ...]:
    keras.utils.set_random_seed(11)
    model = keras.Sequential([keras.Input((3,)), Noise(), layers.Dense(2)])
    model.compile("sgd", "mse")
    before = keras.random.normal((2,)).numpy().tolist() if first else None
    train(model)
    return before, model.get_weights()[0].tolist(), keras.random.normal((2,)).numpy().tolist()


@pytest.mark.parametrize("first", [False, True])
def test_what_is_drawn_without_a_seed_in_a_run_is_what_keras_would_draw(first: bool) -> None:  # noqa: FBT001
    theirs = drawn(lambda model: model.fit(X, Y, epochs=3, shuffle=False, verbose=0), first=first)
    ours = drawn(lambda model: seqmagic.fit(model, X, Y, epochs=2, shuffle=False).wait().more(epochs=1).wait(), first=first)
    assert ours == theirs


def test_a_run_that_draws_nothing_leaves_the_cells_numbers_as_they_were() -> None:
    def after(*, train: bool) -> tuple[Any, ...]:
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        model.compile("sgd", "mse")
        if train:
            seqmagic.fit(model, X, Y).wait()
        return random.random(), keras.random.normal((2,)).numpy().tolist(), layers.Dense(1).kernel_initializer.seed

    assert after(train=True) == after(train=False)
