"""Trying fixes: labels, a loss or a last layer are changed and run on a few rows before the change is offered as a fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from seqmagic.describe.inspection import Construct, Describer
from seqmagic.describe.text_writer import NOWHERE, TextWriter
from seqmagic.describe.to_text import compile_step
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language import Argument, Call, Literal, Program, Sequence, Step, Word, parse_step, print_layer, print_program
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.network.loss_names import REGRESSION_LOSSES, loss_name, takes_logits
from seqmagic.network.output_layer import Ending, activation_of
from seqmagic.network.own_thread import work_apart
from seqmagic.options.compile_line import CompileOptions, read_compile
from seqmagic.options.loss_checks import check_pairing
from seqmagic.translation import gettext

FEW = 4  # Rows on which a fix is tried.


def unchanged(values: np.ndarray) -> np.ndarray:
    """Return the values as they are."""
    return values


@dataclass(frozen=True)
class Proposal:
    """A possible fix for labels that don't fit.

    Attributes:
        code: the expression that changes the labels, with {} for their name; "" if they stay.
        change: the function that does the same.
        loss: the name of another loss, or "".
        units, activation: of another last layer, or None.
        flatten: whether to add a flatten before the last layer.
    """

    code: str = ""
    change: Callable[[np.ndarray], Any] = unchanged
    loss: str = ""
    units: int | None = None
    activation: str | None = None
    flatten: bool = False


class LabelTrial:
    """Tries proposals without changing the model.

    Attributes:
        model: compiled, and built on an input.
        ending: of the model; it is known even if the model is not built.
        x: the training data, as an array.
    """

    def __init__(self, model: keras.Model, ending: Ending, x: Any) -> None:
        self.model = model
        self.ending = ending
        self.x = x

    def format_fix(self, proposal: Proposal, values: np.ndarray, typed: Callable[[str], str]) -> str:
        """The text of a proposal; "" if it does not work or no line can express it.

        Args:
            values: the labels.
            typed: turns an expression for the labels into a line of code.
        """
        try:
            return work_apart(lambda: self._format_fix(proposal, values, typed))
        except Exception:  # noqa: BLE001  # Whatever error Keras raises, the proposal is not a fix.
            return ""

    def _format_fix(self, proposal: Proposal, values: np.ndarray, typed: Callable[[str], str]) -> str:
        layer = self._last_layer(proposal)
        line, options = self._compile_line(proposal.loss, linear=proposal.activation == "linear") if proposal.loss else ("", None)
        written = "" if layer is None else f"{'flatten -> ' * proposal.flatten}{_line_of(layer)}"
        parts = [typed(proposal.code) if proposal.code else "", written, line]
        fix = gettext(", and ").join(part for part in parts if part)
        return fix if fix and self._runs(proposal, values, layer, options) else ""

    def _runs(self, proposal: Proposal, values: np.ndarray, layer: Any, options: CompileOptions | None) -> bool:
        """Whether one small batch gives a finite loss. It uses the model's own layers, without training them."""
        loss, metrics = (options.loss, list(options.metrics)) if options else (self.model.loss, None)
        ending = self.ending if layer is None else Ending((layer.units,), activation_of(layer))
        check_pairing(ending, loss)
        flatten = [keras.layers.Flatten()] if proposal.flatten else []
        trial, x = self._assemble([*flatten, layer] if layer is not None else [])
        trial.compile("sgd", loss, metrics=metrics, run_eagerly=True)
        result = trial.test_on_batch(x, np.asarray(proposal.change(values))[: len(x)], return_dict=True)
        return bool(np.isfinite(float(result["loss"])))

    def _assemble(self, ending: list[keras.Layer]) -> tuple[keras.Model, Any]:
        """A small model that ends with the model's output or with other layers, and a few rows for it."""
        if not self.model.built:
            # An unbuilt model has no weights to run: only the shape of its output is known.
            given = keras.Input(tuple(dim or 1 for dim in self.ending.shape or ()))
            return keras.Model(given, keras.layers.Softmax()(given)), np.ones((FEW, *given.shape[1:]), "float32")
        inputs = self.model.inputs if len(self.model.inputs) > 1 else self.model.inputs[0]
        rows = np.asarray(self.x[: fixed_batch_of(self.model) or FEW])
        if not ending:
            return keras.Model(inputs, self.model.outputs[0]), rows
        # Don't connect new layers to the model's own: its layers would keep references to them.
        inside = np.asarray(keras.Model(inputs, self.model.layers[-1].input)(rows, training=False), "float32")
        return keras.Sequential([keras.Input(inside.shape[1:]), *ending]), inside

    def _last_layer(self, proposal: Proposal) -> Any:
        """A new last layer with other units or another activation; None if it stays."""
        if proposal.units is None and proposal.activation is None and not proposal.flatten:
            return None
        last = self.model.layers[-1]
        if type(last) is not keras.layers.Dense:
            raise TypeError(gettext("only a dense layer can be changed like this"))
        config = last.get_config()
        config["units"] = proposal.units or config["units"]
        config["activation"] = proposal.activation or config["activation"]
        return keras.layers.Dense.from_config(config)

    def _compile_line(self, loss: str, *, linear: bool = False) -> tuple[str, CompileOptions]:
        """The model's compile line with another loss, and the options it is read as."""
        step, gaps = compile_step(self.model)
        if step is None or gaps:
            raise TypeError(gettext("part of the model can't be written in this language"))
        return with_loss(step, loss, logits=takes_logits(self.model.loss) and not linear, names=own_losses_and_metrics(self.model))


