"""The docstrings of the public API are in Google's form and whole, so that `help` and the site show each argument, result and error."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

import seqmagic
from seqmagic.sweeps.sweep import Sweep
from seqmagic.training.run import Run
from seqmagic.translation import gettext
from seqmagic.translation.chosen import choose_language, speaking
from seqmagic.translation.docstrings import members_of, translate_docstrings


def functions() -> Iterator[tuple[str, Any]]:
    for name in seqmagic.__all__:
        thing = getattr(seqmagic, name)
        if inspect.isfunction(thing):
            yield name, thing
    for owner in (Run, Sweep):
        for name, thing in members_of(owner).items():
            if inspect.isfunction(thing):
                yield f"{owner.__name__}.{name}", thing


FUNCTIONS = dict(functions())
# An argument, or a row of the package's own list.
ENTRY = re.compile(r"^(?:    \w+(?:, \w+)*: |\w+(?:, \w+)* {2})", re.MULTILINE)
CHINESE = re.compile("[一-鿿]")
WITHOUT_RETURNS = ("find_rate",)  # Its first sentence says it.


def sections_of(thing: Any) -> dict[str, str]:
    """The sections of a docstring, each with its text."""
    found = re.split(r"^(Args|Returns|Raises|Attributes):\n", inspect.getdoc(thing) or "", flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def arguments_of(section: str) -> set[str]:
    """The arguments that a section has an entry for; several may share one."""
    heads = re.findall(r"^    (\w+(?:, \w+)*): ", section, re.MULTILINE)
    return {name for head in heads for name in head.split(", ")}


def parameters_of(thing: Any) -> set[str]:
    return set(inspect.signature(thing).parameters) - {"self"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_argument_has_an_entry_and_no_other(name: str) -> None:
    assert arguments_of(sections_of(FUNCTIONS[name]).get("Args", "")) == parameters_of(FUNCTIONS[name])


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "." not in name and name not in WITHOUT_RETURNS])
def test_each_function_says_what_it_returns(name: str) -> None:
    assert sections_of(FUNCTIONS[name])["Returns"].strip()


def test_a_run_has_an_entry_for_each_of_its_arguments() -> None:
    assert arguments_of(sections_of(Run)["Args"]) >= parameters_of(Run)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_raised_has_a_section_and_no_sentence(name: str) -> None:
    prose = re.split(r"^Args:\n", inspect.getdoc(FUNCTIONS[name]) or "", flags=re.MULTILINE)[0]
    assert not re.search(r"^Raises \w", prose, re.MULTILINE)
    for line in sections_of(FUNCTIONS[name]).get("Raises", "").splitlines():
        assert re.match(r"    \w+(, \w+)*: |     ", line) or not line.strip(), line


def public_things() -> dict[str, Any]:
    """What a notebook asks for help on; getting it puts its docstrings into the current language."""
    return {"seqmagic": seqmagic, "Sweep": Sweep, **{name: getattr(seqmagic, name) for name in seqmagic.__all__}}


def documented() -> dict[str, str]:
    """The docstrings as they are now, also of methods, of properties and of the package itself."""
    things = public_things()
    parts = {f"{name}.{part}": member for name, thing in things.items() for part, member in members_of(thing).items()}
    return {name: inspect.getdoc(thing) or "" for name, thing in (things | parts).items()}


def in_chinese() -> dict[str, str]:
    choose_language("zh")
    try:
        return documented()
    finally:
        choose_language("")


def shown_by_help(owner: type) -> set[str]:
    """The public names that `help` shows of a class, as far as the package has written them."""
    attributes = [one for one in inspect.classify_class_attrs(owner) if not one.name.startswith("_")]
    ours = [one for one in attributes if one.defining_class.__module__.startswith("seqmagic.")]
    return {one.name for one in ours if one.kind != "data"}


@pytest.mark.filterwarnings("ignore:Widget:DeprecationWarning")
@pytest.mark.parametrize("owner", [thing for thing in public_things().values() if inspect.isclass(thing)])
def test_each_name_that_help_shows_of_a_class_is_in_chinese(owner: type) -> None:
    chinese = in_chinese()
    names = shown_by_help(owner)
    assert len(names) >= 4
    assert [name for name in sorted(names) if not CHINESE.search(chinese.get(f"{owner.__name__}.{name}", ""))] == []


class Every:
    """Has a docstring in each of the ways that there are."""

    @property
    def of_a_property(self) -> int:
        """Continue after a pause."""
        return 1

    @cached_property
    def of_a_cached_one(self) -> int:
        """Continue after a pause."""
        return 1

    @classmethod
    def of_the_class(cls) -> None:
        """Continue after a pause."""

    @staticmethod
    def of_none() -> None:
        """Continue after a pause."""

    @of_a_property.setter
    def of_a_property(self, value: int) -> None:
        """Nothing shows this."""


class Heir(Every):
    """Has them from another one."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_docstring_of_any_kind_of_member_is_translated_and_taken_back(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Every, "__module__", "seqmagic.of_a_test")
    with speaking(language):
        translate_docstrings([Heir])
        shown = {inspect.getdoc(getattr(Heir, name)) for name in shown_by_help(Heir)}
        assert shown_by_help(Heir) == {"of_a_property", "of_a_cached_one", "of_the_class", "of_none"}
        assert shown == {gettext("Continue after a pause.")}
        assert bool(CHINESE.search(str(shown))) == (language == "zh")


def test_each_docstring_says_everything_in_chinese() -> None:
    english, chinese = documented(), in_chinese()
    assert documented() == english
    assert {"seqmagic", "build", "Run", "Run.more", "Run.history", "Sweep.wait", "Dashboard.run", "SeqmagicError.instead"} <= set(chinese)
    for name, text in chinese.items():
        blocks, translated = english[name].split("\n\n"), text.split("\n\n")
        assert len(blocks) == len(translated), name
        for block, other in zip(blocks, translated, strict=True):
            if block.startswith(">>>"):
                assert other == block, name
                continue
            if not ENTRY.findall(block):
                assert CHINESE.search(other), (name, other)
            assert ENTRY.findall(other) == ENTRY.findall(block), name
            assert all(CHINESE.search(line) for line in other.splitlines() if ENTRY.match(line)), (name, other)
