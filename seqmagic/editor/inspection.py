"""Inspection: the meaning of the word under the cursor, its arguments, and the shapes before and after its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from seqmagic.editor.cell import EditedCommand, FitData, Network, Part
from seqmagic.editor.completion import ARROW, BLANK, BLOCK
from seqmagic.editor.examples import example_of
from seqmagic.editor.meanings import SEARCHED
from seqmagic.editor.notebook import entry_of, kind_of
from seqmagic.editor.options import OF_SWEEP, OPTIONS, with_options_of
from seqmagic.editor.place import GivenArguments, Place, place_of
from seqmagic.editor.reader import PartReader
from seqmagic.editor.vocabulary import PADDINGS, Setting, VocabularyEntry, normalize
from seqmagic.language.answers import answers_in
from seqmagic.language.expectations import EXAMPLES as EXPECTED
from seqmagic.language.full_width import read_full_width
from seqmagic.language.searched import EXAMPLES
from seqmagic.language.unfinished import read_unfinished
from seqmagic.translation import gettext, gettext_noop, ngettext

WORD = re.compile(r"[^\W\d][\w.]*|[\d.]+[\w.]*")
OPTION = re.compile(r"(?:\A|(?<=\s))(--[a-z][a-z-]*)(?:=\w*)?\s*\Z")
END_OF_UNIT = re.compile(r"->|\n|#|\Z")
LONGEST_WAIT = 1.0  # Seconds: the user has asked, and waits for it.
MOST_SETTINGS = 14
PADDING_MEANS = {
    "same": gettext_noop("{word}, padding: zeros around the edges, so that the size is kept."),
    "valid": gettext_noop("{word}, padding: none, so the output is smaller; the default."),
    "causal": gettext_noop("{word}, padding: only at the start, so that each step only sees earlier ones."),
}


@dataclass(frozen=True)
class Inspection:
    """Information on a word.

    Attributes:
        text: to show; "" if the word isn't known.
        python: the Python code whose last name IPython should inspect instead: a variable, or an expression in curly brackets.
    """

    text: str = ""
    python: str = ""


@dataclass(frozen=True)
class Inspector(PartReader):
    """Explains the words of cell parts."""

    def inspect(self, part: Part, rest: str) -> Inspection:
        """Explain the word at the end of a part of a cell.

        Args:
            rest: the text after it in the cell.
        """
        if isinstance(part, EditedCommand):
            return self._option(part, part.text + re.split(r"[^\w-]", rest, maxsplit=1)[0])
        part, rest = replace(part, text=read_full_width(part.text)), read_full_width(rest)
        ahead = re.match(r"[\w.]+|[?…]|", rest)
        typed = part.text + (ahead[0] if ahead else "")
        unfinished = read_unfinished(typed)
        if unfinished is None:
            return Inspection()
        if unfinished.python is not None:
            return Inspection(python=unfinished.python)
        blank = BLANK.search(typed)
        if blank is not None:
            return self._blank(replace(part, text=typed[: blank.start()]))
        word = _last_word(typed) or _last_word(typed.rstrip(" \t(=,"))
        whole = replace(part, text=typed[: typed.rstrip(" \t(=,").rfind(word) + len(word)] if word else typed)
        return self._word(whole, word, rest[len(ahead[0]) if ahead else 0 :]) if word else Inspection()

    def _blank(self, part: Network | FitData) -> Inspection:
        """What to fill in for a blank after a part."""
        unfinished = read_unfinished(part.text)
        place = place_of(unfinished, self.vocabulary) if unfinished is not None else None
        if place is None:
            return Inspection()
        owner = self._entry(place.owner)
        setting = owner.setting(place.argument or place.due) if owner is not None else None
        if owner is not None and setting is not None:
            return Inspection(gettext("Not filled in yet: {what}", what=_describe_setting(owner, setting)))
        value = gettext("a word for {owner}", owner=owner.word) if owner is not None else gettext("a value")
        wanted = gettext("a layer") if place.takes_layer else value
        return Inspection(gettext("Not filled in yet: {what}. Press Tab for suggestions.", what=wanted))

    def _option(self, command: EditedCommand, typed: str) -> Inspection:
        found = OPTION.search(typed)
        meaning = OPTIONS[command.magic].get(found[1]) if found else None
        if meaning and found:
            return Inspection(gettext("{option}: {meaning}.", option=found[1], meaning=gettext(meaning)))
        name = _last_word(typed)
        if name in self.families:
            return Inspection(gettext("{name}: a cell with choices, whose networks %sweep tries.", name=name))
        return Inspection(python=name) if name in self.names else Inspection()

    def _word(self, part: Network | FitData, word: str, rest: str) -> Inspection:
        """Explain a word at the end of a part."""
        before = part.text[: len(part.text) - len(word)].rstrip("\"'")
        unfinished = read_unfinished(before)
        place = place_of(unfinished, self.vocabulary) if unfinished is not None else None
        if place is None:
            return Inspection(python=word if word in self.names else "")
        owner = with_options_of(part, self._entry(place.owner)) if isinstance(part, FitData) else self._entry(place.owner)
        if word in SEARCHED and rest.startswith("("):
            meaning = gettext("{word} is for %sweep: {meaning}.", word=word, meaning=gettext(SEARCHED[word]))
            return Inspection(_with_example(meaning, f"dense {EXAMPLES[word]}"))
        if re.match(r"\s*=(?!=)", rest) and owner is not None and owner.setting(word) is not None:
            return Inspection(_describe_setting(owner, owner.setting(word)))
        if word[0].isdigit():
            due = owner.setting(place.argument or place.due) if owner is not None else None
            return Inspection(_describe_setting(owner, due) if owner is not None and due is not None else "")
        return self._thing(part, word, rest, place, owner)

    def _thing(self, part: Network | FitData, word: str, rest: str, place: Place, owner: VocabularyEntry | None) -> Inspection:
        """Explain a word that is the name of something, not of an argument."""
        header = next((match for match in BLOCK.finditer(part.text) if normalize(match[2]) == normalize(word)), None)
        if place.takes_layer and header is not None:
            first = part.text[header.start() :].partition("\n")[0].strip()
            return Inspection(gettext("{word}: a block of this cell.", word=word) + f"\n\n    {first}")
        if word in self.names and kind_of(self.names[word]) in (place.kind or "-", "layer" if place.takes_layer else "-"):
            return Inspection(python=word)
        entry = self._find(word, place, owner)
        if entry is not None:
            shapes = self._shapes(part, rest) if entry.kind == "layer" and place.owner is None else ""
            return Inspection(describe_word(entry, word, shapes))
        if owner is not None and owner.word == "expect" and word in EXPECTED:
            return Inspection(_with_example(gettext("{word} can be checked by an expect line.", word=word), EXPECTED[word]))
        if owner is not None and owner.setting("padding") is not None and word in PADDINGS:
            return Inspection(gettext(PADDING_MEANS[word], word=word))
        setting = owner.setting(word) if owner is not None else None
        if setting is not None and owner is not None:
            return Inspection(_describe_setting(owner, setting))
        return Inspection(python=word)

    def _entry(self, given: GivenArguments | None) -> VocabularyEntry | None:
        if given is None:
            return None
        return self.vocabulary.find(given.kind, given.word) or entry_of(given.word, self.names)

    def _find(self, word: str, place: Place, owner: VocabularyEntry | None) -> VocabularyEntry | None:
        """The entry of a word, among the kinds allowed at its place."""
        kinds = [place.kind, *(("statement",) if place.starts_line else ()), *(("layer",) if place.takes_layer else ())]
        if owner is not None and owner.setting("activation") is not None:
            kinds.append("activation")
        found = (self.vocabulary.find(kind, word) for kind in kinds if kind)
        return next((entry for entry in found if entry is not None), None)

    def _shapes(self, part: Network | FitData, rest: str) -> str:
        """The input and output shapes of the layer that a word begins."""
        if not isinstance(part, Network):
            return ""
        unfinished = read_unfinished(part.text)
        end = END_OF_UNIT.search(rest)
        if unfinished is None or end is None or _is_in_block(part.text, unfinished.start):
            return ""
        if answers_in(part.text + rest.partition("\n")[0]):
            return ""  # An exercise asks for these numbers.
        unit = part.text + rest[: end.start()]
        arrows = [token.end_pos or 0 for token in unfinished.tokens if token.type == "_ARROW"]
        begin = unfinished.start + (arrows[-1] if arrows else 0)
        onto = self.names.get(part.name) if part.adds else None
        head = ARROW.sub("", part.text[:begin]) if arrows else part.text[: unfinished.start]
        before = self.flows.before(head, unfinished.start, self.names, onto, LONGEST_WAIT)
        after = self.flows.before(unit, unfinished.start, self.names, onto, LONGEST_WAIT)
        return _describe_shapes(before, after)


def _with_example(sentence: str, line: str) -> str:
    return f"{sentence}\n\n{gettext('Example:')}\n    {line}"


def _last_word(text: str) -> str:
    found = [match for match in WORD.finditer(text) if match.end() == len(text)]
    return found[-1][0] if found else ""


def _is_in_block(text: str, start: int) -> bool:
    """Whether the line at a position is in the body of a block, whose input depends on where it is used."""
    indent = start - text.rfind("\n", 0, start) - 1
    headers = [*BLOCK.finditer(text)]
    return bool(headers) and (headers[-1].start() >= start or indent > len(headers[-1][1]))


def _describe_shapes(before: Any, after: Any) -> str:
    if before is None and after is None:
        return ""  # Keras may still be loading.
    from seqmagic.network.shape_math import format_shape

    lines = []
    if before is not None and before.shape is not None:
        lines.append(gettext("Input shape: {shape}", shape=format_shape(before.shape)))
    if after is not None and after.shape is not None:
        row = after.plan.rows[-1] if after.plan.rows else None
        parameters = row.parameters if row is not None else 0
        numbers = ngettext(", {count:,} parameters", ", {count:,} parameters", parameters) if parameters else ""
        lines.append(gettext("Output shape: {shape}{numbers}", shape=format_shape(after.shape), numbers=numbers))
    return "\n".join(lines)


def describe_word(entry: VocabularyEntry, word: str, shapes: str = "") -> str:
    """The meaning of a word, its arguments and an example, as text.

    Args:
        word: as it was typed.
        shapes: before and after it.
    """
    name = gettext(entry.kind)
    kind = gettext("an {kind}", kind=name) if entry.kind[0] in "aeio" else gettext("a {kind}", kind=name)
    kind = gettext("a line") if entry.kind == "statement" else kind
    is_other = entry.kind != "statement" and normalize(entry.name) != normalize(word)
    keras_name = gettext(", Keras's {name}", name=entry.name) if is_other else ""
    meaning = gettext(": {meaning}", meaning=entry.meaning) if entry.meaning else ""
    parts = [gettext("{word} is {kind}{keras_name}{meaning}.", word=word, kind=kind, keras_name=keras_name, meaning=meaning)]
    if entry.reason:
        parts.append(gettext("It {reason}", reason=gettext(entry.reason)))
    parts += [shapes] if shapes else []
    before, line = example_of(entry, word)
    parts += ["\n".join([gettext("Example:"), *(f"    {one}" for one in (before, line) if one)])] if line else []
    # The longest part comes last, because a tooltip shows only a few lines without scrolling.
    parts += ["\n".join([gettext("Arguments:"), *_setting_lines(entry)])] if entry.settings else []
    return "\n\n".join(parts)


def _setting_lines(entry: VocabularyEntry) -> Iterator[str]:
    """A line for each setting, as written in the language."""
    # Not in columns: on a narrow page, a tooltip would break each line at the gap.
    for setting in entry.settings[:MOST_SETTINGS]:
        text = setting.name if setting.default is None else f"{setting.name}={setting.default}"
        meaning = setting.meaning or (setting.default_text if setting.default is None else "")
        yield "  " + gettext("{setting}: {meaning}", setting=text, meaning=meaning) if meaning else f"  {text}"
    if len(entry.settings) > MOST_SETTINGS:
        rest = ", ".join(setting.name for setting in entry.settings[MOST_SETTINGS:])
        yield "    " + gettext("and {names}", names=rest)


def _describe_setting(owner: VocabularyEntry, setting: Setting | None) -> str:
    """Explain a setting."""
    if setting is None:
        return ""
    meaning = gettext(": {meaning}", meaning=setting.meaning) if setting.meaning else ""
    word = "%sweep" if setting in OF_SWEEP else owner.word
    default = setting.default_text[0].upper() + setting.default_text[1:]
    sentence = gettext("{name} of {word}{meaning}. {default}.", name=setting.name, word=word, meaning=meaning, default=default)
    choices = setting.choices or ((gettext("a name such as those after {name}=", name=setting.name),) if setting.kind else ())
    return sentence + "\n" + gettext("Values: {choices}.", choices=", ".join(choices)) if choices else sentence
