"""The data folder of a class: finds its files by name, wherever the notebook is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from seqmagic.classroom.current import current_rules
from seqmagic.errors import FileError, nearest
from seqmagic.errors.boundary import PATH, raises_ours
from seqmagic.translation import gettext

MOST_FILES = 1000  # Files and folders searched for one with a similar name.


@raises_ours(name=PATH)
def data_path(name: str | Path = "") -> Path:
    """Return the path of a file in the class's data folder, or of the folder itself if no name is given.

    >>> pandas.read_csv(seqmagic.data_path("iris.csv"))     # doctest: +SKIP

    The folder is set by `data` in the class file. Without a class file, it is the notebook's working directory.

    Args:
        name: the name of the file, relative to that folder.

    Returns:
        Its path.

    Raises:
        FileError: If there is no such file.
    """
    folder = (current_rules().data or Path.cwd()).absolute()
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise FileError(gettext("{name!r} is outside the data folder.", name=str(name)), expected=gettext("the name of a file in it"))
    found = folder / name
    if found.exists():
        return found
    try:
        there = sorted(path.relative_to(folder).as_posix() for path in islice(folder.rglob("*"), MOST_FILES))
    except OSError:
        there = []
    close = nearest(str(name), there, 1)
    expected = gettext("an existing file") + (gettext(", such as {there}", there=", ".join(there[:5])) if there and not close else "")
    raise FileError(
        gettext("{folder} contains no {name!r}.", name=str(name), folder=folder),
        expected=expected,
        instead=repr(close[0]) if close else "",
    )
