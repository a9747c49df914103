"""The lines of the magics: their options may stand anywhere, and hide neither the model nor the data behind them."""

from __future__ import annotations

import numpy as np
import pytest

import seqmagic
from seqmagic.editor.answers import line_problems
from seqmagic.editor.check import Checker
from seqmagic.editor.editor import Editor
from seqmagic.editor.flow import Memory
from seqmagic.editor.option_problems import option_problems
from seqmagic.network.own_thread import work_apart
from tests.editor.test_completion import EDITOR, HEAD, offered

NAMES = {
    "digits": seqmagic.build("input 8x8x1 -> flatten -> dense 3 softmax\ncompile adam mse"),
    "x_train": np.zeros((5, 8, 8, 1)),
    "y_train": np.zeros(5, "int64"),
    "pets": ["cat", "dog", "fox"],
}
FAMILIES = {"family": None}


def complete(line: str) -> list[str]:
    found = Editor(lambda: True, FAMILIES).complete(line, len(line), NAMES)
    assert found is not None
    return [offer.text for offer in found.offers]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("%fit --anew ", "%fit "),
        ("%fit --anew digits ", "%fit digits "),
        ("%fit digits --resume=3 x_train ", "%fit digits x_train "),
        ("%fit digits --find-rate x_train y_train ep", "%fit digits x_train y_train ep"),
        ("%look digits --names pets ", "%look digits "),
        ("%look digits --follow x_train ", "%look digits x_train "),
        ("%look --output price digits x_", "%look digits x_"),
        ("%sweep --resume fam", "%sweep fam"),
        ("%sweep family --resume tri", "%sweep family tri"),
    ],
)
def test_behind_an_option_stands_what_stands_without_it(line: str, plain: str) -> None:
    wanted = [offer for offer in complete(plain) if not offer.startswith("--")]
    assert wanted
    assert [offer for offer in complete(line) if not offer.startswith("--")] == wanted


def test_where_an_option_needs_a_word_there_is_no_other_option() -> None:
    assert complete("%runs --best ") == ["val_accuracy", "val_loss", "accuracy", "loss"]
    assert complete("%runs 3 --load ") == []
    assert complete("%look digits --names ") == ["pets"]
    assert complete("%look digits x_train --output ") == []
    keras = pytest.importorskip("keras")
    inputs = keras.Input((3,))
    two = keras.Model(inputs, [keras.layers.Dense(1, name="price")(inputs), keras.layers.Dense(2, name="kind")(inputs)])
    line = "%look two --output "
    found = EDITOR.complete(line, len(line), {"two": two})
    assert found is not None
    assert [offer.text for offer in found.offers] == ["price", "kind"]


@pytest.mark.parametrize("option", ["--resume", "--resume=3", "--anew", "--find-rate"])
def test_an_option_is_no_problem_and_moves_none(option: str) -> None:
    for line in ("%fit digits {} x_train y_train epochs=3", "%fit digits x_train {} y_train", "%fit {} digits x_train y_train"):
        assert line_problems(line.format(option), NAMES) == []
    wrong = f"x = 1\n%fit digits x_train {option} y_train epchs=3"
    (problem,) = line_problems(wrong, NAMES)
    assert problem["line"] == 2
    assert wrong.split("\n")[1][problem["start"] : problem["end"]] == "epchs"


@pytest.mark.parametrize("rest", ["epochs=3", "on=local", "on=tcp://127.0.0.1:8786 epochs=3", "patience=2 batch_size=2"])
def test_a_line_without_data_is_marked_behind_the_model_unless_it_resumes_a_run(rest: str) -> None:
    for line in (f"%fit digits {rest}", f"%fit digits --anew {rest}", f"%fit --find-rate digits {rest}", f"%dashboard digits {rest}"):
        for problem in line_problems(line, NAMES):
            assert problem["start"] > line.index("digits") + len("digits")
            assert "--" not in line[problem["start"] : problem["end"]]
    for line in (f"%fit digits --resume {rest}", f"%fit digits {rest} --resume", f"%fit --resume=3 digits {rest}"):
        assert line_problems(line, NAMES) == []


