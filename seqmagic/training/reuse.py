"""Renewal: a model that is trained already becomes as a fresh one of the same text.

Every model that is built anew and trained keeps some megabytes of the kernel for good, for TensorFlow never gives its traced steps back.
A student runs the same cell all afternoon: the trained model with its traced steps is used again, with fresh weights in it.
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
    """Whether a model that was trained is still what its text made it, and a fresh one comes from the same text."""
    if not has_loop(model):
        return False  # It costs nothing to let it go.
    before, now = origin_of(model), origin_of(fresh)
    if before is None or now is None or not before.is_same(now) or compile_stamp(model) is not before.stamp:
        return False
    return hash_of_network(model) == hash_of_network(fresh) and _trainable(model) == _trainable(fresh)


def renew(model: keras.Model, fresh: keras.Model) -> None:
    """Give a model the weights and random states of a fresh one, an optimizer that has seen nothing, and no past."""
    put_back(model, capture(fresh, Moment()))
    if model.optimizer is not None and has_plain_rate(model.optimizer):
        model.optimizer.learning_rate = float(fresh.optimizer.learning_rate)
    model.reset_metrics()
    model.__dict__.pop("history", None)
    forget_runs(model)


def _trainable(model: keras.Model) -> list[bool]:
    return [layer.trainable for layer in model.layers]
