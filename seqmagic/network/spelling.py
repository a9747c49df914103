"""Spelling: a line of layers with several misspelled words, or without the arrows between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqmagic.errors import nearest
from seqmagic.network.catalogue import ACTIVATIONS, LAYERS, RANK_LESS, REGISTRIES, normalize

WORD = re.compile(r"(?P<first>(?:^|->)[ \t]*)?(?P<word>(?<![\w.{])[A-Za-z_]{3,}\w*)(?![\w.]|[ \t]*[=:])")
OF_LINES = ("input", "compile", "fit", "seed", "expect", "block", "same", "valid", "true", "false", "none")


def spell_words(line: str, least: int = 2) -> Iterator[str]:
    """The line with all of its unknown words replaced by the ones spelled most alike; nothing if there are fewer than `least`.

    >>> list(spell_words("dens 10 softmx")), list(spell_words("dens 10 softmax"))
    (['dense 10 softmax'], [])
    """
    unknown = [match for match in WORD.finditer(line.partition("#")[0]) if not _is_known(match["word"])]
    if len(unknown) < least or re.match(r"\s*(?:compile|fit|expect)\b", line):
        return
    spelled, end = "", 0
    for match in unknown:
        words = [*LAYERS.words(), *RANK_LESS, "input"] if match["first"] is not None else ACTIVATIONS.words()
        meant = nearest(match["word"], words, 1)
        if not meant:
            return
        spelled += line[end : match.start("word")] + meant[0]
        end = match.end("word")
    yield spelled + line[end:]


def join_layers(line: str) -> str:
    """The line with an arrow before each layer that stands behind another one.

    >>> join_layers("conv 8 3 relu maxpool 2 flatten")
    'conv 8 3 relu -> maxpool 2 -> flatten'
    """
    code, sign, comment = line.partition("#")
    if re.match(r"\s*(?:compile|fit|expect|seed)\b", code):
        return line
    joined = WORD.sub(lambda match: f"-> {match['word']}" if match["first"] is None and _is_layer(match["word"]) else match[0], code)
    return joined + sign + comment


def _is_layer(word: str) -> bool:
    return (normalize(word) in RANK_LESS or LAYERS.find(word) is not None) and ACTIVATIONS.find(word) is None


def _is_known(word: str) -> bool:
    return normalize(word) in (*OF_LINES, *RANK_LESS) or any(registry.find(word) is not None for registry in REGISTRIES)
