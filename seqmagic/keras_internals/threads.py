"""Keras's thread-local state, and how to carry it to a thread that works for another one; and TensorFlow's own threads.

Most of it has been set in a cell: the dtype policy, the seed, open scopes. A new thread has none of it. Risk of all of this: high. Keras
has public access to some of it, but not to the deferred variables or to the global seed generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import keras
from keras.src.backend.common import global_state  # Keras has no public access to all of it at once.
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from tensorflow.core.protobuf import config_pb2  # TensorFlow has no public access to this setting.
from tensorflow.python.eager import context

from seqmagic.keras_internals.own_random import draw_from, own_here

# State of the current operation of a thread: scopes around a single call, a model that is being saved or loaded, deferred variables; and
# the state of other backends.
OF_THE_MOMENT = (
    "_keras_mask_dict",
    "autocast_scope",
    "current_call_ctx",
    "in_tf_graph_scope",
    "nnx_enabled",
    "shared_objects/id_to_config_map",
    "shared_objects/id_to_obj_map",
    "stateless_scope",
    "symbolic_scope",
    "torch_device",
    "tracking_on",
    "uninitialized_variables",
    "use_legacy_config",
)
# State that changes with every new layer, and with every unseeded random number.
COUNTERS = ("object_name_uids", GLOBAL_SEED_GENERATOR)

Result = TypeVar("Result")


def carry(work: Callable[..., Result], *, counters: bool = False) -> Callable[..., Result]:
    """Wrap work for another thread, so that it runs there with the current Keras state of this thread.

    Args:
        counters: whether to carry the automatic layer names and the global seed generator too; otherwise the other thread starts with its
        own.
    """
    settings, own = _settings_of_thread(counters=counters), own_here()

    def carried(*arguments: Any) -> Result:
        draw_from(own)
        vars(global_state.GLOBAL_STATE_TRACKER).clear()  # A thread may work for several cells, one after the other.
        for name, value in settings.items():
            global_state.set_global_attribute(name, value)
        return work(*arguments)

    return carried


def _settings_of_thread(*, counters: bool) -> dict[str, Any]:
    kept = dict(vars(global_state.GLOBAL_STATE_TRACKER))
    left_out = OF_THE_MOMENT if counters else (*OF_THE_MOMENT, *COUNTERS)
    # Copy mutable values: a layer name given there must not change the next one here.
    return {name: value.copy() if isinstance(value, (list, dict)) else value for name, value in kept.items() if name not in left_out}


def held_back_variables() -> keras.StatelessScope:
    """A scope in which layers are built without allocating weights: Keras keeps their variables per thread, to be initialized later."""
    return keras.StatelessScope(initialize_variables=False)


def make_held_back_variables() -> None:
    """Initialize the deferred variables of this thread, which Keras does at the end of a scope that allows it."""
    with keras.StatelessScope():
        pass


def seed_generator() -> keras.random.SeedGenerator | None:
    """This thread's generator for unseeded random numbers; None before the first one is drawn."""
    return global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)


def set_seed_generator(generator: keras.random.SeedGenerator) -> None:
    """Set the generator that Keras would otherwise create for the first unseeded random number."""
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, generator)


def sleep_when_idle() -> None:
    """Let TensorFlow's threads sleep as soon as they have no work: by default they look for some for a while, on a core of other workers.

    Risk: low. The attribute is not public; without it, threads wait as TensorFlow lets them, and only time is lost.
    """
    here = context.context()
    if getattr(here, "_config", None) is None:
        here._config = config_pb2.ConfigProto(experimental={"disable_thread_spinning": True})
