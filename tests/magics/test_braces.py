"""The names of files and the numbers of runs can be Python in curly brackets, as everywhere else in a cell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.kernel import Kernel

FAILING = {
    "%sequential net --save {nothing}.seq": "{nothing} raises NameError",
    "%runs {nothing}": "{nothing} raises NameError",
    "%sequential other --load {1 / 0}": "{1 / 0} raises ZeroDivisionError",
}


def test_a_file_is_named_by_variables(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run("%%sequential net --quiet\ninput 3 -> dense 2")
    kernel.run(f"folder, number = {json.dumps(str(tmp_path))}, 7\n%sequential net --save {{folder}}/net-{{number}}.seq")
    assert [path.name for path in tmp_path.iterdir()] == ["net-7.seq"]
    kernel.run("from pathlib import Path\n%sequential again --load {Path(folder) / f'net-{number}.seq'} --quiet")
    assert kernel.value("again.count_params()") == "8"


def test_python_that_fails_is_pointed_at_and_nothing_is_done(kernel: Kernel) -> None:
    kernel.run("%%sequential net --quiet\ninput 3 -> dense 2")
    for line, message in FAILING.items():
        outcome = kernel.run(line)
        assert message in outcome.text + "".join(outcome.error)
    assert kernel.value("'other' in dir()") == "False"
    assert not list(kernel.folder.rglob("*.seq"))