@pytest.mark.parametrize(
    ("cell", "marked", "fixed"),
    [
        ("%%sequential net --quite\ninput 8", "--quite", "%%sequential net --quiet"),
        ("%sequential net --pyhton", "--pyhton", "%sequential net --python"),
        ("y = '😀'\n  %fit digits x_train y_train --anwe", "--anwe", "  %fit digits x_train y_train --anew"),
        ("%fit digits '😀' --resum=3 x_train", "--resum", "%fit digits '😀' --resume=3 x_train"),
        ("%look digits --nmaes pets", "--nmaes", "%look digits --names pets"),
        ("%runs --bset loss", "--bset", "%runs --best loss"),
        ("%sweep family x_train y_train --resum", "--resum", "%sweep family x_train y_train --resume"),
        ("%dashboard digits --quiet", "--quiet", ""),
    ],
)
def test_an_option_that_is_none_is_marked_with_the_one_that_is_meant(cell: str, marked: str, fixed: str) -> None:
    (problem,) = option_problems(cell)
    line = cell.split("\n")[problem["line"] - 1]
    assert line.encode("utf-16-le")[2 * problem["start"] : 2 * problem["end"]].decode("utf-16-le") == marked
    assert [fix["text"] for fix in problem["fixes"]][:1] == [fixed] * bool(fixed)


@pytest.mark.parametrize(
    "cell",
    [
        *("%fit digits x_train y_train --anew", "%fit digits {x --y} until='a --b' f(1, --c)", "%runs 3 --load again # --why"),
        *("%sequential net --save --force a.seq", "%sequential net --load my --odd file", "%sequential net input 8 -> dense 3"),
        *("print(1 --x)", "%%time\n%fit digits --anwe", "%fit digits x -1", "%%sequential net --add\ninput 8\n# --x"),
    ],
)
def test_what_is_right_or_not_ours_has_no_mark(cell: str) -> None:
    assert list(option_problems(cell)) == []


def test_what_an_expect_line_can_t_ask_for_is_marked() -> None:
    def marked(text: str) -> list[str]:
        checked = work_apart(lambda: Checker({}, Memory()).check(text))
        lines = text.split("\n")
        return [lines[problem.span.line - 1][problem.span.column - 1 : problem.span.end - 1] for problem in checked.problems]

    assert marked("input 8\ndense choice(3, 4)\nexpect parms < 3\nexpect params < 50k") == ["parms"]
    assert marked("expect val_accuracy > 90%") == [], "of a training above"
    assert marked("input 8\ndense 3\ncompile adam mes\nexpect parms < 3") == ["mes"], "told once that is right"


def test_shift_tab_tells_options_families_and_what_is_expected() -> None:
    def told(line: str, at: int) -> str:
        found = Editor(lambda: True, FAMILIES).inspect(line, at, NAMES)
        assert found is not None
        return found.text

    line = "%fit digits x_train y_train --find-rate"
    assert {told(line, at) for at in range(line.index("find"), len(line) + 1)} == {
        "--find-rate: tries learning rates and leaves the model unchanged."
    }
    assert told("%fit digits --resume=3", 18).startswith("--resume: continues")
    assert told("%sweep family x_train", 10) == "family: a cell with choices, whose networks %sweep tries."
    text = HEAD + "input 8\ndense 3\nexpect params < 50k"
    assert told(text, text.index("params") + 2) == "params can be checked by an expect line.\n\nExample:\n    expect params < 50k"


def test_full_width_characters_count_as_those_that_they_stand_for() -> None:
    assert offered("input 8\ndense 3 activation＝re") == offered("input 8\ndense 3 activation=re") != []
    assert offered("input 8\ndense（3，re") == offered("input 8\ndense(3,re") != []
    assert offered("input 8\ndense ？") == offered("input 8\ndense ?") != []
    assert offered("input 8\nblock 全连接(n): dense n relu\n全") == ["全连接"]
