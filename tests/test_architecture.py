"""Imports run one way: errors <- language <- measure <- model <- training <- widgets <- magics."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "seqmagic"
ROOMS = ["errors", "language", "measure", "model", "training", "widgets", "magics"]
# What each room may bring in from outside, besides the standard library and what the rooms to its left may.
OUTSIDE = {
    "errors": set(),
    "language": {"lark"},
    "measure": {"numpy"},
    "model": {"keras", "pandas", "psutil"},
    "training": {"ml_dtypes", "tensorflow"},
    "widgets": {"ipywidgets", "anywidget", "traitlets", "matplotlib", "orjson", "PIL", "IPython"},
    "magics": set(),
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem in ("errors", "measure"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield node.module or ""


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def allowed_outside(room: str) -> set[str]:
    """The packages of this room and of those to its left; the language keeps Keras out for good by standing left of it."""
    return set().union(*(OUTSIDE[left] for left in ROOMS[: ROOMS.index(room) + 1]))


def offences(room: str, names: Iterator[str]) -> list[str]:
    found = []
    for name in names:
        top, *inner = name.split(".")
        if top == "seqmagic":
            uphill = inner and ROOMS.index(inner[0]) > ROOMS.index(room)
            found += [name] if uphill or not inner else []
        elif top not in sys.stdlib_module_names and top not in allowed_outside(room):
            found.append(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_stands_to_its_left(path: Path) -> None:
    assert offences(room_of(path), imports_of(path)) == []


def test_the_rule_itself_catches_an_import_that_runs_uphill() -> None:
    assert offences("language", iter(["keras", "seqmagic.model.plan", "re", "lark"])) == ["keras", "seqmagic.model.plan"]


def test_every_file_has_a_room() -> None:
    assert {room_of(path) for path in FILES} == set(ROOMS)
