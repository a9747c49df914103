"""Faults: everything wrong or unwise in a text, found without building it, even if some lines can't be parsed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import GeneratorType

import keras
import numpy as np

from seqmagic.classroom.bounds import check_epochs, check_network
from seqmagic.classroom.locks import check_compiled, lock_fit
from seqmagic.data.arrays import as_data
from seqmagic.data.fit_call import check_data
from seqmagic.errors import CompileError, SeqmagicError, SeveralErrors, raise_all
from seqmagic.keras_internals.threads import held_back_variables
from seqmagic.language import Program, Step, expressions_in, parse_readable, parse_step
from seqmagic.language.searched import find_searched, put_in
from seqmagic.network.advice import advice_on
from seqmagic.network.arguments import Names
from seqmagic.network.builder import Draft
from seqmagic.network.expressions import is_gap, with_static_values
from seqmagic.network.fixes import fault_of
from seqmagic.network.layer_trial import find_target
from seqmagic.network.layers import make_layer
from seqmagic.network.output_layer import Ending, activation_of
from seqmagic.network.own_thread import work_apart
from seqmagic.network.pasted import read_pasted, read_pasted_step
from seqmagic.network.plan import make_plan
from seqmagic.options.compile_line import CompileOptions, read_compile
from seqmagic.options.fit_line import FitOptions, read_fit
from seqmagic.options.loss_checks import (
    check_metrics,
    check_pairing,
    find_metric_mismatches,
    find_mismatches,
    loss_span,
    metric_spans,
)
from seqmagic.training.request import check_request
from seqmagic.translation import gettext


def find_faults(text: str, names: Names) -> Counter[str]:
    r"""Count everything wrong or unwise in a text, including what its fit line would be refused for.

    >>> find_faults("input 8\ndesne 3", {})
    Counter({"There is no layer called 'desne'.": 1})

    Args:
        names: the notebook's variables, with the values of the text's expressions in curly brackets.
    """
    program, errors = parse_readable(text)
    notes: list[str] = []
    if program is not None:
        try:
            notes += _find_all(program, names, errors)
        except SeqmagicError as error:
            errors.append(error)
    try:
        raise_all(error for error in errors if not is_gap(error))
    except SeqmagicError as error:
        return Counter([fault_of(single) for single in (error.errors if isinstance(error, SeveralErrors) else (error,))] + notes)
    return Counter(notes)


def find_line_faults(text: str, model: keras.Model, names: Names) -> Counter[str]:
    """Count everything wrong with a single fit line, and with its data for a model."""
    try:
        step = read_pasted_step(parse_step(text), names)
        fit = read_class_fit(step, with_static_values(expressions_in(step), names))
        if not _is_read_once(fit):
            work_apart(partial(_check_request, model, fit))
    except SeqmagicError as error:
        return Counter(map(fault_of, error.errors if isinstance(error, SeveralErrors) else (error,)))
    return Counter()


def _check_request(model: keras.Model, fit: FitOptions) -> None:
    check_request(model, (fit.x, fit.y), dict(fit.options), names=fit.names, seed=0, fit_line="fit", start_point=None)


def _is_read_once(fit: FitOptions) -> bool:
    return any(isinstance(data, GeneratorType) for data in (fit.x, fit.options.get("validation_data")))


def _find_all(program: Program, names: Names, errors: list[SeqmagicError]) -> list[str]:
    """Append the errors of a program to the list, and return what is only unwise."""
    # For a family, its smallest network is checked: errors in it affect all of them.
    program = read_pasted(put_in(program, {one.name: one.ends()[0] for one in find_searched(program)}), names)
    names = with_static_values(program.expressions(), names)
    plan = None
    try:
        plan = make_plan(program, names)
        check_network(plan)
    except SeqmagicError as error:
        errors.append(error)
    ending = plan.ending if plan is not None else ending_alone(program, names)
    lines = read_last_lines(program, names)
    options, fit = lines.compiled, lines.fit
    errors += lines.errors_with(ending)
    if options is not None and fit is not None and not _is_read_once(fit):
        hold = partial(_hold_against, program, names) if not errors else partial(_hold_labels, ending)
        work_apart(partial(hold, options, fit))
    notes = list(advice_on(program, plan)) if plan is not None else []
    unwise = find_mismatches(ending, options.loss) if options is not None and ending is not None else ()
    return [*notes, *(gettext("{sentence}.", sentence=found.reason) for found in unwise)]


def ending_alone(program: Program, names: Names) -> Ending | None:
    """The output of the last layer if it has units, when the layers before it have errors."""
    if not program.layers:
        return None
    layer = program.layers[-1]
    try:
        target, line = find_target(layer, None, names)
        made = work_apart(lambda: make_layer(line, target, names, trial=True))
    except SeqmagicError:
        return None
    units, activation = getattr(made, "units", None), activation_of(made)
    return Ending((units,), activation, layer.span) if type(made) is keras.layers.Dense and isinstance(units, int) else None


def _hold_against(program: Program, names: Names, options: CompileOptions, fit: FitOptions) -> None:
    """Check the data of a fit line against the network, built without weights; data that can be read only once is skipped."""
    with Draft(replace(program, seed=None), names) as draft:
        model = draft.sketch
        if model is not None:
            options.apply(model)
            _check_request(model, fit)


def _hold_labels(ending: Ending | None, options: CompileOptions, fit: FitOptions) -> None:
    """Check labels against the last layer alone, when the rest of the network has errors."""
    labels = as_data(fit.y)
    rows = getattr(labels, "shape", None)
    if ending is None or len(ending.shape or ()) != 1 or ending.units is None or not rows:
        return
    with held_back_variables():
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(ending.units, ending.activation or None)])
    options.apply(model)
    check_data(model, np.zeros((rows[0], 1), "float32"), labels, fit.names)


@dataclass(frozen=True)
class LastLines:
    """The compile and the fit line of a program, read without its network.

    Attributes:
        program: that contains them.
        compiled, fit: the result; None if there is no such line, or it has an error.
        compile_error, fit_error: the errors.
    """

    program: Program
    compiled: CompileOptions | None
    fit: FitOptions | None
    compile_error: SeqmagicError | None
    fit_error: SeqmagicError | None

    def errors_with(self, ending: Ending | None) -> list[SeqmagicError]:
        """All errors in these lines.

        Args:
            ending: of the network, for checking the loss; None if it is not known.
        """
        wrong = self.compile_error or (self._mismatch(self.compiled, ending) if self.compiled is not None and ending is not None else None)
        return [error for error in (wrong, self.fit_error) if error is not None]

    def _mismatch(self, compiled: CompileOptions, ending: Ending) -> SeqmagicError | None:
        try:
            check_pairing(ending, compiled.loss, loss_span(self.program))
            check_metrics(ending, compiled.loss, compiled.metrics, metric_spans(self.program))
        except SeqmagicError as error:
            return error
        return None


def read_last_lines(program: Program, names: Names) -> LastLines:
    """Read the compile and the fit line; errors are stored, not raised, and the network is not needed."""
    compiled, fit, compile_error, fit_error = None, None, None, None
    try:
        compiled = read_compile(program.compile, names) if program.compile else None
        if compiled is not None:
            check_compiled({"optimizer": compiled.optimizer, "loss": compiled.loss}, program.compile)
    except SeqmagicError as error:
        compiled, compile_error = None, error
    try:
        fit = read_fit_line(program, names)
    except SeqmagicError as error:
        fit_error = error
    return LastLines(program, compiled, fit, compile_error, fit_error)


def read_fit_line(program: Program, names: Names, *, compiled: bool = False) -> FitOptions | None:
    """The options of a program's fit line; None if it has none.

    Args:
        compiled: whether the layers are added to a model that is already compiled.
    """
    if program.fit is None:
        return None
    if program.compile is None and not compiled:
        raise CompileError(gettext("A fit line needs a compile line above it."), span=program.fit.span)
    return read_class_fit(program.fit, names)


def read_class_fit(step: Step, names: Names) -> FitOptions:
    """Read a fit line, and check it against the class file."""
    fit = read_fit(step, names)
    check_epochs(fit.options, step)
    lock_fit(fit.options, step)
    return fit


def advise_pairing(ending: Ending, options: CompileOptions | None) -> Iterator[str]:
    """Notes on what is not wrong, but unwise."""
    if options is not None:
        found = list(find_mismatches(ending, options.loss))
        found += [mismatch for metric in options.metrics for mismatch in find_metric_mismatches(ending, options.loss, metric)]
        yield from (gettext("{sentence}.", sentence=mismatch.reason) for mismatch in found if not mismatch.fatal)
