"""The network card: every layer with its shapes, its parameters and the arithmetic behind them; as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from seqmagic.language import Step
from seqmagic.model.arithmetic import spoken_shape
from seqmagic.model.memory import spoken_bytes
from seqmagic.model.plan import Plan, Row
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.text_table import align, plain_text

HEADS = ("Layer", "Settings", "Output", "Parameters")


class NetworkCard:
    """What a `%%sequential` cell shows.

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

    def _rows(self) -> list[tuple[str, str, str, str, str, str, str]]:
        return [
            (
                row.kind,
                name,
                settings(row),
                spoken_shape(row.after),
                row.shape_sum,
                "?" if row.after is None else f"{row.parameters:,}",
                row.parameter_sum,
            )
            for row, name in zip(self.plan.rows, self.layer_names, strict=True)
        ]

    def totals(self) -> list[str]:
        """The sentences under the table: parameters and memory."""
        if self.plan.input is None:
            return ["Shapes and parameters show once the network knows its input: add an input line, such as input 784."]
        fixed = self.plan.parameters(trainable=False)
        kept = f" ({fixed:,} of them not trained)" if fixed else ""
        return [
            f"{self.plan.parameters():,} parameters{kept}",
            f"{spoken_bytes(self.plan.weight_bytes)} of weights",
            f"{spoken_bytes(self.plan.sample_bytes)} of outputs for each sample",
        ]

    def __repr__(self) -> str:
        head = ("layer", "name", "settings", "output", "", "parameters", "")
        table = [head, ("Input", "", "", spoken_shape(self.plan.input_shape), "", "", ""), *self._rows()]
        compiled = self.compile_step.text.splitlines() if self.compile_step else []
        return plain_text([self.name, *align(table, right=(5,)), ", ".join(self.totals()), *compiled])

    def _repr_html_(self) -> str:
        head = element("thead", element("tr", *(element("th", head, scope="col") for head in HEADS)))
        shape = spoken_shape(self.plan.input_shape)
        rows = [_html_row("Input", "", "", shape, "", "", ""), *(_html_row(*row) for row in self._rows())]
        compiled = element("p", element("code", self.compile_step.text)) if self.compile_step else None
        table = element("table", element("caption", self.name), head, element("tbody", *rows))
        return card(table, element("p", " · ".join(self.totals())), compiled)


def settings(row: Row) -> str:
    """A layer's settings as written, without its word: '16 3x3 relu same'."""
    written = row.layer.text.removeprefix(row.layer.word.text)
    return written[1:-1] if written.startswith("(") else written.strip()


def _html_row(kind: str, name: str, written: str, shape: str, shape_sum: str, count: str, count_sum: str) -> Element:
    code = element("code", written) if written else None
    cells = [(element("b", kind), name), (code, ""), (shape.replace("x", "×"), shape_sum), (count, count_sum)]
    return element("tr", *(_html_cell(value, below) for value, below in cells))


def _html_cell(value: object, below: str) -> Element:
    return element("td", value, *([element("br"), element("small", below)] if below else []))
