"""LaTeX and formulas are recognized; what is LaTeX only in its signs is offered without them, as a network that builds."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.language.latex import find_latex, read_latex
from seqmagic.language.readable import parse_readable


def refused(text: str) -> LanguageError:
    with pytest.raises(LanguageError) as caught:
        seqmagic.build(text)
    _, (error,) = parse_readable(text)
    assert (error.problem, error.span) == (caught.value.problem, caught.value.span)
    return caught.value


@pytest.mark.parametrize(
    ("text", "network"),
    [
        (r"\text{Dense}(10)", "dense 10"),
        (r"$\text{Dense}(10) \to \text{Softmax}$", "dense 10 -> softmax"),
        (r"input 4 \rightarrow dense 3", "input 4 -> dense 3"),
        (r"input 4 $\to$ dense 3", "input 4 -> dense 3"),
        (r"input $8 \times 8 \times 1$ -> flatten", "input 8x8x1 -> flatten"),
        ("input 4\ndense 3 \\text{softmax}", "input 4 -> dense 3 softmax"),
        ("input 4\n$dense 3$  # the answer", "input 4 -> dense 3"),
        (r"\mathrm{Input}_{784} \longrightarrow \mathbf{\text{Dense}}_{10}", "input 784 -> dense 10"),
        ("\\text{Input}_{784}\n\\text{Dense}_{10}", "input 784 -> dense 10"),
        ("\\begin{align}\n\\text{Input}(784) &\\to \\text{Dense}(10, \\text{softmax})\n\\end{align}", "input 784 -> dense 10 softmax"),
        (r"\[ \text{Input}(784) \to \text{Dense}(10, \tanh) \]", "input 784 -> dense 10 tanh"),
        ("input 4\ndense 8 \\sigma", "input 4 -> dense 8 sigmoid"),
    ],
)
def test_a_network_among_signs_of_latex(text: str, network: str) -> None:
    error = refused(text)
    assert error.problem == "This is LaTeX."
    (corrected,) = error.corrections
    made, meant = seqmagic.build(corrected), seqmagic.build(network)
    kept = ("units", "activation", "batch_shape")
    assert [[one.get_config().get(name) for name in kept] for one in made.layers] == [
        [one.get_config().get(name) for name in kept] for one in meant.layers
    ]


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        (r"$y = \sigma(Wx+b)$", "dense 10 sigmoid"),
        (r"y = \sigma(Wx+b)", "dense 10 sigmoid"),
        ("y = σ(Wx + b)", "dense 10 sigmoid"),
        ("σ(W x + b)", "dense 10 sigmoid"),
        (r"h = \tanh(W_1 x + b_1)", "dense 10 tanh"),
        (r"\hat{y} = \text{softmax}(W_2 h + b_2)", "dense 10 softmax"),
        (r"\mathbf{y} = \mathbf{W}\mathbf{x} + \mathbf{b}", "dense 10"),
        ("h = max(0, Wx+b)\ny = softmax(W_2 h + b_2)", "dense 10 relu"),
        ("f(x) = ReLU(Wx+b)", "dense 10 relu"),
        ("y = w^T x + b", "dense 10"),
    ],
)
def test_a_formula_gets_the_name_of_its_layer(text: str, layer: str) -> None:
    error = refused(text)
    assert error.problem == "This is a formula."
    assert error.expected.startswith(f"a layer by its name, such as {layer} for ")
    assert error.fixes == ()
    assert seqmagic.build(f"input 4\n{layer}").output_shape == (None, 10)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nW = np.zeros((3, 3))\nWx = W @ x\ny = Wx + b\nprint(y)",
        "input 4\ndense 3)  # $W$ and \\sigma",
        "input 4\ndense w + b",
        "model$add(layer_dense(units = 8))",
    ],
)
def test_what_is_neither(text: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(text)
    assert "LaTeX" not in str(caught.value)
    assert "formula" not in str(caught.value)


def test_what_can_be_read_is_not_looked_at() -> None:
    assert [layer.text for layer in parse("input 4  # \\text{Input}_4\ndense 3  # y = Wx + b").layers] == ["input 4", "dense 3"]


@pytest.mark.parametrize("piece", ["$", "W x ", "\\text{", "a $ ", "self.", "nn.", "( "])
def test_a_long_line_is_left_alone(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert read_latex(text) == text
    find_latex(text)
