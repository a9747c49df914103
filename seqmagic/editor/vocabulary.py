"""The vocabulary: every word with its settings, available before Keras is loaded.

`words.json` next to this file contains the words of the Keras version used for the release; `keras_words.py` writes it, and reads the words
of another version from its signatures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from seqmagic.editor.meanings import MEANINGS, SEARCHED, SETTINGS
from seqmagic.language.expectations import SUBJECTS
from seqmagic.language.fit_words import POLICIES, SPLITS
from seqmagic.translation import gettext

FILE = Path(__file__).with_name("words.json")
PADDINGS = ("same", "valid", "causal")
CONSTANTS = ("true", "false", "none")
RANK = re.compile("([123])d")
# The values of some settings, in addition to those with a kind.
CHOICES: dict[str, tuple[str, ...]] = {
    "padding": PADDINGS,
    "class_weight": ("balanced",),
    "dtype": ("float32", "float16", "bfloat16", "float64", "int32", "int64", "string"),
    "merge_mode": ("concat", "sum", "mul", "ave"),
    "interpolation": ("bilinear", "nearest", "bicubic"),
    "on": ("local", "class"),
    "fill_mode": ("reflect", "constant", "nearest", "wrap"),
}


def normalize(word: str) -> str:
    """The form in which words are compared: Conv2D, conv2d and conv_2d are equal."""
    return word.lower().replace("_", "")


@dataclass(frozen=True)
class Setting:
    """A parameter of a class, function or statement.

    Attributes:
        default: as written in the language; None if the setting is required.
        kind: of the words that it accepts, such as "activation"; "" for none.
        has_place: whether it can be positional.
    """

    name: str
    default: str | None = None
    kind: str = ""
    has_place: bool = True

    @property
    def is_flag(self) -> bool:
        """Whether it is a boolean."""
        return self.default in ("true", "false")

    @property
    def default_text(self) -> str:
        """Its default, as a phrase."""
        return gettext("required") if self.default is None else gettext("default {value}", value=self.default)

    @property
    def meaning(self) -> str:
        """A short description; "" if there is none."""
        return gettext(SETTINGS.get(self.name, ""))

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it accepts, if there is a list of them."""
        return CONSTANTS[:2] if self.is_flag else CHOICES.get(self.name, ())


