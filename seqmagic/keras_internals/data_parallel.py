"""Training and test steps for a model with several replicas: adds what Keras's own training step lacks there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras


class DataParallelSteps:
    """Training and test steps for one of several replicas, on its part of a batch; a mixin in front of the model's own class.

    Each step gets a pair: the data, and the weight of its part, which is 1 if all parts have equally many rows. Keras averages the losses
    of the replicas, which would differ from the loss of the whole batch if the batch can't be divided evenly.

    Risk: medium. It is documented that `train_step` scales its loss by `optimizer.scale_loss`; if it no longer did, parts of unevenly
    divided batches would be weighted slightly wrong, which a test would detect.
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
    """Multiply the loss that an optimizer sees by a factor, while a step is traced."""
    scale: Callable[[Any], Any] = optimizer.scale_loss
    optimizer.scale_loss = lambda loss: scale(loss) * keras.ops.cast(share, loss.dtype)
    try:
        yield
    finally:
        del optimizer.scale_loss


def make_data_parallel(model: keras.Model) -> None:
    """Give a model the steps of one of several replicas.

    Risk: low. The class has no attributes of its own, so Python allows changing `__class__`.
    """
    model.__class__ = type(f"DataParallel{type(model).__name__}", (DataParallelSteps, type(model)), {})


def metrics_of(model: keras.Model, counts: list[tuple[Any, Any]]) -> dict[str, Any]:
    """The results of a model's metrics for a given state of their variables.

    Risk: low. Keras's own `stateless_call` and its JAX trainer are based on `StatelessScope`, although it is undocumented.

    Args:
        counts: pairs of a variable and its value.
    """
    with keras.StatelessScope(state_mapping=counts):
        return dict(model.get_metrics_result())
