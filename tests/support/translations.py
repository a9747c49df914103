"""The texts of the package: extracted with Babel, merged with their translations, and compiled.

    python -m tests.support.translations

updates `locale/*/LC_MESSAGES/seqmagic.po` from the code, lists the texts without a translation, and compiles; what JupyterLab reads of them
goes into a JSON file.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.core import get_global
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import seqmagic
from seqmagic.editor import meanings
from seqmagic.translation.docstrings import texts_in

PACKAGE = Path(__file__).parents[2] / "seqmagic"
FILES = [("widgets/page/**.js", "javascript"), ("**.py", "python")]
# Babel reads no JavaScript inside a template literal, nor a call among the arguments of another.
IN_JAVASCRIPT = re.compile(r'\bgettext\(\s*("(?:[^"\\]|\\.)*")')
# `instance_of` and `Kind` describe what an argument must be; errors translate these descriptions.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"gettext": None, "gettext_noop": None, "ngettext": (1, 2), "instance_of": (1,), "Kind": (1,)}
# Tables of nothing but texts: those of a vocabulary are too many to be marked one by one.
TABLES = {"editor/meanings.py": [*meanings.MEANINGS.values(), meanings.SETTINGS, meanings.SEARCHED]}
SCHEMA = PACKAGE / "labextension" / "schema" / "plugin.json"
PATHS = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/seqmagic.po"))


def extract() -> Catalog:
    """All texts in the code."""
    found = Catalog(project="seqmagic", charset="utf-8")
    for file, _, text, comments, context in extract_from_dir(PACKAGE, FILES, keywords=KEYWORDS):
        if text != "":
            found.add(text, locations=[(str(Path(file).as_posix()), 0)], auto_comments=comments, context=context)
    for path, text in _found_otherwise():
        found.add(text, locations=[(path, 0)])
    return found


def _found_otherwise() -> Iterator[tuple[str, str]]:
    """Texts that no call marks, each with its file."""
    for path in sorted((PACKAGE / "widgets" / "page").rglob("*.js")):
        texts = map(json.loads, IN_JAVASCRIPT.findall(path.read_text("utf-8")))
        yield from ((path.relative_to(PACKAGE).as_posix(), text) for text in texts)
    for place, tables in TABLES.items():
        yield from ((place, text) for table in tables for text in table.values())
    for path in sorted((PACKAGE / "magics").glob("*.py")):
        yield from ((path.relative_to(PACKAGE).as_posix(), text) for text in helps_in(path.read_text("utf-8")))
    for name, module in {"": "seqmagic.__init__", **seqmagic.DOCUMENTED}.items():
        for place, docstring in docstrings_of(name, module):
            yield from ((source_of(place).relative_to(PACKAGE).as_posix(), text) for text in texts_in(docstring))
    yield from ((SCHEMA.relative_to(PACKAGE).as_posix(), text) for text in texts_of_settings())


def helps_in(code: str) -> Iterator[str]:
    """What `?` shows of the magics of a module, by paragraphs."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(one, ast.Name) and one.id.endswith("_magic") for one in node.decorator_list
        ):
            yield from (ast.get_docstring(node) or "").split("\n\n")


def docstrings_of(name: str, module: str) -> Iterator[tuple[str, str]]:
    """The docstrings of a function, of a class with its public methods and properties, or of a module, each with its module.

    From the source: importing it would import Keras.
    """
    tree = ast.parse(source_of(module).read_text("utf-8"))
    [thing] = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name] if name else [tree]
    yield module, ast.get_docstring(thing) or ""
    if not isinstance(thing, ast.ClassDef):
        return
    for node in thing.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not is_setter(node):
            yield module, ast.get_docstring(node) or ""
    for base, its_module in own_bases(thing, tree):
        yield from list(docstrings_of(base, its_module))[1:]


def is_setter(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(one).endswith((".setter", ".deleter")) for one in node.decorator_list)


def own_bases(thing: ast.ClassDef, tree: ast.Module) -> list[tuple[str, str]]:
    """The base classes of a class that are the package's own, each with its module."""
    homes = {alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module for alias in node.names}
    bases = [(name, homes.get(name, "")) for name in map(ast.unparse, thing.bases)]
    return [(name, module) for name, module in bases if module.startswith(f"{PACKAGE.name}.")]


def source_of(module: str) -> Path:
    return PACKAGE.parent / (module.replace(".", "/") + ".py")


def texts_of_settings() -> list[str]:
    """What JupyterLab shows of the extension's settings."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return [part[key] for part in (schema, *schema["properties"].values()) for key in ("title", "description") if part[key] != "seqmagic"]


def read(path: Path) -> Catalog:
    """The texts of a language, with their translations."""
    with path.open("rb") as opened:
        return read_po(opened, locale=path.parts[-3])


def update(path: Path, texts: Catalog) -> None:
    """Update the texts of a language: removed texts are deleted, new ones have no translation, and there is no fuzzy matching."""
    catalogue, kept = read(path), Catalog(locale=path.parts[-3], project="seqmagic", charset="utf-8", fuzzy=False)
    for message in texts:
        if message.id:
            before = catalogue.get(message.id, message.context)
            kept.add(message.id, before.string if before is not None else None, message.locations, context=message.context)
    path.write_bytes(written(kept))


def written(catalogue: Catalog) -> bytes:
    """A language's .po file: without dates, so that it changes only with the texts."""
    target = io.BytesIO()
    write_po(target, catalogue, width=140, include_lineno=False, omit_header=True)
    forms = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    header = f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n'
    header += f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {forms}\\n"\n\n'
    return header.encode() + target.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A language's .mo file, which does not depend on the date."""
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def path_of_settings(language: str) -> Path:
    """Where JupyterLab looks for a language's texts of settings: its languages have the country in their names."""
    parts = get_global("likely_subtags").get(language, language).split("_")
    return PACKAGE / "locale" / f"{parts[0]}_{parts[-1]}" / "LC_MESSAGES" / "seqmagic.json"


def settings_written(catalogue: Catalog) -> str:
    """The texts of settings in the form of JupyterLab's language packs."""
    head = {"domain": "seqmagic", "language": str(catalogue.locale_identifier), "plural_forms": str(catalogue.plural_forms), "version": ""}
    texts = {text: [str(getattr(catalogue.get(text), "string", text))] for text in texts_of_settings()}
    return json.dumps({"": head, "seqmagic": ["seqmagic"], **texts}, ensure_ascii=False, indent=2) + "\n"


def is_translated(message: Message) -> bool:
    """Whether each plural form has a translation."""
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return bool(strings) and all(strings)


def main() -> None:
    """Update all languages, and print what is not translated."""
    texts = extract()
    for path in PATHS:
        update(path, texts)
        catalogue = read(path)
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        settings = path_of_settings(path.parts[-3])
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(settings_written(catalogue), "utf-8")
        missing = [message.id for message in catalogue if message.id and not is_translated(message)]
        print(f"{path.parts[-3]}: {len(catalogue):,} texts, {len(missing):,} without a translation")  # noqa: T201
        for text in missing[:20]:
            print(f"    {text!r}")  # noqa: T201


if __name__ == "__main__":
    main()
