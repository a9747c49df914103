"""A name in pasted code means what was imported under it: Keras's thing, PyTorch's, or one that only Python knows."""

from __future__ import annotations

import pytest

from seqmagic.errors import PyTorchError
from seqmagic.language import Expression, Word, parse

DECAY = "from keras.regularizers import l2 as weight_decay"


@pytest.mark.parametrize(
    ("imports", "given", "meant"),
    [
        ("from keras.layers import Dense as D", "D(3)", "Dense(3)"),
        ("from tensorflow.keras.layers import Dense as D, Dropout as E", "E(0.5), D(3)", "Dropout(0.5), Dense(3)"),
        ("from keras.layers import Dense as Dropout, Dropout as Dense", "Dropout(3), Dense(0.5)", "Dense(3), Dropout(0.5)"),
        ("import tensorflow as tf\nfrom tf_keras import layers as L", "L.Dense(3)", "layers.Dense(3)"),
        (DECAY, "Dense(3, kernel_regularizer=weight_decay(0.1))", "Dense(3, kernel_regularizer=l2(0.1))"),
        ("from functools import partial as p\nSmall = p(Dense, 3)", "Dense(3)", "Dense(3)"),
    ],
)
def test_another_name_is_keras_s_own(imports: str, given: str, meant: str) -> None:
    found, expected = (parse(f"{head}model = Sequential([Input((4,)), {code}])") for head, code in ((f"{imports}\n", given), ("", meant)))
    assert [(layer.word, layer.arguments) for layer in found.layers] == [(layer.word, layer.arguments) for layer in expected.layers]


def test_messages_point_at_the_name_as_it_is_written() -> None:
    (layer,) = parse("from keras.layers import Dense as Thick\nmodel = Sequential([Thick(3)])").layers
    assert (layer.span.line, layer.span.source[layer.span.column - 1 : layer.span.end - 1]) == (2, "Thick(3)")


@pytest.mark.parametrize("line", ["from my_layers import Dense", "from keras_hub.layers import Dense", "from mine import Thing as Dense"])
def test_a_name_from_elsewhere_is_left_to_python_and_never_keras_s(line: str) -> None:
    layers = parse(f"{line}\nmodel = Sequential([Input((4,)), Dense(4), Dropout(0.1)])").layers
    assert [type(layer.word) for layer in layers] == [Word, Expression, Word]
    assert layers[1].word.code == "Dense(4)"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("from torch.nn import Sequential, Linear, ReLU\nnet = Sequential(Linear(8, 16), ReLU(), Linear(16, 3))", "dense 16 relu\ndense 3"),
        ("import torch.nn as N\nnet = N.Sequential(N.Linear(8, 4), N.ReLU())", "dense 4 relu"),
        ("from torch import nn\nmodel = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))", "dense 4 softmax"),
        ("from torch.nn import *\nmodel = Sequential(Linear(8, 4), Dropout(0.5))", "dense 4\ndropout 0.5"),
    ],
)
def test_names_of_pytorch_are_pytorch_s(code: str, network: str) -> None:
    with pytest.raises(PyTorchError) as caught:
        parse(code)
    assert caught.value.network == f"input 8\n{network}"


@pytest.mark.parametrize(
    "code",
    [
        "from torch.nn import *\nmodel = Sequential(Flatten(), Dropout(0.5))",
        "import torch\nimport torch.nn as nn\nmodel = nn.Sequential(nn.Embedding(9, 4), nn.Flatten())",
        "input 5x3\nnn.LSTM(3, 16)",
        "input 5x3\nnn.GRU(input_size=3, hidden_size=16, batch_first=True)",
    ],
)
def test_pytorch_is_named_even_where_all_of_its_words_are_keras_s(code: str) -> None:
    with pytest.raises(PyTorchError):
        parse(code)
