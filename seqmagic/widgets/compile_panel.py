"""The compile panel: optimizer, learning rate, loss, metrics, batch size and epochs, and the lines that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ipywidgets
import keras

from seqmagic.language import parse_step
from seqmagic.model.catalogue import LOSSES, METRICS, OPTIMIZERS, parameters_of, snake
from seqmagic.training.compiling import CompileOptions, compiled_with, read_compile
from seqmagic.training.proposal import propose_compile

COMMON_METRICS = ["accuracy", "mae", "mse", "auc", "precision", "recall"]
# What a field shows for things that have no word, such as a lambda or a list of losses: they stay until the field is changed.
UNSPEAKABLE = "as compiled"


class CompilePanel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types.
    """Compile and fit options as fields. Nothing changes in the model until `apply` is called.

    What the model is compiled with stays, with all its options, until the field for it is changed.

    model: a built Keras model; what it is compiled with is what the fields show first, or what fits its last layer.
    y: the labels, to propose a loss for a model that has none.
    """

    def __init__(self, model: keras.Model, y: Any = None) -> None:
        self.model, self.y = model, y
        self.shown = shown = describe(model, y)
        optimizers = dict.fromkeys([*(word for word in OPTIMIZERS.words() if stands_alone(word)), shown.optimizer])
        self.optimizer = ipywidgets.Dropdown(options=list(optimizers), value=shown.optimizer, description="Optimizer")
        self.rate = ipywidgets.Text(value=shown.rate, description="Learning rate", continuous_update=False)
        self.loss = ipywidgets.Combobox(value=shown.loss, options=LOSSES.words(), description="Loss", continuous_update=False)
        metrics = [*COMMON_METRICS, *METRICS.words()]
        self.metrics = ipywidgets.Combobox(value=shown.metrics, options=metrics, description="Metrics", continuous_update=False)
        self.batch_size = ipywidgets.BoundedIntText(value=fixed_batch(model) or 32, min=1, max=10**6, description="Batch size")
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
        self._show_lines()

    @property
    def wanted(self) -> Described:
        """What the four compile fields say."""
        return Described(
            self.optimizer.value, self.rate.value.strip(), self.loss.value.strip(), self.metrics.value.replace(",", " ").strip()
        )

    @property
    def compile_line(self) -> str:
        """The compile line that says what the fields say."""
        return self.wanted.line()

    @property
    def fit_options(self) -> dict[str, int]:
        """Epochs and batch size as `fit` takes them."""
        return {"epochs": self.epochs.value, "batch_size": self.batch_size.value}

    @property
    def fit_line(self) -> str:
        """The fit line that says what the fields say."""
        return " ".join(["fit x y", *(f"{name}={value}" for name, value in self.fit_options.items())])

    def apply(self) -> None:
        """Compile the model, where the fields differ from what it is compiled with.

        A new learning rate alone is set on the optimizer that is there, which keeps its memory of the training so far.

        Raises SeqmagicError at a word that isn't known; the model then stays as it was.
        """
        self._follow_model()
        wanted, shown = self.wanted, self.shown
        if self.model.compiled and wanted == shown:
            return
        new_optimizer = not self.model.compiled or wanted.optimizer != shown.optimizer
        read = self._read(wanted, shown)
        if not new_optimizer and wanted.rate != shown.rate:
            self.model.optimizer.learning_rate = read.optimizer.learning_rate
        if new_optimizer or (wanted.loss, wanted.metrics) != (shown.loss, shown.metrics):
            self._compile(read, wanted, new_optimizer)
        self.shown = wanted

    def _read(self, wanted: Described, shown: Described) -> CompileOptions:
        """The fields as Keras takes them. A field that is as it was may hold what has no word: any word does in its place."""
        kept = self.model.compiled
        optimizer = "adam" if kept and wanted.optimizer == shown.optimizer else wanted.optimizer
        loss = "mse" if kept and wanted.loss == shown.loss and LOSSES.find(shown.loss) is None else wanted.loss
        nameless = any(METRICS.find(word) is None for word in shown.metrics.split())
        metrics = "" if kept and wanted.metrics == shown.metrics and nameless else wanted.metrics
        return read_compile(parse_step(Described(optimizer, wanted.rate, loss, metrics).line()), {})

    def _compile(self, read: CompileOptions, wanted: Described, new_optimizer: bool) -> None:  # noqa: FBT001
        kept = compiled_with(self.model)
        optimizer = read.optimizer if new_optimizer else self.model.optimizer
        loss = kept["loss"] if kept and wanted.loss == self.shown.loss else read.loss
        metrics = kept["metrics"] if kept and wanted.metrics == self.shown.metrics else list(read.metrics)
        others = {name: value for name, value in kept.items() if name not in ("optimizer", "loss", "metrics")}
        CompileOptions(optimizer, loss, metrics, others).apply(self.model)

    def _follow_model(self) -> None:
        """Bring fields that nobody touched up to what a cell has compiled meanwhile."""
        if not self.model.compiled:
            return
        now, before = describe(self.model, self.y), self.shown
        for name in ("optimizer", "rate", "loss", "metrics"):
            field = getattr(self, name)
            if getattr(self.wanted, name) == getattr(before, name) != getattr(now, name):
                if name == "optimizer":
                    field.options = list(dict.fromkeys([*field.options, now.optimizer]))
                field.value = getattr(now, name)
        self.shown = now

    def _show_default_rate(self, change: Any) -> None:
        self.rate.value = default_rate(change["new"])

    def _show_lines(self, change: Any = None) -> None:
        self.compile_label.value, self.fit_label.value = self.compile_line, self.fit_line


@dataclass(frozen=True)
class Described:
    """Compile options in words."""

    optimizer: str
    rate: str
    loss: str
    metrics: str

    def line(self) -> str:
        """The compile line that says the same.

        >>> Described("adam", "0.001", "mse", "mae accuracy").line()
        'compile adam(0.001) mse mae accuracy'
        """
        rate = f"({self.rate})" if self.rate and self.rate != UNSPEAKABLE else ""
        return " ".join(f"compile {self.optimizer}{rate} {self.loss} {self.metrics}".split())


def describe(model: keras.Model, y: Any) -> Described:
    """What a model is compiled with; for one that isn't compiled, what fits it."""
    if not model.compiled:
        return Described(*propose_compile(model, y))
    kept = compiled_with(model)
    schedule = getattr(model.optimizer, "_learning_rate", None)
    constant = not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule)
    rate = f"{float(model.optimizer.learning_rate):.6g}" if constant else UNSPEAKABLE
    metrics = kept.get("metrics") or []
    words = [spoken_name(metric) for metric in metrics] if isinstance(metrics, (list, tuple)) else [UNSPEAKABLE]
    return Described(snake(type(model.optimizer).__name__), rate, spoken_name(kept.get("loss")), " ".join(words))


def spoken_name(thing: Any) -> str:
    """A loss or metric as a word."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    if isinstance(thing, (keras.losses.Loss, keras.metrics.Metric)):
        name = type(thing).__name__
        return (LOSSES if isinstance(thing, keras.losses.Loss) else METRICS).function_name(name) or snake(name)
    name = str(getattr(thing, "__name__", UNSPEAKABLE))
    return name if name.isidentifier() else UNSPEAKABLE


def fixed_batch(model: keras.Model) -> int | None:
    """The batch size that a model's input fixes, or None."""
    shape = getattr(model, "input_shape", None)
    return shape[0] if isinstance(shape, tuple) and isinstance(shape[0], int) else None


def stands_alone(optimizer: str) -> bool:
    """Whether an optimizer can be made from its name, without a value that only code can give."""
    return all(parameter.default is not parameter.empty for parameter in parameters_of(OPTIMIZERS.find(optimizer)).values())


def default_rate(optimizer: str) -> str:
    """The learning rate that Keras gives an optimizer when nobody says another."""
    found = OPTIMIZERS.find(optimizer)
    parameter = parameters_of(found).get("learning_rate") if found else None
    return "" if parameter is None else str(parameter.default)
