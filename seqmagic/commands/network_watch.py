"""Network monitoring: the connections that a kernel opens, seen through Python's audit hooks.

It does not see connections of compiled code, or of programs that a cell starts; these are recognized by the text of the cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

# Runs in the kernel before its first cell. It records only host names, and ignores local ones.
IN_KERNEL = """
def _watch(log, offline):
    import errno, json, sys

    def note(host):
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if host in ("", "None", "localhost", "::1", "0.0.0.0", "::") or host.startswith("127."):
            return
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps(host) + "\\n")
        if offline:
            raise OSError(errno.ENETUNREACH, "there is no network here: seqmagic lab check --offline")

    def hear(event, arguments):
        if event == "socket.getaddrinfo":
            note(arguments[0])
        elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
            note(arguments[1][0])

    sys.addaudithook(hear)

_watch({log!r}, {offline!r})
del _watch
"""
PROGRAM = re.compile(
    r"^\s*(?:!|%%?(?:sx|system|bash|sh)?\s*)\s*(?:(?:\{[^}\n]*\}|\S*python\S*)\s+-m\s+)?((?:pip|uv|conda|mamba|wget|curl|git|apt-get|apt)\b[^\n]*)",
    re.MULTILINE,
)


class NetworkWatch:
    """Reads the connections that a kernel opens.

    Attributes:
        log: the file in which the kernel records them.
        offline: whether connections are refused.
    """

    def __init__(self, log: Path, *, offline: bool) -> None:
        self.log, self.offline = log, offline
        self._read = 0

    @property
    def code(self) -> str:
        """The code that the kernel runs before its first cell."""
        return IN_KERNEL.replace("{log!r}", repr(str(self.log))).replace("{offline!r}", repr(self.offline))

    def hosts_of(self, source: str) -> list[str]:
        """The hosts since the last call, and the programs in a cell that need a network."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        new, self._read = text[self._read :], len(text)
        return list(dict.fromkeys([*map(json.loads, new.splitlines()), *programs_in(source)]))


def programs_in(source: str) -> Iterator[str]:
    """The programs that a cell starts and that are known to need a network.

    >>> list(programs_in("!pip install pandas"))
    ['pip install pandas']
    """
    yield from (found[1].strip()[:60] for found in PROGRAM.finditer(source))
