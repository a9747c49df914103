"""The current language: set by the notebook, its class or the environment, in this order; otherwise JupyterLab's or the system's."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locale"
ENGLISH = "en"
VARIABLE = "SEQMAGIC_LANGUAGE"
# As in GNU gettext: LANGUAGE is a list, best first, and is used only if these don't select the C locale.
OF_THE_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")
PLAIN = ("", "C", "POSIX")
# The JupyterLab plugin that stores the language chosen in its menu.
LAB_PLUGIN = "@jupyterlab/translation-extension"
LAB_LOCALE = re.compile(r'^\s*"locale"\s*:\s*"([\w-]+)"', re.MULTILINE)  # A commented-out line does not match.

_chosen = {"notebook": "", "class": ""}  # By who chose it, the highest priority first.

_within: ContextVar[str] = ContextVar("language", default="")


def current_language() -> str:
    """The language of all texts now: "en", or the name of a folder with translations."""
    return _within.get() or next(filter(None, _chosen.values()), "") or _surroundings()


def choose_language(language: str, by: str = "notebook") -> None:
    """Set the language.

    Args:
        language: one of `languages()`; "" uses the environment again.
        by: "notebook", or "class" for a class file, which has lower priority.
    """
    _chosen[by] = language
    _surroundings.cache_clear()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """All texts of a `with` block in one language, whatever is set."""
    token = _within.set(language)
    try:
        yield
    finally:
        _within.reset(token)


@cache
def languages() -> tuple[str, ...]:
    """The available languages: English, and one per folder."""
    return (ENGLISH, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/seqmagic.mo")))


def find_language(name: str) -> str:
    """The available language for a name such as "zh_CN.UTF-8" or "zh-CN"; "" if there is none."""
    whole = re.split(r"[.@]", name)[0].replace("-", "_").lower()
    known = {language.lower(): language for language in languages()}
    return known.get(whole) or known.get(whole.partition("_")[0], "")


@cache
def _surroundings() -> str:
    return next(filter(None, map(find_language, _named())), ENGLISH)


def _named() -> Iterator[str]:
    """The languages named by the environment, the highest priority first."""
    yield os.environ.get(VARIABLE, "")
    yield _language_of_lab()
    system = next((value for name in OF_THE_SYSTEM if (value := os.environ.get(name, ""))), "")
    if system.partition(".")[0] not in PLAIN:
        yield from os.environ.get("LANGUAGE", "").split(":")
        # A list without a known language falls back to this.
        yield system


def _language_of_lab() -> str:
    """The language chosen in JupyterLab, or set for all users of a hub; "" if there is none, or its files are not on this computer."""
    home = Path(os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter")
    settings = Path(os.environ.get("JUPYTERLAB_SETTINGS_DIR") or home / "lab" / "user-settings")
    found = LAB_LOCALE.search(_read(settings / LAB_PLUGIN / "plugin.jupyterlab-settings"))
    if found is not None:
        return found[1]
    try:
        overrides = json.loads(_read(Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json") or "{}")
        return str(overrides[f"{LAB_PLUGIN}:plugin"]["locale"])
    except (ValueError, KeyError, TypeError):
        return ""


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError):
        return ""
