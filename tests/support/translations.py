"""The texts of the package: found with Babel, kept with their translations, and compiled.

    python -m tests.support.translations

brings `locale/*/LC_MESSAGES/seqmagic.po` up to date with the code, says what has no translation yet, and compiles.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[2] / "seqmagic"
FILES = [("widgets/page/**.js", "javascript"), ("**.py", "python")]
# `instance_of` and `Kind` say what an argument has to be, which an error looks up.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"gettext": None, "gettext_noop": None, "ngettext": (1, 2), "instance_of": (1,), "Kind": (1,)}
PATHS = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/seqmagic.po"))


def extract() -> Catalog:
    """All texts that stand in the code now."""
    found = Catalog(project="seqmagic", charset="utf-8")
    for file, _, text, comments, context in extract_from_dir(PACKAGE, FILES, keywords=KEYWORDS):
        if text != "":
            found.add(text, locations=[(str(Path(file).as_posix()), 0)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    """The texts of a language, with their translations."""
    with path.open("rb") as opened:
        return read_po(opened, locale=path.parts[-3])


def update(path: Path, texts: Catalog) -> None:
    """Bring a language's texts up to date: what is no more goes, what is new has no translation, and nothing is guessed."""
    catalogue, kept = read(path), Catalog(locale=path.parts[-3], project="seqmagic", charset="utf-8", fuzzy=False)
    for message in texts:
        if message.id:
            before = catalogue.get(message.id, message.context)
            kept.add(message.id, before.string if before is not None else None, message.locations, context=message.context)
    path.write_bytes(written(kept))


def written(catalogue: Catalog) -> bytes:
    """A language as its file holds it: without dates, so that only texts change it."""
    target = io.BytesIO()
    write_po(target, catalogue, width=140, include_lineno=False, omit_header=True)
    forms = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    header = f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n'
    header += f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {forms}\\n"\n\n'
    return header.encode() + target.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A language as gettext reads it, whenever it is compiled."""
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def is_translated(message: Message) -> bool:
    """Whether each form has its translation."""
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return bool(strings) and all(strings)


def main() -> None:
    """Bring everything up to date, and say what is left to do."""
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
