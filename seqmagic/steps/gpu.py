"""Graphics processors: how much of their memory TensorFlow takes, and which worker gets which."""

from __future__ import annotations

import os

import tensorflow as tf

from seqmagic.keras_internals.precision import FLOAT32
from seqmagic.translation import gettext


def grow_memory() -> bool:
    """Let TensorFlow take the memory of a GPU as it needs it, and not all of it at once, which leaves nothing for the next notebook.

    That has to be said before a GPU is used for the first time; where somebody has said something of it, that stands.

    Returns:
        Whether all of them do so now; True where there is none.
    """
    if os.environ.get("TF_FORCE_GPU_ALLOW_GROWTH"):
        return True
    try:
        for gpu in tf.config.list_physical_devices("GPU"):
            if not tf.config.get_logical_device_configuration(gpu):
                tf.config.experimental.set_memory_growth(gpu, enable=True)
    except (RuntimeError, ValueError):  # It is in use already, or some of them grow and others don't.
        return False
    return True


def count_gpus() -> int:
    """How many there are."""
    return len(tf.config.list_physical_devices("GPU"))


def describe_policy(policy: str) -> str:
    """What the user should know of a precision, before a training begins with it."""
    if policy == FLOAT32:
        return gettext("The layers calculate in float32 again.")
    kind = policy.removeprefix("mixed_")
    said = gettext(
        "The layers calculate in {kind} from now on, all but the last one and those that prepare data; the weights stay float32. "
        "The word float32 on a fit line takes it back.",
        kind=kind,
    )
    slow = gettext("There is no GPU here, and most other processors are slower in {kind}.", kind=kind)
    return said if count_gpus() else f"{said} {slow}"


def use_one_gpu(number: int) -> None:
    """Let this process use one GPU of several; where there are not so many, none."""
    gpus = tf.config.list_physical_devices("GPU")
    tf.config.set_visible_devices(gpus[number : number + 1], "GPU")
    for gpu in gpus[number : number + 1]:
        tf.config.experimental.set_memory_growth(gpu, enable=True)
