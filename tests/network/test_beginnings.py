"""A word that is only the beginning of layers' words: the error names all of these."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError, UnknownNameError
from seqmagic.errors.unknown_name import begun_by
from seqmagic.language import parse
from seqmagic.network.catalogue import LAYERS, RANK_LESS, normalize
from seqmagic.network.layers import find_layer

WORDS = sorted({*LAYERS.words(), *RANK_LESS})


def test_every_beginning_of_three_letters_or_more_is_told_from_what_it_begins() -> None:
    known = {normalize(word) for word in WORDS}
    beginnings = {normalize(word)[:end] for word in WORDS for end in range(3, len(normalize(word)))} - known
    assert len(beginnings) > 500
    for beginning in beginnings:
        assert {*begun_by(beginning, WORDS)} == {word for word in WORDS if normalize(word).startswith(beginning)}
    told, tried = 0, sorted(beginnings)[::8]
    for beginning in tried:
        (layer,) = parse(beginning).layers
        try:
            find_layer(layer, {})
        except UnknownNameError as error:
            if error.hint or (len(error.known) == 1 and error.candidates == error.known):
                continue  # A word that belongs elsewhere, or that other libraries have for a layer of another name.
            begun = {word for word in WORDS if normalize(word).startswith(beginning)}
            assert begun <= {*error.candidates}, beginning
            assert all(word in str(error) for word in begun)
            told += 1
        except SeqmagicError:
            continue  # Such as `input`, which is a statement.
    assert told > 0.9 * len(tried)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("input 8\nbat\ndense 3", "batchnorm"),
        ("input 8x8x1\nmaxp 2\nflatten", "maxpool 2"),
        ("input 8\ndrop 0.3\ndense 3", "dropout 0.3"),
        ("input 8\ndense 4 kernel_init=zeros", "dense 4 kernel_initializer=zeros"),
    ],
)
def test_the_fix_of_a_beginning_builds(text: str, fix: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(text)
    assert fix in caught.value.fixes
    lines = text.split("\n")
    seqmagic.build("\n".join([lines[0], fix, *lines[2:]]))
