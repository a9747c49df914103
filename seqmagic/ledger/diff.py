"""The differences between runs: lines of the network, and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from seqmagic.errors import SeqmagicError
from seqmagic.language import Step, parse_step
from seqmagic.language.printer import CONSTANT_WORDS, print_value
from seqmagic.ledger.data_hash import format_data
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.metric_words import texts_of
from seqmagic.translation import gettext, gettext_noop

NOTHING = "–"
# The summaries for two runs without other differences.
NO_CHANGE, ONLY_SEED = gettext_noop("nothing"), gettext_noop("only the seed")
OTHER_VALUES = gettext_noop("same shape, different values")
MOST_PAIRS = 250_000  # Limit for the product of two line counts: comparing two texts takes up to that many steps, some tenths of a second.
FEW, LONGEST = 3, 34  # The number of changes in a short summary, and the characters for each side.
# The names of data in settings, and their keys in an entry's data.
DATA_KEYS = {gettext_noop("data"): "x", gettext_noop("labels"): "y", gettext_noop("validation"): "validation_data"}


@dataclass(frozen=True)
class Difference:
    """One setting that differs between two runs.

    Attributes:
        what: the setting. before, after: its values as text; a dash if there is none.
    """

    what: str
    before: str
    after: str


def compare_lines(before: str, after: str) -> list[tuple[str, str]]:
    r"""A line diff of two texts: " " for lines in both, "-" only in the first, "+" only in the second.

    >>> compare_lines("input 4\ndense 3", "input 4\ndense 5")
    [(' ', 'input 4'), ('-', 'dense 3'), ('+', 'dense 5')]
    """
    found: list[tuple[str, str]] = []
    for removed, added, kept in _pieces(before, after):
        found += [(" ", line) for line in kept] + [("-", line) for line in removed] + [("+", line) for line in added]
    return found


def compare_settings(before: RunEntry, after: RunEntry) -> list[Difference]:
    """The settings that differ between two runs: compile, fit, seed, data, versions. Their texts are compared by lines."""
    return [Difference(name, *words) for name, words in settings_apart([before, after])]


def settings_apart(entries: Sequence[RunEntry]) -> list[tuple[str, tuple[str, ...]]]:
    """The settings that differ between some runs, each with its value in each run, as text; a dash if there is none."""
    own = [settings_of(entry) for entry in entries]
    rows = []
    for name in dict.fromkeys(name for settings in own for name in settings):
        key = DATA_KEYS.get(name, name)
        words = _with_values([settings.get(name, NOTHING) for settings in own], [_hashes(entry.data.get(key, {})) for entry in entries])
        if len(set(words)) > 1:
            rows.append((name, words))
    if len({settings.get("optimizer") for settings in own}) == 1:
        return rows
    # If the optimizers differ, so do their options; those that were chosen are in the compile line.
    details = _details(*entries)
    return [(name, words) for name, words in rows if name not in details or NOTHING not in words]


def _with_values(words: Sequence[str], hashes: Sequence[str]) -> tuple[str, ...]:
    """The values of a setting; data with the same description but other values is marked as such."""
    known: dict[str, list[str]] = {}
    shown = []
    for word, values in zip(words, hashes, strict=True):
        seen = known.setdefault(word, [])
        if values not in seen:
            seen.append(values)
        place = seen.index(values)
        other = gettext(OTHER_VALUES)
        shown.append(word if not place else other if place == 1 else f"{other} ({place})")
    return tuple(shown)


def lines_apart(texts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    r"""The lines that differ between some texts, by their position in the first one, each with the line of each text.

    >>> lines_apart(["input 4\ndense 3", "input 4\ndense 5", "input 4\ndense 8\ndense 3"])
    [('before line 2', ('–', '–', 'dense 8')), ('line 2', ('dense 3', 'dense 5', 'dense 3'))]
    """
    base = texts[0].splitlines()
    there = [_held_against(texts[0], text) for text in texts]
    rows = []
    for place in range(len(base) + 1):
        line = base[place] if place < len(base) else NOTHING
        words = tuple(changed.get(place, line) for changed, _ in there)
        new = [inserted.get(place, []) for _, inserted in there]
        before = gettext("before line {line}", line=place + 1) if place < len(base) else gettext("at the end")
        rows += [(before, tuple(lines[index] if index < len(lines) else NOTHING for lines in new)) for index in range(max(map(len, new)))]
        rows += [(gettext("line {line}", line=place + 1), words)] if len(set(words)) > 1 else []
    return rows


def _held_against(base: str, text: str) -> tuple[dict[int, str], dict[int, list[str]]]:
    """By line number in one text: the lines that differ in another text, and the lines that it adds."""
    changed: dict[int, str] = {}
    inserted: dict[int, list[str]] = {}
    place = 0
    for removed, added, kept in _pieces(base, text):
        changed |= {place + index: added[index] if index < len(added) else NOTHING for index in range(len(removed))}
        place += len(removed)
        if added[len(removed) :]:
            inserted.setdefault(place, []).extend(added[len(removed) :])
        place += len(kept)
    return changed, inserted


def settings_of(entry: RunEntry) -> dict[str, str]:
    """Everything but the network that affects a run, as text, in reading order."""
    rows = dict(compile_words(entry.compile))
    optimizer = dict(entry.settings.get("optimizer", {}))
    rows["optimizer"] = str(optimizer.pop("class", rows.get("optimizer", NOTHING)))
    rest = {name: value for name, value in entry.settings.items() if name not in ("optimizer", "fit", "judged")}
    for settings in (optimizer, {"epochs": entry.epochs, **entry.settings.get("fit", {}), "seed": entry.seed}, rest):
        rows |= {name: _format_value(value) for name, value in settings.items() if value not in (None, "")}
    labels = {key: label for label, key in DATA_KEYS.items()}
    rows |= {labels.get(name, name): format_data(data) for name, data in entry.data.items()}
    return {**rows, **entry.versions}


def loss_of(entry: RunEntry) -> str:
    """The loss of a run, as written in its compile line."""
    return dict(compile_words(entry.compile)).get("loss", "")


def few_words(before: RunEntry, after: RunEntry) -> str:
    r"""A summary of the changes, short enough for a table.

    >>> one = RunEntry(name="net", text="input 4\ndense 3\n", settings={"fit": {"batch_size": 32}})
    >>> other = RunEntry(name="net", text="input 4\ndense 5\n", settings={"fit": {"batch_size": 64}})
    >>> few_words(one, other)
    'dense 3 → dense 5; batch_size 32 → 64'
    """
    left_out = _details(before, after) - {"learning_rate"} if _optimizers_differ(before, after) else set()
    changes = [change for change in compare_settings(before, after) if change.what not in left_out]
    # Nearly every run draws its own seed: mention it only if nothing else differs.
    words = [*_lines_in_words(before.text, after.text), *(_in_words(change) for change in changes if change.what != "seed")]
    if not words:
        return gettext(ONLY_SEED if changes else NO_CHANGE)
    more = len(words) - FEW
    return gettext("; ").join(words[:FEW]) + (gettext("; {more} more", more=more) if more > 0 else "")


def _lines_in_words(before: str, after: str) -> Iterator[str]:
    for removed, added, _ in _pieces(before, after):
        pairs = min(len(removed), len(added))
        yield from (f"{_cut(old)} → {_cut(new)}" for old, new in zip(removed, added, strict=False))
        yield from (f"− {_cut(line)}" for line in removed[pairs:])
        yield from (f"+ {_cut(line)}" for line in added[pairs:])


def _optimizers_differ(before: RunEntry, after: RunEntry) -> bool:
    return settings_of(before).get("optimizer") != settings_of(after).get("optimizer")


def _details(*entries: RunEntry) -> set[str]:
    """The options of the runs' optimizers."""
    return {name for entry in entries for name in entry.settings.get("optimizer", {})} - {"class"}


