"""The networks of the benchmarks: each as a text, and as the same Keras written by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass

VGG_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


@dataclass(frozen=True)
class Network:
    """A network said twice.

    text: in our language, without a compile line.
    layers: the lines inside `keras.Sequential([...])`, with `L` for `keras.layers`.
    compile_text, compile_code: how it is compiled, in both; empty for a network that is not.
    """

    what: str
    text: str
    layers: tuple[str, ...]
    compile_text: str = ""
    compile_code: str = ""

    def cell(self, *options: str) -> str:
        """The cell that a student writes."""
        return "\n".join([" ".join(["%%sequential net", *options]), self.text, self.compile_text])

    def python_cell(self, last: str = "") -> str:
        """The cell without seqmagic; `last` is its last line."""
        return "\n".join([f"net = {self.code}", self.compile_code, last])

    @property
    def code(self) -> str:
        """The model as a Python expression."""
        return "\n".join(["keras.Sequential([", *(f"    {line}," for line in self.layers), "])"])


CLASSES = "sparse_categorical_crossentropy accuracy"
CLASSES_CODE = 'loss="sparse_categorical_crossentropy", metrics=["accuracy"]'

DIGITS = Network(
    "digits",
    "input 8x8x1\nconv 32 3x3 relu same -> maxpool 2\nconv 64 3x3 relu\nflatten -> dropout 0.3\ndense 10 softmax\n",
    (
        "keras.Input((8, 8, 1))",
        'L.Conv2D(32, 3, padding="same", activation="relu")',
        "L.MaxPooling2D(2)",
        'L.Conv2D(64, 3, activation="relu")',
        "L.Flatten()",
        "L.Dropout(0.3)",
        'L.Dense(10, activation="softmax")',
    ),
    f"compile adam(1e-3) {CLASSES}",
    f"net.compile(optimizer=keras.optimizers.Adam(1e-3), {CLASSES_CODE})",
)

LENET = Network(
    "LeNet",
    "input 28x28x1\nconv 6 5x5 tanh same -> avgpool 2\nconv 16 5x5 tanh -> avgpool 2\nflatten\n"
    "dense 120 tanh\ndense 84 tanh\ndense 10 softmax\n",
    (
        "keras.Input((28, 28, 1))",
        'L.Conv2D(6, 5, padding="same", activation="tanh")',
        "L.AveragePooling2D(2)",
        'L.Conv2D(16, 5, activation="tanh")',
        "L.AveragePooling2D(2)",
        "L.Flatten()",
        'L.Dense(120, activation="tanh")',
        'L.Dense(84, activation="tanh")',
        'L.Dense(10, activation="softmax")',
    ),
    f"compile adam {CLASSES}",
    f'net.compile(optimizer="adam", {CLASSES_CODE})',
)

DEEP_DENSE = Network(
    "50 dense layers",
    "input 784\n" + "dense 256 relu\n" * 50 + "dense 10 softmax\n",
    ("keras.Input((784,))", *['L.Dense(256, activation="relu")'] * 50, 'L.Dense(10, activation="softmax")'),
)


def vgg16(side: int, dense: int = 4096, classes: int = 1000) -> Network:
    """VGG-16 on square pictures with three colours.

    Source: K. Simonyan and A. Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015.
    """
    text, layers = [f"input {side}x{side}x3"], [f"keras.Input(({side}, {side}, 3))"]
    for filters, count in VGG_BLOCKS:
        text += [f"conv {filters} 3x3 relu same"] * count + ["maxpool 2"]
        layers += [f'L.Conv2D({filters}, 3, padding="same", activation="relu")'] * count + ["L.MaxPooling2D(2)"]
    text += ["flatten", *[f"dense {dense} relu"] * 2, f"dense {classes} softmax\n"]
    layers += ["L.Flatten()", *[f'L.Dense({dense}, activation="relu")'] * 2, f'L.Dense({classes}, activation="softmax")']
    compiling = (f"compile adam {CLASSES}", f'net.compile(optimizer="adam", {CLASSES_CODE})')
    return Network(f"VGG-16, {side}x{side}x3", "\n".join(text), tuple(layers), *compiling)


# Lines as they are written, with a number that changes; a text of any length is made of them.
KINDS_OF_LINE = (
    "dense {n} relu",
    "conv {n} 3x3 relu same -> maxpool 2",
    "dropout 0.{n}  # against learning by heart",
    "batchnorm",
    "Dense({n}, activation='relu'),",
    "conv1d {n} 5 strides=2 swish",
    "layer{n}: dense {n}",
    "bidirectional lstm {n}",
    "embedding {n} 64",
    "dense {n} kernel_regularizer=l2(1e-4)",
    "reshape {n}x4",
    "(dense {n} relu -> dropout 0.2) * 2",
)


def many_lines(count: int) -> str:
    """A text of that many lines of all kinds, to be read only: no network has these layers in this order."""
    kinds = len(KINDS_OF_LINE)
    lines = [KINDS_OF_LINE[index % kinds].format(n=1 + index * 7 % 997) for index in range(count - 1)]
    return "\n".join(["input 28x28x1", *lines])


def many_dense(count: int) -> str:
    """A network of that many lines, most of them the only one to say this of what flows into it."""
    kinds = (
        "dense {n} relu",
        "batchnorm",
        "dense {n} tanh",
        "dropout 0.{n}",
        "dense {n}",
        "activation gelu",
        "dense {n} swish use_bias=false",
    )
    chance = random.Random(1)
    return "\n".join(["input 64", *(chance.choice(kinds).format(n=chance.randint(16, 256)) for _ in range(count - 1))])
