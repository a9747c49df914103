"""The network card: every layer with its shapes, its parameters and the arithmetic behind them; as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from seqmagic.language import Step
from seqmagic.network.memory import spoken_bytes
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.network.shape_math import spoken_shape
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.text_table import align, plain_text

HEADS = ("Layer", "Settings", "Output", "Parameters")


class NetworkCard:
    """What a `%%sequential` cell shows.

    Attributes:
        name: the variable that the model is bound to.
        plan: the network.
        layer_names: the names that Keras gave to the layers, in order.
        compile_step: the compile line, if there is one.
    """

    def __init__(self, name: str, plan: Plan, layer_names: Sequence[str], compile_step: Step | None = None) -> None:
        self.name = name
        self.plan = plan
        self.layer_names = tuple(layer_names)
        self.compile_step = compile_step

    def _rows(self) -> list[tuple[str, ...]]:
        """The cells of the table: kind, name, settings, where the input comes from, output and its sum, parameters and their sum."""
        return [
            (
                row.kind.replace("InputLayer", "Input"),
                name,
                settings(row) if row.kind != "InputLayer" else "",
                "" if row.sources in ((), (before,)) else f"from {', '.join(row.sources)}",
                spoken_shape(row.after),
                row.shape_sum,
                "?" if row.after is None and not row.weights else f"{row.parameters:,}",
                row.parameter_sum,
            )
            for row, name, before in zip(self.plan.rows, self.layer_names, ("", *self.layer_names), strict=False)
        ]

    def _input_rows(self) -> list[tuple[str, ...]]:
        """The input's own row, which a graph has among its layers, and code of one's own not at all."""
        if any(row.sources or row.kind == "InputLayer" for row in self.plan.rows) or self._is_code:
            return []
        return [("Input", "", "", "", spoken_shape(self.plan.input_shape), "", "", "")]

    @property
    def _is_code(self) -> bool:
        return self.plan.input is None and any(row.weights for row in self.plan.rows)

    def totals(self) -> list[str]:
        """The sentences under the table: parameters and memory."""
        if self.plan.input is None and not self._is_code:
            return ["Shapes and parameters show once the network knows its input: add an input line, such as input 784."]
        fixed = self.plan.parameters(trainable=False)
        kept = f" ({fixed:,} of them not trained)" if fixed else ""
        return [
            f"{self.plan.parameters():,} parameters{kept}",
            f"{spoken_bytes(self.plan.weight_bytes)} of weights",
            "what flows where is its own code" if self._is_code else f"{spoken_bytes(self.plan.sample_bytes)} of outputs for each sample",
        ]

    def __repr__(self) -> str:
        head = ("layer", "name", "settings", "output", "", "parameters", "")
        rows = [*self._input_rows(), *self._rows()]
        table = [head, *((kind, name, f"{written}  {source}".strip(), *rest) for kind, name, written, source, *rest in rows)]
        compiled = self.compile_step.text.splitlines() if self.compile_step else []
        return plain_text([self.name, *align(table, right=(5,)), ", ".join(self.totals()), *compiled])

    def _repr_html_(self) -> str:
        head = element("thead", element("tr", *(element("th", head, scope="col") for head in HEADS)))
        rows = [_html_row(*row) for row in (*self._input_rows(), *self._rows())]
        compiled = element("p", element("code", self.compile_step.text)) if self.compile_step else None
        table = element("table", element("caption", self.name), head, element("tbody", *rows))
        return card(table, element("p", " · ".join(self.totals())), compiled)


def settings(row: Row) -> str:
    """A layer's settings as written, without its word: '16 3x3 relu same'."""
    written = row.layer.text.removeprefix(row.layer.word.text)
    return written[1:-1] if written.startswith("(") else written.strip()


def _html_row(kind: str, name: str, written: str, source: str, shape: str, shape_sum: str, count: str, count_sum: str) -> Element:
    code = element("code", written) if written else None
    cells = [(element("b", kind), name), (code, source), (shape.replace("x", "×"), shape_sum), (count, count_sum)]
    return element("tr", *(_html_cell(value, below) for value, below in cells))


def _html_cell(value: object, below: str) -> Element:
    return element("td", value, *([element("br"), element("small", below)] if below else []))
