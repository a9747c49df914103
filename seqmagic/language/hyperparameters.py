"""Hyperparameters: what Keras Tuner and Optuna draw in pasted code, as searched values of this language.

    hp.Int("units", 32, 512, step=32)     between(32, 512, 32)
    hp.Float("rate", 1e-4, 1e-2, sampling="log")     log(0.0001, 0.01)
    trial.suggest_categorical("activation", ["relu", "tanh"])     choice('relu', 'tanh')

Sources: the documentation of `keras_tuner.HyperParameters` and of `optuna.trial.Trial`. In both, a name that is used again stands for the
same value.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seqmagic.errors import Span
from seqmagic.language.python_text import dotted_name
from seqmagic.language.syntax import Argument, Call, Literal, Sequence, Value, Word

OWNERS = ("hp", "trial")  # Nearly all code calls them so.
# The parameters of each method, in order; those with a default that changes nothing here are left out.
METHODS: dict[str, tuple[str, ...]] = {
    "hp.Int": ("name", "min_value", "max_value", "step", "sampling", "default"),
    "hp.Float": ("name", "min_value", "max_value", "step", "sampling", "default"),
    "hp.Choice": ("name", "values", "ordered", "default"),
    "hp.Boolean": ("name", "default"),
    "trial.suggest_int": ("name", "low", "high", "step", "log"),
    "trial.suggest_float": ("name", "low", "high", "step", "log"),
    "trial.suggest_uniform": ("name", "low", "high"),
    "trial.suggest_loguniform": ("name", "low", "high"),
    "trial.suggest_categorical": ("name", "choices"),
}


def is_hyperparameter(node: ast.expr) -> bool:
    """Whether an expression is a value that one of both draws.

    >>> [is_hyperparameter(ast.parse(code, mode="eval").body) for code in ("hp.Int('units', 1, 3)", "hp.get('units')", "trial.number")]
    [True, False, False]
    """
    return isinstance(node, ast.Call) and (dotted_name(node.func) or "") in METHODS


@dataclass
class Hyperparameters:
    """The values that were read so far.

    Attributes:
        spans: where each one was first, by its name in the code: a searched value is known by its place.
    """

    spans: dict[str, Span] = field(default_factory=dict)

    def read(self, called: str, call: Call) -> Call | None:
        """A call as a searched value; None if it doesn't tell the name and the values plainly.

        Args:
            called: the method, such as "hp.Int".
        """
        given = _bind(METHODS[called], call.arguments)
        name = given.get("name") if given is not None else None
        if given is None or not isinstance(name, Literal) or not isinstance(name.value, str):
            return None
        kind, values = _searched(called, given, call.span)
        if not values or not all(isinstance(value, Literal) for value in values):
            return None
        span = self._place(name.value, call.span)
        return Call(Word(kind, span), tuple(Argument(value, None, span) for value in values), span)

    def _place(self, name: str, span: Span) -> Span:
        """The place of a name. In a loop, one call may draw several: they are told apart by their ends."""
        if name not in self.spans:
            while span in self.spans.values():
                span = replace(span, end=span.end + 1)
            self.spans[name] = span
        return self.spans[name]


def _bind(parameters: tuple[str, ...], arguments: tuple[Argument, ...]) -> dict[str, Value] | None:
    """The arguments by name; None if one has no such parameter."""
    placed = iter(parameters)
    given = {(one.name.text if one.name is not None else next(placed, "")): one.value for one in arguments}
    return given if set(given) <= set(parameters) else None


def _searched(called: str, given: Mapping[str, Value], span: Span) -> tuple[str, tuple[Value, ...]]:
    """The word of a searched value and its arguments; without any if they can't be told."""
    if called == "hp.Boolean":
        return "choice", tuple(Literal(value, span) for value in (True, False))
    listed = given.get("values", given.get("choices"))
    if listed is not None:
        return "choice", listed.items if isinstance(listed, Sequence) else ()
    low, high = given.get("min_value", given.get("low")), given.get("max_value", given.get("high"))
    if low is None or high is None:
        return "between", ()
    sampling, log, step = (getattr(given.get(name), "value", None) for name in ("sampling", "log", "step"))
    if sampling == "log" or log is True or called.endswith("loguniform"):
        return "log", (low, high) if step in (None, 1) else ()
    whole = called.endswith(("Int", "int"))
    return "between", (low, high, *([Literal(step, span)] if step not in (None, 1 if whole else None) else []))
