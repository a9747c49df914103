"""Which language is spoken, and how a text is looked up in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seqmagic.translation import catalogue, chosen, gettext, ngettext

VARIABLES = ("SEQMAGIC_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "JUPYTERLAB_SETTINGS_DIR", "JUPYTER_CONFIG_DIR")


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr(chosen.sys, "prefix", str(tmp_path))
    chosen.choose_language("")
    yield
    monkeypatch.undo()
    chosen.choose_language("", by="class")
    chosen.choose_language("")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "de:en:zh"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "SEQMAGIC_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "SEQMAGIC_LANGUAGE": "zh-CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "SEQMAGIC_LANGUAGE": "klingon"}, "zh"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    chosen.choose_language("")
    assert chosen.current_language() == language


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ('{\n    // The language.\n    "locale": "zh_CN",\n}', "zh"),
        ('{\n    // "locale": "zh_CN",\n}', "en"),
        ('{\n    "locale": "default"\n}', "en"),
        ("", "en"),
    ],
)
def test_jupyterlab_chooses_before_the_system(settings: str, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "lab" / "user-settings" / chosen.LAB_PLUGIN / "plugin.jupyterlab-settings"
    file.parent.mkdir(parents=True)
    file.write_text(settings, "utf-8")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    chosen.choose_language("")
    assert chosen.current_language() == language


def test_a_hub_chooses_for_all(tmp_path: Path) -> None:
    file = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"}}', "utf-8")
    chosen.choose_language("")
    assert chosen.current_language() == "zh"


def test_the_notebook_chooses_before_its_class_and_the_class_before_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQMAGIC_LANGUAGE", "en")
    chosen.choose_language("zh", by="class")
    assert chosen.current_language() == "zh"
    chosen.choose_language("en")
    assert chosen.current_language() == "en"
    chosen.choose_language("")
    assert chosen.current_language() == "zh"


def test_a_text_is_looked_up_when_it_is_said() -> None:
    assert gettext("{name} is ignored", name="lr") == "lr is ignored"
    assert ngettext("{count} epoch", "{count} epochs", 1) == "1 epoch"
    chosen.choose_language("zh")
    assert gettext("{name} is ignored", name="lr") == "略去 lr"
    assert ngettext("{count} epoch", "{count} epochs", 1).strip() == "1 轮"
    assert gettext("no such text: {x}", x=1) == "no such text: 1"
    assert gettext("") == ""  # Under which gettext keeps its own facts.


def test_a_translation_that_names_what_is_not_there_gives_way_to_the_english(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong:
        def gettext(self, text: str) -> str:
            return "{nothing} {0} {"

    monkeypatch.setattr(catalogue, "_texts", lambda language: Wrong())
    assert gettext("{name} is ignored", name="lr") == "lr is ignored"
