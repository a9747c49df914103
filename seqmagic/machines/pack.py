"""Packing: what is sent to workers, as bytes; errors name the parts that can't be sent."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

import keras

from seqmagic.data.streams import is_stream
from seqmagic.describe.source import things_of
from seqmagic.errors import DataError
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.ledger.describe import compile_line_of, hash_of_network, optimizer_facts
from seqmagic.machines.errors import MachineError
from seqmagic.training.elsewhere import Job
from seqmagic.training.state import put_back
from seqmagic.translation import gettext

# These packages are installed on the workers too.
OF_PACKAGES = ("builtins", "keras", "tensorflow", "numpy", "seqmagic", "collections", "functools", "threading")


def pack(thing: Any, what: str, job: Job | None = None) -> bytes:
    """Pickle an object, including what is defined in the notebook.

    Args:
        what: the name of the object in an error.
        job: the training that it belongs to, whose parts are searched first for what can't be pickled.

    Raises:
        MachineError: If it can't be pickled.
    """
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(thing, protocol=5))
    except Exception as error:
        guilty = next(_unsendable(job), "") or next(_unsendable(thing), what)
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": ")
        problem = gettext("{thing} can't be sent to another process: {reason}.", thing=guilty, reason=reason)
        raise MachineError(problem, expected=gettext("an object that can be pickled; files, locks and connections can't")) from error


def _unsendable(thing: Any) -> Iterator[str]:
    """The names of the parts of an object that can't be pickled."""
    import cloudpickle

    parts = dict(thing) if isinstance(thing, Mapping) else {**thing.options, "": thing.model} if isinstance(thing, Job) else {}
    for name, part in parts.items():
        for one in part if isinstance(part, (list, tuple)) else [part]:
            try:
                cloudpickle.dumps(one)
            except Exception:  # noqa: BLE001  # Pickling may run anyone's code.
                kind = type(one).__name__
                yield gettext("{kind} in {name}", kind=kind, name=name) if name else kind


def own_things(model: keras.Model) -> dict[str, Any]:
    """The notebook's own classes and functions that a model uses, by the names under which Keras looks them up."""
    things = {name: thing for name, thing in things_of(model).items() if isinstance(thing, (type, FunctionType))}
    parts = [*layers_inside(model), model.optimizer, *keras.tree.flatten(compiled_with(model))]
    held = [value for part in parts if hasattr(part, "__dict__") for value in vars(part).values() if isinstance(value, FunctionType)]
    for part in [model, *parts, *held, *things.values()]:
        kind = part if isinstance(part, (type, FunctionType)) else type(part)
        if (kind.__module__ or "").partition(".")[0] not in OF_PACKAGES:
            things[kind.__name__] = things[keras.saving.get_registered_name(kind)] = kind
    return things


def check_data(data: Mapping[str, Any], names: tuple[str, str]) -> None:
    """Check that data can be sent.

    Raises:
        DataError: For a dataset or a generator, which exist only in this kernel.
    """
    words = {"x": names[0], "y": names[1]}
    for name, part in data.items():
        if is_stream(part):
            word = words.get(name, name)
            problem = gettext("{name} makes its batches in this kernel and can't be sent to another process.", name=word)
            raise DataError(problem, expected=gettext("arrays or tables"), instead=gettext("training without on="))


def pack_job(job: Job) -> bytes:
    """Pickle a job, without its data.

    Raises:
        MachineError: If a part of it can't be pickled.
    """
    things = own_things(job.model)
    with keras.saving.custom_object_scope(things):
        return pickle.dumps((pack(things, f"{job.name!r}", job), pack({**vars(job), "data": {}}, f"{job.name!r}", job)))


def unpack_job(packed: bytes, data: dict[str, Any]) -> Job:
    """Unpickle a job on the worker.

    Raises:
        MachineError: If the model comes out different.
    """
    # In two steps: the notebook's definitions must exist when the model is created. Dask itself uses pickle.
    things, rest = pickle.loads(packed)  # noqa: S301
    with keras.saving.custom_object_scope(pickle.loads(things)):  # noqa: S301
        job = Job(**{**pickle.loads(rest), "data": data})  # noqa: S301
    put_back(job.model, job.state)
    for what, there in _told_of(job.model).items():
        if what in job.told and job.told[what] != there:
            problem = gettext(
                "{name!r} changes when it is sent to another process: its {part} was {before} and became {there}.",
                name=job.name,
                part=gettext(what),
                there=there,
                before=job.told[what],
            )
            raise MachineError(problem, expected=gettext("a model that Keras can save"), instead=gettext("training without on="))
    return job


def _told_of(model: keras.Model) -> dict[str, Any]:
    """What the ledger would store about a model here, for comparing both ends."""
    return {"network": hash_of_network(model), "compile": compile_line_of(model), "optimizer": optimizer_facts(model)}
