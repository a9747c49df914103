"""The error for an unknown word, and the words with the most similar spelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from seqmagic.errors.error import SeqmagicError
from seqmagic.errors.span import Span, printable
from seqmagic.translation import gettext

MOST_NEAR = 3
FEWEST_LETTERS = 3  # Of a word that counts as the beginning of others.


class UnknownNameError(SeqmagicError):
    """An unknown word.

    >>> print(UnknownNameError("layer", "desne", ["dense", "dot", "dropout"]))
    There is no layer called 'desne'.
    Closest matches: dense.

    Attributes:
        kind: of the expected word, such as "layer" or "optimizer".
        name: the word as written.
        known: the valid words.
        owner: that the name was expected to belong to, such as the layer of an argument.
        hint: a sentence for a valid word in the wrong place.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, owner: str = "", hint: str = "", span: Span | None = None) -> None:
        problem = (
            gettext("{owner!r} has no {kind} {name!r}.", owner=owner, kind=gettext(kind), name=name[:60])
            if owner
            else gettext("There is no {kind} called {name!r}.", kind=gettext(kind), name=name[:60])
        )
        super().__init__(problem, span=span)
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        self.hint = hint
        begun = begun_by(name, self.known)
        self.candidates = tuple(dict.fromkeys((*begun, *nearest(name, self.known))))[: max(MOST_NEAR, len(begun))]

    def _more_lines(self) -> list[str]:
        """The nearest names, or all names if there are few."""
        sentence = self.hint or self._known_sentence()
        return [printable(sentence)] if sentence else []

    def in_one_line(self) -> str:
        """The message without the nearest words, for a place that shows them separately."""
        return f"{printable(self.problem)} {printable(self.hint)}".strip()

    def _known_sentence(self) -> str:
        if self.candidates:
            return gettext("Closest matches: {candidates}.", candidates=gettext(", ").join(self.candidates))
        if 0 < len(self.known) <= 12:
            return gettext("Known names: {known}.", known=gettext(", ").join(self.known))
        # Next to a fix, which names a word, this would be wrong.
        return "" if self.fixes else gettext("No known name is spelled like this.")


def begun_by(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known words that begin with a name of three letters or more, the shortest first.

    >>> begun_by("bat", ["batch_normalization", "batchnorm", "bilinear"])
    ('batchnorm', 'batch_normalization')
    """
    wanted = _plain(name)
    begun = {word for word in known if _plain(word).startswith(wanted)} if len(wanted) >= FEWEST_LETTERS else set()
    return tuple(sorted(begun, key=lambda word: (len(word), word)))


def nearest(name: str, known: Iterable[str], count: int = MOST_NEAR) -> tuple[str, ...]:
    """The known words spelled most like a name, best first.

    >>> nearest("Desne", ["dense", "dot"])
    ('dense',)
    >>> nearest("x_trian", ["X_train", "x_train"], 1)
    ('x_train',)
    """
    plain: dict[str, list[str]] = {}
    for word in dict.fromkeys(known):
        plain.setdefault(_plain(word), []).append(word)
    wanted = _plain(name[:60])
    close = difflib.get_close_matches(wanted, plain, count, cutoff=0.6)
    close.sort(key=lambda word: sorted(word) != sorted(wanted))  # Two swapped letters are the most likely mistake.
    alike = [sorted(plain[word], key=lambda one: -difflib.SequenceMatcher(None, name[:60], one).ratio()) for word in close]
    return tuple(word for words in alike for word in words)[:count]


def _plain(word: str) -> str:
    return word.lower().replace("_", "")
