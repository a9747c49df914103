"""Evaluation of Python in curly brackets; done only here, in a live cell."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import LanguageError
from seqmagic.language import Call, Expression, Literal, Program, Sequence, Size, Step, Value, Word, expressions_in
from seqmagic.magics.caller import local_variables, namespace_of
from seqmagic.network.expressions import expression_key
from seqmagic.translation import gettext


def evaluate(shell: InteractiveShell, program: Program | Step) -> dict[str, Any]:
    """The values of the Python expressions in a text, by key; each is evaluated once, in text order.

    Parameters of the enclosing blocks are variables in them.

    Raises:
        LanguageError: At the expression, if evaluating it raises.
    """
    found = program.expressions() if isinstance(program, Program) else expressions_in(program)
    values: dict[str, Any] = {}
    for expression in found:
        key = expression_key(expression)
        if key not in values and expression.code != "...":
            values[key] = evaluate_expression(shell, expression)
    return values


def evaluate_expression(shell: InteractiveShell, expression: Expression) -> Any:
    """The value of a Python expression.

    Raises:
        LanguageError: At the expression, if evaluating it raises.
    """
    bound = {name: _plain(value, shell) for name, value in expression.bindings}
    try:
        try:
            code = compile(expression.code, "<cell>", "eval")
        except SyntaxError:
            code = compile(expression.text, "<cell>", "eval")  # The brackets may be those of a dict or set.
        own = {**local_variables(shell), **bound}
        # A lambda or comprehension looks up its names only among the globals.
        globals_ = {**shell.user_global_ns, **shell.user_ns, **own} if own else shell.user_global_ns
        return eval(code, globals_, {**shell.user_ns, **own})  # noqa: S307  # It is the user's own code, in their own cell.
    except Exception as error:
        problem = gettext(
            "{expression} raises {error}: {error_2}",
            expression=expression.text[:60],
            error=type(error).__name__,
            error_2=str(error).splitlines()[0][:120] if str(error) else "",
        ).rstrip(": ")
        raise LanguageError(problem, expected=gettext("a Python expression with a value"), span=expression.span) from error


def _plain(value: Value, shell: InteractiveShell) -> Any:
    """The value of a block's parameter as a Python value."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Size):
        return value.dims
    if isinstance(value, Expression):
        return evaluate_expression(shell, value)
    if isinstance(value, (Call, Word)) and value.python is not None:
        return evaluate_expression(shell, value.python)
    if isinstance(value, Sequence):
        return tuple(_plain(item, shell) for item in value.items)
    return namespace_of(shell).get(value.text, value.text) if isinstance(value, Word) else value
