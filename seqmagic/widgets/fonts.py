"""The fonts of an image: finds installed fonts for names in any script, and silences matplotlib's warnings about missing glyphs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from seqmagic.translation import gettext

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


def in_letters(text: str, **fields: Any) -> str:
    """A text of a picture in the language that is spoken, if the machine has a font with its letters; else in English."""
    told = gettext(text, **fields)
    if told.isascii():
        return told
    from matplotlib import rcParams

    known = letters_of((*rcParams["font.family"], *(family for family in FALLBACKS if family in _installed())))
    is_drawn = all(letter.isspace() or ord(letter) in known for letter in gettext(text))
    return told if is_drawn else text.format(**fields) if fields else text


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
