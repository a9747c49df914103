"""How far two sums of 32-bit numbers may differ that were added up in another order."""

from __future__ import annotations

from typing import Any

# Of numbers around 1. A relative limit alone fails where a sum comes close to 0, because the numbers that were added do not.
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}