@dataclass(frozen=True)
class VocabularyEntry:
    """A word and its meaning.

    Attributes:
        name: in Keras.
        short: shorter words for the same.
        also: Keras's aliases for it.
        reason: why it can't be used on a line, or "".
        summary: the first sentence of Keras's docstring, if Keras was loaded.
    """

    kind: str
    word: str
    name: str
    short: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    reason: str = ""
    summary: str = ""

    @property
    def rank(self) -> int | None:
        """The number of spatial axes in its name; None if it has none."""
        found = RANK.search(self.word)
        return int(found[1]) if found else None

    @property
    def stem(self) -> str:
        """The word without its rank."""
        return RANK.sub("", self.word)

    @property
    def meaning(self) -> str:
        """A short description."""
        return gettext(MEANINGS.get(self.kind, {}).get(self.stem) or self.summary)

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, in any spelling."""
        return self._settings.get(normalize(name))

    @cached_property
    def _settings(self) -> dict[str, Setting]:
        return {normalize(setting.name): setting for setting in self.settings}

    @property
    def wraps(self) -> bool:
        """Whether it is a wrapper of another layer."""
        return bool(self.settings) and self.settings[0].name in ("layer", "cell")


@dataclass(frozen=True)
class Vocabulary:
    """All words of a Keras version, by kind.

    >>> load_vocabulary().find("layer", "conv", rank=1).name
    'Conv1D'
    """

    keras: str
    entries: tuple[VocabularyEntry, ...]

    @cached_property
    def of_kind(self) -> Mapping[str, tuple[VocabularyEntry, ...]]:
        """The entries of each kind, in alphabetical order."""
        kinds = dict.fromkeys(entry.kind for entry in self.entries)
        return {kind: tuple(entry for entry in self.entries if entry.kind == kind) for kind in kinds}

    @cached_property
    def _by_word(self) -> Mapping[tuple[str, str], list[VocabularyEntry]]:
        found: dict[tuple[str, str], list[VocabularyEntry]] = {}
        for entry in self.entries:
            for word in dict.fromkeys(map(normalize, (entry.word, entry.name, *entry.short, *entry.also))):
                found.setdefault((entry.kind, word), []).append(entry)
        return found

    def find(self, kind: str, word: str, rank: int | None = None) -> VocabularyEntry | None:
        """The entry of a word; for a word without a rank the one of the given rank, or else the 2D one."""
        found = self._by_word.get((kind, normalize(word.rpartition(".")[2])), [])
        for wanted in (rank, 2):
            fitting = [entry for entry in found if entry.rank == wanted]
            if fitting:
                return fitting[0]
        return found[0] if found else None

    def kinds_of(self, word: str) -> list[str]:
        """The kinds of a word."""
        return [kind for kind in self.of_kind if self.find(kind, word) is not None]

    def words(self) -> dict[str, list[str]]:
        """Every normalized word of each kind, for syntax highlighting in a front end."""
        kinds = {kind: sorted(word for of, word in self._by_word if of == kind) for kind in self.of_kind if kind != "statement"}
        settings = {normalize(setting.name) for entry in self.entries for setting in entry.settings}
        schedules = {"schedule": kinds.pop("learning rate schedule", [])}
        of_language = {"padding": PADDINGS, "split": SPLITS, "policy": POLICIES, "searched": SEARCHED, "expected": SUBJECTS}
        return {**kinds, **schedules, **{k: sorted(map(normalize, words)) for k, words in {**of_language, "argument": settings}.items()}}


def dump(vocabulary: Vocabulary) -> str:
    """A vocabulary as JSON text: what is sent to a front end, and one line per entry."""
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in message(vocabulary).items() if name != "kinds"]
    kinds = [f"{json.dumps(kind)}: {json.dumps(words)}" for kind, words in vocabulary.words().items()]
    entries = [json.dumps(_written(entry)) for entry in vocabulary.entries]
    whole = [*lines, f'"kinds": {{\n  {_lines(kinds)}\n}}', f'"entries": [\n  {_lines(entries)}\n]']
    return "{\n" + ",\n".join(whole) + "\n}\n"


def _lines(parts: list[str]) -> str:
    return ",\n  ".join(parts)


def message(vocabulary: Vocabulary) -> dict[str, Any]:
    """The words in the form that is sent to a front end."""
    statements = [entry.word for entry in vocabulary.of_kind["statement"]]
    head = {"type": "words", "version": 1, "keras": vocabulary.keras, "statements": statements, "constants": list(CONSTANTS)}
    return {**head, "kinds": vocabulary.words()}


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The words of the Keras version used for the release."""
    facts = json.loads(FILE.read_text("utf-8"))
    return Vocabulary(facts["keras"], tuple(map(_read, facts["entries"])))


def _written(entry: VocabularyEntry) -> dict[str, Any]:
    """An entry with each setting as one string: `filters`, `strides=1x1`, `activation:activation=none`; keyword-only ones come after *."""
    placed = [_written_setting(setting) for setting in entry.settings if setting.has_place]
    named = [_written_setting(setting) for setting in entry.settings if not setting.has_place]
    facts = {**asdict(entry), "settings": [*placed, *(["*", *named] if named else [])]}
    return {key: value for key, value in facts.items() if value}


def _written_setting(setting: Setting) -> str:
    kind = f":{setting.kind}" if setting.kind else ""
    return f"{setting.name}{kind}" if setting.default is None else f"{setting.name}{kind}={setting.default}"


def _read(facts: dict[str, Any]) -> VocabularyEntry:
    written = facts.get("settings", [])
    placed = written.index("*") if "*" in written else len(written)
    settings = [_read_setting(text, has_place=at < placed) for at, text in enumerate(written) if text != "*"]
    return VocabularyEntry(
        **{**facts, "short": tuple(facts.get("short", ())), "also": tuple(facts.get("also", ())), "settings": tuple(settings)}
    )


def _read_setting(text: str, *, has_place: bool) -> Setting:
    head, is_optional, default = text.partition("=")
    name, _, kind = head.partition(":")
    return Setting(name, default if is_optional else None, kind, has_place)


def is_current(vocabulary: Vocabulary) -> bool:
    """Whether the words are those of the installed Keras version."""
    try:
        return version("keras") == vocabulary.keras
    except PackageNotFoundError:
        return False
