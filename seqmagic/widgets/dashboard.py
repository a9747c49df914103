"""The dashboard: compile options, controls and live curves of one model in one panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import keras

from seqmagic.errors import BusyError, SeqmagicError
from seqmagic.training.run import Run, last_run_of, run_of
from seqmagic.widgets.compile_panel import CompilePanel
from seqmagic.widgets.training_panel import TrainingPanel

NO_DATA = "There is no data yet: %dashboard {name} x_train y_train"


class Dashboard(TrainingPanel):
    """A panel to choose compile options, train, pause, stop, and watch.

    >>> Dashboard(model, x_train, y_train)                                          # doctest: +SKIP
    >>> Dashboard(model, x_train, y_train, validation_data=(x_test, y_test))        # doctest: +SKIP

    model: a built Keras model. It stays the notebook's own: what the panel trains is what the notebook has.
    x, y: the data. Without them the panel shows the options, and a run that is under way.
    options: more options for `fit`, such as `validation_data`.
    """

    # Where the model goes by a name: what that name means now. A panel must not train a model that nobody can reach.
    current_model: Callable[[], Any] | None = None

    def __init__(self, model: keras.Model, x: Any = None, y: Any = None, **options: Any) -> None:
        self.model, self.x, self.y, self.options = model, x, y, options
        self.title = ipywidgets.Label(model.name)
        self.title.add_class("seqmagic-title")
        self.compile_panel = CompilePanel(model, y)
        for name in ("epochs", "batch_size"):
            value = options.pop(name, None)
            if value is not None:
                getattr(self.compile_panel, name).value = value
        for field in self.compile_panel.fields:
            field.observe(self._clear_message, "value")
        self.train_button = ipywidgets.Button(description="Train", icon="play", button_style="primary", tooltip="Train with these options")
        self.train_button.on_click(self._press_train)
        super().__init__(before=(self.title, self.compile_panel), buttons=(self.train_button,))
        # Also a run that has ended: its curves are what the next one goes on from.
        last = last_run_of(model)
        if last is not None:
            self.attach(last)
        if x is None:
            self.train_button.disabled = True
            self.view.say(NO_DATA.format(name=model.name))

    def train(self) -> Run:
        """What the Train button does: compile where the options changed, then start a run that goes on from the last one.

        Raises SeqmagicError when the options or the data don't fit, or when the model is in training.
        """
        if self.current_model is not None and self.current_model() is not self.model:
            raise BusyError(f"{self.model.name!r} was made anew.", expected="this cell to be run again, for the new one")
        other = run_of(self.model)
        if other is not None:
            # Compiling would wait for that run's end, and the page with it.
            self.attach(other)
            raise BusyError(f"{self.model.name!r} is in training already ({other.spoken()}).", expected="that run's end: stop it, or wait")
        self.compile_panel.apply()
        last = last_run_of(self.model)
        options: dict[str, Any] = {**self.options, **self.compile_panel.fit_options}
        run = Run(self.model, self.x, self.y, history=last.record if last else None, **options)
        self.attach(run)
        return run.start()

    def _clear_message(self, change: Any) -> None:
        """What was said of the options before is no longer about them."""
        if self.view.message and (self.run is None or self.run.ended):
            self.view.say("")

    def _press_train(self, button: ipywidgets.Button) -> None:
        try:
            self.train()
        except SeqmagicError as error:
            self.view.say(str(error))

    def _show_state(self, run: Run) -> None:
        super()._show_state(run)
        self.train_button.disabled = self.x is None or not run.ended
        for field in self.compile_panel.fields:
            field.disabled = not run.ended

    def saved_text(self) -> str:
        """The options as lines of the language, then the run."""
        return "\n".join([self.compile_panel.compile_line, self.compile_panel.fit_line, super().saved_text()])
