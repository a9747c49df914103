"""The class that a notebook belongs to: its rules, found by the notebook's folder or named, and in force until they are let go."""

from __future__ import annotations

import os
from pathlib import Path

from seqmagic.classroom.rules import FILE_NAME, ClassRules
from seqmagic.errors import SeqmagicError
from seqmagic.translation import gettext

VARIABLE = "SEQMAGIC_CLASS"
NO_RULES = ClassRules()

_rules = NO_RULES


def current_rules() -> ClassRules:
    """The rules in force; those of nobody where there is no class file."""
    return _rules


def follow(rules: ClassRules) -> None:
    """Let rules be in force from now on."""
    global _rules  # noqa: PLW0603  # One class for a kernel, as there is one ledger.
    _rules = rules


def check_shown(panel: str, description: str) -> None:
    """Refuse to show what the class file hides.

    Args:
        panel: its word in the file.
        description: what it is to a student.

    Raises:
        SeqmagicError: Where it is hidden.
    """
    if panel in _rules.hidden:
        raise SeqmagicError(
            gettext(
                "{description} is not shown in this class: {file} hides {panel!r}.", description=description, file=_rules.name, panel=panel
            )
        )


def find_class_file(folder: Path, named: str = "") -> Path | None:
    """Where the class file is: the one that is named, or that the environment names, or the nearest in a folder or those around it.

    Args:
        folder: of the notebook.
        named: a path, seen from that folder.
    """
    path = named or os.environ.get(VARIABLE, "")
    if path:
        return folder / Path(path).expanduser()
    places = [folder, *folder.parents]
    return next((place / FILE_NAME for place in places if _is_file(place / FILE_NAME)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # Nobody may look there.
        return False
