"""The texts of the package: extracted with Babel, merged with their translations, and compiled.

    python -m tests.support.translations

updates `locale/*/LC_MESSAGES/seqmagic.po` from the code, lists the texts without a translation, and compiles.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import seqmagic
from seqmagic.editor import meanings
from seqmagic.translation.docstrings import texts_in

PACKAGE = Path(__file__).parents[2] / "seqmagic"
FILES = [("widgets/page/**.js", "javascript"), ("**.py", "python")]
# `instance_of` and `Kind` describe what an argument must be; errors translate these descriptions.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"gettext": None, "gettext_noop": None, "ngettext": (1, 2), "instance_of": (1,), "Kind": (1,)}
# Tables of nothing but texts: those of a vocabulary are too many to be marked one by one.
TABLES = {"editor/meanings.py": [*meanings.MEANINGS.values(), meanings.SETTINGS, meanings.SEARCHED]}
PATHS = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/seqmagic.po"))


def extract() -> Catalog:
    """All texts in the code."""
    found = Catalog(project="seqmagic", charset="utf-8")
    for file, _, text, comments, context in extract_from_dir(PACKAGE, FILES, keywords=KEYWORDS):
        if text != "":
            found.add(text, locations=[(str(Path(file).as_posix()), 0)], auto_comments=comments, context=context)
    for place, tables in TABLES.items():
        for text in (text for table in tables for text in table.values()):
            found.add(text, locations=[(place, 0)])
    for path in sorted((PACKAGE / "magics").glob("*.py")):
        for text in helps_in(path.read_text("utf-8")):
            found.add(text, locations=[(path.relative_to(PACKAGE).as_posix(), 0)])
    for name, module in {"": "seqmagic.__init__", **seqmagic.DOCUMENTED}.items():
        path = PACKAGE.parent / (module.replace(".", "/") + ".py")
        for docstring in docstrings_of(name, path.read_text("utf-8")):
            for text in texts_in(docstring):
                found.add(text, locations=[(path.relative_to(PACKAGE).as_posix(), 0)])
    return found


def helps_in(code: str) -> Iterator[str]:
    """What `?` shows of the magics of a module, by paragraphs."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(one, ast.Name) and one.id.endswith("_magic") for one in node.decorator_list
        ):
            yield from (ast.get_docstring(node) or "").split("\n\n")


def docstrings_of(name: str, code: str) -> Iterator[str]:
    """The docstrings of a function, of a class and its public methods, or of a module, from the source: importing it would import Keras."""
    module = ast.parse(code)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
    [thing] = functions if name else [module]
    yield ast.get_docstring(thing) or ""
    for node in thing.body if isinstance(thing, ast.ClassDef) else ():
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            decorators = {ast.unparse(one) for one in node.decorator_list}
            if not any(one == "property" or one.endswith("setter") for one in decorators):
                yield ast.get_docstring(node) or ""


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
        missing = [message.id for message in catalogue if message.id and not is_translated(message)]
        print(f"{path.parts[-3]}: {len(catalogue):,} texts, {len(missing):,} without a translation")  # noqa: T201
        for text in missing[:20]:
            print(f"    {text!r}")  # noqa: T201


if __name__ == "__main__":
    main()
