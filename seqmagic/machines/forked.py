"""What the workers of this computer are forked from: a process that has loaded everything they need, once for all of them.

Importing this module runs no operation of TensorFlow, which may not be forked after one.
"""

from __future__ import annotations

import os

import numpy as np

import seqmagic.machines.task  # noqa: F401  # With Keras.
from seqmagic.keras_internals.threads import sleep_when_idle

sleep_when_idle()
os.register_at_fork(after_in_child=np.random.seed)  # Python seeds its own generator anew by itself.
