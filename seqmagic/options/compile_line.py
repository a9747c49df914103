"""Compile options: from a `compile` line to the optimizer, loss and metrics that Keras accepts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import keras

from seqmagic.describe.configs import config_of, fingerprint, fingerprint_of, is_automatic
from seqmagic.errors import ArgumentError, CompileError, SeqmagicError, Span, raise_all
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language import Argument, Call, Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.network.arguments import Names, parameter_name
from seqmagic.network.catalogue import LOSSES, METRICS, OPTIMIZERS, SPECIAL_METRICS, Registry, normalize, parameters_of
from seqmagic.network.expressions import look_up
from seqmagic.network.layers import bind, construct, convert, first_sentence
from seqmagic.network.user_objects import own_thing
from seqmagic.network.value_ranges import check_text, check_truth
from seqmagic.translation import gettext


@dataclass(frozen=True)
class CompileOptions:
    """The arguments of `model.compile`: all names are resolved and all objects created before a model is touched."""

    optimizer: Any
    loss: Any = None
    metrics: Any = ()
    extras: dict[str, Any] = field(default_factory=dict)

    def apply(self, model: keras.Model, span: Span | None = None) -> None:
        """Compile a model with these options."""
        try:
            model.compile(optimizer=self.optimizer, loss=self.loss, metrics=self.metrics or None, **self.extras)
        except Exception as error:
            # Keras raises many types of exceptions for wrong options; all of them are reported at the compile line.
            raise CompileError(first_sentence(error), span=span) from error


def read_compile(step: Step, names: Names) -> CompileOptions:
    """Understand a compile line: optimizer, loss, then metrics; or each by its name.

    >>> from seqmagic.language import parse_step
    >>> read_compile(parse_step("compile sgd(0.1) mse mae"), {}).loss
    'mean_squared_error'

    Args:
        names: the notebook's own optimizers, losses and metrics, usable by their name.

    Raises:
        UnknownNameError: At the word that isn't known.
        ArgumentError: At a value that doesn't fit.
    """
    written: dict[str, Any] = {}
    metrics: list[Any] = []
    errors: list[SeqmagicError] = []
    for part, argument in step.compile_parts():
        try:
            _take(argument, _parameter(part, argument, step), written, metrics, names)
        except SeqmagicError as error:
            errors.append(error)
    raise_all(errors)
    if "optimizer" not in written:
        raise CompileError(gettext("The compile line names no optimizer."), instead="compile adam mse", span=step.span)
    extras = {name: value for name, value in written.items() if name not in ("optimizer", "loss")}
    return CompileOptions(written["optimizer"], written.get("loss"), metrics, extras)


def _take(argument: Argument, name: str, written: dict[str, Any], metrics: list[Any], names: Names) -> None:
    """Store the value of an argument under its parameter."""
    if name == "metrics":
        for value in _metrics_in(argument.value, names):
            metrics.append(_resolve_metric(value, names, {getattr(metric, "name", metric) for metric in metrics}))
    elif name in written:
        raise ArgumentError(
            gettext("The compile line has more than one {name}.", name=gettext(name)), expected=gettext("one name"), span=argument.span
        )
    else:
        written[name] = _resolve(name, argument, names)


def _metrics_in(value: Value, names: Names) -> Iterator[Any]:
    """The metrics in a list, or in a variable that holds one."""
    held = names.get(value.text) if isinstance(value, Word) and METRICS.find(value.text) is None else None
    value = _only_item(value, Sequence)
    held = _of_only_output(value, names) if held is None else held
    held = [held] if isinstance(value, Expression) and held is not None and not isinstance(held, (list, tuple)) else held
    if isinstance(value, Sequence):
        yield from value.items
    elif isinstance(held, (list, tuple)):
        yield from (Literal(item, value.span) if isinstance(item, str) else item for item in held)
    else:
        yield value


def _only_item(value: Value, kind: type = object) -> Value:
    """What is in a list of one item, as Keras takes it for a model with one output: loss=["mse"], metrics=[["mae", "mse"]]."""
    if not isinstance(value, Sequence) or not value.listed or len(value.items) != 1 or not isinstance(value.items[0], kind):
        return value
    item: Value = value.items[0]
    return item


def _of_only_output(value: Value, names: Names) -> Any:
    """The loss or the metrics of the only output, in a dictionary with its name; None for anything else."""
    found = look_up(value, names) if isinstance(value, Expression) else None
    return next(iter(found.values())) if isinstance(found, dict) and len(found) == 1 else None


def _parameter(part: str, argument: Argument, step: Step) -> str:
    """The name of a compile parameter, as Keras spells it; raises if there is none."""
    return part if argument.name is None else parameter_name(argument.name, parameters_of(keras.Model.compile), step.word)


def _resolve(name: str, argument: Argument, names: Names) -> Any:
    if name == "optimizer":
        return resolve(argument.value, OPTIMIZERS, names, lambda word: word)
    if name == "loss":
        found = _of_only_output(argument.value, names)
        given = _only_item(argument.value) if found is None else Literal(found, argument.span) if isinstance(found, str) else None
        return found if given is None else resolve(given, LOSSES, names, LOSSES.function_name)
    value, word = convert(argument.value, name, names), Word("compile", argument.span)
    parameter = parameters_of(keras.Model.compile)[name]
    check_text(value, parameter, argument, word, target=keras.Model.compile, names=names)
    check_truth(value, parameter, argument, word)
    return value


def _resolve_metric(value: Any, names: Names, taken: set[Any]) -> Any:
    """Resolve a metric; one that is created here without a name gets its word as name.

    Keras would number the names across the whole notebook (auc, auc_1, auc_2); then neither `until` nor a comparison of two runs would find
    them.

    Args:
        taken: the names of the other metrics on the line.
    """
    if not isinstance(value, (Literal, Word, Call, Expression, Sequence, Size)):
        return value  # A metric object, from a list in the notebook.
    metric = resolve(value, METRICS, names, _metric_string)
    is_named = isinstance(value, Call) and any(argument.name is not None and argument.name.text == "name" for argument in value.arguments)
    is_there = isinstance(value, Expression) or (isinstance(value, Word) and names.get(value.text) is metric)
    if isinstance(metric, keras.metrics.Metric) and not is_named and not is_there:
        stem = re.sub(r"_\d+$", "", metric.name)
        stem = stem if is_automatic(stem, type(metric)) else metric.name
        metric.name = next(name for name in chain([stem], (f"{stem}_{number}" for number in count(1))) if name not in taken)
    return metric


def _metric_string(word: str) -> str | None:
    # Keras logs a metric under the string it was given: mae, not mean_absolute_error.
    bare = word.rpartition(".")[2]
    if bare in SPECIAL_METRICS or bare in WRITTEN_METRICS or _is_class_name(bare):
        return bare
    return SPECIAL_METRICS.get(normalize(bare)) or METRICS.function_name(word)


def _is_class_name(word: str) -> bool:
    """Whether a word is exactly the name of one of Keras's metric classes that Keras can create from the string alone."""
    try:
        return type(keras.metrics.get(word)).__name__ == word
    except Exception:  # noqa: BLE001  # Keras doesn't know the name, or the class needs arguments.
        return False


