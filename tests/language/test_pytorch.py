"""PyTorch's layers are recognized, and the same network is written in this language where each layer has an equal."""

from __future__ import annotations

import pytest

from seqmagic.errors import PyTorchError, SeqmagicError
from seqmagic.language import parse
from seqmagic.language.readable import parse_readable

HEAD = "nn.Sequential(\n    nn.Linear(4, 8),\n    "


def translated(code: str) -> str:
    """The proposed network of pasted code, on one line."""
    with pytest.raises(PyTorchError) as caught:
        parse(code)
    return caught.value.network.replace("\n", " -> ")


@pytest.mark.parametrize(
    ("layer", "written"),
    [
        ("nn.Linear(8, 3)", "dense 3"),
        ("nn.Linear(in_features=8, out_features=3, bias=False)", "dense 3 use_bias=false"),
        ("torch.nn.LazyLinear(3)", "dense 3"),
        ("nn.Conv1d(8, 3, 5)", "conv 3 5"),
        ("nn.Conv2d(8, 3, (3, 5))", "conv 3 3x5"),
        ("nn.Conv2d(8, 3, 3, 2)", "conv 3 3 strides=2"),
        ("nn.Conv2d(8, 3, 3, padding=1)", "conv 3 3 same"),
        ("nn.Conv2d(8, 3, 5, padding='same')", "conv 3 5 same"),
        ("nn.Conv2d(8, 3, 3, padding='valid')", "conv 3 3"),
        ("nn.Conv2d(8, 3, 3, 1, 0, 2)", "conv 3 3 dilation_rate=2"),
        ("nn.Conv2d(8, 3, 3, padding=2, dilation=2)", "conv 3 3 same dilation_rate=2"),
        ("nn.Conv2d(8, 8, 3, groups=8)", "conv 8 3 groups=8"),
        # Keras pads the end where PyTorch pads both sides, as soon as the window takes larger steps.
        ("nn.Conv2d(8, 3, 3, stride=2, padding=1)", "zeropad 1 -> conv 3 3 strides=2"),
        ("nn.Conv2d(8, 3, 3, padding=(0, 2))", "zeropad 0x2 -> conv 3 3"),
        ("nn.MaxPool2d(2)", "maxpool 2"),
        ("nn.MaxPool2d(2, 2)", "maxpool 2"),
        ("nn.AvgPool1d(3, stride=1)", "avgpool 3 strides=1"),
        ("nn.AdaptiveAvgPool2d((1, 1))", "gap"),
        ("nn.AdaptiveMaxPool1d(1)", "globalmaxpool"),
        ("nn.BatchNorm1d(8)", "batchnorm momentum=0.9 epsilon=1e-05"),
        ("nn.BatchNorm2d(8, eps=0.001, momentum=0.01)", "batchnorm momentum=0.99 epsilon=0.001"),
        ("nn.LayerNorm(8)", "layernorm epsilon=1e-05"),
        ("nn.Dropout()", "dropout 0.5"),
        ("nn.Dropout2d(0.2)", "spatialdropout2d 0.2"),
        ("nn.Flatten()", "flatten"),
        ("nn.ZeroPad2d(1)", "zeropad 1"),
        ("nn.Embedding(100, 16)", "embedding 100 16"),
        ("nn.LeakyReLU()", "leakyrelu negative_slope=0.01"),
        ("nn.LeakyReLU(0.2, inplace=True)", "leakyrelu negative_slope=0.2"),
    ],
)
def test_a_layer_and_its_equal(layer: str, written: str) -> None:
    assert translated(f"{HEAD}{layer},\n)") == f"input 4 -> dense 8 -> {written}"


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        ("nn.ReLU(inplace=True)", "relu"),
        ("nn.GELU()", "gelu"),
        ("nn.Sigmoid()", "sigmoid"),
        ("nn.Softmax(dim=-1)", "softmax"),
        ("nn.LogSoftmax(dim=1)", "log_softmax"),
    ],
)
def test_an_activation_is_part_of_the_layer_before_it(layer: str, word: str) -> None:
    assert translated(f"{HEAD}{layer},\n)") == f"input 4 -> dense 8 {word}"
    assert translated(f"{HEAD}nn.Dropout(0.1), {layer},\n)") == f"input 4 -> dense 8 -> dropout 0.1 -> activation {word}"


@pytest.mark.parametrize(
    "layer",
    [
        "nn.LSTM(8, 4)",
        "nn.Linear(width, 8)",
        "nn.Linear(8)",
        "nn.Linear(8, 4, device='cpu')",
        "nn.MaxPool2d(3, 2, padding=1)",
        "nn.MaxPool2d(2, ceil_mode=True)",
        "nn.AdaptiveAvgPool2d(7)",
        "nn.Flatten(0)",
        "nn.Softmax(dim=0)",
        "nn.Conv2d(8, 3, (3, 3, 3))",
        "nn.LayerNorm((8, 8))",
        "nn.Bilinear(1, 2, 3)",
        "Residual(8)",
    ],
)
def test_no_network_is_proposed_with_a_layer_that_has_no_equal(layer: str) -> None:
    assert translated(f"{HEAD}{layer},\n)") == ""


