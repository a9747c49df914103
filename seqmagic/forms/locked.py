"""What the class file locks in a form: which controls are read-only, and their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from seqmagic.classroom.current import current_rules
from seqmagic.classroom.locks import OF_COMPILE, read_locked
from seqmagic.errors import ArgumentError
from seqmagic.forms.choices import choice_of
from seqmagic.forms.compiled import CompileChoices
from seqmagic.network.catalogue import LOSSES, OPTIMIZERS
from seqmagic.translation import gettext

TOGETHER = {"optimizer": ("optimizer", "schedule", "rate"), "loss": ("loss", "propose")}  # Controls that are locked together.


def locked_controls() -> tuple[str, ...]:
    """The read-only controls."""
    locked = current_rules().locked
    return tuple(control for name in locked for control in TOGETHER.get(name, (f"fit.{name}",)))


def refuse_locked(control: str) -> None:
    """Refuse to change a locked control.

    Raises:
        ArgumentError: With the file that locks it.
    """
    if any(control == fixed or control.startswith(f"{fixed}.") for fixed in locked_controls()):
        raise ArgumentError(gettext("{file} sets this for the class, so it can't be changed.", file=current_rules().name))


def locked_choices(wanted: CompileChoices) -> CompileChoices:
    """Choices with the optimizer and the loss set by the class file."""
    parts = {part: current_rules().locked[part] for part in OF_COMPILE if part in current_rules().locked}
    if not parts:
        return wanted
    read = read_locked(parts)
    optimizer = choice_of(read.optimizer, OPTIMIZERS) if "optimizer" in parts else wanted.optimizer
    return replace(wanted, optimizer=optimizer, loss=choice_of(read.loss, LOSSES) if "loss" in parts else wanted.loss)


def locked_fields() -> Mapping[str, Any]:
    """The values of the fit line that the class file sets."""
    return {name: value for name, value in current_rules().locked.items() if name not in OF_COMPILE}


def describe_lock() -> str:
    """A sentence on what is locked; "" if nothing is."""
    names = [name.replace("_", " ") for name in current_rules().locked]
    return gettext("{file} sets {names} for this class.", file=current_rules().name, names=", ".join(names)) if names else ""
