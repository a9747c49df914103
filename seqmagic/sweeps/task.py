"""The task of a sweep: the family, the data and the settings, checked against each other before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seqmagic.errors import ArgumentError, CompileError, UnknownNameError
from seqmagic.language import Literal, Program
from seqmagic.language.searched import put_in
from seqmagic.measure import measure_of
from seqmagic.network.builder import Draft
from seqmagic.network.metric_direction import judged_by
from seqmagic.network.own_thread import work_apart
from seqmagic.network.pasted import read_pasted
from seqmagic.options.compile_line import read_compile
from seqmagic.options.fit_line import FitOptions, read_fit
from seqmagic.options.monitors import reported_numbers
from seqmagic.options.sweep_settings import Settings
from seqmagic.sweeps.family import Family
from seqmagic.sweeps.folds import Folds
from seqmagic.training.continuity import data_facts
from seqmagic.training.request import check_request
from seqmagic.translation import gettext, gettext_noop


@dataclass
class Task:
    """Everything that a sweep needs.

    Attributes:
        family: its text has a seed.
        data: the data and the labels, if given in Python; otherwise the text's fit line names them.
        options: those of `fit` that were given in Python.
        names: of the data and the labels, for messages.
        metric: by which networks are ranked.
        judged: the name that tells whether it is better when smaller.
        folds: the data of a cross-validation, or None.
        sample: the data and options of the smallest network, before splitting.
    """

    family: Family
    settings: Settings
    data: tuple[Any, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, str] = ("x", "y")
    metric: str = ""
    judged: str = ""
    folds: Folds | None = None
    sample: FitOptions | None = field(default=None, init=False)

    def fit_of(self, program: Program, found: FitOptions | None) -> FitOptions:
        """The data and options of a member's run."""
        x, y = self.data if self.data is not None else (found.x, found.y) if found is not None else (None, None)
        names = found.names if found is not None and self.data is None else self.names
        return FitOptions(x, y, {**(found.options if found is not None else {}), **self.options}, names)

    def fingerprints(self, repeat: int) -> dict[str, Any]:
        """The fingerprints of the data that a run is trained on, as stored in the ledger.

        Args:
            repeat: the index of the fold.
        """
        if self.sample is None:
            return {}
        x, y, options = self.sample.x, self.sample.y, dict(self.sample.options)
        if self.folds is not None:
            x, y, options = self.folds.take(repeat, options)
        return data_facts(x, y, options)


def make_task(family: Family, settings: Settings, data: tuple[Any, Any] | None, options: Mapping[str, Any]) -> Task:
    """Check a family, its data and the settings of a sweep against each other.

    Raises:
        SeqmagicError: At what doesn't fit, before anything is trained.
    """
    family.check()
    if family.program.compile is None:
        raise CompileError(gettext("The text has no compile line, but training needs one."), instead="compile adam mse")
    if family.program.seed is None:
        program = replace(family.program, seed=Literal(settings.seed, family.program.compile.span))
        family = Family(program, family.names, family.work_out)
    task = Task(family, settings, data, options)
    _hold_data(task)
    return task


def _hold_data(task: Task) -> None:
    """Check the data against the smallest network, built without weights, and find out what its training will log.

    The fit lines of the other networks are read as well: what is wrong in them would otherwise stop the sweep hours later.
    """
    for values in task.family.samples():
        other = put_in(task.family.program, values)
        if other.fit is not None:
            read_fit(other.fit, task.family.names_for(other))
    member = put_in(task.family.program, task.family.smallest())
    names = task.family.names_for(member)
    program = read_pasted(member, names)
    fit = task.fit_of(program, read_fit(program.fit, names) if program.fit is not None else None)
    if fit.x is None:
        raise ArgumentError(
            gettext("The sweep has no data."), expected=gettext("data after the name"), instead="%sweep digits x_train y_train"
        )
    task.sample = fit
    x, y, options = fit.x, fit.y, dict(fit.options)
    if task.settings.folds > 1:
        task.folds = Folds(x, y, task.settings.folds, options)
    validates = bool(task.folds is not None or options.get("validation_data") is not None or options.get("validation_split"))
    task.metric = task.judged = task.settings.best or measure_of(validates=validates)

    def hold() -> list[str] | None:
        with Draft(replace(program, seed=None, fit=None), names) as draft:
            model = draft.sketch
            if model is None or program.compile is None:
                return None
            read_compile(program.compile, names).apply(model)
            line = program.fit.text if program.fit else ""
            for folds in dict.fromkeys((None, task.folds)):  # What is to be divided must be right as a whole first.
                part, labels, given = (x, y, options) if folds is None else folds.take(0, options)
                check_request(model, (part, labels), dict(given), names=fit.names, seed=0, fit_line=line, start_point=None)
            task.judged = judged_by(model, task.metric)
            return reported_numbers(model, validated=validates)

    reported = work_apart(hold)
    if reported is not None and task.metric not in reported and not options.get("callbacks"):
        raise UnknownNameError(gettext_noop("number"), task.metric, reported, owner=gettext("this training"))
