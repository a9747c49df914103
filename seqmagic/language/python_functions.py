"""Functions in pasted code: calls are replaced by the function's body, with the arguments inserted."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Self

from seqmagic.errors import LanguageError
from seqmagic.language.hyperparameters import OWNERS
from seqmagic.language.python_functional import FunctionalReader
from seqmagic.language.python_text import PythonText, dotted_name
from seqmagic.language.python_values import ValueReader
from seqmagic.language.shared_layers import SharedLayers
from seqmagic.language.statements import Assigned, Statement
from seqmagic.language.syntax import Unit, Value, Word
from seqmagic.translation import gettext

MOST_ROUNDS = 20_000
DEEPEST = 20  # Depth of nested function calls.


class OnlyPython(Exception):  # noqa: N818  # Not an error yet, because the text may be in seqmagic's language.
    """A statement that can't be expressed as a network."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.node = node


class SharedLayer(OnlyPython):
    """A layer that is in the network already, whose weights it would share."""


def arguments_of(function: ast.FunctionDef, call: ast.Call) -> dict[str, ast.expr | None] | None:
    r"""The argument for each parameter of a function, or None for its default; None as a whole if the call is invalid.

    >>> code = ast.parse("def f(a, b=2, c=3): ...\nf(1, c=4)").body
    >>> {name: value and ast.unparse(value) for name, value in arguments_of(code[0], code[1].value).items()}
    {'a': '1', 'b': None, 'c': '4'}
    """
    declared = [*function.args.posonlyargs, *function.args.args]
    names = [parameter.arg for parameter in (*declared, *function.args.kwonlyargs)]
    found: dict[str, ast.expr | None] = dict.fromkeys(names)
    found |= dict(zip([p.arg for p in declared], call.args, strict=False))
    found |= {str(keyword.arg): keyword.value for keyword in call.keywords}
    starred = any(isinstance(value, ast.Starred) for value in call.args)
    return None if starred or len(call.args) > len(declared) or not set(found) <= set(names) else found


