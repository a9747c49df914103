"""Names of books and other libraries: each is answered with what it means in Keras, and never with a word that is only spelled like it."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import UnknownNameError
from seqmagic.network.catalogue import REGISTRIES, normalize
from seqmagic.network.other_names import BINARY, CATEGORICAL, OTHER_NAMES, SPARSE

ENDINGS = ("dense 10 softmax", "dense 1 sigmoid", "dense 1", "dense 3 tanh")
TEXTS = {
    "loss": ("input 4\n{ending}\ncompile adam {name}",),
    "metric": ("input 4\n{ending}\ncompile adam mse {name}", f"input 4\n{{ending}}\ncompile adam {SPARSE} {{name}}"),
    "optimizer": ("input 4\n{ending}\ncompile {name} mse",),
    "activation": ("input 4\n{ending}\ndense 3 {name}", "input 4\ndense 3 activation={name}\n{ending}"),
    "initializer": ("input 4\ndense 3 kernel_initializer={name}\n{ending}",),
}
NAMES = [(kind, name) for kind, names in OTHER_NAMES.items() for name in names]


def answers(kind: str, name: str) -> list[UnknownNameError]:
    """What is said of a name in networks with different ends."""
    found = []
    for text in TEXTS[kind]:
        for ending in ENDINGS:
            with pytest.raises(UnknownNameError) as raised:
                seqmagic.build(text.format(ending=ending, name=name))
            found.append(raised.value)
    return found


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_a_name_is_answered_with_what_it_means(kind: str, name: str) -> None:
    meant = OTHER_NAMES[kind][name]
    found = answers(kind, name)
    fixes = {fix for error in found for fix in error.fixes}
    if not meant:
        assert not fixes
        assert {str(error).split("\n")[-1] for error in found if error.kind == kind} == {"Keras has none that computes this."}
        return
    assert all(error.candidates == meant for error in found)
    assert fixes
    # Of anything that is called an entropy, the loss that fits the last layer is offered.
    offered = {*meant, BINARY, CATEGORICAL, SPARSE} if "entropy" in name else meant
    assert all(any(word in fix for word in offered) or fix.endswith(f"-> {name}") for fix in fixes), fixes


def test_no_name_is_one_of_keras_and_each_meaning_is() -> None:
    for registry in REGISTRIES:
        for name, meant in OTHER_NAMES.get(registry.kind, {}).items():
            assert name == normalize(name)
            assert registry.find(name) is None, name
            assert all(registry.find(word.partition("(")[0]) is not None for word in meant), meant


@pytest.mark.parametrize(
    ("ending", "name", "fixes"),
    [
        ("dense 10 softmax", "cce", [CATEGORICAL, SPARSE]),
        ("dense 10 softmax", "scce", [SPARSE]),
        ("dense 10 softmax", "CrossEntropyLoss", [SPARSE, CATEGORICAL]),
        ("dense 1 sigmoid", "log_loss", [BINARY]),
        ("dense 1", "RMSE", ["mse"]),
        ("dense 1", "BCEWithLogitsLoss", [f"{BINARY}(from_logits=true)"]),
    ],
)
def test_the_losses_that_fit_the_last_layer_are_offered(ending: str, name: str, fixes: list[str]) -> None:
    with pytest.raises(UnknownNameError) as raised:
        seqmagic.build(f"input 4\n{ending}\ncompile adam {name}")
    assert raised.value.fixes == tuple(f"compile adam {fix}" for fix in fixes)
