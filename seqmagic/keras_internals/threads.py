"""Keras's threads: what Keras keeps for each thread by itself, and how that gets into the threads that work for another one.

Most of it is what somebody has set in a cell: the dtype policy, the seed, open scopes. A thread that is new knows nothing of it.
Risk of all this: high. Keras has public ways to some of it, and none to the variables that are still to be made or to the generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import keras
from keras.src.backend.common import global_state  # Keras has no public way to all of it at once.
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

from seqmagic.keras_internals.own_random import draw_from, own_here

# What belongs to the work that a thread is in at this moment, and to no other: scopes around a single call, a model that is being
# saved or read, variables that are still to be made; and what only another backend has.
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
# What changes with every layer that is made, and with every number that is drawn without a seed.
COUNTERS = ("object_name_uids", GLOBAL_SEED_GENERATOR)

Result = TypeVar("Result")


def carry(work: Callable[..., Result], *, counters: bool = False) -> Callable[..., Result]:
    """Some work for another thread, which will find there what Keras keeps for this one now.

    Args:
        counters: whether the names that Keras gave and the generator of what is drawn without a seed are carried, too; otherwise the other
            thread begins with its own.
    """
    settings, own = _settings_of_thread(counters=counters), own_here()

    def carried(*arguments: Any) -> Result:
        draw_from(own)
        vars(global_state.GLOBAL_STATE_TRACKER).clear()  # One thread may work for several cells, one after the other.
        for name, value in settings.items():
            global_state.set_global_attribute(name, value)
        return work(*arguments)

    return carried


def _settings_of_thread(*, counters: bool) -> dict[str, Any]:
    kept = dict(vars(global_state.GLOBAL_STATE_TRACKER))
    left_out = OF_THE_MOMENT if counters else (*OF_THE_MOMENT, *COUNTERS)
    # Copies of what is added to: a name that is given there must not change the next one here.
    return {name: value.copy() if isinstance(value, (list, dict)) else value for name, value in kept.items() if name not in left_out}


def held_back_variables() -> keras.StatelessScope:
    """A scope in which layers are made and built without their weights: Keras notes the variables for this thread, to be made later."""
    return keras.StatelessScope(initialize_variables=False)


def make_held_back_variables() -> None:
    """Make the variables that were held back in this thread: Keras does so at the end of a scope that allows it."""
    with keras.StatelessScope():
        pass


def seed_generator() -> keras.random.SeedGenerator | None:
    """This thread's generator of all that is drawn without a seed; None before the first draw."""
    return global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)


def set_seed_generator(generator: keras.random.SeedGenerator) -> None:
    """Let a generator stand where Keras would put its own at the first draw."""
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, generator)