def defaults_of(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The defaults of a function's parameters."""
    declared = [*function.args.posonlyargs, *function.args.args]
    found = dict(zip([p.arg for p in declared[::-1]], function.args.defaults[::-1], strict=False))
    return found | {p.arg: value for p, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if value is not None}


@dataclass(frozen=True)
class Function:
    """A function defined in pasted code.

    Attributes:
        node: its definition.
        known: the values of the names around it; like Python, it looks them up when it is called.
        defaults: of its parameters; like Python's, they are computed once, where the function is defined.
    """

    node: ast.FunctionDef
    known: dict[str, Value]
    defaults: dict[str, Value]


@dataclass
class FunctionReader(ABC):
    """The state of reading pasted code, and its function calls; subclasses read the statements.

    Attributes:
        text: of the code.
        known: the values of names: numbers, lists, layers and optimizers created in the code.
        models: the names of the code's model.
        results: the names of training histories.
        functions, partials: defined in the code, by name.
        depth: of nested function calls.
    """

    text: PythonText
    known: dict[str, Value] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    results: set[str] = field(default_factory=set)
    functions: dict[str, Function] = field(default_factory=dict)
    partials: dict[str, ast.Call] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    depth: int = 0
    rounds: int = 0
    bound: list[str] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    shared: SharedLayers = field(default_factory=SharedLayers)

    def __post_init__(self) -> None:
        self.values = ValueReader(self.text, self.known, self.partials)
        self.functional = FunctionalReader(self.values, self.call_block)

    @abstractmethod
    def read(self, body: list[ast.stmt]) -> None:
        """Read statements in order."""

    @abstractmethod
    def bind(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        """Read an assignment."""

    def extend_model(self, function: Function, call: ast.Call) -> None:
        """Read a function that adds layers to a model passed to it."""
        arguments = arguments_of(function.node, call)
        given = {name for name, value in (arguments or {}).items() if isinstance(value, ast.Name) and value.id in self.models}
        if arguments is None or not given:
            raise OnlyPython(call)
        inner = self.inside(function, {n: self.argument(v, n, function) for n, v in arguments.items() if n not in given})
        inner.models |= given
        inner.read_body(function)
        if any(isinstance(statement, Assigned) for statement in inner.statements):
            raise OnlyPython(function.node)
        self.statements += inner.statements
        self.rounds = inner.rounds

    def call_function(self, function: Function, call: ast.Call, node: ast.AST, target: ast.Name | None = None) -> None:
        """Read the body of a function that builds the network, with its arguments."""
        arguments = arguments_of(function.node, call)
        if arguments is None:
            raise OnlyPython(node)
        inner = self.inside(function, {name: self.argument(value, name, function) for name, value in arguments.items()})
        returned = inner.read_body(function)
        if isinstance(returned, ast.Call):
            inner.bind(ast.copy_location(ast.Name("model"), returned), returned, function.node)
            returned = ast.Name("model")
        if not isinstance(returned, ast.Name) or returned.id not in inner.models:
            raise OnlyPython(function.node)
        statements = inner.statements
        if target is not None:
            word = Word(target.id, self.text.span(target))
            statements = [Assigned(word, s.made, s.rest, s.span) if isinstance(s, Assigned) else s for s in statements]
            self.models.add(target.id)
        self.statements += statements
        self.rounds = inner.rounds

    def takes_tensor(self, call: ast.Call) -> bool:
        """Whether a tensor is passed to a call, which continues it."""
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(self.functional.tensor(value) is not None for value in given)

    def call_block(self, call: ast.Call) -> tuple[Unit, ...] | None:
        """The layers up to the result of a function that takes a tensor: `x = conv_block(x, 32)`; None for any other call."""
        function = self.functions.get(dotted_name(call.func) or "")
        arguments = arguments_of(function.node, call) if function is not None else None
        if function is None or arguments is None:
            return None
        tensors = {name: units for name, value in arguments.items() if value is not None and (units := self.functional.tensor(value))}
        if not tensors:
            return None
        inner = self.inside(function, {n: self.argument(v, n, function) for n, v in arguments.items() if n not in tensors})
        inner.functional.tensors.update(tensors)
        returned = inner.read_body(function)
        self.rounds = inner.rounds
        return inner.functional.tensor(returned) if returned is not None and not inner.statements else None

    def inside(self, function: Function, arguments: dict[str, Value]) -> Self:
        """A reader for a function's body."""
        self.called.add(function.node.name)
        self.rounds += 1
        if self.rounds > MOST_ROUNDS or self.depth == DEEPEST:
            raise OnlyPython(function.node)  # The function may be recursive.
        inner = type(self)(self.text, {**function.known, **arguments}, functions=self.functions, depth=self.depth + 1)
        inner.partials.update(self.partials)
        inner.values.hyperparameters = self.values.hyperparameters
        inner.rounds, inner.shared, inner.called = self.rounds, self.shared, self.called
        return inner

    def read_body(self, function: Function) -> ast.expr | None:
        """Read the body of a function; returns its return value."""
        body = function.node.body
        last = body[-1]
        self.read(body[:-1] if isinstance(last, ast.Return) else body)
        return last.value if isinstance(last, ast.Return) else None

    def argument(self, value: ast.expr | None, name: str, function: Function) -> Value:
        """The value of a parameter, which needs an argument or a default."""
        if value is None and name in function.defaults:
            return function.defaults[name]
        if value is None and name in OWNERS:
            return Word(name, self.text.span(function.node))  # Who calls it is Keras Tuner or Optuna.
        if value is None:
            called = function.node.name
            problem = gettext("{name}() has no value for {name_2!r}, because nothing calls it.", name=called, name_2=name)
            raise LanguageError(problem, expected=f"model = {called}(...) below it", span=self.text.span(function.node))
        return self.values.value(value)
