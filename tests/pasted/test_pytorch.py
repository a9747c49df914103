"""What is proposed for PyTorch's layers builds, with as many parameters as there, and convolutions compute what its documentation defines."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import PyTorchError

LENET = """net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
    nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))"""
SLIM = """nn.Sequential(
    nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
    nn.Conv2d(8, 16, 3, groups=4), nn.LeakyReLU(0.1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 4))"""


def translated(code: str) -> Any:
    """The model of the proposed network."""
    with pytest.raises(PyTorchError) as caught:
        seqmagic.build(code)
    return seqmagic.build(caught.value.corrections[0])


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))", 785 * 128 + 129 * 10),
        (LENET, 26 * 6 + (25 * 6 + 1) * 16 + 401 * 120 + 121 * 84 + 85 * 10),
        (SLIM, 9 * 3 * 8 + 2 * 8 + (9 * 2 + 1) * 16 + 17 * 4),
    ],
)
def test_the_proposal_has_the_same_parameters(code: str, parameters: int) -> None:
    assert sum(int(np.prod(weight.shape)) for weight in translated(code).trainable_weights) == parameters


@pytest.mark.parametrize(
    ("arguments", "stride", "padding", "dilation"),
    [
        ("3", 1, 0, 1),
        ("3, padding=1", 1, 1, 1),
        ("3, 2, 1", 2, 1, 1),
        ("3, padding=2, dilation=2", 1, 2, 2),
        ("3, padding=2", 1, 2, 1),
        ("4, stride=3, padding=1", 3, 1, 1),
    ],
)
def test_a_convolution_computes_what_the_definition_says(arguments: str, stride: int, padding: int, dilation: int) -> None:
    model = translated(f"input 9x9x2\nnn.Conv2d(2, 3, {arguments}, bias=False)")
    kernel = model.layers[-1].kernel.numpy()
    x = np.random.default_rng(0).random((9, 9, 2), "float32")
    padded = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    reach = dilation * (kernel.shape[0] - 1) + 1
    count = (padded.shape[0] - reach) // stride + 1
    expected = np.zeros((count, count, 3))
    for row, column in product(range(count), repeat=2):
        window = padded[row * stride :, column * stride :][:reach:dilation, :reach:dilation]
        expected[row, column] = np.einsum("ijc,ijco->o", window, kernel)
    np.testing.assert_allclose(model.predict(x[None], verbose=0)[0], expected, rtol=1e-5, atol=1e-5)
