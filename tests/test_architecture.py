"""Imports run one way, from each room to those that stand before it in this list, and no two files need each other."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "seqmagic"
ROOMS = [
    "translation",
    "errors",
    "measure",
    "history",
    "language",
    "keras_internals",
    "network",
    "describe",
    "options",
    "classroom",
    "ledger",
    "data",
    "steps",
    "training",
    "machines",
    "analysis",
    "recipes",
    "exercises",
    "editor",
    "forms",
    "sweeps",
    "widgets",
    "magics",
    "commands",
]
# What each room may bring in from outside, besides the standard library and what the rooms before it may.
OUTSIDE: dict[str, set[str]] = {
    "translation": set(),
    "errors": set(),
    "measure": {"numpy"},
    "history": set(),
    "language": {"lark"},
    "keras_internals": {"keras", "tensorflow"},
    "network": {"pandas", "psutil"},
    "describe": set(),
    "options": set(),
    "classroom": set(),
    "ledger": {"ml_dtypes"},
    "data": {"tensorflow"},
    "steps": set(),
    "training": set(),
    "machines": {"dask", "distributed", "cloudpickle"},
    "analysis": {"sklearn"},
    "recipes": set(),
    "exercises": set(),
    "editor": set(),
    "forms": set(),
    "sweeps": {"optuna"},
    "widgets": {"ipywidgets", "anywidget", "traitlets", "matplotlib", "orjson", "PIL", "IPython", "wcwidth"},
    "magics": set(),
    "commands": {"nbclient", "nbformat", "jupyter_client", "jupyter_core"},
}
LARGEST_SHARE = 0.25  # Of the code: a room beyond that has more than one subject.
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem not in ("__init__", "__main__"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def imports_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
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
    assert offences("language", iter(["keras", "seqmagic.network.plan", "re", "lark"])) == ["keras", "seqmagic.network.plan"]


# What shows the other rooms, and what reads its lines: the tests of all rooms use the package's own functions, but not these.
SHOWING = ROOMS[ROOMS.index("widgets") :]
TESTS = [path for room in ROOMS for path in sorted((PACKAGE.parent / "tests" / room).rglob("*.py"))]
NEEDS_A_CLUSTER = ("test_class_machines.py",)  # Says what is shown of a run whose worker was lost.


@pytest.mark.parametrize("path", TESTS, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_test_stands_in_the_room_that_shows_what_it_tests(path: Path) -> None:
    room = path.relative_to(PACKAGE.parent / "tests").parts[0]
    uses = {name.split(".")[1] for name in imports_of(path) if name.startswith("seqmagic.")}
    above = [used for used in SHOWING if used in uses and ROOMS.index(used) > ROOMS.index(room)]
    assert above == [] or path.name in NEEDS_A_CLUSTER


def test_every_file_has_a_room() -> None:
    assert {room_of(path) for path in FILES} == set(ROOMS)


def test_the_design_page_lists_the_rooms_in_their_order() -> None:
    page = (PACKAGE.parent / "docs" / "design.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)(?:/|\.py)` \|", page, re.MULTILINE) == ROOMS


KNOWN = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for file in PACKAGE.rglob("*.py")}


def modules_of(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, those that only its types need among them."""
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from {inner if inner in KNOWN else node.module or ""} & KNOWN
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & KNOWN


def test_no_files_go_in_a_circle() -> None:
    needs = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): set(modules_of(path)) for path in FILES
    }
    TopologicalSorter({name: others - {name} for name, others in needs.items()}).prepare()  # Raises CycleError with the circle.


def test_no_room_has_more_than_a_quarter_of_the_code() -> None:
    lines: Counter[str] = Counter()
    for path in FILES:
        lines[room_of(path)] += len(path.read_text("utf-8").splitlines())
    assert max(lines.values()) <= LARGEST_SHARE * lines.total()


def test_no_two_classes_have_one_name() -> None:
    names = Counter(
        node.name for path in FILES for node in nodes_of(path) if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []
