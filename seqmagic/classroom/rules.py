"""The rules of a class: what its file sets. None of them is there until a file says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE_NAME = "seqmagic-class.toml"


@dataclass(frozen=True)
class ClassRules:
    """What a class file sets; what it leaves out binds nobody.

    Attributes:
        path: the file; None where there is none.
        language: of all messages. seed: of each network that has no `seed` line.
        data: the folder that `seqmagic.data_path` looks in.
        hidden: what isn't shown: words of `keys.HIDEABLE`.
        bounds: the most that is trained or built, by "epochs", "seconds", "parameters" and "memory" (bytes).
        machines: the workers of all: "on", what on=class means; "runs", how many of one student train there at once; "seconds", how
            long each may have a worker.
        locked: options of the compile and fit lines that stay as they are.
        hints: what to say besides, by the name of an error or by words out of its message.
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
        """The file, as messages call it."""
        return self.path.name if self.path is not None else FILE_NAME