def name_setting(what: str) -> str:
    """What a setting is called: most are words of Keras's own."""
    return gettext(what) if what in DATA_KEYS else what


def _in_words(change: Difference) -> str:
    what = name_setting(change.what)
    if change.before == NOTHING:
        return f"{what} {_cut(change.after)}"
    if change.after == NOTHING:
        return gettext("no {name}", name=what)
    if change.after == gettext(OTHER_VALUES):
        return gettext("different {name}", name=what)
    return f"{what} {_cut(change.before)} → {_cut(change.after)}"


def _pieces(before: str, after: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The lines of two texts in blocks: those removed, those added, those in both."""
    one, other = before.splitlines(), after.splitlines()
    begin = _count_equal(one, other)
    end = _count_equal(one[begin:][::-1], other[begin:][::-1])
    yield [], [], one[:begin]
    yield from _pieces_between(one[begin : len(one) - end], other[begin : len(other) - end])
    yield [], [], one[len(one) - end :]


def _count_equal(one: list[str], other: list[str]) -> int:
    """The number of equal lines at the start of two texts."""
    return next((count for count, lines in enumerate(zip(one, other, strict=False)) if lines[0] != lines[1]), min(len(one), len(other)))


def _pieces_between(one: list[str], other: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    if len(one) * len(other) > MOST_PAIRS:
        yield one, other, []
        return
    for kind, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            yield [], [], one[start:end]
        else:
            yield one[start:end], other[other_start:other_end], []


@lru_cache(maxsize=256)
def compile_words(line: str) -> tuple[tuple[str, str], ...]:
    """The parts of a compile line, by name."""
    try:
        return tuple(_parts(parse_step(line))) if line else ()
    except SeqmagicError:
        return (("compile", line),)


def _parts(step: Step) -> Iterator[tuple[str, str]]:
    metrics: list[str] = []
    for name, argument in step.compile_parts():
        if name == "metrics":
            metrics += texts_of(argument.value)
        else:
            yield name, print_value(argument.value)
    if metrics:
        yield "metrics", ", ".join(metrics)


def _hashes(facts: Mapping[str, Any]) -> str:
    parts = facts.get("parts") or []
    inside = "".join(_hashes(part) for part in (parts.values() if isinstance(parts, Mapping) else parts))
    return f"{facts.get('hash', '')}{facts.get('elements', '')}{inside}"


def _format_value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return CONSTANT_WORDS[value]
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() and abs(value) < 1e15 else value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_format_value(item)}" for name, item in value.items())
    return ", ".join(map(_format_value, value)) if isinstance(value, (list, tuple)) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
