"""Options: names, options and file names after a magic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqmagic.editor.cell import WITH_WORD, EditedCommand, FitData
from seqmagic.editor.notebook import is_model
from seqmagic.editor.offers import BEST, GOOD, LATER, OTHER, Offer, matching
from seqmagic.editor.run_offers import RESUME, goes_with, measure_offers, resume_offers, run_offers
from seqmagic.editor.vocabulary import Setting, VocabularyEntry
from seqmagic.language.fit_words import NOT_OF_SEARCHES, POLICIES
from seqmagic.translation import gettext, gettext_noop

OPTIONS: dict[str, dict[str, str]] = {
    "%%sequential": {"--add": gettext_noop("adds the layers to the end of the existing model"), "--quiet": gettext_noop("shows no table")},
    "%sequential": {
        "--text": gettext_noop("shows the model in this language"),
        "--python": gettext_noop("shows the model as plain Keras code"),
        "--save": gettext_noop("writes the text of the model to a file"),
        "--load": gettext_noop("reads a model from such a file"),
        "--add": gettext_noop("adds the layers to the end of the existing model"),
        "--quiet": gettext_noop("shows no table"),
    },
    "%fit": {
        "--resume": gettext_noop("continues the interrupted run"),
        "--anew": gettext_noop("starts over with fresh weights"),
        "--find-rate": gettext_noop("tries learning rates and leaves the model unchanged"),
    },
    "%dashboard": {},
    "%look": {
        "--names": gettext_noop("the names of the classes: a list of yours"),
        "--words": gettext_noop("the words that tokens stand for: a TextVectorization or a list of yours"),
        "--output": gettext_noop("the output to look at, for a model with several"),
        "--follow": gettext_noop("also shows later trainings live"),
    },
    "%sweep": {"--resume": gettext_noop("continues the interrupted sweep")},
    "%runs": {
        "--best": gettext_noop("sorts by the metric that you name, the best first"),
        "--load": gettext_noop("the model of a run with its weights, under the name that follows"),
        "--delete": gettext_noop("deletes a run from the file"),
    },
}
# The options of a %sweep line in addition to those of a fit line.
OF_SWEEP = tuple(
    Setting(name, default, has_place=False)
    for name, default in (("trials", "20"), ("seed", "0"), ("best", "none"), ("folds", "1"), ("seeds", "1"), ("prune", "true"))
)
PLACE = Setting("on", "none", has_place=False)  # Where to train, on %fit and %sweep lines.
WORD = re.compile(r"[^\s\"']*\Z")
FILE = re.compile(r"--(?:save|load)[ \t]+(?:--force[ \t]+)?[\"']?([^\"']*)\Z")
SUFFIX = ".seq"
MOST_FILES = 200
# What an option doesn't go together with.
AGAINST = {
    "--anew": ("--resume", "--find-rate"),
    "--find-rate": ("on", *NOT_OF_SEARCHES, *POLICIES),
    "--best": ("--load", "--delete"),
    "--load": ("--best", "--delete"),
    "--delete": ("--best", "--load"),
}


def complete_command(command: EditedCommand, names: Mapping[str, Any], families: Iterable[str] = ()) -> tuple[str, list[Offer]]:
    """The typed part of a word after a magic, and its completions.

    Args:
        names: the notebook's variables.
        families: the names of cells with searched values.
    """
    file = FILE.search(command.text) if command.magic == "%sequential" else None
    if file is not None:
        return file[1], matching(_files(file[1]), file[1])
    found = WORD.search(command.text)
    fragment = found[0] if found else ""
    before = command.text[: len(command.text) - len(fragment)].split()
    if fragment.startswith("-"):
        runs = resume_offers("".join(_without_options(before)[:1])) if command.magic == "%fit" and fragment.startswith(RESUME) else ()
        return fragment, [offer for offer in (*_options(command.magic, before), *runs) if offer.text.startswith(fragment)]
    offers = [*_names(command.magic, before, names), *_options(command.magic, before)]
    if command.magic == "%sweep" and not _without_options(before):
        offers += (Offer(name, "networks", gettext("your cell with choices"), BEST) for name in families)
    return fragment, matching(offers, fragment)


def with_options_of(part: FitData, entry: VocabularyEntry | None) -> VocabularyEntry | None:
    """An entry; if it is the fit line, with the options that the magic adds to it, and without those that it refuses."""
    if entry is None or (entry.kind, entry.word) != ("statement", "fit") or part.magic not in ("fit", "sweep"):
        return entry
    if part.searches:
        return replace(entry, settings=tuple(setting for setting in entry.settings if setting.name not in NOT_OF_SEARCHES))
    return replace(entry, settings=(*entry.settings, *(OF_SWEEP if part.magic == "sweep" else ()), PLACE))


def _without_options(words: list[str]) -> list[str]:
    """The words that are neither an option nor an option's value."""
    return [word for word, last in zip(words, ["", *words], strict=False) if not word.startswith("-") and last not in WITH_WORD]


