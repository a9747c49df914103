"""Broken cells: working networks with two or three typing mistakes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

WORKING = [
    "input 6\ndense 8 relu\ndropout 0.3\ndense 3 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy\nfit x_train y_train epochs=1",
    "input 8x8x1\nconv 4 3x3 relu same -> maxpool 2\nflatten -> dropout 0.3\ndense 3 softmax\n"
    "compile adam sparse_categorical_crossentropy accuracy\nfit images y_train epochs=1 batch_size=20",
    "input 5x4\nlstm 4 return_sequences\nlstm 3\ndense 1 sigmoid\ncompile rmsprop binary_crossentropy accuracy",
    "input 10\nembedding 50 4\nglobalavgpool\ndense 8 relu kernel_regularizer=l2(0.01)\ndense 1\ncompile sgd(0.1, momentum=0.9) mse mae",
    "input 20\n\n# hidden layers\ndense 8 relu -> dropout 0.5\nbatchnorm\ndense 4 tanh use_bias=false\ndense 1 sigmoid\n"
    "compile adam binary_crossentropy auc",
    "model = Sequential()\nmodel.add(Dense(8, activation='relu', input_shape=(6,)))\nmodel.add(Dropout(0.3))\n"
    "model.add(Dense(3, activation='softmax'))\nmodel.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])\n"
    "model.fit(x_train, y_train, epochs=1)",
    "Conv2D(4, (3, 3), activation='relu', input_shape=(8, 8, 1)),\nMaxPooling2D((2, 2)),\nFlatten(),\nDense(3, activation='softmax')",
    "input 12x3\nconv 4 3 relu\nconv 4 3 relu\ngap\ndense 2 softmax\ncompile adam(1e-3) categorical_crossentropy accuracy",
    "input 6\nhead: dense width relu\ndense {2 * width} relu * 2\ndense 1\ncompile adam mse\nfit x_train amounts epochs=1 validation_split=0.2",
]
Slip = Callable[[str, random.Random], str]


def _swap(line: str, chance: random.Random) -> str:
    """Swap two letters of a word."""
    words = list(re.finditer(r"[A-Za-z_]{4,}", line))
    if not words:
        return line
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    return line[:at] + line[at + 1] + line[at] + line[at + 2 :]


def _drop(line: str, chance: random.Random) -> str:
    """Leave out a character."""
    places = [match.start() for match in re.finditer(r"[()'=,>\[\]]|(?<=[a-z])[a-z](?=[a-z])", line)]
    at = chance.choice(places) if places else 0
    return line[:at] + line[at + 1 :] if places else line


def _double(line: str, chance: random.Random) -> str:
    """Repeat a character."""
    places = [match.start() for match in re.finditer(r"[()',x]", line)]
    at = chance.choice(places) if places else 0
    return line[:at] + line[at] + line[at:] if places else line


def _written(pattern: str, written: str) -> Slip:
    def slip(line: str, chance: random.Random) -> str:
        return re.sub(pattern, written, line, count=1)

    return slip


SLIPS: list[Slip] = [
    _swap,
    _swap,
    _drop,
    _double,
    *(
        _written(pattern, written)
        for pattern, written in [
            (r"^(input) ", r"\1: "),
            (r"^(input) ", r"\1="),
            (r"(\d)x(\d)", r"\1X\2"),
            (r"(\d)x(\d)", r"\1 x \2"),
            (r"(\d)x(\d)", r"\1,\2"),
            (r" -> ", " => "),
            (r" -> ", "; "),
            (r" -> ", " > "),
            (r"$", " ->"),
            (r"0\.(\d)", r"0,\1"),
            (r"0\.(\d)\b", r"\g<1>0%"),
            (r"0\.(\d)\b", r"\g<1>0"),
            (r"dense (\d+)", r"\1 dense"),
            (r"dense (\d+)", r"dense units \1"),
            (r"dense (\d+)", r"dense \1.0"),
            (r"dense (\d+)", r'dense "\1"'),
            (r"dense (\d+)", r"dense -\1"),
            (r"dense (\d+) (\w+)", r"\2 \1"),
            (r"dense (\d+)", r"fully connected \1"),
            (r"conv (\d+) (\S+)", r"conv \2 \1"),
            (r"conv (\d+) (\S+)", r"conv \1"),
            (r"embedding (\d+) \d+", r"embedding \1"),
            (r"maxpool", "max pooling"),
            (r"flatten", "flaten 3"),
            (r"^flatten -> ", ""),
            (r" return_sequences", ""),
            (r"relu", "activation relu"),
            (r"relu", "rleu"),
            (r"(\w+)\((\d[\d.e-]*)\)", r"\1 \2"),
            (r"^compile (\w+)\S* (\w+)", r"compile \2 \1"),
            (r"^compile (\w+) (\w+)", r"compile \1, \2"),
            (r"^compile (\w+) (\w+)", r"compile(\1, \2)"),
            (r"^compile adam(\S*) ", "compile adam lr=0.1 "),
            (r"\w+_crossentropy", "crossentropy"),
            (r"\w+_crossentropy", "binary_crossentropy"),
            (r"softmax", "sigmoid"),
            (r" softmax$", ""),
            (r"accuracy", "acuracy"),
            (r"x_train", "x_trian"),
            (r"y_train", "y_trainn"),
            (r"x_train", "x_train[:, :6]"),
            (r"epochs", "epoch"),
            (r"epochs=(\d)", r"epochs \1"),
            (r"epochs=(\d)", r"epochs=\1.5"),
            (r"epochs=1", "epochs=1 lr=0.1"),
            (r"^fit (.*)", r"%fit net \1"),
            (r"^fit (\S+) (\S+)", r"fit(\1, \2)"),
            (r"'", "’"),
            (r"\(", "（"),
            (r"\)(,?)$", r"\1"),
            (r"activation='", "activation="),
            (r"input_shape", "inputshape"),
            (r"^(dense .*)", r"\1 // the end"),
            (r"^(dense .*)", r"\1 x 2"),
            (r"use_bias=false", "use_bias=0"),
            (r"l2\(0.01\)", "0.01"),
        ]
    ),
]


@dataclass(frozen=True)
class BrokenCell:
    """A cell with mistakes.

    lines: with the mistakes.
    right: the same lines without them.
    """

    lines: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def slips(self) -> list[int]:
        """The indices of the lines that differ."""
        return [index for index, line in enumerate(self.lines) if line != self.right[index]]


def break_cell(number: int) -> BrokenCell:
    """The broken cell of a number, always the same one."""
    chance = random.Random(number)  # Not used for cryptography.
    right = chance.choice(WORKING).split("\n")
    lines = list(right)
    wanted = chance.choice([2, 2, 3])
    while sum(line != other for line, other in zip(lines, right, strict=True)) < wanted:
        at = chance.randrange(len(lines))
        if lines[at] == right[at]:
            lines[at] = chance.choice(SLIPS)(lines[at], chance)
    return BrokenCell(tuple(lines), tuple(right))
