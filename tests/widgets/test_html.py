"""One file makes HTML. It escapes what it is given, and nothing else in the package has markup in its texts."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqmagic
from seqmagic.widgets.html import TAGS, card, element, style_sheet
from seqmagic.widgets.text_table import align, plain_text

PACKAGE = Path(seqmagic.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "widgets" / "html.py")
# Any tag of HTML that shows, runs or loads something; `<cell>` and `<locals>` are Python's own words, not a page's.
OTHERS = "a audio base body button embed form frame head html iframe img input link math meta object script svg table video"
NAMES = {*TAGS, *OTHERS.split(" ")}
# A letter alone at the end of a text is no tag, but how struct spells the order of bytes.
MARKUP = re.compile(r"</?([a-z]+\d?)(?:[\s/>]|(?<=\w\w)$)|<!--|&(?:lt|gt|amp|quot|#x?[0-9a-f]+);", re.IGNORECASE)
NAMED_GROUP = re.compile(r"\(\?P[<=]\w+[>)]|\\g<\w+>")
MAKERS = {"HTML", "HTMLMath", "Markdown", "Latex", "Javascript", "display_html", "display_markdown", "display_javascript"}

hostile = st.text(alphabet=st.sampled_from("<>&\"'/=` \n\tab\x00\x07\x1b[]\u202e\u2066\ud800é×🙂"), max_size=30)


def texts_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts of a file but its docstrings, parts of f-strings included."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False) is not None:
            skipped.add(node.body[0].value)  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and node not in skipped:
            yield node.lineno, node.value if isinstance(node.value, str) else node.value.decode("latin-1")


def markup_in(source: str) -> list[str]:
    tree = ast.parse(source)
    found: list[str] = []
    for line, text in texts_of(tree):
        tags = [match.group(1) for match in MARKUP.finditer(NAMED_GROUP.sub("", text))]
        found += [f"{line}: {text!r}" for tag in tags if tag is None or tag.lower() in NAMES]
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
        # What only takes HTML's signs out of a text makes none.
        if any(module == "html" or module.startswith("html.") for module in modules) and names != ["unescape"]:
            found.append(f"{node.lineno}: imports html")  # type: ignore[attr-defined]
        word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if word in MAKERS or MAKERS & set(names):
            found.append(f"{node.lineno}: {word or names}")  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_else_makes_html(path: Path) -> None:
    assert markup_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'x = "<b>"',
        "x = f'<td class={name}>'",
        'x = "</div>"',
        'x = "<img src=" + name',
        'x = ("one "\n "<br>two")',
        'x = b"<script>"',
        'def f():\n    """Of it."""\n    return "<P>"',
        'x = "&lt;"',
        "from html import escape",
        "from html import escape, unescape",
        "import html",
        "from IPython.display import Markdown",
        "display(IPython.display.HTML(x))",
        "ipywidgets.HTML(value=x)",
    ],
)
def test_the_rule_itself_finds_markup(source: str) -> None:
    assert markup_in(source)


@pytest.mark.parametrize(
    "source",
    [
        'x = r"(?P<label>a)(?P=label)"',
        '"""<b>"""',
        'x = "<cell>"',
        'x = "a < b and b > c"',
        'x = "x <- y -> z"',
        "from html import unescape",
    ],
)
def test_the_rule_lets_other_texts_be(source: str) -> None:
    assert markup_in(source) == []


class Reader(HTMLParser):
    """What a page would make of a markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, text: str) -> None:
        self.text += text


@given(hostile, hostile)
def test_whatever_is_put_in_comes_out_as_text(text: str, value: str) -> None:
    page = Reader(str(element("p", text, element("b", text), title=value)))
    assert page.tags == ["p", "b"]
    assert [name for name, _ in page.attributes] == ["title"]
    assert page.text[: len(page.text) // 2] == page.text[len(page.text) // 2 :]
    assert all(character.isprintable() or character in "\n\t" for character in page.text)
    shown = re.sub(r"\x1b.*", "", text, flags=re.DOTALL)  # Up to a terminal's command nothing is lost that can be seen.
    assert page.text.startswith("".join(character if character.isprintable() or character == "\n" else " " for character in shown))


def test_values_of_any_type_are_text() -> None:
    assert str(element("td", 3, 0.5, None, ["<b>"])) == "<td>30.5[&#x27;&lt;b&gt;&#x27;]</td>"


@pytest.mark.parametrize("tag", ["script", "img", "iframe", "a", "use", "image", "foreignObject", "b onclick=hit()", "", "B"])
def test_no_element_can_run_or_load_anything(tag: str) -> None:
    with pytest.raises(ValueError, match="is no element"):
        element(tag, "text")


@pytest.mark.parametrize(
    "name", ["onclick", "href", "src", "style", "srcdoc", "data_x y", 'data_"', "formaction", "onload", "filter", "fill"]
)
def test_no_attribute_can_run_or_load_anything(name: str) -> None:
    with pytest.raises(ValueError, match="is no attribute"):
        element("p", "text", **{name: "hit()"})


def test_a_style_sheet_is_one_of_the_packages_own() -> None:
    assert str(style_sheet("saved", class_="seqmagic-saved")).startswith('<style class="seqmagic-saved"><!--.jp-OutputArea-child')
    with pytest.raises(ValueError, match="is no element"):
        element("style", "</style><script>hit()</script>")
    with pytest.raises(FileNotFoundError):
        str(style_sheet("</style>"))


def test_a_card_brings_its_style() -> None:
    markup = card(element("p", "<1>"), kind="runs")
    assert Reader(markup).tags == ["style", "div", "p"]
    assert markup.endswith('<div class="seqmagic-card seqmagic-runs" lang="en"><p>&lt;1&gt;</p></div>')
    assert ".seqmagic-runs" in markup
    assert html.unescape(card("&")).endswith('<div class="seqmagic-card" lang="en">&</div>')


@given(st.lists(hostile, min_size=1, max_size=4), st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4))
def test_plain_text_has_the_lines_that_it_was_given_and_nothing_that_a_terminal_obeys(
    lines: list[str], rows: list[tuple[str, str]]
) -> None:
    for found, count in ((plain_text(lines), len(lines)), ("\n".join(align(rows)), len(rows))):
        shown = found.split("\n")
        assert len(shown) == count
        assert all(line.isprintable() for line in shown)


@pytest.mark.parametrize(
    "command", ["\x1b[31m", "\x1b[2J", "\x1b[1;1H", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1bc", "\x1b(0", "\x1b[?25l"]
)
def test_a_terminals_commands_are_cut_out_whole(command: str) -> None:
    assert plain_text([f"one{command}two"]) == "onetwo"
    assert str(element("p", f"one{command}two")) == "<p>onetwo</p>"