def _options(magic: str, before: list[str]) -> Iterator[Offer]:
    if before and before[-1] == "--save":
        yield Offer("--force", "option", gettext("overwrites a file even if it was not written by --save"), GOOD)
    if before[-1:] and before[-1] in WITH_WORD:
        return  # The option's value comes first.
    typed = {word.partition("=")[0] for word in before}
    runs = _without_options(before) if magic == "%runs" else ()
    for option, meaning in OPTIONS[magic].items():
        if option in typed or typed & {*AGAINST.get(option, ()), *(one for one in AGAINST if option in AGAINST[one])}:
            continue
        if goes_with(option, runs):
            yield Offer(option, "option", gettext(meaning), OTHER)


def _names(magic: str, before: list[str], names: Mapping[str, Any]) -> Iterator[Offer]:
    """The names of models, where one is expected."""
    if before[-1:] == ["--best"]:
        yield from measure_offers()
    elif before[-1:] == ["--names"]:
        lists = [
            name for name, value in names.items() if type(value) in (list, tuple) and value and all(type(item) is str for item in value)
        ]
        yield from (
            Offer(name, "variable", gettext("your names, {count} of them", count=len(names[name])), GOOD)
            for name in lists
            if not name.startswith("_")
        )
    elif before[-1:] == ["--output"]:
        yield from (
            Offer(name, "output", gettext("of your model"), BEST) for name in _outputs(names.get("".join(_without_options(before)[:1])))
        )
    elif before[-1:] == ["--words"]:
        readers = [name for name, value in names.items() if hasattr(type(value), "get_vocabulary") and not name.startswith("_")]
        yield from (Offer(name, "variable", gettext("your words"), GOOD) for name in readers)
    elif before[-1:] and before[-1] in WITH_WORD:
        return
    elif magic == "%runs":
        yield from run_offers(_without_options(before), [word for word in before if word.startswith("-")])
    elif not _without_options(before):
        base = "Sequential" if magic == "%sweep" else "Model"
        models = [name for name, value in names.items() if is_model(value, base) and name.isidentifier() and not name.startswith("_")]
        yield from (Offer(name, "model", gettext("your model"), GOOD) for name in reversed(models))
    elif magic == "%sequential" and not before[0].startswith("-") and len(before) == 1:
        yield Offer("input", "line", gettext("the shape of one sample, then layers"), LATER)


def _outputs(model: Any) -> list[str]:
    """The names of a model's outputs, if the model is of one of Keras's own classes."""
    if not is_model(model) or not type(model).__module__.startswith("keras."):
        return []
    from seqmagic.analysis.task import heads_of  # Needs Keras, which a model has brought along.

    return [head.name for head in heads_of(model) if head.name]


def _files(typed: str) -> Iterator[Offer]:
    """Network files and folders that complete a path."""
    folder, _, _ = typed.rpartition("/")
    place = Path(folder or ("/" if typed.startswith("/") else ".")).expanduser()
    head = f"{folder}/" if folder or typed.startswith("/") else ""
    try:
        found = sorted(place.iterdir(), key=lambda path: (path.suffix != SUFFIX, path.name))[:MOST_FILES]
    except OSError:
        return
    for path in found:
        if path.name.startswith("."):
            continue
        if path.suffix == SUFFIX:
            yield Offer(f"{head}{path.name}", "file", gettext("a network"), BEST)
        elif path.is_dir():
            yield Offer(f"{head}{path.name}/", "folder", "", LATER)
