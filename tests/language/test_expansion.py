"""Repetition, blocks and labels are written out; what can't be is refused at its place, and soon."""

from __future__ import annotations

import pytest

from seqmagic.errors import SeqmagicError
from seqmagic.language import parse, print_layer


def written_out(text: str) -> list[str]:
    return [print_layer(layer) for layer in parse(text).layers]


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("dense 64 relu * 3", ["dense 64 relu"] * 3),
        ("(conv 8 3 -> maxpool 2) * 2 -> flatten", ["conv 8 3", "maxpool 2", "conv 8 3", "maxpool 2", "flatten"]),
        ("((a -> b) * 2 -> c) * 2", ["a", "b", "a", "b", "c"] * 2),
        ("(\n  a 1  # first\n  b 2\n    -> c\n) * 2", ["a 1", "b 2", "c"] * 2),
        ("a\n-> b\n\n  -> c", ["a", "b", "c"]),
        ("stem: conv 8 3\ntail: dense 1", ["stem: conv 8 3", "tail: dense 1"]),
        ("stem: dense 8 * 3", ["stem: dense 8", "stem_2: dense 8", "stem_3: dense 8"]),
        ("block pair(f): conv f 3 -> conv f 1\npair 8\npair(16)", ["conv 8 3", "conv 8 1", "conv 16 3", "conv 16 1"]),
        (
            "block vgg(f, n=2):\n    conv f 3x3 relu same * n\n\n    # then\n    maxpool 2\n\ninput 32x32x3\nvgg 64\nvgg f=128 n=1",
            ["input 32x32x3", "conv 64 3x3 relu same", "conv 64 3x3 relu same", "maxpool 2", "conv 128 3x3 relu same", "maxpool 2"],
        ),
        (
            "block one(u): dense u relu\nblock two(u, v):\n  one u\n  (one v -> dropout 0.5) * 2\ntwo 3 4 * 2",
            ["dense 3 relu", "dense 4 relu", "dropout 0.5", "dense 4 relu", "dropout 0.5"] * 2,
        ),
        ("block of(layer, n): layer 8 * n\nof lstm 2", ["lstm 8", "lstm 8"]),
        ("block end:\n  flatten\n  dense 1\nend", ["flatten", "dense 1"]),
        ("block b(u): dense u\nsequential((b 3) * 2 -> relu)", ["sequential(dense 3 -> dense 3 -> relu)"]),
        ("block b(u): time_distributed(dense u)\nb 3", ["time_distributed(dense 3)"]),
        ("block b(u): dense units=u name=u\nb 3", ["dense units=3 name=3"]),
    ],
)
def test_what_a_text_stands_for(text: str, layers: list[str]) -> None:
    assert written_out(text) == layers


def test_a_parameter_is_a_variable_in_curly_brackets() -> None:
    (first, second) = parse("block wide(f): dense {2 * f}\nwide 8 -> wide 16").expressions()
    assert (first.code, [(name, value.value) for name, value in first.bindings]) == ("2 * f", [("f", 8)])  # type: ignore[union-attr]
    assert second.bindings != first.bindings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dense 3 * 0", "Line 1: The number of repetitions must be a whole number.\n    dense 3 * 0\n              ^\nExpected: a whole number from 1 after *."),
        ("dense 3 * 999999999", "Line 1: Repeating 999,999,999 times makes more layers than can be built.\n    dense 3 * 999999999\n              ^^^^^^^^^\nExpected: at most 20,000 layers."),
        ("((a * 9999) * 9999) * 9999", "Line 1: The network has more than 20,000 layers.\n    ((a * 9999) * 9999) * 9999\n      ^\nExpected: fewer."),
        ("block b(f): dense f\nb", "Line 2: The block 'b' has no value for 'f'.\n    b\n    ^\nExpected: b f."),
        ("block b(f): dense f\nb 3 4", "Line 2: The block 'b' takes 1 values.\n    b 3 4\n        ^\nExpected: b f."),
        ("block b(f): dense f\nb g=3", "Line 2: 'b' has no argument 'g'.\n    b g=3\n      ^^^\nKnown names: f."),
        ("block b(f):\ndense 3", "Line 1: The block 'b' is empty.\n    block b(f):\n    ^^^^^^^^^^^\nExpected: indented layers in the lines below it."),
        ("block b: b\nb", "Line 1: Blocks are nested more than 20 levels deep.\n    block b: b\n             ^\nExpected: fewer."),
        ("block b(f): f 3\nb 8", "Line 1: 'f' stands for a value, and the name of a layer is needed here.\n    block b(f): f 3\n                ^\nExpected: the name of a layer."),
        ("block b: dense 1\nstem: b", "Line 2: 'b' is a block with several layers, and a label names one layer.\n    stem: b\n    ^^^^\nExpected: the label on a layer inside the block."),
        ("block a:\n  block b: dense 1\na", "Line 2: A block can't be defined inside another block.\n      block b: dense 1\n      ^^^^^^^^^^^^^^^^\nExpected: the inner block defined above the outer one."),
        ("block a: dense 1\nblock a: dense 2\na", "Line 2: There is already a block called 'a'.\n    block a: dense 2\n          ^\nExpected: a different name."),
    ],
)  # fmt: skip
def test_what_cannot_be_written_out_is_reported_whole(text: str, message: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        _ = parse(text).layers
    assert str(caught.value) == message
