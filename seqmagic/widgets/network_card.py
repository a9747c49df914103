"""The network card: every layer with its shapes, its parameters and the arithmetic behind them; as HTML and as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seqmagic.language import Step
from seqmagic.network.memory import format_bytes
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.network.shape_math import format_shape
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.drawing.block import memory_of, settings_of
from seqmagic.widgets.drawing.network_drawing import draw
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.run_words import join_phrases
from seqmagic.widgets.text_table import align, plain_text

HEADS = (
    gettext_noop("Layer"),
    gettext_noop("Settings"),
    gettext_noop("Output"),
    gettext_noop("Parameters"),
    gettext_noop("Multiply-adds"),
    gettext_noop("Memory"),
)
PLAIN_HEADS = (
    gettext_noop("layer"),
    gettext_noop("name"),
    gettext_noop("settings"),
    gettext_noop("output"),
    "",
    gettext_noop("parameters"),
    "",
    gettext_noop("multiply-adds"),
    gettext_noop("memory"),
)
MOST_ROWS = 40  # A longer table is folded below the drawing.


@dataclass(frozen=True)
class CardLine:
    """The table row of one layer: its cells, and the sums and sources below them."""

    kind: str
    name: str = ""
    settings: str = ""
    source: str = ""
    shape: str = ""
    shape_sum: str = ""
    parameters: str = ""
    parameter_sum: str = ""
    work: str = ""
    work_sum: str = ""
    memory: str = ""


class NetworkCard:
    """The output of a `%%sequential` cell.

    Attributes:
        name: the model's variable.
        plan: the network.
        layer_names: given by Keras, in order.
        compile_step: the compile line, if there is one.
        hidden_from: the first row whose numbers are hidden, because an exercise asks for them; -1 is the input, None hides nothing.
    """

    def __init__(
        self, name: str, plan: Plan, layer_names: Sequence[str], compile_step: Step | None = None, hidden_from: int | None = None
    ) -> None:
        self.name = name
        self.plan = plan
        self.layer_names = tuple(layer_names)
        self.compile_step = compile_step
        self.hidden_from = hidden_from

    def lines(self) -> list[CardLine]:
        """The rows of the table, the input first; a graph has its inputs among its layers, and a subclassed model has none."""
        named = zip(self.plan.rows, self.layer_names, ("", *self.layer_names), strict=False)
        layers = [self._held_back(_line(row, name, before), index) for index, (row, name, before) in enumerate(named)]
        if any(row.sources or row.kind == "InputLayer" for row in self.plan.rows) or self._is_code:
            return layers
        return [self._held_back(CardLine(gettext("Input"), shape=format_shape(self.plan.input_shape)), -1), *layers]

    def _held_back(self, line: CardLine, index: int) -> CardLine:
        """A row without its numbers, if an exercise asks for them or for earlier ones."""
        if self.hidden_from is None or index < self.hidden_from:
            return line
        return CardLine(line.kind, line.name, line.settings, line.source, shape="?", parameters="?" if line.parameters else "")

    @property
    def _is_code(self) -> bool:
        return self.plan.input is None and any(row.weights for row in self.plan.rows)

    def totals(self) -> list[str]:
        """The sentences under the table: parameters and memory."""
        if self.hidden_from is not None:
            return [gettext("The numbers are shown once the answers in the comments are right.")]
        if self.plan.input is None and not self._is_code:
            return [gettext("Shapes and parameters are shown once the network has an input: add an input line, such as input 784.")]
        fixed = self.plan.parameters(trainable=False)
        kept = gettext(" ({fixed:,} not trainable)", fixed=fixed) if fixed else ""
        return [
            gettext("{count:,} parameters{kept}", count=self.plan.parameters(), kept=kept),
            gettext("{memory} of weights", memory=format_bytes(self.plan.weight_bytes)),
            *([gettext("its connections are custom code")] if self._is_code else self._costs()),
        ]

    def _costs(self) -> list[str]:
        """The memory and the multiply-adds for one sample."""
        counts = [row.work.count for row in self.plan.rows]
        missing = counts.count(None)
        without = gettext(" (not counted: {missing} of {count} layers)", missing=missing, count=len(counts)) if missing else ""
        is_open = any(None in shape for row in self.plan.rows for shape, _ in row.outputs)
        memory = format_bytes(self.plan.sample_bytes)
        outputs = (
            gettext("at least {memory} of outputs for each sample", memory=memory)
            if is_open
            else gettext("{memory} of outputs for each sample", memory=memory)
        )
        return [
            gettext(
                "{counts:,} multiply-adds{without} and {outputs}",
                counts=sum(count or 0 for count in counts),
                without=without,
                outputs=outputs,
            )
        ]

    def __repr__(self) -> str:
        head = tuple(map(gettext, PLAIN_HEADS))
        table = [
            (
                *(line.kind, line.name, f"{line.settings}  {line.source}".strip(), line.shape, line.shape_sum),
                *(line.parameters, line.parameter_sum, line.work or line.work_sum, line.memory),
            )
            for line in self.lines()
        ]
        compiled = self.compile_step.text.splitlines() if self.compile_step else []
        return plain_text([self.name, *align([head, *table], right=(5, 7, 8)), join_phrases(self.totals()), *compiled])

    def _repr_html_(self) -> str:
        compiled = element("p", element("code", self.compile_step.text)) if self.compile_step else None
        head = element("thead", element("tr", *(element("th", gettext(head), scope="col") for head in HEADS)))
        lines = self.lines()
        body = element("tbody", *map(_html_line, lines))
        title, totals = element("h4", self.name), element("p", " · ".join(self.totals()))
        table = element("table", element("caption", gettext("Layers of {name}", name=self.name)), head, body)
        if len(lines) > MOST_ROWS:
            table = element("details", element("summary", gettext("All {count} layers", count=len(lines))), table)
        drawing = draw(self.plan) if self.hidden_from is None else None  # The drawing would show the shapes.
        return card(title, drawing, table, totals, compiled, kind="network")


def _line(row: Row, name: str, before: str) -> CardLine:
    unknown = row.after is None and not row.weights
    return CardLine(
        row.kind.replace("InputLayer", "Input"),
        name,
        settings_of(row),
        "" if row.sources in ((), (before,)) else gettext("from {sources}", sources=", ".join(row.sources)),
        format_shape(row.after),
        row.shape_sum,
        "?" if unknown else f"{row.parameters:,}",
        row.parameter_sum,
        "" if row.work.count is None else f"{row.work.count:,}",
        gettext(row.work.sum),
        memory_of(row),
    )


def _html_line(line: CardLine) -> Element:
    written = element("code", line.settings) if line.settings else None
    cells = [
        (written, [line.source]),
        (line.shape.replace("x", "×"), _steps(line.shape_sum)),
        (line.parameters, _terms(line.parameter_sum)),
        (line.work, _terms(line.work_sum)),
        (line.memory, [""]),
    ]
    first = element("th", element("b", line.kind), element("br"), element("small", line.name), scope="row")
    columns = zip(HEADS[1:], cells, strict=True)
    return element("tr", first, *(_html_cell(gettext(head) if place > 1 else None, *cell) for place, (head, cell) in enumerate(columns)))


def _steps(written: str) -> list[str]:
    """The sums of several axes, with their rounding, so that a narrow column breaks between them."""
    return re.split(r"(?<=;) |(?<=,) ", written)


def _terms(written: str) -> list[str]:
    """The terms of a sum, so that a narrow column breaks between them."""
    first, *rest = written.split(" + ")
    return [first, *(f"+ {term}" for term in rest)]


def _html_cell(head: str | None, value: object, below: list[str]) -> Element:
    """One cell: its text, and below it the sums, whose terms are not broken."""
    parts = [part for term in below if term for part in (element("span", term, class_="sum"), " ")]
    shown = value if value not in ("", None) else None
    small = [*([element("br")] if shown is not None else []), element("small", *parts[:-1])] if parts else []
    return element("td", shown, *small, data_head=head if shown is not None or small else None)
