"""The fonts of an image: finds installed fonts for names in any script, and silences matplotlib's warnings about missing glyphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from seqmagic.translation import gettext, gettext_noop
from seqmagic.translation.chosen import ENGLISH, current_language, speaking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Common fonts with many glyphs: on Linux, Windows and macOS, for Chinese, Japanese and Korean, then for other scripts.
FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR", "Source Han Sans SC"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "IPAexGothic", "IPAGothic", "TakaoPGothic", "NanumGothic"),
    *("Microsoft YaHei", "SimHei", "Yu Gothic", "Meiryo", "MS Gothic", "Malgun Gothic"),
    *("PingFang SC", "Hiragino Sans GB", "Hiragino Sans", "Hiragino Maru Gothic Pro", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai", "Segoe UI", "Arial", "FreeSans"),
    *("Noto Sans Symbols", "Noto Sans Symbols2", "Segoe UI Symbol", "Symbola", "Unifont"),
)
# Texts with common letters of a language: a font that has these has the others, too.
LETTERS = (gettext_noop("epoch"), gettext_noop("learning rate"), gettext_noop("training"), gettext_noop("validation"))


def use_fallback_fonts(figure: Figure) -> None:
    """Draw all texts of a figure with fonts that have their letters; a letter without a glyph is shown by its code point."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        assert isinstance(text, Text)  # noqa: S101  # For the type checker.
        if text.get_text().isascii():
            continue
        own = text.get_fontfamily()
        families = [family for family in FALLBACKS if family in _installed()]
        known = letters_of((*own, *families))
        if any(ord(letter) not in letters_of(tuple(own)) for letter in text.get_text() if not letter.isspace()):
            text.set_fontfamily([*own, *families])
        text.set_text("".join(letter if letter.isspace() or ord(letter) in known else number_of(letter) for letter in text.get_text()))


@contextmanager
def drawable_language() -> Iterator[bool]:
    """All texts within in the current language, if an installed font has its letters, and else in English.

    The value is whether it is the current language.
    """
    letters = {letter for text in LETTERS for letter in gettext(text) if not letter.isascii()}
    is_current = not letters or letters <= set(map(chr, letters_of(_families())))
    with speaking(current_language() if is_current else ENGLISH):
        yield is_current


def _families() -> tuple[str, ...]:
    """Matplotlib's fonts, and those installed that we fall back to."""
    from matplotlib import rcParams

    return (*rcParams["font.family"], *(family for family in FALLBACKS if family in _installed()))


def number_of(letter: str) -> str:
    r"""The escape sequence of a letter in Python.

    >>> print(number_of("精"))
    \u7cbe
    """
    return letter.encode("ascii", "backslashreplace").decode()


@cache
def letters_of(families: tuple[str, ...]) -> frozenset[int]:
    """The code points of all letters in some fonts."""
    from matplotlib.font_manager import FontProperties, fontManager
    from matplotlib.ft2font import FT2Font

    paths = {str(fontManager.findfont(FontProperties(family=[family]))) for family in families}
    return frozenset(number for path in paths for number in FT2Font(path).get_charmap())


@cache
def _installed() -> frozenset[str]:
    from matplotlib.font_manager import fontManager

    return frozenset(fontManager.get_font_names())
