"""Typed fixes: a suggested fix uses only names that exist in this notebook."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterator

from seqmagic.errors import SeqmagicError, SeveralErrors
from seqmagic.translation import gettext

IMPORTS = {"np": "import numpy as np", "pd": "import pandas as pd", "tf": "import tensorflow as tf", "keras": "import keras"}
OPTION = re.compile(r"([a-z_]+)=(?![=\s])(.+)")
CALLBACK = re.compile(r"keras\.callbacks\.(\w+)(\(.*\))")


def settle_fixes(error: SeqmagicError, names: Collection[str]) -> None:
    """Add the imports that fixes in Python need, and drop fixes that need a name which the notebook doesn't have.

    Args:
        names: of the notebook. Fixes in the text of a cell have been tried there.
    """
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        if single.span is None:
            single.fixes = tuple(filter(None, (settled(fix, names) for fix in single.fixes)))


def settled(fix: str, names: Collection[str]) -> str:
    """A fix adapted to a notebook with these names, "" if it doesn't work there.

    >>> settled("y = np.array(y)", ["y"])
    'import numpy as np; y = np.array(y)'
    >>> settled("class_weight=dict(enumerate(weights))", ["x", "y"])
    ''
    >>> settled("class_weight=dict(enumerate(weights))", ["weights"])
    'class_weight={dict(enumerate(weights))}'
    """
    known, missing, pieces = {*names, *dir(builtins)}, [], []
    for piece in fix.split(gettext(", and ")):
        written, free, bound = _read(piece)
        missing += [name for name in free if name not in known]
        known |= bound
        pieces.append(written)
    if not set(missing) <= set(IMPORTS):
        return ""
    imports = "".join(f"{IMPORTS[name]}; " for name in dict.fromkeys(missing))
    return imports + gettext(", and ").join(pieces)


def _read(piece: str) -> tuple[str, list[str], set[str]]:
    """A piece of a fix as typed, the names that it needs, and those that it assigns; a line of the language needs none."""
    callback, option = CALLBACK.fullmatch(piece), OPTION.fullmatch(piece)
    if callback:
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", callback[1]).lower()
        return f"callbacks={word}{callback[2]}", list(_free(callback[2])), set()
    if option:
        tree = _parsed(option[2])
        is_code = tree is not None and not _is_plain(tree.body[0])
        return f"{option[1]}={{{option[2]}}}" if is_code else piece, list(_free(option[2])), set()
    tree = _parsed(piece)
    if tree is None or not isinstance(tree.body[0], (ast.Assign, ast.Expr)) or (isinstance(tree.body[0], ast.Expr) and not _is_ours(piece)):
        return piece, [], set()
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return piece, [name for name in _free(piece) if name not in made or _is_read_first(piece, name)], made


def _parsed(code: str) -> ast.Module | None:
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    return tree if tree.body else None


def _is_ours(piece: str) -> bool:
    return piece.partition(".")[0] in IMPORTS


def _is_plain(node: ast.stmt) -> bool:
    """Whether a value can stand on a fit line as it is: a number, a string, a name, or several of them."""
    value = node.value if isinstance(node, ast.Expr) else None
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return all(isinstance(part, (ast.Constant, ast.Name)) for part in parts)


def _free(code: str) -> Iterator[str]:
    """The names that a piece of Python reads, except those bound by its comprehensions."""
    tree = _parsed(code)
    if tree is not None:
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        own = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name)}
        yield from dict.fromkeys(node.id for node in names if isinstance(node.ctx, ast.Load) and node.id not in own)


def _is_read_first(piece: str, name: str) -> bool:
    """Whether a variable is read before it is assigned, as in `y = y - 1`."""
    return bool(re.search(rf"\b{re.escape(name)}\b", piece.partition("=")[2]))
