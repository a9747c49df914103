"""What the workers of this computer are forked from: a process that has loaded everything they need, once for all of them.

Importing this module runs no operation of TensorFlow, which may not be forked after one.
"""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

import seqmagic.machines.task  # noqa: F401  # With Keras.
from seqmagic.keras_internals.threads import sleep_when_idle
from seqmagic.machines.cores import cores_here


def keep_number_of_threads() -> None:
    """Use as many threads as a kernel would, however few cores this worker has when it begins: their number changes the last bits."""
    count = len(cores_here())
    for name, choose in (
        ("TF_NUM_INTRAOP_THREADS", tf.config.threading.set_intra_op_parallelism_threads),
        ("TF_NUM_INTEROP_THREADS", tf.config.threading.set_inter_op_parallelism_threads),
    ):
        if not os.environ.get(name):
            choose(count)


sleep_when_idle()
keep_number_of_threads()
os.register_at_fork(after_in_child=np.random.seed)  # Python seeds its own generator anew by itself.
