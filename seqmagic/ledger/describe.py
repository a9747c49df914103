"""Describing a run: creates the ledger entry for a model, its data and the options of its training."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqmagic.describe.configs import config_of, live_setting, settings_of, shortest
from seqmagic.describe.configs import fingerprint as text_of_config
from seqmagic.describe.source import name_of_model
from seqmagic.describe.to_text import compile_step, to_program
from seqmagic.language import print_program
from seqmagic.language.printer import format_python_value
from seqmagic.ledger.data_hash import fingerprint_of
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.owner import owner_here
from seqmagic.ledger.sweep_facts import sweep_facts_of
from seqmagic.network.arguments import Names
from seqmagic.network.metric_direction import words_of

# Described elsewhere, by fingerprint or class, not by value.
DATA_OPTIONS = ("validation_data", "sample_weight", "class_weight", "callbacks")


def describe_run(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    options: Mapping[str, Any] | None = None,
    seed: int | None = None,
    data_names: tuple[str, str] = ("x", "y"),
    names: Names | None = None,
    cell: str = "",
    fit: str = "",
    continues: int | None = None,
) -> RunEntry:
    """The entry of a run that is about to start.

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> model.compile("adam", "mse")
    >>> entry = describe_run(model, np.zeros((8, 4)), np.zeros((8, 2)), options={"epochs": 3})
    >>> print(entry.text + entry.compile + " / " + entry.fit)
    input 4
    dense 2
    compile adam mse / fit x y epochs=3

    Args:
        model: any compiled model; one that is no Sequential has no text.
        x, y: the data as the run gets it.
        options: those of `fit`.
        names: the notebook's own layers and functions, as for `to_text`.
        cell: the words of the cell that the model came from, if it came from one.
        fit: the fit line as it was written; put together from the options when it is empty.
        continues: the number of the run that this one goes on from.
    """
    options = dict(options or {})
    text, compile_line = _texts_of(model, names)
    owner = owner_here()
    return RunEntry(
        name=name_of_model(model),
        seed=seed,
        epochs=int(options.get("epochs", 1)),
        text=text,
        cell=cell,
        compile=compile_line,
        fit=fit or fit_line(options, data_names, has_labels=y is not None),
        settings=_settings_of(model, options),
        versions=versions(),
        data=_data_of(x, y, options, data_names),
        network=hash_of_network(model),
        continues=continues,
        sweep=sweep_facts_of(model),
        notebook=owner.notebook,
        kernel=owner.kernel,
        user=owner.user,
    )


def hash_of_network(model: keras.Model) -> str:
    """A hash of the layers' config. Automatic layer names don't affect it, and neither does whether the model is built."""
    try:
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        network = text_of_config([{"class_name": type(layer).__name__, "config": config_of(layer)} for layer in layers])
    except Exception:  # noqa: BLE001  # A custom layer may have no config; then the shapes of its weights are used.
        network = f"{type(model).__name__} {[(tuple(weight.shape), str(weight.dtype)) for weight in model.weights]}"
    return hashlib.blake2b(network.encode(), digest_size=8).hexdigest()


def fit_line(options: Mapping[str, Any], data_names: tuple[str, str] = ("x", "y"), *, has_labels: bool = True) -> str:
    """The fit line for options given in Python; a value that the language can't express becomes {...}.

    >>> fit_line({"epochs": 3, "shuffle": False, "validation_data": ([1], [2])})
    'fit x y epochs=3 shuffle=false validation_data={...}'
    """
    written = [str(value) if name == "split" else f"{name}={_format_option(value)}" for name, value in options.items()]
    return " ".join(["fit", *data_names[: 1 + has_labels], *written])


def _format_option(value: Any) -> str:
    if isinstance(value, (np.floating, np.integer)):
        value = shortest(value) if isinstance(value, np.floating) else int(value)
    is_plain = value is None or isinstance(value, (bool, int, float, str))
    return format_python_value(value) or repr(value) if is_plain else "{...}"


def versions() -> dict[str, str]:
    """The versions of the packages that compute."""
    found = {
        name: str(getattr(sys.modules.get(name), "__version__", "")) for name in ("seqmagic", "keras", keras.backend.backend(), "numpy")
    }
    return {"python": platform.python_version(), **{name: version for name, version in found.items() if version}}


def _texts_of(model: keras.Model, names: Names | None) -> tuple[str, str]:
    """The network's text without compile and fit lines, and its compile line; empty if they can't be written."""
    try:
        if not isinstance(model, keras.Sequential):
            step, _ = compile_step(model, names)
            return "", step.text if step is not None else ""
        # The weights are stored separately.
        program, gaps = to_program(model, names, learned=False)
    except Exception:  # noqa: BLE001  # A custom layer may raise anything, and the run must start anyway.
        return "", ""
    compile_line = program.compile.text if program.compile is not None else ""
    return "".join(f"# {gap}\n" for gap in gaps) + print_program(replace(program, compile=None)), compile_line


def compile_line_of(model: keras.Model) -> str:
    """The compile line of a model; empty if there is none."""
    return _texts_of(model, None)[1]


def optimizer_facts(model: keras.Model) -> dict[str, Any]:
    """The class and the config of a model's optimizer, as JSON-compatible values; empty without one."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return {}
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # Unwrapped, because a fit line can switch between float16 and float32.
    config = {name: value for name, value in settings_of(optimizer).items() if name != "name" and value is not None}
    return {"class": type(optimizer).__name__, **{name: _plain(value, live_setting(optimizer, name)) for name, value in config.items()}}


def _settings_of(model: keras.Model, options: Mapping[str, Any]) -> dict[str, Any]:
    """The other settings that affect training: the optimizer's config, and the options of `fit`."""
    settings: dict[str, Any] = {}
    if optimizer := optimizer_facts(model):
        settings["optimizer"] = optimizer
    settings["fit"] = {name: _plain(value) for name, value in options.items() if name not in DATA_OPTIONS}
    if options.get("callbacks"):
        given = options["callbacks"]
        settings["fit"]["callbacks"] = [type(callback).__name__ for callback in (given if isinstance(given, (list, tuple)) else [given])]
    if options.get("class_weight"):
        settings["fit"]["class_weight"] = {str(label): float(weight) for label, weight in options["class_weight"].items()}
    if any((words := words_of(model)).values()):
        settings["judged"] = words
    settings["precision"] = str(getattr(model.dtype_policy, "name", ""))
    return settings


def _plain(value: Any, live: Any = None) -> Any:
    if isinstance(value, (float, np.floating)):
        return shortest(value, live)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return value if isinstance(value, (str, int, bool, type(None), list, tuple)) else str(value)


def _data_of(x: Any, y: Any, options: Mapping[str, Any], names: tuple[str, str]) -> dict[str, Any]:
    """The fingerprints of all data, each with its variable name."""
    facts = {"x": {"name": names[0], **fingerprint_of(x)}}
    if y is not None:
        facts["y"] = {"name": names[1], **fingerprint_of(y)}
    for name in ("validation_data", "sample_weight"):
        if options.get(name) is not None:
            facts[name] = fingerprint_of(options[name])
    return facts
