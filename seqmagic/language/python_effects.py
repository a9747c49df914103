"""The effects of code around a network: whether it only reads, or uses the model, and the note if it isn't run."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from seqmagic.language.python_text import PythonText
from seqmagic.translation import gettext

# Methods of a model that don't change it.
ASKED = {
    "evaluate",
    "predict",
    "predict_on_batch",
    "summary",
    "count_params",
    "get_weights",
    "get_config",
    "to_json",
    "save",
    "save_weights",
}
ASKED |= {"export", "input_shape", "output_shape", "name", "metrics_names", "history"}


# Functions without side effects, so that a name may stand for their result. A capital initial means a constructor.
HARMLESS = {"len", "int", "float", "max", "min", "abs", "round", "sum", "range", "tuple", "list", "sorted", "set", "str", "enumerate"}
HARMLESS |= {"reversed", "unique", "prod", "sqrt", "log2", "ceil", "floor", "nunique", "keys", "values", "items", "l1", "l2", "l1_l2"}
SILENT = ("summary", "clear_session", "print", "display", "plot_model")  # These need no note, because the table is shown anyway.


def names_in(node: ast.AST) -> set[str]:
    """The names used in a piece of Python."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def only_use(statements: list[ast.stmt], models: set[str], results: set[str]) -> bool:
    r"""Whether statements after a network don't change it, and only compute results of the model: a score, a plot, a print.

    >>> codes = ("print(net.predict(x))", "y = net(x)\nplot(y)", "net.layers[0].trainable = False", "f(net)", "x = x / 255")
    >>> [only_use(ast.parse(code).body, {"net"}, set()) for code in codes]
    [True, True, False, False, False]

    Args:
        models: the names of the models, which may be called.
        results: the names of variables computed with them.
    """
    results = set(results)
    for node in statements:
        if isinstance(node, (ast.For, ast.If)):
            inner = [*node.body, *node.orelse]
            if not asks_only(node, models) or not only_use(inner, models, results | names_in(getattr(node, "target", ast.Pass()))):
                return False
        elif not isinstance(node, (ast.Expr, ast.Assign, ast.Import, ast.ImportFrom)) or not asks_only(node, models):
            return False
        elif isinstance(node, ast.Assign):
            if not names_in(node.value) & (models | results):
                return False  # New data, or a custom loss: the code below may need it.
            results |= {name for target in node.targets for name in names_in(target)}
    return True


def asks_only(node: ast.stmt, models: Collection[str]) -> bool:
    """Whether a statement only calls the models, or their read-only methods."""
    allowed = 0
    for part in ast.walk(node):
        asked = isinstance(part, ast.Attribute) and part.attr in ASKED and isinstance(part.ctx, ast.Load)
        owner = part.value if asked else part.func if isinstance(part, ast.Call) else None  # type: ignore[union-attr, attr-defined]
        allowed += isinstance(owner, ast.Name) and owner.id in models
    return allowed == sum(isinstance(part, ast.Name) and part.id in models for part in ast.walk(node))


def not_run(statements: list[ast.stmt], text: PythonText) -> str:
    """The note on the statements after a network: they belong in another cell."""
    first = text.span(statements[0]).line
    last = text.source.line_of(text.place(statements[-1])[1]) + 1
    lines = gettext("Line {first} was", first=first) if first == last else gettext("Lines {first} to {last} were", first=first, last=last)
    return gettext("{lines} not run. Put code that comes after the network in a cell below.", lines=lines)


def only_looks(node: ast.AST) -> bool:
    """Whether a piece of Python calls only functions that read or print."""
    return all(name in HARMLESS or name in SILENT for name in called_in(node))


def called_in(node: ast.AST) -> Iterator[str]:
    """The last names of all functions called in a piece of Python."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
