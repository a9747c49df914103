"""How the documentation is built: `python -m sphinx -W docs docs/_build`."""

from __future__ import annotations

import seqmagic

project = "seqmagic"
author = "The seqmagic developers"
release = version = seqmagic.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # README and CONTRIBUTING link to files of the repository, which are no pages here.
default_role = "code"  # In docstrings, as in Markdown.
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
html_theme = "furo"
html_title = f"seqmagic {release}"
