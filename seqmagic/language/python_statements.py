"""Python's statements: pasted code that makes a network, and does nothing else, read as the statements of a program.

    model = Sequential()
    for units in [64, 32]:
        model.add(Dense(units, activation="relu"))
    model.compile(optimizer="adam", loss="mse")

Python is parsed here and never run. What can only be run is refused, and the whole text with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from seqmagic.errors import LanguageError
from seqmagic.language.program import Call, Chain, Literal, Sequence, Step, Value, Word
from seqmagic.language.python_functional import FunctionalReader
from seqmagic.language.python_values import PythonText, ValueReader, dotted_name, items_of
from seqmagic.language.statements import STEPS, Assigned, Built, Note, Statement

MOST_ROUNDS = 20_000
METHODS = {**{kind: kind for kind in STEPS}, "fit_generator": "fit"}  # The last is what the second was called once.
# Functions that only look at what they are given, so that a name may stand for what they give. What begins with a capital makes a thing.
HARMLESS = {"len", "int", "float", "max", "min", "abs", "round", "sum", "range", "tuple", "list", "sorted", "set", "str", "enumerate"}
HARMLESS |= {"reversed", "unique", "prod", "sqrt", "log2", "ceil", "floor", "nunique", "keys", "values", "items", "l1", "l2", "l1_l2"}
SEEDS = ("set_random_seed",)
OTHER_SEEDS = ("seed", "set_seed")
SILENT = ("summary", "clear_session", "print", "display", "plot_model")  # The table is shown anyway.


class OnlyPython(Exception):  # noqa: N818  # It is no error yet: the text may be one of our own.
    """A statement that can't be said as a network."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.node = node


def read_python(tree: ast.Module, text: PythonText, known: dict[str, Value] | None = None) -> list[Statement]:
    """The statements of a program that pasted Python amounts to.

    known: what names stand for, from the lines before; those of these lines are added.

    Raises OnlyPython at a statement that can't be said as a network, LanguageError at one that can't be right.
    """
    reader = StatementReader(text, {} if known is None else known)
    reader.read(tree.body)
    reader.finish()
    return reader.statements


