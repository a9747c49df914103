"""The rules of a class, as its class file sets them; all are empty without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE_NAME = "seqmagic-class.toml"


@dataclass(frozen=True)
class ClassRules:
    """The rules that a class file sets; those it leaves out are empty.

    Attributes:
        path: the class file; None without one.
        language: of all messages. seed: of every network without a `seed` line.
        data: the folder that `seqmagic.data_path` looks in.
        hidden: the panels that are not shown, from `keys.HIDEABLE`.
        bounds: the upper limits by name: "epochs", "seconds", "parameters" and "memory" (bytes).
        machines: the class's shared workers: "on", the address that on=class means; "runs", how many runs of one student train there at a
            time; "seconds", how long each run may keep a worker.
        locked: options of the compile and fit lines that students can't change.
        hints: texts added to errors, by the name of an error class or by words of its message.
    """

    path: Path | None = None
    language: str = ""
    seed: int | None = None
    data: Path | None = None
    hidden: frozenset[str] = frozenset()
    bounds: Mapping[str, float] = field(default_factory=dict)
    machines: Mapping[str, Any] = field(default_factory=dict)
    locked: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the file, for messages."""
        return self.path.name if self.path is not None else FILE_NAME
