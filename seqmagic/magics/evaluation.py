"""Evaluation: the Python in curly brackets, in a live cell and nowhere else."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import LanguageError
from seqmagic.language import Call, Expression, Literal, Program, Sequence, Size, Step, Value, Word, expressions_in
from seqmagic.magics.caller import local_variables, namespace_of
from seqmagic.network.expressions import expression_key
from seqmagic.translation import gettext


def evaluate(shell: InteractiveShell, program: Program | Step) -> dict[str, Any]:
    """What each piece of Python in a text comes to, by its key; each is evaluated once, in the order of the text.

    The parameters of the blocks around it are variables in it.

    Raises:
        LanguageError: At the piece, when Python raises anything.
    """
    found = program.expressions() if isinstance(program, Program) else expressions_in(program)
    values: dict[str, Any] = {}
    for expression in found:
        key = expression_key(expression)
        if key not in values and expression.code != "...":
            values[key] = evaluate_expression(shell, expression)
    return values


def evaluate_expression(shell: InteractiveShell, expression: Expression) -> Any:
    """What one piece of Python comes to.

    Raises:
        LanguageError: At the piece, when Python raises anything.
    """
    bound = {name: _plain(value, shell) for name, value in expression.bindings}
    try:
        try:
            code = compile(expression.code, "<cell>", "eval")
        except SyntaxError:
            code = compile(expression.text, "<cell>", "eval")  # The brackets may be those of a dictionary.
        own = {**local_variables(shell), **bound}
        # A lambda or a comprehension looks for its names among the globals alone.
        globals_ = {**shell.user_global_ns, **shell.user_ns, **own} if own else shell.user_global_ns
        return eval(code, globals_, {**shell.user_ns, **own})  # noqa: S307  # It is the user's own, in their own cell.
    except Exception as error:
        problem = gettext(
            "{expression} gives {error}: {error_2}",
            expression=expression.text[:60],
            error=type(error).__name__,
            error_2=str(error).splitlines()[0][:120] if str(error) else "",
        ).rstrip(": ")
        raise LanguageError(problem, expected=gettext("Python that gives a value"), span=expression.span) from error


def _plain(value: Value, shell: InteractiveShell) -> Any:
    """The value of a block's parameter as Python."""
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
