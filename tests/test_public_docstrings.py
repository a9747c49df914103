"""The docstrings of the public API are in Google's form and whole, so that `help` and the site show each argument, result and error."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import seqmagic
from seqmagic.sweeps.sweep import Sweep
from seqmagic.training.run import Run
from seqmagic.translation.chosen import choose_language
from seqmagic.translation.docstrings import methods_of


def functions() -> Iterator[tuple[str, Any]]:
    for name in seqmagic.__all__:
        thing = getattr(seqmagic, name)
        if inspect.isfunction(thing):
            yield name, thing
    for owner in (Run, Sweep):
        for name, thing in vars(owner).items():
            if inspect.isfunction(thing) and not name.startswith("_"):
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


def documented() -> dict[str, str]:
    """The docstrings as they are now, also of methods and of the package itself."""
    things = {"seqmagic": seqmagic, "Sweep": Sweep, **{name: getattr(seqmagic, name) for name in seqmagic.ROOMS}}
    parts = {f"{name}.{method.__name__}": method for name, thing in things.items() for method in methods_of(thing)}
    return {name: inspect.getdoc(thing) or "" for name, thing in (things | parts).items()}


def test_each_docstring_says_everything_in_chinese() -> None:
    english = documented()
    choose_language("zh")
    chinese = documented()
    choose_language("")
    assert documented() == english
    assert {"seqmagic", "build", "Run", "Run.more", "Sweep.wait"} <= set(chinese)
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
