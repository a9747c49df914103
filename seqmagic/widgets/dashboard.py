"""The dashboard: compile options, controls and live curves of one model in one panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import keras

from seqmagic.classroom.current import current_rules
from seqmagic.data.advice import advise
from seqmagic.data.class_weights import is_balanced
from seqmagic.data.streams import is_stream
from seqmagic.describe.source import name_of_model
from seqmagic.errors import BusyError, DataError, SeqmagicError
from seqmagic.errors.boundary import NAMES, instance_of, raises_ours
from seqmagic.forms.choices import TO_FILL_IN
from seqmagic.forms.fit_form import FIELDS
from seqmagic.forms.locked import locked_controls
from seqmagic.forms.user_words import variable_holding
from seqmagic.language.printer import format_python_value
from seqmagic.ledger.run_state import RunState
from seqmagic.training.current_runs import last_run_of, run_of
from seqmagic.training.registry import subscribe
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.compile_panel import CompilePanel
from seqmagic.widgets.notebook_names import call_by_variable, notebook_names
from seqmagic.widgets.rate_curve import describe_search
from seqmagic.widgets.training_panel import BEGINNING, TrainingPanel

if TYPE_CHECKING:
    from seqmagic.analysis.rate_search import RateSearch

ELSEWHERE = gettext_noop(
    "This model is training with the options of the cell or panel that started it. You can change these after it has ended."
)
HELD = gettext_noop("This panel uses the data as it was when the cell ran. If the data has changed, run this cell again.")
LOCKED = gettext_noop(
    "This model is training with these options. You can change them after it has ended, and the learning rate below at any time."
)
BESIDE = {"rate": "optimizer", "epochs": "fit.epochs"}  # Controls next to Train, and their names in a class file.
SEARCHING = gettext_noop("Learning rates are being tried on this model; afterwards its weights are put back.")
NO_DATA = gettext_noop("There is no data yet: %dashboard {name} x_train y_train")


class Dashboard(TrainingPanel):
    """A panel to choose compile options, train, pause, stop, and watch the curves.

    >>> Dashboard(model, x_train, y_train)                                          # doctest: +SKIP
    >>> Dashboard(model, x_train, y_train, validation_data=(x_test, y_test))        # doctest: +SKIP

    Attributes:
        model: a built Keras model. The panel trains this very model, not a copy.
        x, y: the data and labels. Without them the panel only shows the options, and a run in progress.
        names: the notebook's own losses, metrics and optimizers, keyed by their names; by default all that the notebook has.
        advice: whether to give advice about settings that work but are unwise.
        options: more options for `fit`, such as `validation_data`.
    """

    # Returns the current value of the model's variable. A panel must not train a model that can't be reached any more.
    current_model: Callable[[], Any] | None = None

    @raises_ours(model=instance_of("a Keras model", keras.Model), names=NAMES, advice=instance_of("True or False", bool))
    def __init__(
        self,
        model: keras.Model,
        x: Any = None,
        y: Any = None,
        *,
        names: Mapping[str, Any] | None = None,
        advice: bool = True,
        **options: Any,
    ) -> None:
        self.model, self.x, self.y = model, x, y
        names = dict(names) if names is not None else notebook_names()
        call_by_variable(model, names)
        self._begun_here: Run | None = None
        self._search: RateSearch | None = None
        self.compile_panel = self._open_form(names, options)
        self.data_names = (variable_holding(x, names) or "x", variable_holding(y, names) or "y")
        self._data_notes = tuple(advise(model, x, self.data_names[0], {}, y)) if advice and x is not None else ()
        shown = () if "compile" in current_rules().hidden else (self.compile_panel,)
        super().__init__(before=shown, advice=advice)
        self.view.name, self.view.is_headed = name_of_model(model), not shown
        self.view.why_not, self.view.rate = self._why_not, self._shown_rate
        self.compile_panel.failed = self.view.show_message
        self.compile_panel.observe(lambda _: self._show_beside_form(), "folded")
        _open.add(self)
        # Even if the run has ended, the next one continues its curves.
        last = last_run_of(model)
        if last is not None:
            self.attach(last)
        else:
            self.view.notes = self._data_notes
        if x is None:
            self.view.show_message(gettext(NO_DATA, name=name_of_model(model)))
        self.view.update()

    def _open_form(self, names: dict[str, Any], options: dict[str, Any]) -> CompilePanel:
        """The form, with the options that it has fields for; the others are passed to each fit."""
        chosen = {name: options.pop(name) for name in FIELDS if options.get(name) is not None}
        if is_balanced(options.get("class_weight")):
            chosen["class_weight"] = options.pop("class_weight")
        self.options = options
        fit = format_fit_arguments(self.x, self.y, options, names)
        panel = CompilePanel(self.model, self.y, names, fit, streams=is_stream(self.x))
        panel.begin_fit(chosen)
        panel.changed = self._follow_form
        # Options can't change during a run, so that the panel shows what is trained with.
        panel.why_locked = self._why_locked
        if self.x is not None and "optimizer" not in locked_controls():
            panel.search = {}
            panel.searches = {"find_rate": self.find_rate, "stop_search": self.stop_search, "forget_search": self.forget_search}
        return panel

    def train(self) -> Run:
        """Do what the Train button does: compile if the options have changed, then start a run that continues from the last one.

        Raises:
            SeqmagicError: If the options or the data don't fit, or the model is training.
        """
        try:
            return self._make_run().start()
        except DataError:
            self.view.notes = tuple(dict.fromkeys([*self.view.notes, gettext(HELD)]))
            raise

    def _make_run(self) -> Run:
        self._prepare()
        last = last_run_of(self.model)
        options: dict[str, Any] = {**self.options, **self.compile_panel.fit_options}
        history = last.continuation if last is not None else None
        line = self.compile_panel.fit_line
        typed = "" if TO_FILL_IN in line else line
        run = Run(self.model, self.x, self.y, history=history, data_names=self.data_names, fit_line=typed, **options)
        self._begun_here = run
        self.attach(run)
        return run

    def _prepare(self) -> None:
        """Check that the model can be trained, and compile it if the options changed."""
        if self.current_model is not None and self.current_model() is not self.model:
            if self.current_model() is None:
                raise BusyError(
                    gettext("{name!r} is no longer in the notebook.", name=self.model.name),
                    expected=gettext("the cell that makes it, then this one"),
                )
            raise BusyError(
                gettext("{name!r} was made again.", name=self.model.name), expected=gettext("this cell to be run again, for the new model")
            )
        other = run_of(self.model)
        if other is not None:
            # Compiling would wait for the end of that run, and block the page.
            self.attach(other)
            problem = gettext("{name!r} is already training ({state}).", name=self.model.name, state=other.format_state())
            raise BusyError(problem, expected=gettext("that run's end: stop it, or wait"))
        self.compile_panel.apply()

    def able(self) -> list[str]:
        """The enabled controls of a run; Train and the step buttons also need data, and no invalid field.

        Learning rate and epochs are part of the form: only if it is folded, they are shown next to Train.
        """
        if self._in_training:
            return super().able()
        known = [what for what in super().able() if what in ("first", "best", "look") and not self._searching]
        beside = [*(["rate"] if isinstance(self.compile_panel.wanted.rate, str) else []), "epochs"] if self.compile_panel.folded else []
        beside = [what for what in beside if BESIDE[what] not in locked_controls()]
        return [*known, *beside, *(BEGINNING if self.x is not None and not self._why_not() else [])]

    def find_rate(self) -> RateSearch:
        """Compile if the options have changed, then try learning rates in the background, as the button next to the rate does.

        Raises:
            SeqmagicError: If the options or the data don't fit, or the model is training.
        """
        from seqmagic.analysis.rate_search import RateSearch

        self._prepare()
        options = {**self.options, **self.compile_panel.fit_options}
        search = RateSearch(self.model, self.x, self.y, data_names=self.data_names, **options)
        search.watchers.append(self._watch_search)
        self._search = search.start()
        self._watch_search(search)
        return search

    def stop_search(self) -> None:
        """End the learning-rate search; the model is restored."""
        if self._search is not None:
            self._search.stop()

    def forget_search(self) -> None:
        """Remove the result of a search from the panel."""
        self.compile_panel.search = {}

    def _watch_search(self, search: RateSearch) -> None:
        self.compile_panel.search = describe_search(search)
        self.compile_panel.look()
        self.view.update()

    @property
    def _searching(self) -> bool:
        return self._search is not None and not self._search.ended

    def press(self, what: str, value: Any = None) -> None:
        """Do what a control says; if a field is invalid and the page did not know it yet, show the error."""
        if what in BEGINNING and self.x is not None and not self._in_training and self.compile_panel.wrong:
            try:
                self.compile_panel.check()
            except SeqmagicError as error:
                self.view.show_message(error)
        super().press(what, value)

    def _actions(self) -> dict[str, Callable[[Any], Any]]:
        known = super()._actions()
        if not self._in_training:
            known |= {"batch": lambda _: self._make_run().step_batch(), "epoch": lambda _: self._make_run().step_epoch()}
            known |= {"rate": lambda rate: self.compile_panel.set("optimizer.learning_rate", rate), "epochs": self._set_epochs}
        return {**known, "train": lambda _: self.train()}

    def _set_epochs(self, epochs: Any) -> None:
        self.compile_panel.set("fit.epochs", "" if epochs is None else f"{epochs:g}")

    def _why_not(self) -> str:
        if self._searching:
            return gettext("You can train again after the learning rate search.")
        wrong = self.compile_panel.wrong if self.x is not None and not self._in_training else []
        return gettext("You can train after this is fixed: {wrong}.", wrong=", ".join(wrong)) if wrong else ""

    def _shown_rate(self, run: Run | None) -> float | None:
        """Between trainings, the form's rate for the next training."""
        if self._in_training:
            return self.view.rate_of(run)
        try:
            return float(str(self.compile_panel.wanted.rate))
        except ValueError:
            return None

    def _show_beside_form(self) -> None:
        """Show the form's epochs for the next training next to Train, while the form is folded."""
        epochs = self.compile_panel.epochs if self.compile_panel.folded else None
        self.view.more_epochs = None if self._in_training else epochs
        self.view.update()

    @property
    def _in_training(self) -> bool:
        return self.run is not None and self.run.state in (RunState.RUNNING, RunState.PAUSED)

    def _why_locked(self) -> str:
        if self._searching:
            return gettext(SEARCHING)
        return "" if not self._in_training else gettext(LOCKED) if self.run is self._begun_here else gettext(ELSEWHERE)

    def attach(self, run: Run) -> None:
        """Show a run, in any state."""
        super().attach(run)
        self.compile_panel.look()
        self.compile_panel.folded = self.compile_panel.folded or self._in_training
        self._show_beside_form()

    def _notes(self, run: Run) -> tuple[str, ...]:
        """Notes on the data, then those of the run itself."""
        return tuple(dict.fromkeys([*self._data_notes, *super()._notes(run)]))

    def notice(self) -> None:
        """Show a run of the model that was started elsewhere, and new compile arguments."""
        run = run_of(self.model) if self.model is not None else None
        if run is not None and run is not self.run:
            self.attach(run)
        self.compile_panel.look()
        self.compile_panel.folded = self.compile_panel.folded or self._in_training

    def close(self) -> None:
        """Close the panel and its parts; the run continues."""
        _open.discard(self)
        self.stop_search()
        self.model = self.x = self.y = None
        self.options = {}
        for part in (self.compile_panel.layout, self.compile_panel):  # Not a child where the class hides it.
            part.close()
        super().close()

    def _watch(self, run: Run) -> None:
        self.compile_panel.look()  # First, because drawing the final image takes a moment.
        if self._in_training and not self.compile_panel.folded:
            self.compile_panel.folded = True
        if run.ended:
            self._show_beside_form()
        super()._watch(run)

    def _follow_form(self) -> None:
        """The options have changed: clear the message, and update the controls."""
        if not self._in_training:
            self.view.message = ""
            self._show_beside_form()

    def text(self) -> str:
        """The options as lines, then the run; a run started elsewhere has its own fit line."""
        fit_line = self.compile_panel.fit_line
        if self.run is not None and self.run is not self._begun_here:
            fit_line = (
                gettext("Started elsewhere: {fit_line}", fit_line=self.run.fit_line) if self.run.fit_line else gettext("Started elsewhere.")
            )
        return "\n".join([self.compile_panel.compile_line, fit_line, super().text()])


_open: WeakSet[Dashboard] = WeakSet()


def notice_runs() -> None:
    """Update every dashboard after something was compiled or started elsewhere."""
    for panel in list(_open):
        panel.notice()


subscribe(notice_runs)


def format_fit_arguments(x: Any, y: Any, options: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    """The beginning of a fit line: the data by variable name, and the options without a control.

    >>> rows, labels = object(), object()
    >>> format_fit_arguments(rows, None, {"shuffle": False}, {"rows": rows})
    'rows shuffle=false'
    >>> format_fit_arguments(rows, labels, {}, {"rows": rows, "y": "another thing"})
    'rows ...'
    """
    data = [_format_data(x, "x", names), *([_format_data(y, "y", names)] if y is not None or x is None else [])]
    given = {name: format_python_value(value) or variable_holding(value, names) or TO_FILL_IN for name, value in options.items()}
    return " ".join([*data, *(f"{name}={text}" for name, text in given.items())])


def _format_data(data: Any, usual: str, names: Mapping[str, Any]) -> str:
    # If a common name means something else in the notebook, the line would train on that.
    return variable_holding(data, names) or (TO_FILL_IN if data is not None and usual in names else usual)
