"""Spelling: a line of layers with more than one misspelled word."""

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


def _is_known(word: str) -> bool:
    return normalize(word) in (*OF_LINES, *RANK_LESS) or any(registry.find(word) is not None for registry in REGISTRIES)