def with_loss(step: Step, loss: str, *, logits: bool, names: dict[str, Any]) -> tuple[str, CompileOptions]:
    """A compile line with another loss, and metrics for the same kind of labels. It is parsed, which proves it valid.

    Raises:
        SeqmagicError: If it is not valid.
    """
    word = Word(loss, NOWHERE)
    turned_on = Argument(Literal(True, NOWHERE), Word("from_logits", NOWHERE), NOWHERE)  # noqa: FBT003
    value = Call(word, (turned_on,), NOWHERE) if logits else word
    arguments = [replace(argument, value=_matching(argument.value, loss)) for argument in step.arguments]
    arguments[1] = Argument(value, None, NOWHERE)
    line = print_program(Program((), replace(step, arguments=tuple(arguments)))).strip()
    return line, read_compile(parse_step(line), names)


def _matching(value: Any, loss: str) -> Any:
    """The sparse or categorical form of a metric, matching the loss; an accuracy becomes an error metric for a regression loss."""
    if isinstance(value, Sequence):
        return replace(value, items=tuple(_matching(item, loss) for item in value.items))
    if isinstance(value, Word) and value.text.endswith("accuracy") and loss_name(loss) in REGRESSION_LOSSES:
        return Word("mae", value.span)
    if not isinstance(value, Word) or "categorical" not in value.text:
        return value
    bare = value.text.removeprefix("sparse_")
    return Word(f"sparse_{bare}" if loss.startswith("sparse_") else bare, value.span)


def own_losses_and_metrics(model: keras.Model) -> dict[str, Any]:
    """The notebook's own losses and metrics that a model is compiled with, by name."""
    kept = compiled_with(model)
    metrics = kept.get("metrics") or []
    things = [kept.get("loss"), *(metrics if isinstance(metrics, (list, tuple)) else [])]
    return {thing.__name__: thing for thing in things if hasattr(thing, "__name__") and not is_of_keras(thing)}


def _line_of(layer: Any) -> str:
    """The text of a layer's line, without its name."""
    described = work_apart(lambda: Describer().layer(layer))
    if not isinstance(described, Construct):
        raise TypeError(gettext("it can't be written in this language"))
    return print_layer(TextWriter(ranked=True).layer(replace(described, name=None)))
