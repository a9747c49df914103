"""Texts that describe a network in another way are recognized; what Markdown adds to code and lists is no part of it."""

from __future__ import annotations

import json

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.language.readable import parse_readable

OLD_SUMMARY = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 dense (Dense)               (None, 10)                54090
================================================================="""
SUMMARY = """┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ Layer (type)         ┃ Output Shape   ┃   Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│ conv2d (Conv2D)      │ (None, 26, 26) │        30 │"""
CONFIGURATION = json.dumps({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": 3}}]}})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (OLD_SUMMARY, 3, "model.summary()"),
        (SUMMARY, 2, "model.summary()"),
        ("model <- keras_model_sequential() %>%\n  layer_dense(units = 10)", 1, "R"),
        ("model <- keras_model_sequential()\nmodel |>\n  layer_dense(10)", 1, "R"),
        ("model %>% layer_dense(10)", 1, "R"),
        ("model = keras_model_sequential()\nmodel$add(layer_dense(units = 8))", 1, "R"),
        ("layers = [\n    featureInputLayer(8)\n    fullyConnectedLayer(10)\n    softmaxLayer];", 2, "MATLAB"),
        ("options = trainingOptions('adam', ...\n    'MaxEpochs', 10);", 1, "MATLAB"),
        ("model = Chain(Dense(8 => 16, relu), Dense(16 => 3), softmax)", 1, "Julia"),
        ("const model = tf.sequential();\nmodel.add(tf.layers.dense({units: 32, inputShape: [8]}));", 1, "JavaScript"),
        (".layer(new DenseLayer.Builder().nIn(784).nOut(250).build())", 1, "Java"),
        ("class MLP(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    return nn.Dense(64)(x)", 2, "Flax"),
        ("import flax.linen as nn\nmodel = nn.Sequential([nn.Dense(8), nn.relu, nn.Dense(1)])", 1, "Flax"),
        ("from flax import nnx\nclass M(nnx.Module):\n  def __init__(self, rngs):\n    self.a = nnx.Linear(2, 3, rngs=rngs)", 1, "Flax"),
        ("hk.Sequential([hk.Linear(300), jax.nn.relu, hk.Linear(10)])", 1, "Haiku"),
        ("MLPClassifier(hidden_layer_sizes=(64, 32), activation='logistic')", 1, "scikit-learn"),
        ("clf = MLPRegressor((50,))\nclf.fit(X, y)", 1, "scikit-learn"),
        ("Sequential(\n  (0): Linear(in_features=8, out_features=16, bias=True)\n  (1): ReLU()\n)", 2, "PyTorch"),
        ("class_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense", 1, "configuration"),
        ("{'name': 'sequential', 'layers': [{'class_name': 'Dense', 'config': {'units': 3}}]}", 1, "configuration"),
        (CONFIGURATION, 1, "configuration"),
        (json.dumps(json.loads(CONFIGURATION), indent=2), 1, "configuration"),
    ],
)
def test_another_description_of_a_network(text: str, line: int, words: str) -> None:
    with pytest.raises(LanguageError, match=words) as caught:
        parse(text)
    assert caught.value.span is not None
    assert caught.value.span.line == line
    _, (error,) = parse_readable(text)
    assert str(error) == str(caught.value)


@pytest.mark.parametrize("fence", ["```", "```python", "  ```py"])
def test_fences_are_no_part_of_the_code(fence: str) -> None:
    code = "model = Sequential()\nmodel.add(Dense(3, input_dim=4))"
    program = parse(f"{fence}\n{code}\n```\n")
    assert [layer.text for layer in program.layers] == [layer.text for layer in parse(code).layers]
    assert program.layers[0].span.line == 3
    assert [layer.text for layer in parse(f"{fence}\ninput 4\ndense 3\n```").layers] == ["input 4", "dense 3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("dense {f({'a': {'b': {'c': {'d': 1}}}})}", "too many curly brackets inside"), ("dense {width", "opened but not closed")],
)
def test_a_curly_bracket_that_can_not_be_read(text: str, words: str) -> None:
    with pytest.raises(LanguageError, match=words):
        parse(text)


@pytest.mark.parametrize(
    "marks", [("- ", "- ", "- "), ("* ", "  * ", "* "), ("1. ", "2. ", "3. "), ("1) ", "2) ", "10) "), ("• ", "• ", "• ")]
)
def test_the_marks_of_a_list_are_no_part_of_the_layers(marks: tuple[str, str, str]) -> None:
    lines = ["input 4", "dense 3 relu", "dense 2"]
    program = parse("\n\n".join(mark + line for mark, line in zip(marks, lines, strict=True)))
    assert [layer.text for layer in program.layers] == lines
    assert program.layers[1].span.column == len(marks[1]) + 1


@pytest.mark.parametrize("text", ["- input 4\ndense 3", "input 4\n* dense 3", "1. input 4\ndense 3"])
def test_a_mark_in_front_of_some_lines_only_is_refused(text: str) -> None:
    with pytest.raises(LanguageError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "input 4\nlayer_normalization(epsilon=0.001)",
        "# model %>% layer_dense(3), or x |> f() in R\ninput 4\ndense 3  # |>",
        "# like MLPClassifier(hidden_layer_sizes=(3,)), hk.Linear(3), or flax\ninput 4\ndense 3",
        "model = Sequential([Dense(3, input_dim=4, name='MLPClassifier')])",
        '"""\nLayer (type)   Output Shape   Param #\n"""\nmodel = Sequential([Dense(3, input_dim=4)])',
        *("# " + line + "\ninput 4\ndense 3" for line in (OLD_SUMMARY.split("\n")[2], SUMMARY.split("\n")[1])),
    ],
)
def test_a_network_that_only_mentions_such_a_text_is_read(text: str) -> None:
    assert len(parse(text).layers) in (1, 2)
    assert parse_readable(text)[1] == []


def test_an_error_beside_such_a_comment_stays_what_it_is() -> None:
    with pytest.raises(LanguageError, match=r"'\?' is not allowed here") as caught:
        parse("# a |> b\ninput 4\ndense 3 ??")
    assert "R" not in caught.value.problem