WRITTEN_METRICS = ("mse", "mae", "mape", "msle", "MSE", "MAE", "MAPE", "MSLE", "bce", "BCE")


def resolve(value: Value, registry: Registry, names: Names, string_of: Callable[[str], str | None]) -> Any:
    """Resolve an optimizer, loss or metric to what Keras accepts.

    A call creates an object with its arguments. A bare word is the notebook's object of that name, or Keras's: as the string that
    hand-written code would use, if Keras has one, so that names and configs are the same. A quoted string always means Keras's.
    """
    if isinstance(value, Literal) and isinstance(value.value, str):
        value = Word(value.value, value.span)
        names = {} if registry.find(value.text) or normalize(value.text) in SPECIAL_METRICS else names
    if isinstance(value, Expression):
        return look_up(value, names)
    if isinstance(value, Call):
        own = own_thing(value.word.text, registry.kind, names)
        found = own if inspect.isclass(own) else _find(value.word, registry)
        return construct(found, bind(value.arguments, found, value.word, names), value.span)
    if not isinstance(value, Word):
        example = {"optimizer": "adam", "loss": "mse"}.get(registry.kind, "accuracy")
        raise ArgumentError(
            gettext("This is not a {kind}.", kind=gettext(registry.kind)),
            expected=gettext("a name such as {example}", example=example),
            span=value.span,
        )
    own = own_thing(value.text, registry.kind, names)
    if own is not None:
        return construct(own, {}, value.span) if inspect.isclass(own) else _checked(own, value, registry)
    if registry.find(value.text) is None and callable(names.get(value.text)):
        return _checked(names[value.text], value, registry)
    if isinstance(names.get(value.text), str) and registry.find(value.text) is None:
        return resolve(Literal(names[value.text], value.span), registry, {}, string_of)  # optimizer=opt, where opt = "adam".
    found = None if normalize(value.text) in SPECIAL_METRICS and registry is METRICS else _find(value, registry)
    text = string_of(value.text)
    if inspect.isclass(found) and (text is None or registry is OPTIMIZERS):
        return construct(found, bind((), found, value, names), value.span)
    return text or found


