"""`%sweep`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from seqmagic.errors import LanguageError, SeqmagicError, UnknownNameError
from seqmagic.language.identifiers import normalized
from seqmagic.magics.environment import has_kernel, has_page, is_live
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.families import Families, end_sweeps, family_of
from seqmagic.magics.kernel.live_line import LiveLine
from seqmagic.magics.kernel.panels import ShownPanels
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.line_options import Option, take_options, take_place
from seqmagic.magics.namespace import bind_model, check_free, variables_of
from seqmagic.options.sweep_line import SweepRequest, as_typed, know_settings, read_sweep
from seqmagic.options.sweep_settings import SETTINGS, Settings
from seqmagic.translation import gettext, gettext_noop

if TYPE_CHECKING:
    from seqmagic.language import Program
    from seqmagic.sweeps.family import Family
    from seqmagic.sweeps.sweep import Sweep


RESUME = Option("--resume", "number", "--resume")


@magics_class
class SweepMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """The magic that tries many networks.

    Attributes:
        preload: the loading of Keras. panels: those that cells show.
        families: what `%%sequential` cells with searched values have left by their names.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload, panels: ShownPanels, families: Families) -> None:
        super().__init__(shell)
        self.preload, self.panels, self.families = preload, panels, families

    @no_var_expand
    @line_magic
    @shows_errors
    def sweep(self, line: str) -> None:
        """Try the networks of a cell with choices, one after the other, and keep the best.

        %%sequential digits
        input 8x8x1
        (conv choice(8, 16, 32) 3x3 relu same) * between(1, 3)
        flatten -> dropout between(0.1, 0.5)
        dense 10 softmax
        compile adam(log(1e-4, 1e-2)) sparse_categorical_crossentropy accuracy

        %sweep digits x y validation_split=0.2 epochs=5 trials=20
        %sweep digits x y validation_split=0.2 batch_size=choice(16, 64) best=val_accuracy
        %sweep digits x y epochs=5 folds=5         five runs per network, each with another fifth of the rows for validation
        %sweep digits x y epochs=5 seeds=5         ... or each with another seed; also for a model without choices
        %sweep digits x y trials=20 on=local       several at once, in separate processes; on=tcp://127.0.0.1:8786: on dask's workers;
                                                   on=class: on those of the class file
        %sweep digits --resume                     continue the last one, after Stop or in a new kernel
        %sweep digits trials=40 --resume           ... with more trials than planned

        The rest of the line is a fit line, as for %fit. `trials`: how many networks to try; `seed`: makes the choices repeatable;
        `best`: the metric for choosing the best network, in the last epoch; `prune=false` ends no trial early.

        Each trial is a run, listed by %runs. When the sweep has ended, the best model is bound to the name; until then the old one
        stays. Stop, and the notebook's interrupt button, end the whole sweep and keep the finished trials.
        """
        options, line = take_options(line, [RESUME], "%sweep")
        place, line = take_place(line, "%sweep")
        request = read_sweep(line)
        self.preload.join()
        try:
            sweep = self._make(request, place, resume=RESUME.name in options)
        except SeqmagicError as error:
            know_settings(error)
            as_typed(error, request.name)
            raise
        check_free(self.shell, request.name, lambda free: f"%sweep {free} {line.strip().partition(' ')[2]}".strip())
        end_sweeps(request.name)
        sweep.variable = request.name
        sweep.when_done.append(partial(self._bind, self.families.get(request.name)))
        self._show(sweep)

    def _make(self, request: SweepRequest, place: str, *, resume: bool) -> Sweep:
        from seqmagic.machines.cluster import find
        from seqmagic.sweeps.start import find_sweep
        from seqmagic.sweeps.sweep import Sweep
        from seqmagic.sweeps.task import make_task

        program = self._program(request.name)
        earlier: dict[str, Any] = {}
        if resume:
            request, earlier = self._as_before(request)
        family = family_of(self.shell, replace(program, fit=request.fit_for(program)))
        if not family.searched and not {"folds", "seeds"} & set(request.settings):
            problem = gettext("{name!r} has no choices, so there is only one network to try and nothing to compare.", name=request.name)
            raise LanguageError(
                problem, expected=gettext("choice(...) in its cell, or several runs"), instead=f"%sweep {request.name} x y seeds=5"
            )
        settings = Settings(**{**earlier, **request.settings, **self._count_of_one(family)})
        line = request.step.text.partition(" ")[2] if request.step is not None else ""
        task = make_task(family, settings, None, {})
        before = find_sweep(task, request.name) if resume else None
        return Sweep(task, request.name, line=line, resume=before, machines=find(place) if place else None)

    def _count_of_one(self, family: Family) -> dict[str, Any]:
        return {} if family.searched else {"trials": 1}

    def _program(self, name: str) -> Program:
        """The program of a name: of a family, or of an existing model."""
        if name in self.families:
            return self.families[name]
        import keras

        from seqmagic.describe.to_text import to_text
        from seqmagic.language import parse

        there = variables_of(self.shell)
        model = there.get(normalized(name))
        if isinstance(model, keras.Sequential):
            names = {word: value for word, value in there.items() if value is not model}
            return parse(to_text(model, names))
        models = [word for word, value in there.items() if isinstance(value, keras.Sequential)]
        hint = (
            ""
            if models or self.families
            else gettext("First make a network with a %%sequential cell that contains choice(32, 64) or similar.")
        )
        raise UnknownNameError(gettext_noop("network"), name, [*self.families, *models], hint=hint)

    def _as_before(self, request: SweepRequest) -> tuple[SweepRequest, dict[str, Any]]:
        """The request with the data, the options and the settings of the sweep that it resumes."""
        from seqmagic.sweeps.past import last_sweep

        entry = last_sweep(request.name)
        if entry is None:
            raise UnknownNameError(
                gettext_noop("sweep"),
                request.name,
                [],
                hint=gettext("There is no saved sweep with that name. To start one, leave out --resume."),
            )
        facts = entry.sweep
        before = read_sweep(f"{request.name} {facts.get('line', '')}")
        settings = {name: value for name, value in facts.get("settings", {}).items() if name in SETTINGS}  # A file may say anything.
        return replace(request, step=request.step or before.step), settings

    def _bind(self, program: Program | None, sweep: Sweep) -> None:
        """Assign the best model to the name, unless the name now has another meaning."""
        if sweep.best is None or not sweep.variable or self.families.get(sweep.variable) is not program:
            return
        try:
            check_free(self.shell, sweep.variable, lambda free: free)
        except LanguageError as error:
            sweep.reason = gettext("{problem} The best model is sweep.best_model.", problem=error.problem)
            return
        bind_model(self.shell, sweep.variable, sweep.best_model)
        self.families.tried.add(sweep.variable)

    def _show(self, sweep: Sweep) -> None:
        """Start and show it; wait for its end if the cell must not end before it."""
        from seqmagic.widgets.saved import show_still
        from seqmagic.widgets.sweep_panel import SweepPanel
        from seqmagic.widgets.sweep_picture import describe_sweep, draw_sweep

        if has_page(self.shell):
            self.panels.show(SweepPanel(sweep))
            sweep.start()
            if not is_live(self.shell):
                sweep.wait()
            return
        try:
            with LiveLine(self.shell, is_first=False) as line:
                sweep.watchers.append(lambda one: line.show(f"{one.name}: {one.format_state()}"))
                sweep.start().wait()
        finally:
            if has_kernel(self.shell):
                show_still(draw_sweep(sweep), describe_sweep(sweep))
            else:
                print(describe_sweep(sweep))
