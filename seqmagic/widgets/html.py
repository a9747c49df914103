"""HTML: all markup is built here, from elements; everything else put into them is text, and is escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from typing import Any

from seqmagic.errors import printable_lines
from seqmagic.translation.chosen import current_language
from seqmagic.widgets.page import style

# Tags that only display something, and can neither run nor load anything.
TAGS = frozenset(
    (
        *("b", "br", "code", "del", "div", "h4", "i", "ins", "mark", "p", "pre", "section", "small", "span", "style"),
        *("caption", "table", "tbody", "td", "th", "thead", "tr", "dd", "dl", "dt", "details", "summary", "svg", "path", "button"),
        *("figure", "figcaption", "ul", "li", "label", "select", "option", "input", "g", "circle", "line", "rect", "text"),
    )
)
# In addition to data-... and aria-...: none of them loads or runs anything.
ATTRIBUTES = frozenset(
    (
        *("class", "role", "scope", "title", "tabindex", "width", "height", "viewBox", "d", "hidden", "type", "colspan", "rowspan", "lang"),
        *("value", "selected", "disabled", "min", "max", "step", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "preserveAspectRatio"),
    )
)
COLOURS = {name: frozenset(("none", "currentColor")) for name in ("fill", "stroke")}  # Any other value could be a URL to load.
WITHOUT_END = frozenset(("br", "input"))
# Ends of block elements, after which a line break is added, so that an export to Markdown has no very long lines.
BLOCK_END = re.compile(r"</(?:tr|p|li|ul|h4|section|table|thead|caption|figure|summary|details|dd|dl|pre)>(?=<[^/])")
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Element:
    """An HTML element, created by `element`; str() gives its markup."""

    tag: str
    children: tuple[object, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    sheets: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if self.tag not in TAGS or (self.tag == "style" and self.children):
            raise ValueError(f"{self.tag!r} is no element that a card is made of")
        for name, value in self.attributes:
            is_plain = name in ATTRIBUTES or (name.startswith(("data-", "aria-")) and name.replace("-", "").isalpha())
            if not is_plain and value not in COLOURS.get(name, ()):
                raise ValueError(f"{name!r} is no attribute that a card needs")

    def __str__(self) -> str:
        attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in self.attributes)
        inside = "".join(str(child) if isinstance(child, (Element, Picture)) else _escaped(str(child)) for child in self.children)
        # Style sheets come from the package's own files: nothing else is inserted unescaped. They are in a comment, which CSS ignores: a
        # page that strips the tag but keeps its text doesn't show them.
        whole = f"<{self.tag}{attributes}>{f'<!--{style(*self.sheets)}-->' if self.sheets else inside}"
        return whole if self.tag in WITHOUT_END else f"{whole}</{self.tag}>"


@dataclass(frozen=True)
class Picture:
    """An image with alt text. It is embedded in the page: nothing is loaded from elsewhere.

    Attributes:
        png: its bytes.
        words: the alt text; empty for an image next to its description.
        width, height: pixels of the page.
        class_: for style sheets.
    """

    png: bytes
    words: str = ""
    width: int | None = None
    height: int | None = None
    class_: str = ""

    def __post_init__(self) -> None:
        if not self.png.startswith(PNG):
            raise ValueError("a picture in a page is a PNG")

    def __str__(self) -> str:
        size = "".join(f' {name}="{int(value)}"' for name, value in (("width", self.width), ("height", self.height)) if value is not None)
        attributes = f' alt="{_escaped(self.words)}" class="{_escaped(self.class_)}"{size}'
        return f'<img src="data:image/png;base64,{b64encode(self.png).decode()}"{attributes}>'


def element(tag: str, *children: object, **attributes: object) -> Element:
    """Create an element.

    >>> print(element("p", "1 < 2 ", element("b", "is true"), class_="words", data_label='"'))
    <p class="words" data-label="&quot;">1 &lt; 2 <b>is true</b></p>
    >>> print(element("td", "a", element("br"), None, class_=None))
    <td>a<br></td>

    Args:
        children: elements; anything else is shown as text, and None is skipped.
        attributes: an underscore stands for a hyphen, one at the end is dropped (`class_`); None leaves the attribute out.

    Raises:
        ValueError: For a tag or an attribute that could run or load something.
    """
    shown = tuple(child for child in children if child is not None)
    given = ((name.rstrip("_").replace("_", "-"), str(value)) for name, value in attributes.items() if value is not None)
    return Element(tag, shown, tuple(given))


def style_sheet(*names: str, class_: str | None = None) -> Element:
    """A style element with style sheets of the page folder.

    Args:
        names: of the files, without extension.
    """
    return Element("style", (), (("class", class_),) if class_ is not None else (), sheets=names)


def card(*children: object, kind: str = "", role: str | None = None) -> str:
    """The markup of a card, including its style sheets.

    Args:
        kind: "network", "runs", "trials", "sweep", "look" or "error"; empty for a plain one.
    """
    sheets = ("base", "card", *SHEETS.get(kind, ()))
    whole = element(
        "div", *children, class_=f"seqmagic-card seqmagic-{kind}" if kind else "seqmagic-card", role=role, lang=current_language()
    )
    return f"{style_sheet(*sheets)}\n{BLOCK_END.sub(_with_line_end, str(whole))}"


# Additional style sheets of some kinds of cards.
SHEETS = {
    **{name: (name,) for name in ("sweep", "look")},
    "trials": ("run_rows", "trials"),
    "runs": ("run_rows", "runs", "stills"),
    "network": ("network", "drawing"),
    "error": ("drawing",),
}


def card_widget(shown: str = "") -> Any:
    """A widget whose `value` is a card.

    Args:
        shown: the markup from `card`.
    """
    from ipywidgets import HTML

    return HTML(shown)


def _with_line_end(end: re.Match[str]) -> str:
    return f"{end[0]}\n"


def _escaped(text: str) -> str:
    return escape(printable_lines(text))
