"""The class that a notebook belongs to: finds its class file, and holds the rules in force."""

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
    """The rules in force; empty ones if there is no class file."""
    return _rules


def follow(rules: ClassRules) -> None:
    """Set the rules in force."""
    global _rules  # noqa: PLW0603  # One class for a kernel, as there is one ledger.
    _rules = rules


def check_shown(panel: str, description: str) -> None:
    """Refuse to show a panel that the class file hides.

    Args:
        panel: its name in the class file.
        description: its name in the message.

    Raises:
        SeqmagicError: When it is hidden.
    """
    if panel in _rules.hidden:
        raise SeqmagicError(
            gettext(
                "{description} is not shown in this class, because {file} hides {panel!r}.",
                description=description,
                file=_rules.name,
                panel=panel,
            )
        )


def find_class_file(folder: Path, named: str = "") -> Path | None:
    """Find the class file: the one named here or in the environment, or else the nearest in a folder or its parents.

    Args:
        folder: the folder of the notebook.
        named: a path, relative to that folder.
    """
    path = named or os.environ.get(VARIABLE, "")
    if path:
        return folder / Path(path).expanduser()
    places = [folder, *folder.parents]
    return next((place / FILE_NAME for place in places if _is_file(place / FILE_NAME)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # A folder without read permission.
        return False
