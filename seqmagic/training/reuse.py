"""Renewal: resets a trained model to the state of a new one from the same text.

Each model that is built and trained costs some megabytes that are never freed, because TensorFlow keeps its traced steps. When a cell is
run again and again, the trained model and its traced steps are reused, with new weights.
"""

from __future__ import annotations

import keras

from seqmagic.describe.source import origin_of
from seqmagic.keras_internals.compiled import compile_stamp, has_plain_rate
from seqmagic.ledger.describe import hash_of_network
from seqmagic.steps.graph_loop import has_loop
from seqmagic.training.registry import forget_runs
from seqmagic.training.state import Moment, capture, put_back


def can_be_renewed(model: keras.Model, fresh: keras.Model) -> bool:
    """Whether a trained model is still as its text describes it, and a new one comes from the same text."""
    if not has_loop(model):
        return False  # It has no traced steps, so replacing it costs nothing.
    before, now = origin_of(model), origin_of(fresh)
    if before is None or now is None or not before.is_same(now) or compile_stamp(model) is not before.stamp:
        return False
    return hash_of_network(model) == hash_of_network(fresh) and _trainable(model) == _trainable(fresh)


def renew(model: keras.Model, fresh: keras.Model) -> None:
    """Give a model the weights and seed states of a new one, an empty optimizer state, and no history."""
    put_back(model, capture(fresh, Moment()))
    if model.optimizer is not None and has_plain_rate(model.optimizer):
        model.optimizer.learning_rate = float(fresh.optimizer.learning_rate)
    model.reset_metrics()
    model.__dict__.pop("history", None)
    forget_runs(model)


def _trainable(model: keras.Model) -> list[bool]:
    return [layer.trainable for layer in model.layers]
