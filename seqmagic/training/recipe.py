"""The recipe: a whole text at once, from the network to its compile and fit lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from seqmagic.errors import CompileError
from seqmagic.language import Program, parse
from seqmagic.model.draft import Draft
from seqmagic.model.plan import Plan
from seqmagic.training.compiling import read_compile
from seqmagic.training.fitting import FitOptions, read_fit
from seqmagic.training.history import History
from seqmagic.training.run import Run


@dataclass(frozen=True)
class Recipe:
    """What a text gives: the program, the plan, the model and what the fit line asks for."""

    program: Program
    plan: Plan
    model: keras.Sequential
    fit: FitOptions | None


def make_recipe(text: str, names: Mapping[str, Any] | None = None, name: str | None = None) -> Recipe:
    """Read, check and build a text. Every line is understood before the first weight is allocated.

    names: the notebook's own things, for words that Keras doesn't have and for the fit line's data.
    name: the model's name.
    """
    names = names or {}
    program = parse(text)
    with Draft(program, names, name) as draft:
        options = read_compile(program.compile, names) if program.compile else None
        fit_options = _read_fit(program, names)
        model = draft.build()
    if options is not None and program.compile is not None:
        options.apply(model, program.compile.span)
    return Recipe(program, draft.plan, model, fit_options)


def _read_fit(program: Program, names: Mapping[str, Any]) -> FitOptions | None:
    if program.fit is None:
        return None
    if program.compile is None:
        raise CompileError("A fit line needs a compile line above it.", instead="compile adam mse", span=program.fit.span)
    return read_fit(program.fit, names)


def build(text: str, names: Mapping[str, Any] | None = None) -> keras.Sequential:
    """Make a Keras model from a text; compiled, if the text has a `compile` line.

    >>> build("input 784 -> dense 10 softmax").output_shape
    (None, 10)
    >>> build('''
    ... input 8x8x1
    ... conv 16 3x3 relu same -> maxpool 2
    ... flatten -> dense 10 softmax
    ... compile adam(1e-3) sparse_categorical_crossentropy accuracy
    ... ''').compiled
    True

    text: layers, one a line or joined by `->`; then `compile`, if wanted. A `fit` line is checked and not run: call `fit` for that.
    names: your own layers, activations, losses and metrics, by the words that the text uses for them.

    Raises a SeqmagicError that points at the line and word when something doesn't fit. Nothing in the text is evaluated.
    """
    return make_recipe(text, names).model


def fit(model: keras.Model, x: Any, y: Any = None, *, history: History | None = None, **options: Any) -> Run:
    """Start to train a model in the background and return its `Run` at once.

    >>> run = fit(model, x_train, y_train, epochs=10, batch_size=32)   # doctest: +SKIP
    >>> run.wait().history["loss"][-1]                                 # doctest: +SKIP

    model: a compiled Keras model.
    x, y: the data and its labels, a sample a row.
    history: the `record` of an earlier run to go on with.
    options: those of `model.fit`.

    Raises DataError, CompileError, ArgumentError before anything starts; BusyError when the model is in training.
    """
    return Run(model, x, y, history=history, **options).start()
