"""Each text has its translation, none is stale, and each says the same things as the English one."""

from __future__ import annotations

import ast
import io
import json
import re
import string
import tomllib
from collections.abc import Iterator
from gettext import GNUTranslations
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jupyterlab_server import translation_utils

from seqmagic.translation.catalogue import FOLDER
from tests.support.translations import PACKAGE, PATHS, compiled, extract, is_translated, path_of_settings, read, settings_written, written

HOW = "python -m tests.support.translations"


def ids(path: Path) -> str:
    return path.parts[-3]


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """All texts in the code."""
    return extract()


@pytest.fixture(scope="module", params=PATHS, ids=ids)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param  # type: ignore[no-any-return]


def key(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def test_there_are_texts(texts: Catalog) -> None:
    assert len(texts) > 1500
    assert [path.parts[-3] for path in PATHS] == ["zh"]
    assert PATHS[0].is_relative_to(FOLDER)


def test_each_text_has_its_translation_and_no_translation_is_stale(path: Path, texts: Catalog) -> None:
    kept = read(path)
    wanted, there = ({key(message) for message in catalogue if message.id} for catalogue in (texts, kept))
    assert (sorted(wanted - there), sorted(there - wanted)) == ([], []), HOW
    assert [key(message) for message in kept if message.id and not is_translated(message)] == [], HOW
    assert [key(message) for message in kept if message.fuzzy] == []
    assert not kept.obsolete


def looked_up(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("gettext", "gettext_noop")
        if is_call and node.args and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def test_each_text_that_is_looked_up_is_found(texts: Catalog) -> None:
    """Babel reads no Python inside an f-string: what stands there would never be translated."""
    found = {key(message)[0] for message in texts}
    wanted = {text for path in sorted(PACKAGE.rglob("*.py")) for text in looked_up(path.read_text("utf-8"))}
    assert sorted(wanted - found) == []


def fields(text: str) -> list[tuple[str, str | None, str | None]]:
    return sorted({(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(text) if name is not None}, key=repr)


def test_each_translation_puts_in_what_the_english_puts_in(path: Path) -> None:
    wrong = []
    for message in read(path):
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            try:
                wanted = fields(key(message)[-1])
            except ValueError:
                continue  # No text with fields, but one about curly brackets.
            if message.id and fields(text) != wanted:
                wrong.append((key(message)[-1], text))
    assert wrong == []


def test_each_translation_is_in_the_words_of_its_language() -> None:
    """Chinese with a letter of Chinese in it, but for what is a sign, a formula or code; and never with a stop of English at its end."""
    stops = [str(message.string) for message in read(PATHS[0]) if message.id and re.search(r"[一-鿿]\.$", str(message.string))]
    assert stops == []


def test_what_gettext_reads_is_what_is_written(path: Path) -> None:
    catalogue = read(path)
    assert written(catalogue) == path.read_bytes(), HOW
    now, kept = (GNUTranslations(io.BytesIO(content)) for content in (compiled(catalogue), path.with_suffix(".mo").read_bytes()))
    facts = {"": ""}  # Of the file: which Babel has made it.
    assert {**vars(now)["_catalog"], **facts} == {**vars(kept)["_catalog"], **facts}, HOW


def test_jupyterlab_finds_the_titles_of_the_settings(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_settings = path_of_settings(path.parts[-3])
    assert of_settings.read_text("utf-8") == settings_written(read(path)), HOW
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    group = translation_utils.JUPYTERLAB_LOCALE_ENTRY
    points = [EntryPoint(name, value, group) for name, value in project["entry-points"][group].items()]
    monkeypatch.setattr(translation_utils, "entry_points", lambda group: points)
    found, problems = translation_utils.get_installed_packages_locale(of_settings.parts[-3])
    assert (found, problems) == ({"seqmagic": json.loads(settings_written(read(path)))}, "")
