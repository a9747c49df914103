"""The recipe: a whole text, from the network to its compile and fit lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import keras

from seqmagic.classroom.bounds import check_network
from seqmagic.classroom.current import current_rules
from seqmagic.classroom.locks import check_compiled
from seqmagic.describe.plan_of_model import survey
from seqmagic.describe.source import remember_origin
from seqmagic.describe.to_text import SEQUENTIAL, to_text
from seqmagic.errors import ArgumentError, BusyError, SeqmagicError, UnfilledError, UnknownNameError, raise_all
from seqmagic.errors.boundary import NAMES, PATH, TEXT, instance_of, raises_ours
from seqmagic.history import History
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.language import Program, parse
from seqmagic.language.copied_text import clean_lines
from seqmagic.language.searched import refuse_searched
from seqmagic.machines.cluster import find
from seqmagic.network.advice import advice_on
from seqmagic.network.append import extend
from seqmagic.network.arguments import Names
from seqmagic.network.builder import Draft
from seqmagic.network.change import Change
from seqmagic.network.fixes import FixTrial, add_fixes
from seqmagic.network.graph_names import allow_any_names
from seqmagic.network.pasted import read_pasted
from seqmagic.network.plan import Plan
from seqmagic.network.seq_file import read_text, write_text
from seqmagic.options.compile_line import CompileOptions, compile_again, read_compile
from seqmagic.options.fit_line import FitOptions
from seqmagic.options.loss_checks import PairingError, changes_of
from seqmagic.recipes.anew import begin_anew
from seqmagic.recipes.faults import advise_pairing, find_faults, read_fit_line, read_last_lines
from seqmagic.training.current_runs import run_of
from seqmagic.training.elsewhere import Elsewhere
from seqmagic.training.resume import find_start_point
from seqmagic.training.run import Run
from seqmagic.training.start_point import StartPoint
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Recipe:
    """The result of a text: the program, the plan, the model and the options of its fit line."""

    program: Program
    plan: Plan
    model: keras.Sequential
    fit: FitOptions | None
    seed: int | None = None
    advice: tuple[str, ...] = ()


def read(text: str, names: Names) -> Program:
    """Parse a text; errors come with fixes that were tried.

    Raises:
        LanguageError, SeveralErrors: With all errors.
    """
    try:
        return parse(text)
    except UnfilledError:
        raise  # Fixes would give away the answer to a blank.
    except SeqmagicError as error:
        add_fixes(error, FixTrial(clean_lines(text), lambda changed: find_faults(changed, names)))
        raise


def make_recipe(program: Program, names: Names, name: str | None = None) -> Recipe:
    """Check and build a program. All lines are checked before any weights are allocated.

    Args:
        names: the notebook's variables, for words that Keras doesn't have and for the fit line's data.
        name: of the model.
    """
    refuse_searched(program)
    program = with_class_seed(read_pasted(program, names))
    lines = read_last_lines(program, names)
    try:
        draft = Draft(program, names, name)
    except SeqmagicError as error:
        explain([error, *lines.errors_with(None)], program, names)
    with draft:
        errors = [*_beyond_bounds(draft.plan), *lines.errors_with(draft.plan.ending)]
        if errors:
            explain(errors, program, names)
        model = draft.build()
        allow_any_names(model)
    if lines.compiled is not None and program.compile is not None:
        lines.compiled.apply(model, program.compile.span)
    remember_origin(model, program, draft.plan, names)
    return Recipe(program, draft.plan, model, lines.fit, draft.seed, _notes(program, draft.plan, lines.compiled))


def with_class_seed(program: Program) -> Program:
    """A program with the seed of the class file, unless it has its own."""
    seed = current_rules().seed
    return program if seed is None or program.seed is not None else replace(program, seed=parse(f"seed {seed}").seed)


def _beyond_bounds(plan: Plan) -> list[SeqmagicError]:
    try:
        check_network(plan)
    except SeqmagicError as error:
        return [error]
    return []


def make_run(
    model: keras.Model, fit: FitOptions, line: str, start_point: StartPoint | None = None, machines: Elsewhere | None = None
) -> Run:
    """Create the run for a fit line, without starting it.

    Args:
        fit: the options of the line. line: its text.
        start_point: for resuming a run.
        machines: where it trains, if not in this kernel.

    Raises:
        DataError, CompileError, ArgumentError: If the data doesn't fit the model.
    """
    return Run(model, fit.x, fit.y, data_names=fit.names, fit_line=line, start_point=start_point, on=machines, **fit.options)


def _notes(program: Program, plan: Plan, options: CompileOptions | None) -> tuple[str, ...]:
    """Notes on a valid text: what was left out or changed in it, and what is unwise."""
    return (*program.notes, *advice_on(program, plan), *advise_pairing(plan.ending, options))


def explain(errors: list[SeqmagicError], program: Program, names: Names) -> NoReturn:
    """Raise all errors of a program, with fixes that were tried."""

    def meant(single: SeqmagicError) -> Iterator[Change] | None:
        if not isinstance(single, PairingError):
            return None
        return changes_of(single.mismatch, program.text, single.layer, single.span)

    try:
        raise_all(errors)
    except SeqmagicError as whole:
        add_fixes(whole, FixTrial(program.text, lambda text: find_faults(text, names)), meant)
        raise whole from whole.__cause__  # Keeps Keras's own exception as the cause.
    raise AssertionError(gettext("nothing is wrong"))


def add_to(model: keras.Sequential, program: Program, names: Names) -> Recipe:
    """Append a program's layers to a model, and compile it: with the program's compile line, or else with its previous arguments.

    Raises:
        BusyError: If the model is training.
        SeqmagicError: At the line that doesn't fit; the model is then unchanged.
    """
    refuse_searched(program)
    program = read_pasted(program, names)
    if run_of(model) is not None:
        raise BusyError(gettext("{name!r} is training.", name=model.name), expected=gettext("layers to be added after it has ended"))
    if program.seed is not None:
        raise ArgumentError(gettext("A seed only works for a new model."), expected=gettext("no seed line here"), span=program.seed.span)
    options = read_compile(program.compile, names) if program.compile else None
    if options is not None:
        check_compiled({"optimizer": options.optimizer, "loss": options.loss}, program.compile)
    kept = compiled_with(model)
    fit_options = read_fit_line(program, names, compiled=bool(kept))
    extend(model, program, names, check_network)
    allow_any_names(model)
    if options is not None and program.compile is not None:
        options.apply(model, program.compile.span)
    elif kept:
        compile_again(model, kept)
    return Recipe(program, survey(model, names), model, fit_options)


@raises_ours(text=TEXT, names=NAMES)
def build(text: str, names: Mapping[str, Any] | None = None) -> keras.Sequential:
    """Build a Keras model from a text. The model is compiled if the text has a `compile` line.

    >>> build("input 784 -> dense 10 softmax").output_shape
    (None, 10)
    >>> build('''
    ... input 8x8x1
    ... conv 16 3x3 relu same -> maxpool 2
    ... flatten -> dense 10 softmax
    ... compile adam(1e-3) sparse_categorical_crossentropy accuracy
    ... ''').compiled
    True

    No code in the text is run.

    Args:
        text: layers, one per line or joined by `->`, and optionally a `compile` line. A `fit` line is checked but not run (call `fit`), and
            `expect` lines are not compared with the model (call `check`, before or after training).
        names: your own layers, activations, losses and metrics, keyed by the words that the text uses for them.

    Returns:
        A new model. It is built if the text has an input line.

    Raises:
        SeqmagicError: If something in the text is wrong; it points at the line and word. SeveralErrors contains all problems.
    """
    return make_recipe(read(text, names or {}), names or {}).model


@raises_ours(path=PATH)
def load(path: str | Path) -> keras.Sequential:
    """Build a Keras model from a `.seq` file written by `save` or `%sequential NAME --save FILE`.

    >>> model = load("digits.seq")   # doctest: +SKIP

    Args:
        path: the file. No other file is read and no code in it is run: it can't use variables of the notebook, and a `fit` line is ignored.
            For a text that uses your own layers, call `build(Path("net.seq").read_text(), names)`.

    Returns:
        A new model with new weights.

    Raises:
        FileError: If it can't be read.
        SeqmagicError: As for `build`.
    """
    try:
        return make_recipe(replace(parse(read_text(path)), fit=None), {}).model
    except UnknownNameError as error:
        error.hint = gettext("A loaded text can't use variables of the notebook. Paste it into a %%sequential cell to use them.")
        raise


@raises_ours(model=SEQUENTIAL, path=PATH, names=NAMES)
def save(model: keras.Sequential, path: str | Path, names: Names | None = None, *, replace: bool = True) -> Path:
    """Write a model's text to a `.seq` file, without its weights. The file is written completely or not at all.

    >>> save(model, "digits.seq")   # doctest: +SKIP

    Args:
        model: any Sequential model.
        path: the file; `.seq` is added to a name without an ending.
        names: your own layers and functions, keyed by their names, as for `to_text`.
        replace: also replace a file that was not written by `save`, such as one written by hand.

    Returns:
        The file that was written.

    Raises:
        FileError: If the file may not be replaced, or can't be written.
    """
    return write_text(to_text(model, names), path, replace=replace)


@raises_ours(
    model=instance_of("a Keras model", keras.Model),
    resume=instance_of("True, or a run number", int),
    anew=instance_of("True or False", bool),
)
def fit(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    history: History | None = None,
    resume: bool | int = False,
    anew: bool = False,
    on: str = "",
    **options: Any,
) -> Run:
    """Start training a model in the background, and return its `Run` at once.

    >>> run = fit(model, x_train, y_train, epochs=10, batch_size=32)   # doctest: +SKIP
    >>> run.wait().history["loss"][-1]                                 # doctest: +SKIP

    Args:
        model: a compiled Keras model.
        x, y: the data and labels, one sample per row.
        history: the `record` of an earlier run to continue from.
        resume: continue the model's last run exactly where it was interrupted by Stop, an error or the end of its kernel; a number
            continues the run with that number in the file of runs.
        anew: first give the model fresh weights, as if it had just been created; if its text has a seed, these are the same as before.
        on: where to train instead of in this kernel: "local" for a separate process on this computer, which leaves the kernel free; "class"
            for a worker of the class, as set in the class file; or the address of a dask scheduler, such as "tcp://127.0.0.1:8786". The
            model here gets the trained weights at the end.
        options: options of `model.fit`, and until="val_accuracy > 0.98"; patience=3; class_weight="balanced"; split="shuffled" or
            "stratified" for validation_split=0.2, which holds out rows chosen at random instead of the last ones; and keep_weights=64, the
            memory in MB for copies of the weights of some epochs (`run.kept_weights`; 0 for none). workers=2 splits each batch between
            processes; dtype_policy="mixed_float16" makes the layers compute in float16 from then on.

    Returns:
        The run, which trains in a separate thread.

    Raises:
        DataError, CompileError, ArgumentError: Before anything starts, if something doesn't fit.
        BusyError: If the model is training.
    """
    if anew and (history is not None or resume is not False):
        raise ArgumentError(
            gettext("A run that continues another one can't start over."), expected=gettext("either anew=True, or history and resume")
        )
    machines = find(on) if on else None
    start_point = None if resume is False else find_start_point(model, None if resume is True else resume)
    if anew:
        Run(model, x, y, **options)  # Check everything while the old weights still exist.
        begin_anew(model)
    return Run(model, x, y, history=history, start_point=start_point, on=machines, **options).start()
