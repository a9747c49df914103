"""Lines with several misspelled words, or without what belongs between layers: what is offered builds."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from tests.support.offered_lines import INPUT, offered


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("dens 10 softmx", "dense 10 softmax"),
        ("cnv 10 3 relo -> flaten -> dens 3 softmx", "conv 10 3 relu -> flatten -> dense 3 softmax"),
        ("Dens 10 Sofmax", "dense 10 softmax"),
    ],
)
def test_several_misspelled_words_in_a_line(line: str, fix: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(INPUT + line)
    assert f"Type instead: {fix}\n" in f"{caught.value}\n"
    assert seqmagic.build(INPUT + fix).built


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("flatten dense 10", "flatten -> dense 10"),
        ("conv 8 3 maxpool 2 flatten dense 10 softmax", "conv 8 3 -> maxpool 2 -> flatten -> dense 10 softmax"),
        ("flatten -> dense 10 dropout 0.5", "flatten -> dense 10 -> dropout 0.5"),
        ("flatten -> dense(10) softmax", "flatten -> dense 10 softmax"),
        ("dense(10)softmax", "dense 10 softmax"),
        ("dense = 10", "dense 10"),
        ("dropout = 0.5", "dropout 0.5"),
        ("dense ten, softmax", "dense 10 softmax"),
        ("flatten -> dense 10 -> compile adam mse", "compile adam mse   (as a line below it)"),
        ("flatten -> dense 10 softmax compile adam mse", "compile adam mse   (as a line below it)"),
    ],
)
def test_what_stands_between_layers_is_mended(line: str, fix: str) -> None:
    assert fix in offered(line)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("784-128-10", "input 784 -> dense 128 relu -> dense 10"),
        ("784 -> 128 -> 64 -> 10", "input 784 -> dense 128 relu -> dense 64 relu -> dense 10"),
        ("[784, 128, 10]", "input 784 -> dense 128 relu -> dense 10"),
        ("(4, 3)", "input 4 -> dense 3"),
        ("input 784, dense 128 relu, dense 10 softmax", "input 784 -> dense 128 relu -> dense 10 softmax"),
        ("input 4 -> dense 10 (softmax)", "input 4 -> dense 10 softmax"),
        ("input: 784\nhidden: 128 relu\noutput: 10 softmax", "input 784\ndense 128 relu\ndense 10 softmax"),
    ],
)
def test_a_network_in_another_notation(text: str, network: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(text)
    assert [f"Type instead: {line}" in str(caught.value) for line in network.split("\n")] == [True] * len(network.split("\n"))
    assert seqmagic.build(network).built


def test_a_misplaced_layer_is_called_as_it_was_written() -> None:
    with pytest.raises(SeqmagicError, match="'maxpool' is a layer"):
        seqmagic.build(f"{INPUT}conv 8 3 maxpool 2")
