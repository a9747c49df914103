"""Static values: the values of Python expressions that can be computed without running any user code.

    df[["a", "b"]]    x_train[:100]    x.shape[1]    2 * width    frame.price

Only names, arithmetic on plain numbers, and parts of arrays, tables and built-in containers are evaluated, nothing else.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

PLAIN = (int, float, str, bool, type(None), list, tuple, dict, np.ndarray)
OF_ARRAYS = ("shape", "T", "size", "ndim")
OF_TABLES = (*OF_ARRAYS, "values", "columns", "index")

SUMS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv, ast.Div: operator.truediv}
LARGEST = 2**53  # Largest number in an expression: no text may cause a slow computation.


class NeedsRunning(Exception):  # noqa: N818  # Not named Error: only running the code can tell the value.
    """A Python expression whose value is known only by running it."""


def static_value(code: str, names: Mapping[str, Any]) -> Any:
    """The value of a Python expression.

    >>> static_value("x.shape[1]", {"x": np.ones((3, 4))})
    4
    >>> static_value("2 * width", {"width": 8})
    16

    Raises:
        NeedsRunning: If it can't be computed without running code.
    """
    try:
        return _look(ast.parse(code.strip(), mode="eval").body, names)
    except NeedsRunning:
        raise
    except Exception as error:
        raise NeedsRunning(code) from error  # A missing attribute or key, or invalid Python.


def _look(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and node.value is not ...:
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_look(item, names) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_look(node.operand, names)
    if isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        return SUMS[type(node.op)](_number(_look(node.left, names)), _number(_look(node.right, names)))
    if isinstance(node, ast.Slice):
        return slice(*(None if part is None else _look(part, names) for part in (node.lower, node.upper, node.step)))
    if isinstance(node, ast.Subscript):
        return _known(_look(node.value, names))[_look(node.slice, names)]
    if isinstance(node, ast.Attribute):
        owner = _known(_look(node.value, names))
        if node.attr in (OF_ARRAYS if type(owner) is np.ndarray else OF_TABLES) or node.attr in getattr(owner, "columns", ()):
            return getattr(owner, node.attr)
    raise NeedsRunning


def _number(value: Any) -> Any:
    """Return a plain number that is small enough to compute with."""
    if type(value) in (int, float) and abs(value) <= LARGEST:
        return value
    raise NeedsRunning


def _known(owner: Any) -> Any:
    """Return an object whose items and attributes are looked up by NumPy, pandas or Python itself."""
    if type(owner) in PLAIN or type(owner).__module__.partition(".")[0] == "pandas":
        return owner
    raise NeedsRunning
