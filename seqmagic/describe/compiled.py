"""The compile arguments of a model, as parts of a description, and as a compile line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from seqmagic.describe.configs import fingerprint_of
from seqmagic.describe.inspection import Construct, Describer, Gap, gaps_in, things_in
from seqmagic.describe.text_writer import NOWHERE, TextWriter, named_argument, unnamed_argument, word_of
from seqmagic.keras_internals.compiled import compiled_with, resolved_jit_compile
from seqmagic.language import Call, Program, Sequence, Step, Value, Word, parse_step, print_program
from seqmagic.language.printer import print_value
from seqmagic.network.catalogue import LOSSES, METRICS, OPTIMIZERS, SHORT_LOSSES
from seqmagic.network.layers import bind

DEFAULTS = {"loss_weights": None, "weighted_metrics": None, "run_eagerly": False, "steps_per_execution": 1, "auto_scale_loss": True}
REGISTRIES = {"optimizer": OPTIMIZERS, "loss": LOSSES, "metrics": METRICS}


def compile_parts(model: keras.Model, describer: Describer) -> dict[str, Any] | None:
    """The compile arguments of a model, as parts of a description; None if it isn't compiled."""
    given = compiled_with(model)
    if not given:
        return None
    metrics = _only(given.get("metrics")) if isinstance(given.get("metrics"), dict) else given.get("metrics") or []
    metrics = list(metrics) if isinstance(metrics, (list, tuple)) else [metrics]
    parts = {
        "optimizer": describer.object(model.optimizer),
        "loss": _checked(_only(given.get("loss")), describer),
        "metrics": [_checked(metric, describer) for metric in metrics],
    }
    given = {**given, "auto_scale_loss": model.dtype_policy.name != "mixed_float16" or _scales(model.optimizer)}
    parts |= {name: describer.value(given[name]) for name, default in DEFAULTS.items() if given.get(name, default) != default}
    # Keras stores what "auto" resolved to.
    auto = resolved_jit_compile(model, given.get("jit_compile"))
    return parts if given.get("jit_compile") in (auto, None) else {**parts, "jit_compile": given["jit_compile"]}


def _only(value: Any) -> Any:
    """The loss of a model with one output, which may be given in a list or dict."""
    items = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, (list, tuple)) else []
    return items[0] if len(items) == 1 else value


def _checked(thing: Any, describer: Describer) -> Any:
    return describer.object(thing) if hasattr(thing, "get_config") and not isinstance(thing, type) else describer.value(thing)


def _scales(optimizer: Any) -> bool:
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def compile_step_of(model: keras.Model, describer: Describer, writer: TextWriter) -> tuple[Step | None, list[str]]:
    """The compile line of a model, or None, and a sentence for each gap in it."""
    parts = compile_parts(model, describer)
    if parts is None:
        return None, []
    metrics = [_readable(metric, "metrics", writer) for metric in parts.pop("metrics")]
    parts = {name: _readable(part, name, writer) for name, part in parts.items()}
    gaps = [f"Gap in the compile line: {gap.reason}" for gap in gaps_in([*parts.values(), *metrics])]
    reported = [_format_part(metric, "metrics", writer) for metric in metrics]
    arguments = [unnamed_argument(_format_part(parts.pop("optimizer"), "optimizer", writer))]
    loss = parts.pop("loss")
    if loss is not None:
        arguments += [unnamed_argument(_format_part(loss, "loss", writer)), *map(unnamed_argument, reported)]
    elif reported:
        arguments.append(named_argument("metrics", Sequence(tuple(reported), NOWHERE)))
    arguments += [named_argument(name, writer.value(value, name)) for name, value in parts.items()]
    step = Step(word_of("compile"), tuple(arguments), "", NOWHERE)
    return replace(step, text=print_program(Program((), step)).strip()), gaps


def _format_part(part: Any, name: str, writer: TextWriter) -> Value:
    """A part of the line: a loss or metric without arguments keeps its brackets, because the bare word means the function of that name."""
    if isinstance(part, str) and name == "loss":  # The word of a metric is its name in the history.
        part = next((short for short, long in SHORT_LOSSES.items() if long == part), part)
    value = writer.value(part, "")
    return Call(value, (), NOWHERE) if isinstance(part, Construct) and isinstance(value, Word) and name != "optimizer" else value


def _readable(part: Any, name: str, writer: TextWriter) -> Any:
    """A part unchanged, or a gap if its text would be read as something else."""
    if not isinstance(part, Construct) or gaps_in(part) or _reads_the_same(part, name, writer):
        return part
    return Gap(f"no words make this {part.target.__name__} again")


def _reads_the_same(part: Construct, name: str, writer: TextWriter) -> bool:
    try:
        value = parse_step(f"compile {print_value(_format_part(part, name, writer))}").arguments[0].value
        word, arguments = (value.word, value.arguments) if isinstance(value, Call) else (value, ())
        if not isinstance(word, Word):
            return False
        things = things_in(part)
        target = things[word.text] if word.text in things else REGISTRIES[name].find(word.text)
        return fingerprint_of(target(**bind(arguments, target, word, things))) == fingerprint_of(part.make())
    except Exception:  # noqa: BLE001  # Whatever the error, the text does not describe the part.
        return False
