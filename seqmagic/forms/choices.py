"""A choice: an optimizer, loss, metric or schedule by name, with its options as text."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import keras

from seqmagic.describe.configs import settings_of, shortest
from seqmagic.errors import ArgumentError
from seqmagic.keras_internals.compiled import rate_variable
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language.printer import format_python_value
from seqmagic.network.catalogue import LOSSES, METRICS, SCHEDULES, SHORT_LOSSES, Registry, parameters_of, snake
from seqmagic.translation import gettext

# Stands for objects without a name, such as a lambda or a list of losses; they are kept until their field is changed.
UNSPEAKABLE = "as compiled"
TO_FILL_IN = "..."  # Stands for such an object in a compile line.
HIDDEN = ("name", "dtype", "fn")
# Numeric options of Keras whose signature doesn't show it: their default is None, or they have none.
NUMBERS = (
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "ema_overwrite_frequency", "loss_scale_factor"),
    *("gradient_accumulation_steps", "warmup_target", "ignore_class", "num_labels", "num_classes", "top_k", "class_id"),
    *("recall", "precision", "specificity", "sensitivity"),
)
# Options of Keras that accept only these strings.
VALUES = {
    "reduction": ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"),
    "average": ("none", "micro", "macro", "weighted"),
    "class_aggregation": ("uniform_average", "variance_weighted_average", "none"),
    "curve": ("ROC", "PR"),
    "summation_method": ("interpolation", "minoring", "majoring"),
}
# Abbreviations that are more common than the full names.
SHORT_WORDS = ("mse", "mae", "mape", "msle")
# Options written without their name, because they come first: adam(0.001).
LEADING = ("learning_rate", "initial_learning_rate")


@dataclass(frozen=True)
class Choice:
    """A word and its options, in the order in which they are written.

    >>> Choice("sgd", (("learning_rate", "0.1"), ("momentum", "0.9"))).text()
    'sgd(0.1, momentum=0.9)'
    """

    word: str
    options: tuple[tuple[str, Written], ...] = ()

    def text(self) -> str:
        """The choice in the compact language."""
        if self.word == UNSPEAKABLE:
            return TO_FILL_IN
        options = [format_option(name, value) for name, value in self.options]
        return f"{self.word}({', '.join(options)})" if options else self.word

    def get(self, name: str) -> Written | None:
        """The text of an option; None if it isn't set."""
        return dict(self.options).get(name)

    def put(self, name: str, value: Written | None) -> Choice:
        """A copy with another value for an option; None or an empty text removes it."""
        others = {key: kept for key, kept in self.options if key != name}
        if value not in (None, ""):
            assert value is not None  # noqa: S101  # For the type checker.
            others[name] = value
        order = [*LEADING, *(key for key, _ in self.options), name]
        return replace(self, options=tuple(sorted(others.items(), key=lambda item: order.index(item[0]))))


Written: TypeAlias = str | Choice


def format_option(name: str, value: Written) -> str:
    """An option as text: only the value for a learning rate, otherwise name=value."""
    text = value.text() if isinstance(value, Choice) else value
    return text if name in LEADING else f"{name}={text}"


@dataclass(frozen=True)
class ChoiceOption:
    """An option of an optimizer, loss, metric or schedule, from its signature.

    Attributes:
        kind: flag, number, choice or text.
        default: as text in the language; empty if the option is required.
        values: the strings to choose from.
    """

    name: str
    kind: str
    default: str
    values: tuple[str, ...] = ()

    def means_default(self, text: str) -> bool:
        """Whether a text equals the default, comparing numbers by value: 0.0 is 0."""
        try:
            return text == self.default or float(text) == float(self.default)
        except ValueError:
            return False

    def check(self, text: str) -> ArgumentError | None:
        """What is wrong with a text for this kind of option, or None. Keras accepts some invalid values silently."""
        if self.kind != "number" or text in ("none", "") or _is_number(text):
            return None
        return ArgumentError(
            gettext("{name} is {text!r}.", name=self.name, text=text[:40]),
            expected=gettext("a number, such as {default}", default=self.default or 100),
            parameter=self.name,
        )


def options_of(target: Callable[..., Any] | None) -> list[ChoiceOption]:
    """The options of a class, in Keras's order; none for a function, which `compile` takes as it is."""
    if target is None or not inspect.isclass(target):
        return []
    found = []
    made: Any = target
    for name, parameter in parameters_of(made).items():
        if name in HIDDEN:
            continue
        missing = parameter.default is parameter.empty
        number = isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool)
        number = number or (missing and name.endswith(("_steps", "_rate"))) or (name in NUMBERS and is_of_keras(made))
        values = VALUES.get(name, ()) if is_of_keras(made) else ()
        kind = "flag" if isinstance(parameter.default, bool) else "number" if number else "choice" if values else "text"
        found.append(ChoiceOption(name, kind, "" if missing else format_python_value(parameter.default) or "none", values))
    return found


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text  # Python also accepts 1_000.
    except ValueError:
        return False


def choice_of(thing: Any, registry: Registry) -> Choice:
    """An object of a compiled model as a choice: a name in Keras, a function, or a class with its options."""
    if isinstance(thing, str):
        return Choice(thing and short(registry.function_name(thing) or thing) if registry is LOSSES else thing)
    if isinstance(thing, (keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer, *SCHEDULE_CLASSES)):
        return _choice_of_object(thing, registry)
    name = str(getattr(thing, "__name__", UNSPEAKABLE))
    return Choice(short(name) if registry is LOSSES and LOSSES.find(name) else name if name.isidentifier() else UNSPEAKABLE)


SCHEDULE_CLASSES = (keras.optimizers.schedules.LearningRateSchedule,)


def _choice_of_object(thing: Any, registry: Registry) -> Choice:
    name = type(thing).__name__
    word = (short(registry.function_name(name) or snake(name)) if registry in (LOSSES, METRICS) else None) or snake(name)
    options: list[tuple[str, Written]] = []
    config = _config_of(thing)
    for option in options_of(type(thing)):
        value = rate_variable(thing) if option.name == "learning_rate" else config.get(option.name)
        if isinstance(value, SCHEDULE_CLASSES):
            options.append((option.name, choice_of(value, SCHEDULES)))
            continue
        plain = shortest(float(thing.learning_rate), thing.learning_rate) if option.name == "learning_rate" else value
        text = format_python_value(plain) if option.name in config else None
        if text is not None and (text != option.default or option.name in LEADING):
            options.append((option.name, text))
    if isinstance(thing, keras.metrics.Metric) and _is_named_by_hand(thing):
        options.append(("name", format_python_value(thing.name) or repr(thing.name)))
    return Choice(word, tuple(options))


def _is_named_by_hand(metric: keras.metrics.Metric) -> bool:
    """Whether a metric was given a name. If the signature has no default name, Keras numbers them: precision, precision_1."""
    made: Any = type(metric)
    parameter = parameters_of(made).get("name")
    counted = re.sub(r"_\d+$", "", metric.name).replace("_", "") == made.__name__.lower()
    return parameter is not None and metric.name != parameter.default and not (parameter.default is None and counted)


def _config_of(thing: Any) -> dict[str, Any]:
    """The config of an object; empty if a notebook class has no working `get_config`."""
    try:
        return settings_of(thing)
    except Exception:  # noqa: BLE001  # A custom class's get_config may raise anything.
        return {}


def short(name: str) -> str:
    """The abbreviation of a loss or metric: mse for mean_squared_error."""
    return next((word for word in SHORT_WORDS if SHORT_LOSSES[word] == name), name)
