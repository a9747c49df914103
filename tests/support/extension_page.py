"""A page on which JupyterLab loads another text instead of the extension's code, for tests of what happens when that fails."""

from __future__ import annotations

import json
from typing import Any

# A route of Playwright would do the same, and take the browser's cache from everything that JupyterLab loads.
REPLACE = r"""text => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const src = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
  const set = function (address) {
    src.set.call(this, /\/extensions\/seqmagic\/static\/1\./.test(address) ? url : address);
  };
  Object.defineProperty(HTMLScriptElement.prototype, "src", { ...src, set });
}"""


def replace_extension(page: Any, text: str) -> None:
    """Give the extension another text, before JupyterLab is opened on an empty page."""
    page.add_init_script(f"({REPLACE})({json.dumps(text)})")
