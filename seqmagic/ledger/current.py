"""The ledger in use. Nothing is stored, and nothing is imported, until one is set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqmagic.errors import FileError
from seqmagic.errors.boundary import PATH, WHOLE, raises_ours
from seqmagic.ledger.paths import MOST_BYTES
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.ledger.ledger import Ledger

DEFAULT_FILE = "seqmagic-runs.sqlite"
ENDINGS = (".sqlite", ".sqlite3", ".db")

_named: tuple[Path, int, bool] | None = None
_opened: Ledger | None = None


@raises_ours(path=PATH, most_bytes=WHOLE)
def keep_runs(path: str | Path = DEFAULT_FILE, most_bytes: int = MOST_BYTES, *, adopt: bool = False) -> Ledger:
    """From now on, save the runs of this kernel or script in a file, which is created when the first run starts.

    >>> keep_runs("runs.sqlite")   # doctest: +SKIP

    Args:
        path: a file name that ends in .sqlite, .sqlite3 or .db; .sqlite is added to a name without an ending.
        most_bytes: the maximum size of the file in bytes; beyond it, the oldest checkpoints are deleted.
        adopt: take over a copy of another user's file of runs, which would otherwise not be opened.

    Returns:
        The ledger, which reads and writes the file.

    Raises:
        FileError: If the name has another ending, so that no other file is overwritten.
    """
    name_ledger(path, most_bytes, adopt=adopt)
    ledger = current_ledger()
    assert ledger is not None  # noqa: S101  # Set in the line before.
    return ledger


def name_ledger(path: str | Path | None, most_bytes: int = MOST_BYTES, *, adopt: bool = False) -> None:
    """Set where runs are stored from now on, without loading anything; None for nowhere. Running runs keep their ledger.

    Raises:
        FileError: As `keep_runs` does.
    """
    global _named, _opened  # One global for the ledger in use, like the root logger of `logging`.
    named = None if path is None else (_file_of(path), most_bytes, adopt)
    if named != _named:
        _named, _opened = named, None


def current_ledger() -> Ledger | None:
    """The ledger in which runs are stored now, or None."""
    global _opened  # noqa: PLW0603
    if _named is not None and _opened is None:
        from seqmagic.ledger.ledger import Ledger

        path, most_bytes, adopt = _named
        _opened = Ledger(path, most_bytes, adopt=adopt)
    return _opened


def is_named() -> bool:
    """Whether a ledger has been set."""
    return _named is not None


def _file_of(path: str | Path) -> Path:
    given = Path(path).expanduser()
    if not given.name or given.suffix not in ("", *ENDINGS):
        instead = f"{given.stem or 'runs'}{ENDINGS[0]}"
        raise FileError(
            gettext("{name!r} can't be used as a file for runs.", name=given.name),
            expected=gettext("a file name that ends in {endings}", endings=" or ".join(ENDINGS)),
            instead=instead,
        )
    # Absolute, because a notebook may change its working directory later.
    return (given if given.suffix else given.with_name(given.name + ENDINGS[0])).absolute()
