"""Which language is spoken: what the notebook, its class or the environment says, in this order; else JupyterLab's own, or the system's."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locale"
ENGLISH = "en"
VARIABLE = "SEQMAGIC_LANGUAGE"
# As GNU gettext reads them: the first is a list, best first, and counts only where the others don't ask for a computer's plain words.
OF_THE_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")
PLAIN = ("", "C", "POSIX")
# Where JupyterLab keeps the language that is chosen in its menu.
LAB_PLUGIN = "@jupyterlab/translation-extension"
LAB_LOCALE = re.compile(r'^\s*"locale"\s*:\s*"([\w-]+)"', re.MULTILINE)  # A line that is commented out begins otherwise.

_chosen = {"notebook": "", "class": ""}  # By who chose it, the stronger first.


def current_language() -> str:
    """The language of everything that is said now: "en", or the name of a folder with translations."""
    return next(filter(None, _chosen.values()), "") or _surroundings()


def choose_language(language: str, by: str = "notebook") -> None:
    """Speak a language from now on.

    Args:
        language: one of `languages()`; "" lets the surroundings decide again.
        by: "notebook", or "class" for what a class file says, which gives way to the notebook.
    """
    _chosen[by] = language
    _surroundings.cache_clear()


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are: English, and a folder each."""
    return (ENGLISH, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/seqmagic.mo")))


def find_language(name: str) -> str:
    """The language that there is for a name such as "zh_CN.UTF-8" or "zh-CN"; "" where there is none."""
    whole = re.split(r"[.@]", name)[0].replace("-", "_").lower()
    known = {language.lower(): language for language in languages()}
    return known.get(whole) or known.get(whole.partition("_")[0], "")


@cache
def _surroundings() -> str:
    return next(filter(None, map(find_language, _named())), ENGLISH)


def _named() -> Iterator[str]:
    """What the surroundings name, the strongest first."""
    yield os.environ.get(VARIABLE, "")
    yield _language_of_lab()
    system = next((value for name in OF_THE_SYSTEM if (value := os.environ.get(name, ""))), "")
    if system.partition(".")[0] not in PLAIN:
        yield from os.environ.get("LANGUAGE", "").split(":")
        # A list that names nothing we know, or none at all.
        yield system


def _language_of_lab() -> str:
    """The language that somebody chose in JupyterLab, or that a hub set for all; "" where nobody did, or where its files are not here."""
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
