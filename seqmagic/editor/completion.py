"""Completion: the words that can be typed at the cursor, the best first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from seqmagic.editor.cell import EditedCommand, FitData, Network, Part
from seqmagic.editor.data_offers import HELD, data_offers, way_offers
from seqmagic.editor.fits import fit_layers, fit_losses, fit_metrics
from seqmagic.editor.notebook import entry_of, kind_of, numbers_of
from seqmagic.editor.offers import BEST, GOOD, LAST, LATER, OTHER, Offer, choices_of, flags_of, matching, names_of, words_of
from seqmagic.editor.options import complete_command, with_options_of
from seqmagic.editor.place import GivenArguments, Place, count_of_values, place_of
from seqmagic.editor.reader import PartReader
from seqmagic.editor.searched_offers import searched_offers
from seqmagic.editor.vocabulary import CONSTANTS, PADDINGS, RANK, Setting, Vocabulary, VocabularyEntry, normalize
from seqmagic.language.expectations import EXAMPLES
from seqmagic.language.fit_words import POLICIES, SPLITS, refused_beside
from seqmagic.language.full_width import read_full_width
from seqmagic.language.unfinished import Unfinished, read_unfinished
from seqmagic.translation import gettext, gettext_noop

BLANK = re.compile(r"(?<![^\s=(,])(?:\?|\.\.\.|…|_{2,})\Z")  # A blank that a teacher has left, which a completion replaces.
BEFORE_WORDS = re.compile(r"(?:\A|[\s(\[,=:>*\"'])\Z")  # The characters after which a word may begin.
BLOCK = re.compile(r"^([ \t]*)block[ \t]+([^\W\d]\w*)[ \t]*(?:\(([^)]*)\))?[ \t]*:", re.MULTILINE)
BOTH_ENDS = ("bidirectional", "bidir")
RECURRENT = ("lstm", "gru", "simple_rnn", "rnn")  # Layers that `bidirectional` can wrap.
ARROW = re.compile(r"->\s*\Z")


@dataclass(frozen=True)
class Completion:
    """The completions for a partly typed word.

    Attributes:
        fragment: the typed part of the word.
        python: the unfinished Python in curly brackets, which IPython completes.
    """

    fragment: str = ""
    offers: list[Offer] = field(default_factory=list)
    python: str | None = None


@dataclass(frozen=True)
class Completer(PartReader):
    """Completes the parts of cells."""

    def complete(self, part: Part) -> Completion:
        """The completions at the end of a part of a cell."""
        if isinstance(part, EditedCommand):
            return Completion(*complete_command(part, self.names, self.families))
        part = replace(part, text=read_full_width(part.text))
        blank = BLANK.search(part.text)
        filled = self.complete(replace(part, text=part.text[: blank.start()])) if blank is not None else Completion("?")
        if blank is not None and filled.python is None and not filled.fragment:
            return replace(filled, fragment=blank[0])
        unfinished = read_unfinished(part.text)
        if unfinished is None:
            return Completion()
        if unfinished.python is not None:
            return Completion(python=unfinished.python)
        place = place_of(unfinished, self.vocabulary)
        before = (part.text[: len(part.text) - len(unfinished.fragment)])[-1:]
        if place is None or not BEFORE_WORDS.search(before):
            return Completion(unfinished.fragment)
        offers = list(_Offering(self, part, unfinished, place).all())
        return Completion(unfinished.fragment, matching(offers, unfinished.fragment))


@dataclass(frozen=True)
class _Offering:
    """The offers for one place."""

    completer: Completer
    part: Network | FitData
    unfinished: Unfinished
    place: Place

    def all(self) -> Iterator[Offer]:
        """All words allowed there, in no particular order."""
        place = self.place
        if isinstance(self.part, FitData) and (place.owner is None or place.owner.kind == "layer"):
            return
        if place.starts_line:
            yield from self._statements()
        if place.takes_layer:
            yield from self._layers()
        if place.owner is not None and not (place.takes_layer and place.argument):
            yield from self._arguments(place.owner)
        elif not place.takes_layer and place.kind:
            yield from self._words(place.kind)
        yield from self._of_block()
        if not self.unfinished.quote and (isinstance(self.part, Network) or self.part.magic == "sweep"):
            yield from self._searched()

    def _statements(self) -> Iterator[Offer]:
        """The words that may begin a line, depending on the lines above."""
        if not self.unfinished.accepts & {"COMPILE", "FIT"}:
            return
        above = self.part.text[: self.unfinished.start]
        first_words = set(re.findall(r"^[ \t]*(\w+)", above, re.MULTILINE))
        for entry in self.completer.vocabulary.of_kind["statement"]:
            if isinstance(self.part, Network) and self.part.is_line and entry.word != "input":
                continue
            yield Offer(entry.word, "line", entry.meaning, _fit_of_statement(entry.word, first_words))

    def _searched(self) -> Iterator[Offer]:
        """The words for several values, which %sweep tries."""
        owner = self.place.inside or self.place.owner
        entry = self._entry(owner) if owner is not None else None
        setting = entry.setting(self.place.argument or self.place.due) if entry is not None else None
        bends = entry is not None and entry.kind == "layer" and entry.setting("activation") is not None
        yield from searched_offers(self.place, setting, bends=bends)

    def _expected(self, owner: GivenArguments) -> Iterator[Offer]:
        """The subjects of `expect` lines, and the layers that these can count."""
        if owner.words == ("layers",):
            yield from self._words("layer")
        elif not owner.count:
            yield from (Offer(word, "value", example, GOOD) for word, example in EXAMPLES.items())
            yield from (Offer(word, "value", gettext("after training"), OTHER) for word in ("accuracy", "val_accuracy", "val_loss"))

    def _layers(self) -> Iterator[Offer]:
        capital = self.unfinished.fragment[:1].isupper()
        for match in BLOCK.finditer(self.part.text[: self.unfinished.start]):
            yield Offer(match[2], "block", gettext("takes {names}", names=match[3]) if match[3] else gettext("your own layers"), GOOD)
        if self.place.due in ("cell", "cells") or self.place.argument in ("cell", "cells"):
            yield from (
                Offer(e.word, "layer", e.meaning, BEST) for e in self.completer.vocabulary.of_kind["layer"] if e.word.endswith("_cell")
            )
        if self.place.in_brackets:  # In pasted code, Input is an item in the list of layers.
            yield Offer("Input" if capital else "input", "layer", gettext("the shape of one sample"), LATER)
        others = {name: value for name, value in self.completer.names.items() if name != self.part.name}
        offers = words_of("layer", self.completer.vocabulary, others, capital=capital)
        if self.place.owner is not None and normalize(self.place.owner.word) in BOTH_ENDS:
            offers = (replace(offer, fit=BEST if offer.text in RECURRENT else LAST) for offer in offers)
        yield from fit_layers(offers, self.completer.vocabulary, self._flow())

    def _words(self, kind: str) -> Iterator[Offer]:
        """The words of a kind, those that fit the network first."""
        capital = self.unfinished.fragment[:1].isupper()
        offers = words_of(kind, self.completer.vocabulary, self.completer.names, capital=capital)
        if kind == "loss":
            return fit_losses(offers, self.completer.vocabulary, self._flow())
        if kind == "metric" and self.place.owner is not None:
            return fit_metrics(offers, self.place.owner.words[1:2])
        return offers

    def _arguments(self, owner: GivenArguments) -> Iterator[Offer]:
        if owner.word == "expect":
            yield from self._expected(owner)
        entry = self._entry(owner)
        if entry is None or entry.word == "expect":
            return
        if entry.kind == "statement" and entry.word == "fit":
            yield from data_offers(self.completer.names, self.place, self.unfinished, self._input_shape())
        if isinstance(self.part, FitData) and not self.part.trains:
            return
        if entry.kind == "statement":
            yield from way_offers(self.place, self._refused(), has_precision=not (isinstance(self.part, FitData) and self.part.searches))
        if self.place.argument:
            yield from self._values(entry.setting(self.place.argument))
        else:
            yield from self._free_places(entry, owner)

    def _refused(self) -> set[str]:
        """The words that would be refused beside others on a fit line."""
        owner = self.place.owner
        if owner is None or owner.word != "fit":
            return set()
        bare = {str(token) for token in self.unfinished.tokens if token.type == "WORD"} & {*POLICIES, *SPLITS}
        place = ["on"] if isinstance(self.part, FitData) and self.part.is_elsewhere else []
        return refused_beside([*(name for name in owner.names if name != self.place.argument), *bare, *place])

    def _values(self, setting: Setting | None) -> Iterator[Offer]:
        """The values of a named argument."""
        if setting is None:
            return
        refused = self._refused()
        yield from (offer for offer in choices_of(setting) if offer.text not in refused)
        if setting.kind:
            yield from self._words(setting.kind)
        if not self.unfinished.quote and setting.name not in HELD:
            yield from (Offer(name, "variable", description, OTHER) for name, description in numbers_of(self.completer.names))
            if setting.default == "none":
                yield Offer(CONSTANTS[2], "value", gettext("the default"), LAST)

    def _free_places(self, entry: VocabularyEntry, owner: GivenArguments) -> Iterator[Offer]:
        """Words that need no name: values whose parameter is implied, flags, and the names of arguments."""
        inner = self.place.inside
        inside = self._entry(inner) if inner is not None else None
        # All other values belong to the inner layer.
        around = replace(owner, words=owner.words[:1], count=1) if inner is not None else owner
        refused = self._refused() if entry.kind == "statement" else ()
        for one, given in ((inside, inner), (entry, around)):
            if one is None or given is None:
                continue
            left = [setting for setting in one.settings if not _is_given(setting, one, given, self.completer.vocabulary)]
            left = [setting for setting in left if setting.name not in refused]
            yield from self._placed_words(one, left, is_due=one is (inside or entry))
            if not self.unfinished.quote:
                yield from flags_of(left)
                yield from names_of(left, due=self.place.due)

    def _placed_words(self, entry: VocabularyEntry, left: list[Setting], *, is_due: bool) -> Iterator[Offer]:
        """Bare words: those for the next positional parameter, activations, paddings, variables."""
        kind = self.place.kind if is_due else ""
        if kind and kind != "layer":
            yield from self._words(kind)
        names = {setting.name for setting in left}
        if "activation" in names and kind != "activation" and entry.kind == "layer":
            fit = {GOOD: OTHER, OTHER: LATER}
            yield from (Offer(o.text, o.kind, o.meaning, fit.get(o.fit, o.fit)) for o in self._words("activation"))
        if "padding" in names:
            meanings = {
                "same": gettext("the size is kept"),
                "valid": gettext("no padding: the default"),
                "causal": gettext("only looks back in time"),
            }
            is_certain = entry.rank != 1 and (RANK.search(self.place.owner.word) or self._flow() is not None) if self.place.owner else True
            yield from (Offer(word, "padding", meanings[word], OTHER) for word in PADDINGS if word != "causal" or not is_certain)
        if entry.word == "input" and self.place.due == "shape":
            yield from data_offers(self.completer.names, self.place, self.unfinished, None)
        elif entry.word != "fit" and not self.unfinished.quote and _takes_number(entry.setting(self.place.due)):
            yield from (Offer(name, "variable", description, LATER) for name, description in numbers_of(self.completer.names))

    def _entry(self, given: GivenArguments) -> VocabularyEntry | None:
        """The entry of the word that has the arguments: of the notebook, of a block above, or of Keras."""
        names, word = self.completer.names, given.word
        if given.kind != "statement" and kind_of(names.get(word)) == given.kind:
            return entry_of(word, names)
        for match in BLOCK.finditer(self.part.text[: self.unfinished.start]):
            if normalize(match[2]) == normalize(word) and given.kind == "layer":
                return _entry_of_block(match)
        flow = self._flow() if given.kind == "layer" else None
        rank = len(flow.shape) - 1 if flow is not None and flow.shape else None
        found = self.completer.vocabulary.find(given.kind, word, rank) or entry_of(word, names)
        return with_options_of(self.part, found) if isinstance(self.part, FitData) else found

    def _of_block(self) -> Iterator[Offer]:
        """The parameters of the block that contains the line."""
        if self.place.takes_layer or self.unfinished.quote:
            return
        above, line = self.part.text[: self.unfinished.start], self.unfinished.line
        indent = len(above) - len(above.rstrip(" \t"))
        header = next(reversed([*BLOCK.finditer(above + line)]), None)
        if header is None or (header.start() < above.rfind("\n") + 1 and indent <= len(header[1])):
            return
        for parameter in filter(None, (header[3] or "").split(",")):
            yield Offer(parameter.partition("=")[0].strip(), "parameter", gettext("of the block {name}", name=header[2]), GOOD)

    def _flow(self) -> Any:
        """The flow before the layer that is being typed."""
        if not isinstance(self.part, Network):
            return None
        start = self.unfinished.start
        end = start + _start_of_unit(self.unfinished)
        before = ARROW.sub("", self.part.text[:end]) if end > start else self.part.text[:start]
        onto = self.completer.names.get(self.part.name) if self.part.adds else None
        return self.completer.flows.before(before, start, self.completer.names, onto)

    def _input_shape(self) -> Any:
        """The input shape of the network, for one sample."""
        if isinstance(self.part, Network):
            flow = self._flow()
            return flow.plan.input_shape if flow is not None and flow.plan is not None else None
        shape = getattr(self.completer.names.get(self.part.name), "input_shape", None) if self._is_model() else None
        return tuple(shape[1:]) if isinstance(shape, tuple) else None

    def _is_model(self) -> bool:
        return isinstance(self.part, FitData) and kind_of(self.completer.names.get(self.part.name)) == "layer"


def _is_given(setting: Setting, entry: VocabularyEntry, given: GivenArguments, vocabulary: Vocabulary) -> bool:
    """Whether a setting already has its value, by its name, by a word that can only be for it, or by position."""
    placed = [one.name for one in entry.settings if one.has_place][: count_of_values(entry, given)]
    words = {*given.words, *("padding" for word in given.words if word in PADDINGS)}
    words |= {"activation" for word in given.words if vocabulary.find("activation", word) is not None}
    return setting.name in (*given.names, *placed) or setting.name in words


def _takes_number(setting: Setting | None) -> bool:
    return setting is not None and not setting.kind and not setting.is_flag


def _start_of_unit(unfinished: Unfinished) -> int:
    """The start of the layer that is being typed: after the last arrow of its line."""
    arrows = [token for token in unfinished.tokens if token.type == "_ARROW"]
    return (arrows[-1].end_pos or 0) if arrows else 0


def _fit_of_statement(word: str, above: set[str]) -> int:
    """How well a word fits as the first of a line, after those of the lines above."""
    if word == "input":
        return LAST if above - {"block"} else BEST
    if word in ("compile", "fit"):
        if word in above or not above - {"block"}:
            return LAST
        return BEST if word == "fit" and "compile" in above else LATER if word == "fit" else OTHER
    return LAST


def _entry_of_block(match: re.Match[str]) -> VocabularyEntry:
    parameters = [part.partition("=") for part in (match[3] or "").split(",") if part.strip()]
    settings = tuple(Setting(name.strip(), default.strip() if is_optional else None) for name, is_optional, default in parameters)
    return VocabularyEntry("layer", match[2], match[2], settings=settings, summary=gettext_noop("your own block"))
