"""Prints what CHANGELOG.md says of a release: `python .ci/release_notes.py v0.1.0`.

Fails where the tag is not the version, or nothing is written.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_YET = "not yet released"


def version() -> str:
    """The version, from the one place where it stands."""
    (found,) = re.findall(r'^__version__ = "(.+)"$', (ROOT / "seqmagic" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    return str(found)


def changes(wanted: str) -> tuple[str, str]:
    """A version's heading in CHANGELOG.md without the marks, and what stands below it."""
    for part in (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]:
        heading, _, told = part.partition("\n")
        if re.split(r"[, ]", heading)[0] == wanted:
            return heading, told.strip()
    return "", ""


def main(tag: str) -> None:
    """Print the notes of a tag."""
    if tag != f"v{version()}":
        sys.exit(f"The tag is {tag}, and seqmagic/__init__.py says version {version()}. Expected: v{version()}.")
    heading, told = changes(version())
    if not told:
        sys.exit(f"CHANGELOG.md has nothing below a heading of {version()}. Expected: what a user notices.")
    if NOT_YET in heading:
        sys.exit(f'CHANGELOG.md says "{heading}". Expected: the date of the release.')
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main(sys.argv[1])
