"""Python source: parses pasted code with Python's parser, and the error for a whole program."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from seqmagic.errors import LanguageError, PyTorchError
from seqmagic.language.lines import Source
from seqmagic.language.python_text import PythonText, dotted_name
from seqmagic.language.pytorch import KERAS, uses_pytorch
from seqmagic.translation import gettext

# Lines that look like pasted Keras code; a text without any is not parsed as Python.
PASTED = re.compile(r"^[ \t]*(?:[\w.]+[ \t]*(?:(?::[ \t]*[\w.\[\], ]+)?=[^=]|\()|(?:from|import|def|for)\b)", re.MULTILINE)
PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?)", re.MULTILINE)
NUMBERED = re.compile(r"^[ \t]*\d+[ \t]*[:.|]?(?=[ \t]|$)", re.MULTILINE)


# Shell commands and magics in pasted code, except for seqmagic's own magics, which are handled elsewhere.
SHELL = re.compile(
    r"^[ \t]*(?:(?:%(?!fit\b|sequential\b|runs\b|%)|!)\w[^\n]*|\?{1,2}[A-Za-z_][\w.]*[ \t]*$|[A-Za-z_][\w.]*\?{1,2}[ \t]*$)", re.MULTILINE
)
PARSED = ""  # For a syntax error, Python would read the line from a file of this name, which can't exist.


def parse_python(source: Source, start: int = 0, end: int | None = None) -> tuple[ast.Module, PythonText] | None:
    """The syntax tree of a part of a text, or None if it isn't Python.

    Prompts and line numbers copied with it are ignored; the part may be indented as a whole.
    """
    code = source.text[start:end]
    if not PASTED.search(PROMPT.sub("", code)) and not NUMBERED.match(code):
        return None
    first = source.line_of(start)
    column = start - source.start_of(first)
    code = _without_prompts(" " * column + code)
    cut = source.copied.cut if end is None else ()
    if cut:  # Marks of different widths, such as 9. and 10., shift the code behind them.
        code = "\n".join(line[width:] for line, width in zip(code.split("\n"), cut, strict=True))
    if re.match(r"(?:[ \t]*\n)*[ \t]+[^ \t\n]", code):
        # Python accepts indented lines only inside a block.
        code, first = f"if True:\n{code}", first - 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarnings don't matter, because the code isn't run.
            tree = ast.parse(code, PARSED)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if first < source.line_of(start):
        tree.body = tree.body[0].body  # type: ignore[attr-defined]
    text = PythonText(code, source, first, cut)
    return (tree, text) if is_program(tree) or not any(_is_spaced(node, text) for node in tree.body) else None


def without_marks(source: Source) -> str:
    """A whole text as Python reads it: without prompts, line numbers and other marks in front of its lines."""
    code, cut = _without_prompts(source.text), source.copied.cut
    return "\n".join(line[width:] for line, width in zip(code.split("\n"), cut, strict=True)) if cut else code


def shell_lines(source: Source) -> list[str]:
    """The shell commands and magics in a text."""
    return [match.strip() for match in SHELL.findall(source.text)]


def _without_prompts(code: str) -> str:
    """Replace prompts, line numbers and shell lines by blanks."""
    code = SHELL.sub(lambda match: " " * len(match[0]), code)
    code = PROMPT.sub(lambda match: " " * len(match[0]), code)
    written = [line for line in code.split("\n") if line.strip()]
    numbers = [match[0].strip(" \t:.|") for line in written if (match := NUMBERED.match(line))]
    if len(numbers) > 1 and len(numbers) == len(written) and [int(number) for number in numbers] == sorted({int(n) for n in numbers}):
        code = NUMBERED.sub(lambda match: " " * len(match[0]), code)
    return code


def refuse_program(node: ast.AST, text: PythonText, model: str) -> LanguageError:
    """The error for a cell that is a Python program, which can be run as it is."""
    if text.source.copied.note:
        expected = gettext(
            "only the code, in a cell without %%sequential; afterwards, `%sequential {model}` shows the network", model=model
        )
    else:
        expected = gettext("the cell without its %%sequential line; afterwards, `%sequential {model}` shows the network", model=model)
    start, end = text.place(node)
    line = text.source.text[start:end].split("\n")[0]
    if uses_pytorch(text.source.text):
        return PyTorchError(gettext("This is PyTorch, and not Keras: {line!r}.", line=line[:60]), expected=KERAS, span=text.span(node))
    return LanguageError(
        gettext("This is Python code, and {line!r} has to be run.", line=line[:60]), expected=expected, span=text.span(node)
    )


def models_of(tree: ast.Module) -> Iterator[str]:
    """The names of a program's models."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            name = dotted_name(node.value.func) or ""
            if name.rpartition(".")[2] in ("Sequential", "Model") or "model" in name.lower():
                yield node.targets[0].id


def is_program(tree: ast.Module) -> bool:
    """Whether valid Python is a program, and not just a line that is valid in both languages."""
    body = [node for node in tree.body if not _is_input(node)]
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.AugAssign, ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.If)
    calls = (node.value for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    return any(isinstance(node, (*kinds, ast.Try, ast.Match)) for node in body) or any(_is_method(call.func) for call in calls)


def _is_method(called: ast.expr) -> bool:
    """Whether a method is called, as in model.add(...), and not a layer, as in keras.layers.Dense(...)."""
    return isinstance(called, ast.Attribute) and not called.attr[:1].isupper()


def _is_spaced(node: ast.stmt, text: PythonText) -> bool:
    """Whether a statement is a word followed by a value in brackets, which is a call only in Python: input (28, 28)."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or _is_method(node.value.func):
        return False
    _, end = text.place(node.value.func)
    return text.source.text[end] != "("


def _is_input(node: ast.stmt) -> bool:
    """Whether a statement is an input line with a surplus =: input = 8."""
    named = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "input"
    return named and not isinstance(node.value, ast.Call)  # type: ignore[attr-defined]
