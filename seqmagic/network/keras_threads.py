"""Keras's threads: what Keras keeps for each thread by itself, carried into the threads that work for another one.

Most of it is what somebody has set in a cell: the dtype policy, the seed, open scopes. A thread that is new knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from keras.src.backend.common import global_state  # Keras has no public way to all of it at once.

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
COUNTERS = ("object_name_uids", "global_seed_generator")

Result = TypeVar("Result")


def carry(work: Callable[..., Result], *, counters: bool = False) -> Callable[..., Result]:
    """Some work for another thread, which will find there what Keras keeps for this one now.

    Args:
        counters: whether the names that Keras gave and the generator of what is drawn without a seed are carried, too; otherwise the other
            thread begins with its own.
    """
    settings = _settings_of_thread(counters=counters)

    def carried(*arguments: Any) -> Result:
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
