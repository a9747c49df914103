r"""LaTeX and formulas: what lecture notes and papers say about a network, pasted instead of its layers.

\text{Dense}(10) \to \text{Softmax}     Dense(10) -> Softmax
y = \sigma(Wx + b)     a formula, whose layer has a name

Only a text that can't be read is looked at.
"""

from __future__ import annotations

import re

from seqmagic.errors import LanguageError
from seqmagic.language.lines import Source
from seqmagic.translation import gettext

FONTS = r"text(?:bf|it|tt|rm|sf|sc)?|math(?:rm|bf|it|tt|sf|cal|bb)|operatorname|mbox|boldsymbol|bm|emph"
ARROWS = r"(?:long)?rightarrow|Rightarrow|implies|mapsto|to"
SIGNS = r"times|cdot|circ|odot|sigma|phi|varphi|tanh|max|exp|frac|left|right|in|quad|qquad|dots|ldots|cdots|hat|sum|begin|end"
LATEX = re.compile(rf"\\(?:{FONTS}|{ARROWS}|{SIGNS})(?![A-Za-z])|\$[^$]+\$|\$\$|\\\[|\\\(")
# The layer as a formula: a matrix and a vector side by side, which is no product in Python.
FORMULA = re.compile(r"\b[Ww](?:_?\{?\w\}?)?(?:\^\S{1,4})?\s?[xhazXH](?:_?\{?\w\}?)?\s*\+\s*b|(?:[σφ]|\\sigma)\s*\(")
FUNCTIONS = (
    ("softmax", r"(?i:softmax)"),
    ("tanh", r"(?i:tanh)"),
    ("relu", r"(?i:relu)|\\?max\W+0\b"),
    ("sigmoid", r"(?i:sigmoid|\blogistic\b)|\\sigma|σ"),
)
LONGEST = 500  # Characters; a longer line is no network, and some of the patterns would be slow on it.
MOST_LINES = 3  # Of a text with a formula; in a longer one it is part of a program.
# What is replaced, in this order.
READ = (
    (r"\\(?:begin|end)\{[^{}]*\}", ""),
    *((rf"\\(?:{FONTS})\*?\s*\{{([^{{}}]*)\}}", r"\1"),) * 2,  # One inside another.
    (r"\$|\\[\[\]()]|\\[,;:! ]|\\\\$|&|\\(?:left|right|displaystyle|qquad|quad)(?![A-Za-z])", " "),
    (rf"\\(?:{ARROWS})(?![A-Za-z])", " -> "),
    (r"\s*\\times(?![A-Za-z])\s*", "x"),
    (r"\\sigma(?![A-Za-z])", "sigmoid"),
    (r"\\(tanh|max)(?![A-Za-z])", r"\1"),
    (r"\\([_%])", r"\1"),
    (r"_\{?(\d[\dx]*)\}?", r" \1"),
    (r"[ \t]+", " "),
)


def read_latex(line: str) -> str:
    r"""A line without LaTeX.

    >>> read_latex(r"$\text{Dense}(10) \to \mathrm{Softmax}$"), read_latex(r"input $8 \times 8 \times 1$"), read_latex("dense 3")
    ('Dense(10) -> Softmax', 'input 8x8x1', 'dense 3')
    """
    if len(line) > LONGEST or LATEX.search(line) is None:
        return line
    for pattern, written in READ:
        line = re.sub(pattern, written, line)
    return line.strip()


def find_latex(text: str) -> LanguageError | None:
    r"""The error for a text that can't be read because there is LaTeX or a formula in it; None if there is none.

    >>> find_latex("y = σ(Wx + b)").expected
    'a layer by its name, such as dense 10 sigmoid for 10 numbers σ(Wx + b)'
    """
    lines = [line.partition("#")[0] for line in text.split("\n")]
    is_short = sum(bool(line.strip()) for line in lines) <= MOST_LINES
    for number, line in enumerate(lines):
        is_formula = is_short and any(FORMULA.search(written) for written in (line, read_latex(line)))
        if not is_formula and LATEX.search(line) is None:
            continue
        source = Source(text)
        start = source.start_of(number)
        span = source.span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        if not is_formula:
            return LanguageError(gettext("This is LaTeX."), expected=gettext("plain words, such as dense 10 softmax"), span=span)
        function = next((name for name, pattern in FUNCTIONS if re.search(pattern, line)), "")
        written = {"": "Wx + b", "sigmoid": "σ(Wx + b)"}.get(function, f"{function}(Wx + b)")
        expected = gettext(
            "a layer by its name, such as {layer} for 10 numbers {formula}", layer=f"dense 10 {function}".strip(), formula=written
        )
        return LanguageError(gettext("This is a formula."), expected=expected, span=span)
    return None
