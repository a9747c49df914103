"""GPUs: how much of their memory TensorFlow allocates, and which worker process uses which GPU."""

from __future__ import annotations

import os

import tensorflow as tf

from seqmagic.keras_internals.precision import FLOAT32
from seqmagic.translation import gettext


def grow_memory() -> bool:
    """Turn on memory growth, so that TensorFlow does not allocate all GPU memory at once and leave none for the next notebook.

    It must be set before a GPU is first used. A setting that the user has already made is kept.

    Returns:
        Whether memory growth is on for all GPUs; True if there are none.
    """
    if os.environ.get("TF_FORCE_GPU_ALLOW_GROWTH"):
        return True
    try:
        for gpu in tf.config.list_physical_devices("GPU"):
            if not tf.config.get_logical_device_configuration(gpu):
                tf.config.experimental.set_memory_growth(gpu, enable=True)
    # The GPU is already initialized, or memory growth differs between GPUs, which TensorFlow does not allow.
    except (RuntimeError, ValueError):
        return False
    return True


def count_gpus() -> int:
    """Count the GPUs that TensorFlow sees."""
    return len(tf.config.list_physical_devices("GPU"))


def describe_policy(policy: str) -> str:
    """What the user should know about a dtype policy before training with it."""
    if policy == FLOAT32:
        return gettext("The layers compute in float32 again.")
    kind = policy.removeprefix("mixed_")
    said = gettext(
        "From now on the layers compute in {kind}, except the last one and preprocessing layers; the weights stay "
        "float32. To undo this, put the word float32 on a fit line.",
        kind=kind,
    )
    slow = gettext("There is no GPU here, and most CPUs are slower in {kind}.", kind=kind)
    return said if count_gpus() else f"{said} {slow}"


def use_one_gpu(number: int) -> None:
    """Make only one of the GPUs visible to this process; none if the number is beyond the last GPU."""
    gpus = tf.config.list_physical_devices("GPU")
    tf.config.set_visible_devices(gpus[number : number + 1], "GPU")
    for gpu in gpus[number : number + 1]:
        tf.config.experimental.set_memory_growth(gpu, enable=True)