@pytest.mark.parametrize(
    ("layers", "input_line"),
    [
        ("nn.Linear(784, 10)", "input 784"),
        ("nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 10)", "input 32x32x1"),
        ("nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(2048, 10)", "input 31x31x3"),
        ("nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)", "input ?x?x3"),
        ("nn.Conv1d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(392, 1)", "input 100x2"),
        ("nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)", "input ?x?x3"),
    ],
)
def test_the_input_is_the_one_that_gives_the_first_linear_its_features(layers: str, input_line: str) -> None:
    assert translated(f"nn.Sequential({layers})").partition(" -> ")[0] == input_line


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("input 9\nnn.Linear(9, 2)", "input 9 -> dense 2"),
        ("import torch\nfrom torch import nn\n\nnet = nn.Sequential(nn.Linear(9, 2))", "input 9 -> dense 2"),
        ("net = nn.Sequential(OrderedDict([('one', nn.Linear(9, 2)), ('two', nn.Tanh())]))", "input 9 -> dense 2 tanh"),
        (
            "net = nn.Sequential(nn.Sequential(nn.Linear(9, 2), nn.Tanh()), nn.Identity(), nn.Linear(2, 1))",
            "input 9 -> dense 2 tanh -> dense 1",
        ),
        ("nn.Linear(9, 2)\ncompile adam mse", "input 9 -> dense 2 -> compile adam mse"),
        ("class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(9, 2)", ""),
    ],
)
def test_ways_to_write_it(code: str, network: str) -> None:
    assert translated(code) == network
    _, (error,) = parse_readable(code)
    assert isinstance(error, PyTorchError)
    assert error.network.replace("\n", " -> ") == network


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("nn.Softmax(dim=1)", "activation softmax"),
        ("torch.nn.ReLU(inplace=True)", "activation relu"),
        ("Softmax(dim=-1)", "activation softmax"),
        ("nn.Dropout(p=0.2)", "dropout 0.2"),
        ("nn.BatchNorm2d(8)", "batchnorm momentum=0.9 epsilon=1e-05"),
        ("nn.Flatten(start_dim=1)\nnn.Linear(12, 3)", "flatten -> dense 3"),
        ("nn.Flatten(), nn.Linear(784, 10)", "flatten -> dense 10"),
        ("Linear(4, 8)", "input 4 -> dense 8"),
        ("Linear(4, 8)\nReLU()\nDropout(0.5)\nLinear(8, 3)", "input 4 -> dense 8 relu -> dropout 0.5 -> dense 3"),
        # Keras reads these three numbers as filters, kernel size and strides.
        ("Conv2d(3, 16, 5)", "input ?x?x3 -> conv 16 5"),
        ("Conv2d(3, 16, kernel_size=5)", "input ?x?x3 -> conv 16 5"),
        ("input 4\ndense 8\nnn.Softmax(dim=1)", "input 4 -> dense 8 softmax"),
        ("input 4\ndense 8 relu\nnn.Softmax(dim=1)", "input 4 -> dense 8 relu -> activation softmax"),
        ("input 4 -> dense 8 -> nn.Linear(8, 3)", "input 4 -> dense 8 -> dense 3"),
        # No layer of Keras takes these values in this order.
        ("nn.GroupNorm(4, 16)", ""),
        ("nn.Upsample(scale_factor=2)", ""),
        ("input 8x8x3\nnn.ConvTranspose2d(3, 8, 2)", ""),
        ("nn.TransformerEncoderLayer(512, 8)", ""),
        ("nn.LSTMCell(8, 4)", ""),
    ],
)
def test_fragments_without_import_and_class(code: str, network: str) -> None:
    assert translated(code) == network


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("self.fc1 = nn.Linear(4, 8)\nself.fc2 = nn.Linear(8, 3)", 1),
        ("x = F.relu(self.fc1(x))\nreturn self.fc2(x)", 1),
        ("F.relu(x)", 1),
        ("x = self.pool(x)\nx = torch.flatten(x, 1)", 2),
        ("def forward(self, x):\n    return self.layers(x)", 1),
        ("criterion = nn.CrossEntropyLoss()\noptimizer = optim.Adam(model.parameters(), lr=0.001)", 1),
        ("model = model.to(device)", 1),
        ("optimizer.zero_grad()\nloss.backward()\noptimizer.step()", 1),
        ("input 4\ndense 3)\nF.relu(x)", 3),
    ],
)
def test_code_around_the_layers(code: str, line: int) -> None:
    with pytest.raises(PyTorchError, match="This is PyTorch") as caught:
        parse(code)
    assert "nn.Linear(128, 10)" in caught.value.expected
    _, (error,) = parse_readable(code)
    assert isinstance(error, PyTorchError)


@pytest.mark.parametrize(
    ("loss", "word"),
    [("CrossEntropyLoss()", "sparse_categorical_crossentropy"), ("MSELoss()", "mse"), ("BCELoss()", "binary_crossentropy")],
)
def test_a_loss_among_the_layers(loss: str, word: str) -> None:
    with pytest.raises(PyTorchError, match="is a loss") as caught:
        parse(f"nn.Linear(4, 3)\nnn.{loss}" if word == "mse" else f"nn.{loss}")
    assert caught.value.expected.endswith(f"compile adam {word}")


@pytest.mark.parametrize(
    "text",
    [
        "input 8x8x1\nConv2d(32, 3, activation='relu')",
        "input 8\nDropout(p=0.2)",
        "input 8x8x1\nConv2D(3, 5, 2)",
        "input 8x8x1\nconv2d 3 5 2",
        "input 8\nLinear(3, activation='relu')",
        "x = tf.nn.relu(self.fc1(x))",
        "input 8\nDense(3, activation=tf.nn.relu)",
        "input 8x8x1\nConv2d(3, 2)",
        "input 8\nnn.Dense(3)",
        "input 8\nnn.Dropout(0.5)",
        "input 8\nLinear(3)",
        "input 8\nlayers.ReLU()",
    ],
)
def test_what_is_not_pytorch(text: str) -> None:
    try:
        parse(text)
    except SeqmagicError as error:
        assert not isinstance(error, PyTorchError)
