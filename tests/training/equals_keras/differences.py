"""Where a training by seqmagic is meant to differ from Keras's own, and why; the README says the same in fewer words."""

from __future__ import annotations

MEANT: dict[str, str] = {}
