"""A run's model comes back from its text and its weights, in a fresh ledger on a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqmagic import build, fit, keep_runs
from seqmagic.errors import LanguageError, SeqmagicError, UnknownNameError
from seqmagic.ledger.current import name_ledger
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.ledger.tables import Checkpoint
from seqmagic.recipes.reload import model_of

SMALL = "dense 8 relu -> dense 3 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"


@pytest.fixture(autouse=True)
def nowhere() -> Iterator[None]:
    yield
    name_ledger(None)


def kept(model: Any, x: Any, y: Any, folder: Path) -> tuple[RunEntry, Checkpoint]:
    """Train a model a little, with a run that is kept, and read that again as another kernel would."""
    keep_runs(folder / "runs.sqlite")
    fit(model, x, y, epochs=2).wait()
    again = Ledger(folder / "runs.sqlite")
    entry, checkpoint = again.entries()[-1], again.load_checkpoint(1, "last")
    assert checkpoint is not None
    return entry, checkpoint


def test_a_model_comes_back_with_its_weights_and_compiled(digits_model: Any, digits_data: tuple[Any, Any], tmp_path: Path) -> None:
    x, y = digits_data[0][:200], digits_data[1][:200]
    entry, checkpoint = kept(digits_model, x, y, tmp_path)
    model = model_of(entry, checkpoint, name="again")
    assert model.name == "again"
    np.testing.assert_array_equal(model.predict(x, verbose=0), digits_model.predict(x, verbose=0))
    assert model.evaluate(x, y, verbose=0) == pytest.approx(digits_model.evaluate(x, y, verbose=0))
    assert int(model.optimizer.iterations) == int(digits_model.optimizer.iterations), "it can be trained on where it was"
    fresh = model_of(entry, None)
    assert fresh.name == digits_model.name
    assert not np.array_equal(fresh.get_weights()[0], model.get_weights()[0])


def test_a_network_without_input_takes_it_from_the_data(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).random((30, 4)), np.arange(30) % 3
    model = build(SMALL)
    entry, checkpoint = kept(model, x, y, tmp_path)
    assert entry.text.startswith("dense 8 relu"), "the text tells it as it was before it was built"
    np.testing.assert_array_equal(model_of(entry, checkpoint).predict(x, verbose=0), model.predict(x, verbose=0))


class Double(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return 2 * x


def test_layers_of_the_notebook_are_needed_again(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).random((30, 4)), np.arange(30) % 3
    model = build(f"input 4 -> Double -> {SMALL}", {"Double": Double})
    entry, checkpoint = kept(model, x, y, tmp_path)
    np.testing.assert_array_equal(model_of(entry, checkpoint, {"Double": Double}).predict(x, verbose=0), model.predict(x, verbose=0))
    with pytest.raises(UnknownNameError, match="There is no layer called 'Double'"):
        model_of(entry, checkpoint)


def test_what_can_not_be_built_is_refused_in_words(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).random((30, 4)), np.random.default_rng(0).random((30, 2))
    nameless = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation=lambda value: value * 2)])
    shape = keras.Input((4,))
    for index, (model, problem) in enumerate(
        [
            (nameless, r"The text of run 1 contains \{...\} \(layer 1, Dense: a Python function without a name"),
            (keras.Model(shape, keras.layers.Dense(2)(shape)), "Run 1 has no text, because its model was not a keras.Sequential."),
        ]
    ):
        model.compile("adam", "mse")
        folder = tmp_path / str(index)
        folder.mkdir()
        with pytest.raises(LanguageError, match=problem):
            model_of(*kept(model, x, y, folder))


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).random((30, 4)), np.arange(30) % 3
    entry, _ = kept(build(f"input 4\n{SMALL}"), x, y, tmp_path)
    facts = {"parts": [1, 0], "moment": [0, 0]}
    with pytest.raises(SeqmagicError, match="The weights of run 1 don't fit"):
        model_of(entry, Checkpoint(1, "last", 0.0, facts, [np.zeros(3)]))
