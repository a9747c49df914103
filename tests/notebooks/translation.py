"""The notebooks in other languages, a folder each: which of their cells no longer say what the English ones say.

    python -m tests.notebooks.translation                           # what is to be done
    python -m tests.notebooks.translation --stamp notebooks/zh/1-first-network.ipynb    # it is done: every cell there says what the English one says

A cell has the id of the English cell that it translates, and in its metadata a hash of what that one said. To stamp a notebook takes over the code
that has no words of its own; a text that was changed in English has to be translated first, and a new cell to be put in, by hand.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

ENGLISH = Path(__file__).parents[2] / "notebooks"
# Seqmagic's own words in the language of a folder: behind `%load_ext` in each notebook.
LANGUAGE_LINES = {"zh": '%config SeqMagics.language = "zh"'}
# A text block below a fold whose title is the last word before it: the solution of an exercise.
SOLUTION = re.compile(r"<details><summary>[^<]+</summary>\n\n```text\n(.*?)\n```", re.DOTALL)
COMMENT = re.compile(r"(?<!\S)#\s.*")
ANSWERS = re.compile(r"# *(?:out|params)=|# YOUR CODE HERE")


def translations() -> list[Path]:
    return sorted(ENGLISH.glob("*/*.ipynb"))


def original_of(path: Path) -> Path:
    return ENGLISH / path.name


def hash_of(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def has_own_words(text: str) -> bool:
    """Whether it has a letter or sign that English has not."""
    return not text.isascii()


def expected_code(cell: Any, language: str) -> str:
    """What the English cell says, with the line for seqmagic's own language."""
    line = LANGUAGE_LINES.get(language)
    return f"{cell.source}\n{line}" if line and cell.source == "%load_ext seqmagic" else str(cell.source)


def _says_the_same(ours: str, theirs: str) -> bool:
    """Whether a text or comment is the English one, or words of its own in its place."""
    return ours == theirs or (has_own_words(theirs) and not ANSWERS.search(ours))


class _TextsApart(ast.NodeTransformer):
    """Takes the texts out of a program; what an f-string puts into its text may come in any order."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str):
            return node
        self.texts.append(node.value)
        return ast.Constant("")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.texts.append("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))
        return ast.Set(sorted((part for part in node.values if isinstance(part, ast.FormattedValue)), key=ast.dump))


def _program_and_texts(source: str) -> tuple[str, list[str]]:
    apart = _TextsApart()
    tree = apart.visit(ast.parse(TransformerManager().transform_cell(source)))
    return ast.dump(tree), apart.texts


def _same_program(ours: str, theirs: str) -> bool:
    (program, texts), (other_program, other_texts) = _program_and_texts(ours), _program_and_texts(theirs)
    return program == other_program and all(map(_says_the_same, texts, other_texts))


def _same_layers(ours: str, theirs: str) -> bool:
    lines = ours.splitlines(), theirs.splitlines()
    comments = [[(COMMENT.search(line) or [""])[0] for line in text] for text in lines]
    code = [[COMMENT.sub("", line).rstrip() for line in text] for text in lines]
    return code[0] == code[1] and all(map(_says_the_same, *comments))


def is_same_code(ours: str, theirs: str) -> bool:
    """Whether two cells do the same: they differ in comments, and in texts that are words of another language."""
    return _same_layers(ours, theirs) if ours.startswith("%%") else _same_program(ours, theirs)


def stale_cells(path: Path) -> list[str]:
    """A line for each cell of a translated notebook that doesn't go with the English one of today."""
    ours, theirs = nbformat.read(original_of(path), 4).cells, nbformat.read(path, 4).cells
    if [cell.id for cell in ours] != [cell.id for cell in theirs]:
        there, here = {cell.id for cell in ours}, {cell.id for cell in theirs}
        return [f"cells: missing {sorted(there - here)}, no longer in English {sorted(here - there)}, or in another order"]
    problems = [
        (cell.id, problem) for cell, twin in zip(ours, theirs, strict=True) if (problem := _problem_of(cell, twin, path.parent.name))
    ]
    return [f"{name}: {problem}" for name, problem in problems]


def _problem_of(ours: Any, theirs: Any, language: str) -> str:
    if (theirs.cell_type, theirs.metadata.get("tags")) != (ours.cell_type, ours.metadata.get("tags")):
        return "is of another kind, or has other tags"
    if theirs.metadata.get("seqmagic") != {"of": ours.id, "hash": hash_of(ours.source)}:
        return "the English cell says something else today"
    if ours.cell_type == "code" and not is_same_code(expected_code(ours, language), theirs.source):
        return "its code is not that of the English cell"
    if ours.cell_type == "markdown" and not has_own_words(theirs.source):
        return "is not translated"
    return ""


def stamp(path: Path) -> None:
    """Say of each cell that it is today's English one in another language; code without words of its own is taken over."""
    notebook = nbformat.read(path, 4)
    originals = {cell.id: cell for cell in nbformat.read(original_of(path), 4).cells}
    for cell in notebook.cells:
        ours = originals[cell.id]
        cell.metadata["seqmagic"] = {"of": ours.id, "hash": hash_of(ours.source)}
        if ours.cell_type == "code" and not has_own_words(cell.source):
            cell.source = expected_code(ours, path.parent.name)
    nbformat.write(notebook, path)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--stamp"]:
        for name in arguments[1:]:
            stamp(Path(name).resolve())
    problems = [f"{path.relative_to(ENGLISH)} {line}" for path in translations() for line in stale_cells(path)]
    sys.stdout.write("\n".join(problems or ["Every translated cell says what the English one says."]) + "\n")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
