"""The code that runs in the page: ES modules, style sheets and JSON, joined as a page takes them. No build step, nothing from outside."""

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

# Colours and limits that the page and Matplotlib share.
LOOK: dict[str, Any] = json.loads(files(__package__).joinpath("look.json").read_text("utf-8"))
# Our own files need no parser: an import stands at the beginning of a line, an export before what it names, and no text holds what looks
# like a comment, or runs over several lines.
IMPORT = re.compile(r'^import (\{[^{}]+\}|\w+) from "(\.[\w./]+)"(?: with \{ type: "(?:json|text)" \})?;$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"(?:^|(?<=[;,{] ))//.*|/\*(?s:.*?)\*/ ?", re.MULTILINE)
TEXT = re.compile(r'\bgettext\(\s*("(?:[^"\\]|\\.)*")')  # As Babel finds them.
TEXTS = "texts.json"


def style(*names: str) -> str:
    """Several style sheets as one; a colour of `look.json` stands in them as `look(name)`."""
    return "".join(_sheet(f"styles/{name}.css") for name in names)


@cache
def script(entry: str, language: str = ENGLISH) -> str:
    """A module with all that it imports, as one that needs no other file.

    A widget sends its code with every instance, and a saved notebook may hold many: so it goes compressed, a third as long, with a few
    lines before it that unpack it. They need nothing that the page doesn't need anyway to take a widget's code.
    """
    packed = b64encode(gzip.compress(join(entry, language).encode(), mtime=0)).decode()
    return _read("unpack.js").replace("PACKED", packed)


def join(entry: str, language: str = ENGLISH) -> str:
    """The same as it can be read.

    Each module becomes a function that is called once, after those that it imports, and gives what it exports: its other names stay its
    own. What is no code becomes a constant.

    Args:
        entry: the file of the module, such as "training_view.js"; it exports a default and nothing else.
        language: what it speaks: its texts stand in it, so that nothing has to be asked for.

    Raises:
        ValueError: For modules that import each other in a circle.
    """
    parts: dict[str, str] = {}
    if language != ENGLISH:
        parts[TEXTS] = f"const {_name(TEXTS)}={json.dumps(_texts(language))};"
    _add(entry, parts, ())
    return "\n".join(parts.values())


def _texts(language: str) -> dict[str, Any]:
    """What `texts.json` would be in a language: the translation of each text that stands in one of the modules."""
    folder = Path(str(files(__package__)))
    found = {json.loads(text) for file in folder.rglob("*.js") for text in TEXT.findall(file.read_text("utf-8"))}
    return {"language": language, "texts": {text: told for text in sorted(found) if (told := gettext_in(language, text)) != text}}


def _add(path: str, parts: dict[str, str], above: tuple[str, ...]) -> None:
    """Put a file where those that it imports stand already."""
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
    # The entry is the module itself.
    parts[path] = f"const {_name(path)}=(()=>{{\n{code}return{{{','.join(exports)}}};\n}})();" if above else code


def _resolve(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _name(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.rpartition(".")[0])


def _sheet(path: str) -> str:
    return re.sub(r"look\(([\w-]+)\)", lambda match: str(LOOK["colors"][match[1]]), re.sub(r"(?<=[{};,])\n", "", _lean(_read(path))))


def _lean(text: str) -> str:
    """Without comments, empty lines and indentation."""
    return re.sub(r"^\s+| +$", "", COMMENT.sub("", re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)), flags=re.MULTILINE)


@cache
def _read(path: str) -> str:
    return files(__package__).joinpath(path).read_text("utf-8")
