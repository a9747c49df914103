"""The code for the page: ES modules, style sheets and JSON, bundled for the browser. There is no build step, and no external code."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from seqmagic.translation.catalogue import gettext_in
from seqmagic.translation.chosen import ENGLISH

# Colours and limits shared by the page and Matplotlib.
LOOK: dict[str, Any] = json.loads(files(__package__).joinpath("look.json").read_text("utf-8"))
# No parser is needed for our own files: an import is at the beginning of a line, an export is before a declaration, and no string contains
# anything like a comment, or spans lines.
IMPORT = re.compile(r'^import (\{[^{}]+\}|\w+) from "(\.[\w./]+)"(?: with \{ type: "(?:json|text)" \})?;$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"(?:^|(?<=[;,{] ))//.*|/\*(?s:.*?)\*/ ?", re.MULTILINE)
TEXT = re.compile(r'\bgettext\(\s*("(?:[^"\\]|\\.)*")')  # As Babel extracts them.
TEXTS = "texts.json"


def style(*names: str) -> str:
    """Concatenated style sheets; `look(name)` in them is replaced by a colour of `look.json`."""
    return "".join(_sheet(f"styles/{name}.css") for name in names)


@cache
def script(entry: str, language: str = ENGLISH) -> str:
    """A module with everything that it imports, as a single file.

    A widget sends its code with every instance, and a saved notebook may contain many: so it is compressed to a third, with a few lines in
    front that decompress it. They need no browser feature that widgets don't need anyway.
    """
    packed = b64encode(gzip.compress(join(entry, language).encode(), mtime=0)).decode()
    return _read("unpack.js").replace("PACKED", packed)


def join(entry: str, language: str = ENGLISH) -> str:
    """The same, uncompressed.

    Each module becomes a function that is called once, after those that it imports, and returns its exports; its other names stay local.
    Files that are not code become constants.

    Args:
        entry: the file of the module, such as "training_view.js"; it has only a default export.
        language: whose texts are included, so that they need not be requested.

    Raises:
        ValueError: For circular imports.
    """
    parts: dict[str, str] = {}
    if language != ENGLISH:
        parts[TEXTS] = f"const {_name(TEXTS)}={json.dumps(_texts(language))};"
    _add(entry, parts, ())
    return "\n".join(parts.values())


def _texts(language: str) -> dict[str, Any]:
    """The content of `texts.json` for a language: the translations of all texts in the modules."""
    folder = Path(str(files(__package__)))
    found = {json.loads(text) for file in folder.rglob("*.js") for text in TEXT.findall(file.read_text("utf-8"))}
    return {
        "language": language,
        "texts": {text: translated for text in sorted(found) if (translated := gettext_in(language, text)) != text},
    }


def _add(path: str, parts: dict[str, str], above: tuple[str, ...]) -> None:
    """Add a file after those that it imports."""
    if path in above:
        raise ValueError(f"The modules {' -> '.join((*above, path))} import each other in a circle.")
    if path in parts:
        return
    if not path.endswith(".js"):
        parts[path] = f"const {_name(path)}={json.dumps(_sheet(path) if path.endswith('.css') else json.loads(_read(path)))};"
        return
    code = _lean(_read(path))
    for _, target in IMPORT.findall(code):
        _add(_resolve(path, target), parts, (*above, path))
    code = IMPORT.sub(lambda match: f"const {match[1]}={_name(_resolve(path, match[2]))};", code)
    exports = EXPORT.findall(code)
    code = re.sub(r"^export (?!default )", "", code, flags=re.MULTILINE)
    # The entry stays a module.
    parts[path] = f"const {_name(path)}=(()=>{{\n{code}return{{{','.join(exports)}}};\n}})();" if above else code


def _resolve(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _name(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.rpartition(".")[0])


def _sheet(path: str) -> str:
    return re.sub(r"look\(([\w-]+)\)", lambda match: str(LOOK["colors"][match[1]]), re.sub(r"(?<=[{};,])\n", "", _lean(_read(path))))


def _lean(text: str) -> str:
    """Remove comments, empty lines and indentation."""
    return re.sub(r"^\s+| +$", "", COMMENT.sub("", re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)), flags=re.MULTILINE)


@cache
def _read(path: str) -> str:
    return files(__package__).joinpath(path).read_text("utf-8")
