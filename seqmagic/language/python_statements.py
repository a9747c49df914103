"""Python statements: pasted code that only builds a network, read as the statements of a program.

    model = Sequential()
    for units in [64, 32]:
        model.add(Dense(units, activation="relu"))
    model.compile(optimizer="adam", loss="mse")

Python is parsed here and never run. If a statement needs to be run, the whole text is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from seqmagic.errors import LanguageError
from seqmagic.language.hyperparameters import is_hyperparameter
from seqmagic.language.python_effects import HARMLESS, SILENT, called_in, names_in, not_run, only_looks, only_use
from seqmagic.language.python_functions import MOST_ROUNDS, Function, FunctionReader, OnlyPython, SharedLayer, defaults_of
from seqmagic.language.python_imports import resolve_imports
from seqmagic.language.python_text import PythonText, dotted_name
from seqmagic.language.python_values import bound_item, items_of
from seqmagic.language.shared_layers import SharedLayers
from seqmagic.language.statements import STEPS, Assigned, Built, Note, Statement
from seqmagic.language.syntax import Argument, Call, Chain, Expression, Layer, Literal, Sequence, Step, Value, Word
from seqmagic.translation import gettext

METHODS = {**{kind: kind for kind in STEPS}, "fit_generator": "fit"}  # In older Keras, fit_generator was a variant of fit.
PLACES = ("scope", "device", "name_scope")  # Context managers allowed around a network.
SEEDS = ("set_random_seed",)
OTHER_SEEDS = ("seed", "set_seed")


def read_python(
    tree: ast.Module, text: PythonText, known: dict[str, Value] | None = None, shared: SharedLayers | None = None
) -> list[Statement]:
    """The statements of a program that are equivalent to pasted Python.

    Args:
        known: the values of names from earlier lines; new ones are added.
        shared: the layers of earlier lines; new ones are added.

    Raises:
        OnlyPython: At a statement that can't be expressed as a network.
        LanguageError: At an invalid one.
    """
    reader = StatementReader(text, {} if known is None else known, shared=SharedLayers() if shared is None else shared)
    reader.read_whole(resolve_imports(tree).body)
    reader.finish()
    return reader.statements


@dataclass
class StatementReader(FunctionReader):
    """Reads the statements of pasted Python, one after the other."""

    def read(self, body: list[ast.stmt]) -> None:
        """Read statements in order."""
        for node in body:
            reader = getattr(self, f"_{type(node).__name__.lower()}", None)
            if reader is None:
                raise OnlyPython(node)
            reader(node)

    def read_whole(self, body: list[ast.stmt]) -> None:
        """Read a whole program; statements at its end that only use the model are left out, with a note."""
        for i, node in enumerate(body):
            try:
                self.read([node])
            except OnlyPython:
                later = body[i:]
                if not self.models or not only_use(later, self.models, self.results):
                    raise
                self.statements.append(Note(not_run(later, self.text)))
                return

    def finish(self) -> None:
        """Finish: read a function that builds the network and was never called."""
        made = any(isinstance(statement, (Assigned, Chain)) for statement in self.statements)
        for name, function in self.functions.items():
            if name in self.called:
                continue
            if made:
                raise OnlyPython(function.node)  # A custom loss or metric.
            self.call_function(function, ast.Call(ast.Name(name), [], []), function.node)
            made = True
        if self.bound:
            names = ", ".join(dict.fromkeys(self.bound))
            self.statements.append(
                Note(
                    gettext(
                        "{names} can be used in this cell only. An ordinary Python cell makes variables for the whole notebook.",
                        names=names,
                    )
                )
            )

    def _import(self, node: ast.stmt) -> None:
        """Imports are read before: nothing is imported, and Keras's words are known."""

    _importfrom = _import
    _pass = _import

    def _expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return  # A docstring.
        if self.models and _only_shows(value, self.models):
            return  # Displays an object in a notebook, or was displayed there.
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
        """A call as a statement: a layer, or a method of the model."""
        name = dotted_name(node.func)
        owner, _, method = (name or "").rpartition(".")
        if name is None:
            raise OnlyPython(node)
        if name in self.functions:
            self.extend_model(self.functions[name], node)
            return
        looks = method in SILENT or (method in HARMLESS and not owner and bool(self.models & names_in(node)))
        reader = self._look if looks else self._method(owner, method)
        if reader is not None:
            reader(node)
        elif not self.models & names_in(node) and (not owner or method[:1].isupper() or owner.rpartition(".")[2] == "layers"):
            # A call on its own line is also valid in seqmagic's language, and never left to Python.
            self._add(replace(call, python=None) if isinstance(call := self.values.value(node), Call) else call, node)
        else:
            raise OnlyPython(node)

    def _method(self, owner: str, method: str) -> Callable[[ast.Call], None] | None:
        """The reader for a call of a model's method, or of a function that sets a seed."""
        if method in METHODS:
            return partial(self._step, METHODS[method])
        if method in ("add", "build") and owner:
            return self._add_to_model if method == "add" else self._build
        if method == "pop" and owner in self.models:
            return self._pop
        return self._seed if method in (*SEEDS, *OTHER_SEEDS) else None

    def _add_to_model(self, node: ast.Call) -> None:
        value = self.values.value(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if value is None or value == Sequence((), self.text.span(node), listed=True):
            raise LanguageError(gettext("add() takes one layer."), expected="model.add(Dense(32))", span=self.text.span(node))
        self._add(value, node)

    def _add(self, value: Value, node: ast.AST) -> None:
        units = self.functional.units(value)
        if units is None:
            raise OnlyPython(node)
        if self.shared.place(value):
            raise SharedLayer(node)
        self.statements.append(Chain(units, self.text.span(node)))

    def _step(self, method: str, node: ast.Call) -> None:
        call = self.values.call(node)
        if call is None:
            raise OnlyPython(node)
        word = Word(method, call.word.span)
        self.statements.append(Step(word, call.arguments, self.text.written(node), call.span))

    def _pop(self, node: ast.Call) -> None:
        """`model.pop()` after a `model.add(...)`."""
        last = self.statements[-1] if self.statements else None
        if not isinstance(last, Chain) or node.args:
            raise OnlyPython(node)
        self.statements[-1:] = [Chain(last.units[:-1], last.span)] if len(last.units) > 1 else []

    def _build(self, node: ast.Call) -> None:
        """`model.build((None, 784))`: the input shape, unless the layers define it."""
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if len(given) > 1:
            raise OnlyPython(node)
        if given:
            self.statements.append(Built(self.values.value(given[0]), self.text.span(node)))

    def _seed(self, node: ast.Call) -> None:
        if (dotted_name(node.func) or "").rpartition(".")[2] in OTHER_SEEDS:
            self.statements.append(Note(gettext("{written} is not run. The line for it here is: seed 42", written=self.text.written(node))))
            return
        value = self.values.value(node.args[0]) if len(node.args) == 1 else None
        if not isinstance(value, Literal):
            raise OnlyPython(node)
        self.statements.append(value)

    def _look(self, node: ast.stmt | ast.Call) -> None:
        """Ignore a statement that only reads, prints or asserts; refuse any other."""
        if not only_looks(node):
            raise OnlyPython(node)

    _assert = _look

    def _if(self, node: ast.If) -> None:
        self._refuse_drawn(
            node.test,
            gettext("Whether these layers are there is drawn here."),
            gettext("choice(dropout 0.25, none), where none is no layer"),
        )
        truth = self.values.truth(node.test)
        if truth is None:
            raise OnlyPython(node)
        self.read(node.body if truth else node.orelse)

    def _refuse_drawn(self, node: ast.expr, problem: str, expected: str) -> None:
        """Refuse a statement that depends on what Keras Tuner or Optuna draws."""
        if any(is_hyperparameter(part) for part in ast.walk(node) if isinstance(part, ast.expr)):
            raise LanguageError(problem, expected=expected, span=self.text.span(node))

    def _with(self, node: ast.With) -> None:
        """A context manager around the network, such as `strategy.scope()`; it is left out, with a note."""
        for item in node.items:
            name = dotted_name(item.context_expr.func) if isinstance(item.context_expr, ast.Call) else None
            if (name or "").rpartition(".")[2] not in PLACES or item.optional_vars is not None:
                raise OnlyPython(node)
            self.statements.append(
                Note(
                    gettext("{written} is ignored: this cell builds the network without it.", written=self.text.written(item.context_expr))
                )
            )
        self.read(node.body)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is None and isinstance(node.target, ast.Subscript) and names_in(node.target) == {"Out"}:
            return  # Out[5]: what IPython showed.
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
        if isinstance(target, ast.Attribute):
            self._set(target, value, node)
        elif not isinstance(target, ast.Name):
            raise OnlyPython(node)
        elif isinstance(value, ast.Call) and _is_partial_class(value):
            self.partials[target.id] = value
        elif not (self._bind_model(target, value) or self.functional.bind(target.id, value)):
            self._bind_value(target.id, value, node)

    def _set(self, target: ast.Attribute, value: ast.expr, node: ast.stmt) -> None:
        """`base.trainable = False`, for a layer created in the code."""
        name = target.value.id if isinstance(target.value, ast.Name) else ""
        made = self.known.get(name)
        flag = value.value if isinstance(value, ast.Constant) else None
        if target.attr != "trainable" or not isinstance(made, Call) or made.python is None or not isinstance(flag, bool):
            raise OnlyPython(node)
        span = self.text.span(node)
        argument = Argument(Literal(flag, span), Word("trainable", span), span)
        self.known[name] = Chain((Layer(made.python, (argument,), made.python.text, made.span),), made.span)

    def _bind_model(self, target: ast.Name, node: ast.expr) -> bool:
        """Whether an assignment creates the model, or stores its training history."""
        if not isinstance(node, ast.Call):
            return False
        name = dotted_name(node.func) or ""
        owner, _, method = name.rpartition(".")
        if method in METHODS and owner:
            self._step(METHODS[method], node)
            self.results.add(target.id)
            return True
        if name in self.functions and not self.takes_tensor(node):
            self.call_function(self.functions[name], node, node, target)
            return True
        made = self.functional.model(node) if method == "Model" else None
        made = self.values.call(node) if method.lower() == "sequential" else made
        if made is None:
            return False
        computed = any(isinstance(argument.value, Expression) for argument in made.arguments)
        if self.models or computed:
            raise OnlyPython(node)  # A second model, or a list that Python has to make.
        if self.shared.place(made):
            raise SharedLayer(node)
        self.models.add(target.id)
        self.statements.append(Assigned(Word(target.id, self.text.span(target)), made, (), self.text.span(target)))
        return True

    def _bind_value(self, name: str, value: ast.expr, node: ast.stmt) -> None:
        """Record the value of a name, if it can be computed without running code."""
        used = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
        if used & {*self.models, *self.results, *self.functional.tensors, name} or name == "input" or self._is_fixed(name):
            raise OnlyPython(node)
        if any(called not in HARMLESS and not called[:1].isupper() for called in called_in(value)) and not is_hyperparameter(value):
            raise OnlyPython(node)
        self.known[name] = self.values.value(value)
        self.bound.append(name)

    def _is_fixed(self, name: str) -> bool:
        """Whether a `functools.partial` was made with the value of a name, which must not change then."""
        return any(name in names_in(call) for call in self.partials.values())

    def _augassign(self, node: ast.AugAssign) -> None:
        """`units //= 2` in a loop."""
        if not isinstance(node.target, ast.Name) or node.target.id not in self.known or self._is_fixed(node.target.id):
            raise OnlyPython(node)
        result = self.values.value(ast.copy_location(ast.BinOp(ast.Name(node.target.id), node.op, node.value), node))
        if not isinstance(result, Literal):
            raise OnlyPython(node)
        self.known[node.target.id] = result

    def _for(self, node: ast.For) -> None:
        problem = gettext("How many layers there are is drawn here, and each has values of its own.")
        self._refuse_drawn(node.iter, problem, gettext("(dense between(32, 512) relu) * between(1, 3), which repeats one layer"))
        items = items_of(self.values.value(node.iter))
        if items is None and self._freezes(node):
            return
        if items is None or node.orelse:
            raise OnlyPython(node)
        for item in items:
            self.rounds += 1
            if self.rounds > MOST_ROUNDS:
                raise LanguageError(
                    gettext("The loop has more than {most_rounds:,} iterations.", most_rounds=MOST_ROUNDS),
                    expected=gettext("fewer"),
                    span=self.text.span(node),
                )
            bound = bound_item(node.target, item)
            if bound is None:
                raise OnlyPython(node)
            self.known.update(bound)
            self.read(node.body)

    def _freezes(self, node: ast.For) -> bool:
        """Whether a loop sets the flag of all layers of a base model; then it is set for the model."""
        base = node.iter.value if isinstance(node.iter, ast.Attribute) and node.iter.attr == "layers" else None
        only = node.body[0] if len(node.body) == 1 else None
        target = only.targets[0] if isinstance(only, ast.Assign) else None
        if not isinstance(base, ast.Name) or not isinstance(target, ast.Attribute) or not isinstance(only, ast.Assign):
            return False
        if ast.unparse(target.value) != ast.unparse(node.target):
            return False
        self._set(ast.copy_location(ast.Attribute(base, target.attr, ast.Store()), target), only.value, node)
        return True

    def _functiondef(self, node: ast.FunctionDef) -> None:
        if node.decorator_list or node.args.vararg or node.args.kwarg:
            raise OnlyPython(node)
        defaults = {name: self.values.value(value) for name, value in defaults_of(node).items()}
        self.functions[node.name] = Function(node, self.known, defaults)

    def _return(self, node: ast.Return) -> None:
        raise OnlyPython(node)


def _only_shows(value: ast.expr, models: set[str]) -> bool:
    """Whether an expression is a model, an attribute of one, or a plain value: as a statement, it does nothing."""
    while isinstance(value, ast.Attribute):
        value = value.value
    if isinstance(value, ast.Name):
        return value.id in models
    return isinstance(value, ast.Constant) or (isinstance(value, (ast.Tuple, ast.List)) and all(_only_shows(v, set()) for v in value.elts))


def _is_partial_class(call: ast.Call) -> bool:
    """Whether a call is `functools.partial` of a class, which creates layers; a partial of a function, such as a loss, has to be run."""
    made = dotted_name(call.args[0]) if call.args else None
    is_partial = (dotted_name(call.func) or "").rpartition(".")[2] == "partial"
    return is_partial and (made or "").rpartition(".")[2][:1].isupper()
