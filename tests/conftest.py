"""What all tests share: real data, a small network, and no notes of TensorFlow between the dots."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

DIGITS = """
input 8x8x1
conv 16 3x3 relu same -> maxpool 2
conv 32 3x3 relu
flatten -> dropout 0.3
dense 10 softmax
compile adam(1e-3) sparse_categorical_crossentropy accuracy
"""


@pytest.fixture(scope="session")
def digits_data() -> tuple[Any, Any]:
    """The 1,797 digits of scikit-learn, as 8x8x1 pictures from 0 to 1, and their labels."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    return (pictures / 16).reshape(-1, 8, 8, 1), labels


@pytest.fixture
def digits_model() -> Any:
    """A fresh small network for the digits."""
    from seqmagic import build

    return build(DIGITS)