@dataclass
class StatementReader:
    """Reads the statements of pasted Python, one after the other.

    text: where they stand.
    known: what names stand for: the code's own numbers, lists, layers and optimizers.
    models: the names that the code gives its model.
    """

    text: PythonText
    known: dict[str, Value] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    rounds: int = 0
    bound: list[str] = field(default_factory=list)
    called: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.values = ValueReader(self.text, self.known)
        self.functional = FunctionalReader(self.values)

    def read(self, body: list[ast.stmt]) -> None:
        """Read statements in their order."""
        for node in body:
            reader = getattr(self, f"_{type(node).__name__.lower()}", None)
            if reader is None:
                raise OnlyPython(node)
            reader(node)

    def finish(self) -> None:
        """What is left to do at the end: a function that makes the network and was never called."""
        made = any(isinstance(statement, (Assigned, Chain)) for statement in self.statements)
        for name, function in self.functions.items():
            if name in self.called:
                continue
            if made:
                raise OnlyPython(function)  # A loss or metric of one's own.
            self._call_function(function, ast.Call(ast.Name(name), [], []), function)
            made = True
        if self.bound:
            names = ", ".join(dict.fromkeys(self.bound))
            self.statements.append(Note(f"{names}: known in this cell only. A plain cell makes variables for the whole notebook."))

    def _import(self, node: ast.stmt) -> None:
        """Nothing is ever imported because of a text, and Keras's words are known here."""

    _importfrom = _import
    _pass = _import

    def _expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return  # A docstring.
        if isinstance(value, ast.Name) and value.id in self.models:
            return  # A notebook's way to show a thing.
        if isinstance(value, ast.Call):
            self._call(value)
        elif isinstance(value, ast.Tuple):
            for item in value.elts:
                self._expr(ast.copy_location(ast.Expr(item), item))
        elif isinstance(value, (ast.Name, ast.Attribute, ast.List)):
            self._add(self.values.value(value), value)
        else:
            raise OnlyPython(node)

    def _call(self, node: ast.Call) -> None:
        """A call that stands alone: a layer, or a method of the model."""
        name = dotted_name(node.func)
        owner, _, method = (name or "").rpartition(".")
        if name is None:
            raise OnlyPython(node)
        if method in METHODS:
            self._step(METHODS[method], node)
        elif method == "add" and owner:
            self._add_to_model(node)
        elif method == "build" and owner:
            self._build(node)
        elif method in SEEDS:
            self._seed(node)
        elif method in OTHER_SEEDS:
            self.statements.append(Note(f"{self.text.written(node)} is not run. Here it is: seed 42"))
        elif method in SILENT:
            self._check_harmless(node)
        elif not owner or method[:1].isupper() or owner.rpartition(".")[2] == "layers":
            # A call on a line of its own is a line of ours too, and never left to Python.
            self._add(replace(call, python=None) if isinstance(call := self.values.value(node), Call) else call, node)
        else:
            raise OnlyPython(node)

    def _add_to_model(self, node: ast.Call) -> None:
        value = self.values.value(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if value is None or value == Sequence((), self.text.span(node), listed=True):
            raise LanguageError("add takes one layer.", expected="model.add(Dense(32))", span=self.text.span(node))
        self._add(value, node)

    def _add(self, value: Value, node: ast.AST) -> None:
        units = self.functional.units(value)
        if units is None:
            raise OnlyPython(node)
        self.statements.append(Chain(units, self.text.span(node)))

    def _step(self, method: str, node: ast.Call) -> None:
        call = self.values.call(node)
        if call is None:
            raise OnlyPython(node)
        word = Word(method, call.word.span)
        self.statements.append(Step(word, call.arguments, self.text.written(node), call.span))

    def _build(self, node: ast.Call) -> None:
        """`model.build((None, 784))`: what comes in, unless the layers say so themselves."""
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if len(given) > 1:
            raise OnlyPython(node)
        if given:
            self.statements.append(Built(self.values.value(given[0]), self.text.span(node)))

    def _seed(self, node: ast.Call) -> None:
        value = self.values.value(node.args[0]) if len(node.args) == 1 else None
        if not isinstance(value, Literal):
            raise OnlyPython(node)
        self.statements.append(value)

    def _check_harmless(self, node: ast.Call) -> None:
        """Refuse what is printed when it is more than the model's summary: it may do anything."""
        if any(name not in {*SILENT, *HARMLESS} for name in _called(node)):
            raise OnlyPython(node)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            raise OnlyPython(node)
        self.bind(node.target, node.value, node)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.bind(target, node.value, node)

    def bind(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        """Read an assignment."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, its in zip(target.elts, value.elts, strict=True):
                self.bind(one, its, node)
            return
        if not isinstance(target, ast.Name):
            raise OnlyPython(node)
        if not (self._bind_model(target, value) or self.functional.bind(target.id, value)):
            self._bind_value(target.id, value, node)

    def _bind_model(self, target: ast.Name, node: ast.expr) -> bool:
        """Whether an assignment has to do with the model: it makes one, or is the history of its training."""
        if not isinstance(node, ast.Call):
            return False
        name = dotted_name(node.func) or ""
        owner, _, method = name.rpartition(".")
        if method in METHODS and owner:
            self._step(METHODS[method], node)
            return True
        if name in self.functions:
            self._call_function(self.functions[name], node, node, target)
            return True
        made = self.functional.model(node) if method == "Model" else None
        made = self.values.call(node) if method.lower() == "sequential" else made
        if made is None:
            return False
        self.models.add(target.id)
        self.statements.append(Assigned(Word(target.id, self.text.span(target)), made, (), self.text.span(target)))
        return True

    def _bind_value(self, name: str, value: ast.expr, node: ast.stmt) -> None:
        """Let a name stand for a value that nothing has to be run for."""
        used = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
        if used & {*self.models, *self.functional.tensors, name} or name == "input":
            raise OnlyPython(node)
        if any(called not in HARMLESS and not called[:1].isupper() for called in _called(value)):
            raise OnlyPython(node)
        self.known[name] = self.values.value(value)
        self.bound.append(name)

    def _augassign(self, node: ast.AugAssign) -> None:
        """`units //= 2` in a loop."""
        if not isinstance(node.target, ast.Name) or node.target.id not in self.known:
            raise OnlyPython(node)
        result = self.values.value(ast.copy_location(ast.BinOp(ast.Name(node.target.id), node.op, node.value), node))
        if not isinstance(result, Literal):
            raise OnlyPython(node)
        self.known[node.target.id] = result

    def _for(self, node: ast.For) -> None:
        items = items_of(self.values.value(node.iter))
        if items is None or node.orelse:
            raise OnlyPython(node)
        for item in items:
            self.rounds += 1
            if self.rounds > MOST_ROUNDS:
                raise LanguageError(f"A loop of more than {MOST_ROUNDS:,} rounds.", expected="fewer", span=self.text.span(node))
            self._bind_item(node.target, item, node)
            self.read(node.body)

    def _bind_item(self, target: ast.expr, item: Value, node: ast.For) -> None:
        if isinstance(target, ast.Name):
            self.known[target.id] = item
        elif isinstance(target, ast.Tuple) and isinstance(item, Sequence) and len(target.elts) == len(item.items):
            for one, its in zip(target.elts, item.items, strict=True):
                self._bind_item(one, its, node)
        else:
            raise OnlyPython(node)

    def _functiondef(self, node: ast.FunctionDef) -> None:
        plain = not (node.decorator_list or node.args.vararg or node.args.kwarg)
        if not plain or not isinstance(node.body[-1], ast.Return):
            raise OnlyPython(node)
        self.functions[node.name] = node

    def _call_function(self, function: ast.FunctionDef, call: ast.Call, node: ast.AST, target: ast.Name | None = None) -> None:
        """Read the body of a function that makes the network, with the values that it is called with."""
        self.called.add(function.name)
        inner = StatementReader(self.text, {**self.known, **self._arguments(function, call, node)}, rounds=self.rounds)
        *body, last = function.body
        inner.read(body)
        returned = last.value if isinstance(last, ast.Return) else None
        if isinstance(returned, ast.Call):
            inner.bind(ast.copy_location(ast.Name("model"), returned), returned, last)
            returned = ast.Name("model")
        if not isinstance(returned, ast.Name) or returned.id not in inner.models:
            raise OnlyPython(function)
        statements = inner.statements
        if target is not None:
            word = Word(target.id, self.text.span(target))
            statements = [Assigned(word, s.made, s.rest, s.span) if isinstance(s, Assigned) else s for s in statements]
            self.models.add(target.id)
        self.statements += statements
        self.rounds = inner.rounds

    def _arguments(self, function: ast.FunctionDef, call: ast.Call, node: ast.AST) -> dict[str, Value]:
        """What the parameters of a function stand for in a call."""
        declared = [*function.args.posonlyargs, *function.args.args]
        defaults = dict(zip([p.arg for p in declared[::-1]], function.args.defaults[::-1], strict=False))
        defaults |= {p.arg: d for p, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d is not None}
        given = dict(zip([p.arg for p in declared], call.args, strict=False))
        given |= {str(keyword.arg): keyword.value for keyword in call.keywords}
        names = [p.arg for p in (*declared, *function.args.kwonlyargs)]
        if len(call.args) > len(declared) or not set(given) <= set(names):
            raise OnlyPython(node)
        for name in names:
            if name not in given and name not in defaults:
                problem = f"{function.name}() needs a value for {name!r}, and nothing calls it."
                raise LanguageError(problem, expected=f"model = {function.name}(...) below it", span=self.text.span(function))
        return {name: self.values.value(given.get(name, defaults.get(name))) for name in names}  # type: ignore[arg-type]

    def _return(self, node: ast.Return) -> None:
        raise OnlyPython(node)


def _called(node: ast.AST) -> Iterator[str]:
    """The last names of all that is called in a piece of Python."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
