"""The compile panel: every optimizer, loss and metric with its options, the fit options, and the equivalent lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import RLock
from typing import Any

import anywidget
import keras
import traitlets

from seqmagic.errors import ArgumentError, CompileError, SeqmagicError
from seqmagic.errors.boundary import translate
from seqmagic.forms.choices import UNSPEAKABLE, Choice
from seqmagic.forms.compile_form import CompileForm, wrong_fields
from seqmagic.forms.compiled import CompileChoices, describe
from seqmagic.forms.locked import locked_choices, locked_fields, refuse_locked
from seqmagic.forms.user_words import things_to_compile_with
from seqmagic.keras_internals.compiled import compile_stamp, compiled_with, has_plain_rate
from seqmagic.options.compile_line import CompileOptions
from seqmagic.translation import gettext
from seqmagic.translation.chosen import current_language
from seqmagic.widgets.page import script

MOST_EPOCHS = 2**53  # JavaScript's largest exact integer.


class CompilePanel(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Controls for compile and fit options. The model is not changed until `apply` is called.

    The model's compile arguments are kept, with all their options, until their control is changed.

    Attributes:
        model: a built Keras model; the controls first show its compile arguments, or suggestions for its last layer.
        y: the labels, for checking what fits.
        names: the notebook's own variables, for its optimizers, losses and metrics.
        fit: the beginning of the fit line, such as "x_train y_train validation_data=x_test,y_test".
        streams: whether the data is a stream, which comes in batches.
    """

    _esm = script("compile_panel.js")
    # The controls: sections with their options and errors, and the two lines.
    form = traitlets.Dict().tag(sync=True)
    # The learning-rate search: its state in words, and the curve when it is done. Empty if there is none, None if it isn't possible.
    search = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    # Whether only the lines are shown, and no fields.
    folded = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(
        self, model: keras.Model, y: Any = None, names: Mapping[str, Any] | None = None, fit: str = "x y", *, streams: bool = False
    ) -> None:
        self.model, self.y = model, y
        own = things_to_compile_with(names or {})
        self.shown = describe(model, y, own)
        self.state = CompileForm(model, y, own, self.shown, fit, streams=streams)
        if not model.compiled:
            self.state.wanted = locked_choices(self.state.wanted)
        self.state.fit.begin(locked_fields())
        self.changed: Callable[[], None] = lambda: None
        self.failed: Callable[[SeqmagicError], None] = lambda _: None
        self.why_locked: Callable[[], str] = lambda: ""
        self.searches: dict[str, Callable[[], object]] = {}  # The actions of the search's buttons: find_rate, stop_search, forget_search.
        self._lock_reason = ""
        self._turn = RLock()  # A run unlocks the panel from its own thread, while the user may press a control.
        self._stamp = compile_stamp(model)
        self._esm = script("compile_panel.js", current_language())  # Before anywidget turns it into a trait.
        super().__init__(form=self.state.describe(""))
        self.on_msg(self._answer)

    @property
    def wanted(self) -> CompileChoices:
        """The values of the controls."""
        return self.state.wanted

    @property
    def compile_line(self) -> str:
        """The compile line for the values of the controls."""
        return self.state.wanted.line()

    @property
    def fit_line(self) -> str:
        """The fit line for the values of the controls."""
        return self.state.fit_line

    @property
    def fit_options(self) -> dict[str, Any]:
        """Epochs, batch size and the other options, as arguments of `fit`.

        Raises:
            SeqmagicError: At an invalid value.
        """
        return self.state.fit_options()

    @property
    def wrong(self) -> dict[str, str]:
        """The errors of the fields, by their labels on the page."""
        return wrong_fields(self.form)

    def set(self, control: str, value: Any = None) -> None:
        """Do what a control does in the page.

        >>> panel.set("optimizer", "sgd"); panel.set("optimizer.momentum", "0.9")     # doctest: +SKIP
        >>> panel.set("metrics.add", "mae"); panel.set("fit.epochs", "20")            # doctest: +SKIP

        Args:
            control: optimizer, loss, an option of either such as loss.label_smoothing, schedule, metrics.add, metrics.remove,
                metrics.0.threshold, a word of the fit line such as fit.patience, or propose.
        """
        with self._turn:
            refuse_locked(control)
            self.state.put(control, value)
            self.refresh()
        self.changed()

    @property
    def epochs(self) -> int | None:
        """The number of epochs in the form; None if it is invalid."""
        written = self.state.fit.values["epochs"]
        return int(written) if written.isdecimal() and 0 < int(written) < MOST_EPOCHS else None

    def check(self) -> None:
        """Check that all fields are valid.

        Raises:
            SeqmagicError: At the first invalid one.
        """
        _ = self.fit_options
        for problem in self.wrong.values():
            raise ArgumentError(problem)

    def begin_fit(self, values: Mapping[str, Any]) -> None:
        """Take over the fit options of a cell, to which emptied fields are reset."""
        with self._turn:
            self.state.fit.begin(values)
            self.refresh()

    def look(self) -> None:
        """Check whether the panel is locked, by `why_locked`, and whether a cell has compiled the model."""
        with self._turn:
            reason, stamp = self.why_locked(), compile_stamp(self.model)
            if (reason, stamp) != (self._lock_reason, self._stamp):
                self._lock_reason, self._stamp = reason, stamp
                self._follow_model()
                self.refresh()

    def refresh(self) -> None:
        """Update the page."""
        with self._turn:
            self.form = self.state.describe(self._lock_reason)

    def apply(self) -> None:
        """Compile the model, where the controls differ from what it is compiled with.

        A new learning rate alone is set on the optimizer that is there, which keeps its memory of the training so far.

        Raises:
            SeqmagicError: At a word or value that doesn't fit; the model then stays as it was.
        """
        self._follow_model()
        wanted, shown, compiled = self.wanted, self.shown, self.model.compiled
        if compiled and wanted == shown:
            return
        if not compiled and not wanted.loss.word:
            expected = gettext("a loss for each output, in a cell")
            raise CompileError(
                gettext("The model has several outputs, and no loss."), expected=expected, instead=self.state.compatibility.compile_call
            )
        same_optimizer = compiled and wanted.optimizer_alone == shown.optimizer_alone
        keep = (same_optimizer, compiled and wanted.loss == shown.loss, compiled and wanted.metrics == shown.metrics)
        known = self._known_metrics()
        read = self.state.read(keep, tuple(known))
        plain = isinstance(wanted.rate, str) and isinstance(shown.rate, str) and compiled and has_plain_rate(self.model.optimizer)
        if same_optimizer and plain and wanted.rate != shown.rate:
            self.model.optimizer.learning_rate = float(read.optimizer.learning_rate)  # Keras would keep a variable as one more of its own.
        keep = (same_optimizer and (plain or wanted.rate == shown.rate), *keep[1:])
        if not all(keep):
            read = self.state.read(keep, tuple(known))
            fresh = iter(read.metrics)
            changed = () if keep[2] else wanted.metrics
            metrics = [known[metric].pop(0) if known.get(metric) else next(fresh) for metric in changed]
            self._compile(replace(read, metrics=metrics), keep)
        # The same arguments may be written differently now.
        self.shown = self.state.wanted = self.state.had = describe(self.model, self.y, self.state.names)
        self._stamp = compile_stamp(self.model)
        self.refresh()

    def _known_metrics(self) -> dict[Choice, list[Any]]:
        """The model's metrics. When others are added or removed, these objects are kept, even if no line can express them.

        Raises:
            ArgumentError: If they belong to several outputs and should be changed.
        """
        metrics = compiled_with(self.model).get("metrics") or []
        known: dict[Choice, list[Any]] = {}
        if isinstance(metrics, (list, tuple)):
            for choice, metric in zip(self.shown.metrics if self.model.compiled else (), metrics, strict=True):
                known.setdefault(choice, []).append(metric)
        elif self.wanted.metrics != self.shown.metrics and Choice(UNSPEAKABLE) in self.wanted.metrics:
            problem = gettext("The metrics of this model are not a plain list, so none can be added here.")
            raise ArgumentError(problem, expected=gettext("all of them in a call of compile"))
        return known

    def _compile(self, read: CompileOptions, keep: tuple[bool, bool, bool]) -> None:
        kept = compiled_with(self.model)
        optimizer = self.model.optimizer if keep[0] else read.optimizer
        loss = kept["loss"] if keep[1] else read.loss
        metrics = kept["metrics"] if keep[2] else list(read.metrics)
        others = {name: value for name, value in kept.items() if name not in ("optimizer", "loss", "metrics")}
        CompileOptions(optimizer, loss, metrics, others).apply(self.model)

    def _follow_model(self) -> None:
        """Update untouched controls after a cell, or a run, has changed the model."""
        if not self.model.compiled:
            return
        now, before, wanted = describe(self.model, self.y, self.state.names), self.shown, self.wanted
        if now == before:
            return
        optimizer = now.optimizer if wanted.optimizer == before.optimizer else wanted.optimizer
        loss = now.loss if wanted.loss == before.loss else wanted.loss
        metrics = now.metrics if wanted.metrics == before.metrics else wanted.metrics
        self.shown = self.state.had = now
        self.state.wanted = CompileChoices(optimizer, loss, metrics)

    def _answer(self, view: Any, content: dict[str, Any], buffers: Any) -> None:
        kind = str(content.get("kind"))
        if kind in self.searches or (kind == "set" and not self._lock_reason):
            try:
                if kind == "set":
                    self.set(str(content.get("control")), content.get("value"))
                else:
                    self.searches[kind]()
            except Exception as error:  # noqa: BLE001  # An exception in a widget callback would not be shown to the user.
                self.failed(translate(error, gettext("The panel")))
