"""A model whose steps are shared by several replicas: what Keras's own training step leaves out there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras


class DataParallelSteps:
    """Training and test steps for one replica of several, each with a part of a batch; put before a model's own class.

    Each gets a pair: the data, and how much its part counts, which is 1 where all parts have as many rows. Keras takes the mean of the
    replicas' losses, and of a batch that can't be divided evenly that would be another loss than the batch's own.

    Risk: middle. That `train_step` scales its loss by `optimizer.scale_loss` is documented; where it no longer did, batches that can't be
    divided evenly would count a little wrong, which a test would see.
    """

    def train_step(self, pair: Any) -> Any:
        """A training step on a part of a batch."""
        data, share = pair
        with weighed(self.optimizer, share):  # type: ignore[attr-defined]
            return super().train_step(data)  # type: ignore[misc]

    def test_step(self, pair: Any) -> Any:
        """A test step on a part of a batch."""
        return super().test_step(pair[0])  # type: ignore[misc]


@contextmanager
def weighed(optimizer: Any, share: Any) -> Iterator[None]:
    """Let an optimizer see a loss times this, while a step is traced."""
    scale: Callable[[Any], Any] = optimizer.scale_loss
    optimizer.scale_loss = lambda loss: scale(loss) * keras.ops.cast(share, loss.dtype)
    try:
        yield
    finally:
        del optimizer.scale_loss


def make_data_parallel(model: keras.Model) -> None:
    """Give a model the steps of one replica of several.

    Risk: low. The class has no attributes of its own, and Python allows the change.
    """
    model.__class__ = type(f"DataParallel{type(model).__name__}", (DataParallelSteps, type(model)), {})


def metrics_of(model: keras.Model, counts: list[tuple[Any, Any]]) -> dict[str, Any]:
    """The results of a model's metrics, where their variables have counted this.

    Risk: low. `StatelessScope` is what Keras's own `stateless_call` and its JAX trainer stand on, though no page describes it.

    Args:
        counts: each variable with its value.
    """
    with keras.StatelessScope(state_mapping=counts):
        return dict(model.get_metrics_result())
