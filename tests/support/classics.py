"""Well-known networks, and the data that their fit lines name."""

from __future__ import annotations

from typing import Any

import numpy as np

LENET = """input 28x28x1
conv 20 5x5 relu -> maxpool 2
conv 50 5x5 relu -> maxpool 2
flatten -> dense 500 relu
dense 10 softmax

compile adam(1e-3) sparse_categorical_crossentropy accuracy
fit x_train y_train epochs=3 batch_size=64 validation_split=0.1 shuffled
"""
VGG = """block vgg(f, n=2): conv f 3x3 relu same * n -> maxpool 2

block head(units):
  dense units relu
  dropout rate=0.5

input 32x32x3
vgg 64
vgg f=128 n=3
flatten
(head 256) * 2
out: dense 10 softmax
compile sgd(learning_rate=cosine_decay(0.01, 1000), momentum=0.9) categorical_crossentropy metrics=accuracy,auc
"""
STACKED = """input 10x2 batch=4
lstm 64 stateful return_sequences
bidirectional gru 32 dropout=0.2
dense 1
compile rmsprop mse mae
fit x_train y_train epochs=5 callbacks=early_stopping(patience=2, restore_best_weights=true)
"""
TEXTS = """input 100
embedding 20000 128 mask_zero
conv 64 5 relu causal -> gap
layernorm -> spectral_normalization dense 32 gelu
dense 1 sigmoid kernel_regularizer=l2(0.01) kernel_initializer=he_normal
compile optimizer=adamw(weight_decay=0.004) loss=binary_crossentropy metrics=[auc(curve=PR), precision]
seed 42
"""
PASTED = """model = Sequential([
    Input((28, 28, 1)),
    Conv2D(32, (3, 3), activation='relu', padding="same"),
    MaxPooling2D(pool_size=(2, 2)),
    Flatten(),
    Dense(10, activation="softmax", kernel_initializer='he_uniform'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
"""
CLASSICS = {"lenet": LENET, "vgg": VGG, "stacked": STACKED, "texts": TEXTS, "pasted": PASTED}


def data() -> dict[str, Any]:
    """The variables of a notebook that trains them."""
    return {
        "x_train": np.zeros((20, 28, 28, 1), "float32"),
        "y_train": np.zeros(20, "int64"),
        "x_test": np.zeros((8, 28, 28, 1), "float32"),
        "y_test": np.zeros(8, "int64"),
        "width": 24,
        "notes": ["a", "b"],
    }


def long_text(lines: int = 300) -> str:
    """A network of this many lines, all of them different."""
    body = [f"conv {8 + number % 24} 3x3 relu same" if number % 2 else "batchnorm" for number in range(lines - 5)]
    last = ["gap", "dense 10 softmax", "compile adam sparse_categorical_crossentropy accuracy", "fit x_train y_train epochs=3"]
    return "\n".join(["input 28x28x1", *body, *last, ""])
