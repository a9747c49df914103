"""The compile panel: optimizer, learning rate, loss, metrics, batch size and epochs, and the lines that say the same."""

from __future__ import annotations

from typing import Any

import ipywidgets
import keras

from seqmagic.language import parse_step
from seqmagic.model.catalogue import LOSSES, METRICS, OPTIMIZERS, parameters_of, snake
from seqmagic.training.compiling import read_compile
from seqmagic.training.proposal import propose_compile

COMMON_METRICS = ["accuracy", "mae", "mse", "auc", "precision", "recall"]


class CompilePanel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types.
    """Compile and fit options as fields. Nothing changes in the model until `apply` is called.

    model: a built Keras model; what it is compiled with is what the fields show first, or what fits its last layer.
    y: the labels, to propose a loss for a model that has none.
    """

    def __init__(self, model: keras.Model, y: Any = None) -> None:
        self.model = model
        optimizer, rate, loss, metrics = describe(model, y)
        self.optimizer = ipywidgets.Dropdown(options=OPTIMIZERS.words(), value=optimizer, description="Optimizer")
        self.rate = ipywidgets.Text(value=rate, description="Learning rate", continuous_update=False)
        known = LOSSES.words()
        self.loss = ipywidgets.Combobox(value=loss, options=known, description="Loss", continuous_update=False)
        self.metrics = ipywidgets.Combobox(
            value=metrics, options=[*COMMON_METRICS, *METRICS.words()], description="Metrics", continuous_update=False
        )
        self.batch_size = ipywidgets.BoundedIntText(value=32, min=1, max=10**6, description="Batch size")
        self.epochs = ipywidgets.BoundedIntText(value=10, min=1, max=10**6, description="Epochs")
        self.compile_label, self.fit_label = ipywidgets.Label(), ipywidgets.Label()
        for label in (self.compile_label, self.fit_label):
            label.add_class("seqmagic-line")
        self.fields = (self.optimizer, self.rate, self.loss, self.metrics, self.batch_size, self.epochs)
        for field, width in zip(self.fields, ("108px", "96px", "232px", "128px", "76px", "72px"), strict=True):
            field.layout.width = width
            field.observe(self._show_lines, "value")
        self.optimizer.observe(self._show_default_rate, "value")
        row = ipywidgets.HBox(self.fields)
        row.add_class("seqmagic-fields")
        super().__init__([row, self.compile_label, self.fit_label])
        # A model that is compiled keeps what it has, also options that have no field here, until a field is changed.
        self._applied = self.compile_line if model.compiled else ""
        self._show_lines()

    @property
    def compile_line(self) -> str:
        """The compile line that says what the fields say."""
        return write_line(self.optimizer.value, self.rate.value, self.loss.value, self.metrics.value)

    @property
    def fit_options(self) -> dict[str, int]:
        """Epochs and batch size as `fit` takes them."""
        return {"epochs": self.epochs.value, "batch_size": self.batch_size.value}

    @property
    def fit_line(self) -> str:
        """The fit line that says what the fields say."""
        return " ".join(["fit x y", *(f"{name}={value}" for name, value in self.fit_options.items())])

    def apply(self) -> None:
        """Compile the model, where the fields differ from what it was compiled with.

        Raises SeqmagicError at a word that isn't known; the model then stays as it was.
        """
        line = self.compile_line
        if line == self._applied:
            return
        read_compile(parse_step(line), {}).apply(self.model)
        self._applied = line

    def _show_default_rate(self, change: Any) -> None:
        self.rate.value = default_rate(change["new"])

    def _show_lines(self, change: Any = None) -> None:
        self.compile_label.value, self.fit_label.value = self.compile_line, self.fit_line


def write_line(optimizer: str, rate: str, loss: str, metrics: str) -> str:
    """The compile line that says what four fields say.

    >>> write_line("adam", "0.001", "mse", "mae, accuracy")
    'compile adam(0.001) mse mae accuracy'
    """
    given = f"({rate.strip()})" if rate.strip() else ""
    return " ".join(f"compile {optimizer}{given} {loss} {metrics.replace(',', ' ')}".split())


def describe(model: keras.Model, y: Any) -> tuple[str, str, str, str]:
    """Optimizer, learning rate, loss and metrics in words: the model's own, or the proposal for one that has none."""
    if not model.compiled:
        return propose_compile(model, y)
    optimizer = snake(type(model.optimizer).__name__)
    learning_rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    config = model.get_compile_config() or {}
    metrics = config.get("metrics") or []
    return optimizer, f"{learning_rate:.6g}", spoken_name(config.get("loss")), " ".join(map(spoken_name, metrics))


def spoken_name(thing: Any) -> str:
    """A loss or metric out of a compile config as a word."""
    if isinstance(thing, dict):
        return snake(str(thing.get("class_name", "")))
    return str(thing or "")


def default_rate(optimizer: str) -> str:
    """The learning rate that Keras gives an optimizer when nobody says another."""
    parameter = parameters_of(OPTIMIZERS.find(optimizer)).get("learning_rate")
    return "" if parameter is None else str(parameter.default)
