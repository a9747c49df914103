"""The network card: every layer with its shapes, its parameters and the arithmetic behind them; as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from seqmagic.language import Step
from seqmagic.model.arithmetic import spoken_shape
from seqmagic.model.memory import spoken_bytes
from seqmagic.model.plan import Plan, Row


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
        widths = [max(len(row[column]) for row in table) for column in range(len(head))]
        lines = [
            "  ".join(
                cell.rjust(width) if column == 5 else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        ]
        compiled = [self.compile_step.text] if self.compile_step else []
        return "\n".join([self.name, *(line.rstrip() for line in lines), ", ".join(self.totals()), *compiled])

    def _repr_html_(self) -> str:
        body = "".join(_html_row(*row) for row in self._rows())
        shape = escape(spoken_shape(self.plan.input_shape)).replace("x", "×")
        compiled = f"<p><code>{escape(self.compile_step.text)}</code></p>" if self.compile_step else ""
        return (
            f"<style>{files('seqmagic.widgets.page').joinpath('card.css').read_text('utf-8')}</style>"
            f'<div class="seqmagic-card"><table><caption>{escape(self.name)}</caption><thead><tr><th scope="col">Layer</th>'
            '<th scope="col">Settings</th><th scope="col">Output</th><th scope="col">Parameters</th></tr></thead>'
            f"<tbody><tr><td><b>Input</b></td><td></td><td>{shape}</td><td></td></tr>{body}</tbody></table>"
            f"<p>{escape(' · '.join(self.totals()))}</p>{compiled}</div>"
        )


def settings(row: Row) -> str:
    """A layer's settings as written, without its word: '16 3x3 relu same'."""
    written = row.layer.text.removeprefix(row.layer.word.text)
    return written[1:-1] if written.startswith("(") else written.strip()


def _html_row(kind: str, name: str, written: str, shape: str, shape_sum: str, count: str, count_sum: str) -> str:
    def cell(value: str, below: str) -> str:
        return f"<td>{value}{f'<br><small>{escape(below)}</small>' if below else ''}</td>"

    shown = escape(shape).replace("x", "×")
    code = f"<code>{escape(written)}</code>" if written else ""
    return f"<tr>{cell(f'<b>{escape(kind)}</b>', name)}{cell(code, '')}{cell(shown, shape_sum)}{cell(count, count_sum)}</tr>"
