"""A program prints as text that reads as the same program."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse, print_program

TEXTS = [
    "input 28x28x1\nconv 16 3x3 relu same\ndense 10 softmax\n",
    "(conv 8 3 -> maxpool 2) * 2\n((a -> b) * 2 -> c)\n(a)\n",
    "block vgg(f, n=2):\n  conv f 3x3 * n\n  maxpool 2\n\nvgg 64 n=3\n",
    "stem: conv 8 (3, 5) axis=[1, 2] name='my layer'\n",
    "bidirectional(lstm 32 return_sequences, merge_mode=sum)\n",
    "sequential((dense 3 -> a: dense (3, 3)) * 2 -> conv((3, 3)) -> dense((3,)))\n",
    "rnn [gru_cell 3, gru_cell(4), x] return_sequences\n",
    "dense {2 * width} relu x={{1: 2}}\n{base} trainable=false\n",
    "rnn [a -> {own} 3 units=4]\nbidirectional(lstm 3 -> {own} trainable=true)\n",
    "string_lookup ['it\\'s', 'a\\\\b', 'two\\nlines', '\"'] a=none b=true c=-0.5 d=1e-07 e=?x3\n",
    "dense 1\n\ncompile adam(0.001) mse metrics=accuracy,mean_pred\nfit x y validation_data=a,b callbacks=[early_stopping(patience=3)]\nseed 42\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_its_plainest_form_prints_as_itself(text: str) -> None:
    assert print_program(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Dense(32, activation='relu')", "Dense 32 activation='relu'\n"),
        ("model = Sequential([Dense(3), Dense(4)])", "Dense 3\nDense 4\n"),
        ("layer([a->b(7, c=4), d(5)])", "layer [a -> b(7, c=4), d(5)]\n"),
        ("bidirectional gru(2, a b c(2) m=e)", "bidirectional gru(2, a b c(2) m=e)\n"),
        ("a->b  # then\n\n  -> c", "a\nb\nc\n"),
        ("model.add(Dense(3))\nmodel.compile('adam', loss='mse')", "Dense 3\n\ncompile 'adam' loss='mse'\n"),
        (
            "(" + " -> ".join(["dense 1000 kernel_initializer=he_normal"] * 3) + ") * 2",
            "(\n" + "  dense 1000 kernel_initializer=he_normal\n" * 3 + ") * 2\n",
        ),
    ],
)
def test_every_other_spelling_prints_plainly_and_means_the_same(written: str, printed: str) -> None:
    program = parse(written)
    assert print_program(program) == printed
    assert parse(printed) == program


@pytest.mark.parametrize("word", ["compile", "fit", "seed", "expect"])
@pytest.mark.parametrize(
    "text",
    [
        "block a: dense 3 -> {line}",
        "block a: {line} -> dense 3",
        "block a: (dense 3 -> {line}) * 2",
        "block a:\n  dense 3 -> {line}\n  dense 4",
        "block a:\n  ({line} -> dense 3) * 2",
        "input 4 -> {line}",
        "input 4\n(dense 3 -> {line}) * 2",
    ],
)
def test_a_last_line_is_no_layer(text: str, word: str) -> None:
    """Printed by itself it would be the last line that it is called like."""
    for line in (word, f"{word} 3", f"{word}(x)"):
        with pytest.raises(LanguageError, match=f"'{word}' is not a layer"):
            parse(text.format(line=line))
