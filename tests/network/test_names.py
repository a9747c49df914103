"""A network, its layers and its blocks may be called whatever Python allows: built, trained, told and made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.language.identifiers import normalized
from seqmagic.network.builder import Draft
from seqmagic.network.graph_names import is_graph_name
from seqmagic.recipes.recipe import make_recipe

NAMES = [
    ["网络", "größe", "αβγ", "_net"],
    ["模型", "ñandú", "_", "__x__"],
    ["ชั้น", "नेट", "сеть", "モデル"],
    ["compile", "fit", "input", "block"],
    ["n" * 200, "Größe2", "é" * 100, "seed"],
    ["ﬁn", "gro\u0308ße", "relu", "x1"],  # Python takes the first for fin, and the second for größe.
]
X = np.random.default_rng(0).normal(size=(12, 6)).astype("float32")
Y = np.arange(12) % 3
LAST = "dense 3 softmax\ncompile sgd(0.1) sparse_categorical_crossentropy accuracy"


def text_with(labels: list[str]) -> str:
    lines = "\n".join(f"{label}: dense {size} relu" for size, label in enumerate(labels, 3))
    return (
        f"seed 3\nblock {'b' + labels[0]}({'v' + labels[1]}): dense {'v' + labels[1]} tanh\ninput 6\n{lines}\n{'b' + labels[0]} 4\n{LAST}"
    )


def built(text: str, name: str) -> keras.Sequential:
    return make_recipe(parse(text), {}, name).model


@pytest.mark.parametrize("labels", NAMES, ids=lambda labels: ascii(labels[0])[:12])
def test_any_name_is_trained_and_described_and_comes_back(labels: list[str], tmp_path: Path) -> None:
    name = normalized(labels[0])
    model = built(text_with(labels), name)
    assert [layer.name for layer in model.layers[:4]] == list(map(normalized, labels))
    again = seqmagic.build(seqmagic.to_text(model))
    assert [layer.name for layer in again.layers[:4]] == list(map(normalized, labels))
    seqmagic.save(model, tmp_path / "net.seq")
    loaded = seqmagic.load(tmp_path / "net.seq")
    assert [layer.name for layer in loaded.layers[:4]] == list(map(normalized, labels))

    made: dict[str, Any] = {}
    exec(seqmagic.to_python(model, seed=3), made)  # noqa: S102  # The code is what is tested.
    plain = made["model"]
    assert all(is_graph_name(layer.name) for layer in (plain, *plain.layers))
    assert len({layer.name for layer in plain.layers}) == len(plain.layers)
    wanted = plain.fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=0).history

    run = seqmagic.fit(model, X, Y, epochs=2, batch_size=4, shuffle=False).wait()
    assert (run.name, run.history) == (name, wanted)
    assert all(map(np.array_equal, model.get_weights(), plain.get_weights()))
    # By hand, as before.
    assert model.evaluate(X, Y, verbose=0) == plain.evaluate(X, Y, verbose=0)
    assert np.array_equal(model.predict(X, verbose=0), plain.predict(X, verbose=0))
    assert model.get_layer(normalized(labels[1])) is model.layers[1]


def test_a_model_that_keras_refuses_for_its_name_trains_in_a_run() -> None:
    inner = keras.Sequential([keras.layers.Dense(4, name="内")], name="_内")
    model = keras.Sequential([keras.Input((6,)), inner, keras.layers.Dense(3, "softmax", name="außen")], name="网")
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert len(seqmagic.fit(model, X, Y, epochs=1).wait().history["loss"]) == 1


class Größe(keras.layers.Layer):  # noqa: PLC2401
    """A layer of one's own whose class has such a name."""

    def call(self, x: Any) -> Any:
        return x * 2


def test_a_class_of_ones_own_may_be_called_so_as_well() -> None:
    model = seqmagic.build(f"input 6\nGröße\nGröße\n{LAST}", {"Größe": Größe})
    made: dict[str, Any] = {"Größe": Größe}
    exec(seqmagic.to_python(model, {"Größe": Größe}), made)  # noqa: S102
    made["model"].fit(X, Y, verbose=0)
    seqmagic.fit(model, X, Y).wait()


@pytest.mark.parametrize("name", ["input", "compile", "fit", "seed", "block"])
def test_a_block_is_not_called_as_lines_begin(name: str) -> None:
    with pytest.raises(LanguageError, match=f"A block can't be called {name!r}") as caught:
        parse(f"block {name}(f): dense f relu\ninput 6\ndense 3")
    assert caught.value.instead == f"block my_{name}"


def test_layers_that_are_added_may_be_called_anything() -> None:
    from seqmagic.recipes.recipe import add_to

    model = seqmagic.build("input 6\ndense 4\ncompile sgd mse")
    add_to(model, parse(f"层: dense 3\n{LAST}"), {})
    assert "层" in [layer.name for layer in model.layers]
    seqmagic.fit(model, X, Y).wait()


def test_words_with_marks_are_looked_up_as_python_does() -> None:
    program = parse("input 6\ndense 3\ncompile sgd mse\nfit gro\u0308ße ชั้น")
    assert [argument.value.text for argument in program.fit.arguments] == ["größe", "ชั้น"]  # type: ignore[union-attr]
    with Draft(parse("input 6 -> dense ﬁn"), {"fin": 4}) as draft:
        assert draft.build().output_shape == (None, 4)
