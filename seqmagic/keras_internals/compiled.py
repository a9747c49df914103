"""What `compile` stores in a model and its optimizer, and what `fit` uses while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from seqmagic.measure import numbered

# The methods that a subclass may override to change how the loss is computed; Keras also checks the private one.
LOSS_HOOKS = ("compute_loss", "_compute_loss")


def compile_stamp(model: keras.Model) -> Any:
    """An object that stays the same until the model is compiled again.

    Risk: high, because the attribute is private and untyped. There is no public way.
    """
    return getattr(model, "_compile_config", None)


def compiled_with(model: keras.Model) -> dict[str, Any]:
    """The arguments of a model's `compile`, as they were passed; empty for a model that isn't compiled.

    Risk: high. The public `get_compile_config()` returns a serialized copy, which loses functions of the notebook.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> compiled_with(model)["loss"]
    'mse'
    """
    config = getattr(compile_stamp(model), "config", None)
    return dict(config) if model.compiled and config else {}


def told_direction(metric: Any) -> str | None:
    """The direction in which a metric is better, "up" or "down", if it tells it, as most of Keras's do.

    Risk: low. Without the attribute, the class or the name of the metric decides.
    """
    return getattr(metric, "_direction", None)


def wrapped_function(metric: Any) -> Any:
    """The function that a `MeanMetricWrapper` computes the mean of.

    Risk: low. Without the attribute, the name of the metric decides. The public `get_config()` serializes the function.
    """
    return getattr(metric, "_fn", None)


def number_equal_losses(model: keras.Model, tell: Callable[[list[str]], object] = lambda names: None) -> None:
    """Let each output log its loss under a name of its own, also if outputs have one name: `left_loss`, `left_loss_1`.

    Keras numbers the metrics of such outputs in this way, but logs only one of their losses, that of the last.

    Risk: medium. Without the attributes, only the loss of the last of these outputs is logged, which a test would detect.

    Args:
        tell: called with the names, in the order of the outputs, if some of them had to be numbered.
    """
    losses = getattr(model, "_compile_loss", None)
    if losses is None:
        return

    def rename() -> None:
        names = [f"{one.name}_loss" for one in losses._flat_losses]
        if len(set(names)) == len(names) or len(names) != len(losses.metrics):
            return
        apart = numbered(names)
        for metric, name in zip(losses.metrics, apart, strict=True):
            metric.name = name
        tell(apart)

    if losses.built:
        rename()
        return

    def build(*args: Any) -> None:
        del losses.build
        losses.build(*args)
        rename()

    losses.build = build


def resolved_jit_compile(model: keras.Model, given: Any) -> Any:
    """What "auto" for `jit_compile` resolves to on this machine.

    Risk: low. Without the method, the given value is used.
    """
    return getattr(model, "_resolve_auto_jit_compile", lambda: given)()


def rate_variable(optimizer: Any) -> Any:
    """The source of an optimizer's learning rate: a variable, a schedule or a function.

    Risk: medium. The public `learning_rate` is a number even for a schedule, and `get_config()` serializes the schedule.
    """
    # With mixed_float16, Keras wraps the optimizer in a LossScaleOptimizer.
    return getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)


def has_plain_rate(optimizer: Any) -> bool:
    """Whether the learning rate is a variable that can be set, not a schedule or function."""
    return isinstance(rate_variable(optimizer), keras.Variable)


def excludes_from_decay(optimizer: Any) -> bool:
    """Whether `exclude_from_weight_decay` was called, which the config does not include.

    Risk: medium. If the attribute were renamed, such an optimizer would be written without its exclusions.
    """
    return bool(getattr(optimizer, "_exclude_from_weight_decay", None) or getattr(optimizer, "_exclude_from_weight_decay_pattern", None))


def step_functions(model: keras.Model) -> tuple[Any, Any]:
    """The functions that `fit` and `evaluate` call for their steps; None if they have not been created."""
    return model.train_function, model.test_function


@contextmanager
def replaced_step_functions(model: keras.Model, train: Callable[[Any], Any] | None, test: Callable[[Any], Any] | None) -> Iterator[None]:
    """Within this context, let `fit` and `evaluate` call these functions for their steps; for None, Keras creates its own again.

    Risk: high, because it is the core of training. The documented hook `make_train_function` is no alternative: `fit` calls it and then
    uses `self.train_function` anyway, so the hook would have to set this attribute as well.
    """
    before = step_functions(model)
    model.train_function, model.test_function = train, test
    try:
        yield
    finally:
        model.train_function, model.test_function = before


def forget_step_functions(model: keras.Model) -> None:
    """Make Keras create its step functions again: one whose tracing was interrupted would fail in every later `fit`."""
    model.train_function = model.test_function = None


def end_evaluation(model: keras.Model) -> None:
    """End a running `evaluate` after its current batch.

    Risk: low. If Keras ignored it, validation would run to its end. There is no public way like `stop_training` for `fit`.
    """
    model.stop_evaluating = True


def distribution_of(model: keras.Model) -> Any:
    """The tf.distribute strategy that a model is trained with.

    Risk: low.
    """
    return model.distribute_strategy
