"""Predictions of models that say yes or no, with each kind of last layer."""

from __future__ import annotations

import keras
import numpy as np

import seqmagic
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import gather

X = np.random.RandomState(5).randn(300, 3)
Y = (X.sum(axis=1) + np.random.RandomState(6).randn(300) > 0).astype(int)
ENDS = {
    "sigmoid": "dense 1 sigmoid\ncompile adam binary_crossentropy",
    "logits": "dense 1\ncompile adam binary_crossentropy(from_logits=true)",
    "hinge": "dense 1 tanh\ncompile adam hinge",
}


def predictions_of(kind: str) -> Predictions:
    """What a new model says of X.

    Args:
        kind: one of ENDS.
    """
    keras.utils.set_random_seed(0)
    model = seqmagic.build(f"input 3 -> {ENDS[kind]}")
    return predict(model, gather(model, X, Y))
