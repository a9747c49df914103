"""Where a training by seqmagic is meant to differ from Keras's own, and why; docs/keras.md says the same in fewer words."""

from __future__ import annotations

NOTHING_TO_TRAIN = "There is nothing to train: Keras does nothing and says nothing, seqmagic says what is wrong."
STEP_TOO_MANY = (
    "Where nobody knows how many batches there are, Keras counts a step of the optimizer for the batch that was not there. seqmagic counts "
    "those that were."
)
MEANT: dict[str, str] = {
    "fit: epochs=0": NOTHING_TO_TRAIN,
    "fit: initial_epoch beyond epochs": NOTHING_TO_TRAIN,
    "data: nothing": NOTHING_TO_TRAIN,
    "fit: class_weight of no class": "Keras takes a weight for a class that isn't there and never uses it; most likely it is a slip.",
    "fit: validation_freq as a tuple": "Keras wants a list; a fit line writes 1,4 without brackets, which gives a tuple.",
    "streams: a dataset with class_weight, but not of the last class": (
        "Keras fails at the first row of a class beyond the last one that has a weight; elsewhere a class without one counts 1, so here, too."
    ),
    "callbacks: a CallbackList": "Keras fails on a CallbackList that was made without a model; seqmagic takes the callbacks out of it.",
    "data: a list of rows": "Keras takes no plain lists of numbers; seqmagic makes an array of them.",
    "data: tf.data, of unknown length": STEP_TOO_MANY,
    "data: a generator for one epoch": STEP_TOO_MANY,
    "data: a generator that ends too early": STEP_TOO_MANY,
    "data: tf.data, shuffled with a seed": (
        "seqmagic looks at the first batch of a dataset before it trains, and a dataset that shuffles has then drawn its first order."
    ),
}
