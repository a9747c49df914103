"""In the rooms that are translated no sentence stands that nobody can translate, and none is looked up before it is shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "seqmagic"
# This list only grows. What describe/ writes is text and code, which are the same everywhere; only its errors are translated.
TRANSLATED = [
    "errors",
    "language",
    "network",
    "options",
    "classroom",
    "data",
    "training",
    "analysis",
    "recipes",
    "exercises",
    "forms",
    "sweeps",
    "widgets",
    "magics",
    "machines",
    "steps",
    "describe",
    "ledger",
    "commands",
    "editor",
]
FILES = [path for room in TRANSLATED for path in sorted((PACKAGE / room).rglob("*.py"))]
# Where a text comes before somebody's eyes: in an error, on the screen, in an element of a card; or under a name that says so.
SHOWING = re.compile(r"(Error|Errors|Interrupted|print|say|Verdict|Check)$")
TOLD = {"problem", "expected", "hint", "sentence", "told", "aria_label"}
SENTENCE = re.compile(r"(?=.*[A-Za-z]{2})(?=.* )")
# What is typed, and not said; and what only a developer sees.
TYPED = re.compile(r"^(?:%|fit |compile |model = |def )|^\S+=\S+$")
EXCEPTIONS = {
    "widgets/html.py",  # What it refuses is a fault of ours, and no one else's.
    "widgets/page/__init__.py",  # The same.
}


def bare_sentences(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        shown: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if SHOWING.search(name):
                shown += node.args
            elif name == "element":
                shown += node.args[1:]
            shown += [keyword.value for keyword in node.keywords if keyword.arg in TOLD]
        elif isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id in TOLD for target in node.targets):
            shown.append(node.value)
        for value in shown:
            yield from (f"{part.lineno}: {text}" for part, text in texts_in(value))


def texts_in(value: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """The sentences that a value may be, but those that are looked up."""
    if isinstance(value, ast.IfExp):
        yield from (found for part in (value.body, value.orelse) for found in texts_in(part))
    elif isinstance(value, ast.BoolOp):
        yield from (found for part in value.values for found in texts_in(part))
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        yield from (found for part in (value.left, value.right) for found in texts_in(part))
    elif isinstance(value, ast.Tuple):
        yield from (found for part in value.elts for found in texts_in(part))
    elif isinstance(value, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in value.values)
        if SENTENCE.match(text.replace("{}", "")) and not TYPED.search(text):
            yield value, text
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and SENTENCE.match(value.value) and not TYPED.search(value.value):
        yield value, value.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_sentence_can_be_translated(path: Path) -> None:
    if str(path.relative_to(PACKAGE)) not in EXCEPTIONS:
        assert list(bare_sentences(path.read_text("utf-8"))) == []


def test_the_rule_itself_finds_a_bare_sentence() -> None:
    code = 'raise DataError(f"The {x} is empty.", expected=gettext("a row"), hint="no row" if x else "")\nprint("compile adam mse")'
    assert list(bare_sentences(code)) == ["1: The {} is empty.", "1: no row"]


def module_level_calls(path: Path) -> Iterator[int]:
    """Where a text is looked up when the package is imported: in a language that may change."""
    pending: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            pending += node.args.defaults
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("gettext", "ngettext"):
            yield node.lineno
        pending += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_looked_up_when_the_package_is_imported(path: Path) -> None:
    assert list(module_level_calls(path)) == []
