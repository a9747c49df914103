"""What `compile` leaves in a model and its optimizer, and what `fit` asks for while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

# The methods that somebody may write to change how a loss is computed; Keras itself looks for the private one besides.
LOSS_HOOKS = ("compute_loss", "_compute_loss")


def compile_stamp(model: keras.Model) -> Any:
    """A thing that stays the same object until the model is compiled anew.

    Risk: high, for the attribute has no type and no promise. There is no public way.
    """
    return getattr(model, "_compile_config", None)


def compiled_with(model: keras.Model) -> dict[str, Any]:
    """What was handed to a model's `compile`, as it was handed; empty for a model that isn't compiled.

    Risk: high. The public `get_compile_config()` gives a serialized copy, in which a function of the notebook is lost.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> compiled_with(model)["loss"]
    'mse'
    """
    config = getattr(compile_stamp(model), "config", None)
    return dict(config) if model.compiled and config else {}


def resolved_jit_compile(model: keras.Model, given: Any) -> Any:
    """What "auto" for `jit_compile` comes to on this machine.

    Risk: low. Without the method, what was given stands.
    """
    return getattr(model, "_resolve_auto_jit_compile", lambda: given)()


def rate_variable(optimizer: Any) -> Any:
    """What an optimizer takes its learning rate from: a variable, a schedule or a function.

    Risk: middle. The public `learning_rate` is a number also where a schedule gives it, and `get_config()` serializes the schedule.
    """
    # Under mixed_float16 Keras puts an optimizer of its own around the one that was asked for.
    return getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)


def has_plain_rate(optimizer: Any) -> bool:
    """Whether the learning rate is a number that can be set, and no schedule or function."""
    return isinstance(rate_variable(optimizer), keras.Variable)


def excludes_from_decay(optimizer: Any) -> bool:
    """Whether `exclude_from_weight_decay` was called, which no config holds.

    Risk: middle. A renamed attribute would hide that such an optimizer can't be written down.
    """
    return bool(getattr(optimizer, "_exclude_from_weight_decay", None) or getattr(optimizer, "_exclude_from_weight_decay_pattern", None))


def step_functions(model: keras.Model) -> tuple[Any, Any]:
    """The functions that `fit` and `evaluate` call for their steps; None where they are not made yet."""
    return model.train_function, model.test_function


@contextmanager
def replaced_step_functions(model: keras.Model, train: Callable[[Any], Any] | None, test: Callable[[Any], Any] | None) -> Iterator[None]:
    """Let `fit` and `evaluate` call these functions for their steps while this holds; for None, Keras makes its own anew.

    Risk: high, for it is the heart of training. Overriding `make_train_function`, the documented hook, is no way round it: `fit` calls
    that and then `self.train_function` all the same, so that the hook would have to set this attribute as well.
    """
    before = step_functions(model)
    model.train_function, model.test_function = train, test
    try:
        yield
    finally:
        model.train_function, model.test_function = before


def forget_step_functions(model: keras.Model) -> None:
    """Let Keras make its steps anew: one that was traced by half would refuse every later `fit`."""
    model.train_function = model.test_function = None


def end_evaluation(model: keras.Model) -> None:
    """End an `evaluate` that is under way after its batch.

    Risk: low. Where Keras ignores it, the validation runs to its end. There is no public way, as `stop_training` is for `fit`.
    """
    model.stop_evaluating = True


def distribution_of(model: keras.Model) -> Any:
    """TensorFlow's strategy that a model is trained with.

    Risk: low.
    """
    return model.distribute_strategy