def _checked(own: Any, word: Word, registry: Registry) -> Any:
    """Return an object of the notebook; refuse a function that can't be called with labels and predictions."""
    if inspect.isfunction(own) and registry is not OPTIMIZERS:
        try:
            inspect.signature(own).bind(0, 0)
        except TypeError:
            problem = gettext("Keras calls {word!r} with the labels and the predictions, but it takes other arguments.", word=word.text)
            raise ArgumentError(problem, expected=f"def {word.text}(y_true, y_pred)", span=word.span) from None
    return own


def _find(word: Word, registry: Registry) -> Any:
    found = registry.find(word.text)
    if found is None:
        raise registry.unknown(word.text, word.span)
    return found


def loss_of(model: keras.Model) -> Any:
    """A model's loss, in a form that is equal for two losses that compute the same; None for a model that isn't compiled.

    Losses of the user's own classes are equal only if they are the same object.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile(loss="mse")
    >>> loss_of(model)
    'mean_squared_error'
    """
    return comparable_loss(compiled_with(model).get("loss"))


def comparable_loss(loss: Any) -> Any:
    """A loss in a form that is equal for two losses that compute the same."""
    if isinstance(loss, dict):
        return {name: comparable_loss(part) for name, part in loss.items()}
    if isinstance(loss, (list, tuple)):
        return [comparable_loss(part) for part in loss]
    if isinstance(loss, keras.losses.Loss) and is_of_keras(loss):
        return type(loss), fingerprint_of(loss)
    return LOSSES.function_name(loss) or loss if isinstance(loss, str) else loss


def comparable_optimizer(optimizer: keras.optimizers.Optimizer, *, with_rate: bool = True) -> Any:
    """An optimizer in a form that is equal for two optimizers that do the same.

    Args:
        with_rate: whether to compare the learning rate, which training may lower.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # With mixed_float16, Keras wraps the optimizer in a LossScaleOptimizer.
    left_out = {"name"} if with_rate else {"name", "learning_rate"}
    return type(inner), fingerprint({name: value for name, value in config_of(inner).items() if name not in left_out})


def compile_again(model: keras.Model, kept: dict[str, Any]) -> None:
    """Compile a model with its previous arguments and a fresh optimizer, without state for the old weights.

    Args:
        kept: the result of `compiled_with`.
    """
    optimizer = kept["optimizer"]
    if isinstance(optimizer, keras.optimizers.Optimizer):
        optimizer = type(optimizer).from_config(optimizer.get_config())
    model.compile(**{**kept, "optimizer": optimizer})
