"""A class file in a real kernel: found beside the notebook, named by %config, and told of where it can't be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kernel import Kernel

CLASS = """
seed = 5
hide = ["runs", "sweep", "dashboard", "look", "network"]
[bounds]
epochs = 2
parameters = 700
[hints]
"no layer called" = "The words are on the <b>poster</b>."
"""
SMALL = "%%sequential small\ninput 8x8x1\nflatten -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy accuracy"


@pytest.fixture(scope="module")
def classroom(kernel: Kernel) -> Iterator[Kernel]:
    """The kernel of a notebook that lies two folders below its class file."""
    folder = Path(kernel.value("__import__('os').getcwd()").strip("'"))
    (folder / "seqmagic-class.toml").write_text(CLASS)
    (folder / "course" / "week 3").mkdir(parents=True)
    kernel.run("import os; os.chdir('course/week 3')\n%reload_ext seqmagic")
    assert kernel.value("'seqmagic-class.toml' in str(__import__('seqmagic').classroom.current.current_rules().path)") == "True"
    yield kernel
    kernel.run("%config SeqMagics.class_file = ''\nos.chdir('../..'); os.remove('seqmagic-class.toml')\n%reload_ext seqmagic")


def test_bounds_are_reported_at_the_cell_and_at_the_line_and_nothing_is_bound(classroom: Kernel) -> None:
    outcome = classroom.run("%%sequential large\ninput 8x8x1\nflatten -> dense 11 softmax", live=False)
    assert outcome.error[0] == "BoundError"
    assert "This network has 715 parameters" in outcome.error[2]
    assert classroom.value("'large' in dir()") == "False"
    assert classroom.run(SMALL).error == []
    outcome = classroom.run("%fit small x y epochs=3", live=False)
    assert outcome.error[0] == "BoundError"
    assert "%fit small x y epochs=3" in outcome.error[2]
    assert "Type instead: %fit small x y epochs=2" in outcome.error[2]
    assert classroom.value("int(small.optimizer.iterations) == 0") == "True"
    assert classroom.run("%fit small x y epochs=2", live=False).error == []


@pytest.mark.parametrize("line", ["%runs", "%sweep small x y", "%dashboard small x y", "%look small x y", "%sequential small"])
def test_what_is_hidden_is_reported_in_a_sentence(classroom: Kernel, line: str) -> None:
    outcome = classroom.run(line)
    assert "is not shown in this class, because seqmagic-class.toml hides" in outcome.error[2]


def test_no_table_of_a_network_is_shown(classroom: Kernel) -> None:
    assert classroom.run(SMALL).displayed == []


def test_a_hint_of_the_house_stands_below_the_error_as_text(classroom: Kernel) -> None:
    outcome = classroom.run("%%sequential net\ninput 8\ndesne 3")
    html = "".join(str(data.get("text/html", "")) for data in outcome.displayed)
    assert "The words are on the &lt;b&gt;poster&lt;/b&gt;." in html


def test_a_file_that_is_named_comes_first_and_one_with_a_slip_holds_nothing(classroom: Kernel) -> None:
    classroom.run("open('mine.toml', 'w').write('[bounds]\\nepochs = 5')")
    assert classroom.run("%config SeqMagics.class_file = 'mine.toml'").text == ""
    assert "epochs=6" in classroom.run(f"{SMALL}\nfit x y epochs=6", live=False).error[2]
    classroom.run("open('mine.toml', 'w').write('[bounds]\\nepoch = 5')")
    message = classroom.run("%reload_ext seqmagic").text
    assert "has no key 'epoch'" in message
    assert "Type instead: epochs = 5" in message
    assert "None of its settings apply until this is fixed." in message
    assert classroom.run(f"{SMALL}\nfit x y epochs=6", live=False).error == []
