"""The extension of JupyterLab and Notebook: its pure parts are tested by Node, its types are checked, and what is shipped is what the sources make."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqmagic
from tests.support.node import PROJECT, check_types, needs, run_node, run_node_tests

EXTENSION = PROJECT / "seqmagic" / "labextension"
TESTS = Path(__file__).parent


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.test.js")), ids=lambda path: path.name)
def test_the_parts_that_need_no_page(path: Path) -> None:
    if path.name == "grammar.test.js":
        needs("vscode-textmate", "vscode-oniguruma")
    assert run_node_tests(path)


def test_the_types() -> None:
    needs("@jupyterlab/notebook", "@jupyterlab/completer", "@codemirror/lint")
    check_types(EXTENSION / "tsconfig.json")


@pytest.fixture
def copy() -> Iterator[Path]:
    """A copy of the sources, as far from node_modules as they are: what is built names its modules by that way."""
    with tempfile.TemporaryDirectory(dir=PROJECT, prefix="build.") as folder:
        copied = Path(folder) / "labextension"
        copied.mkdir()
        for name in ("src", "schema"):
            shutil.copytree(EXTENSION / name, copied / name)
        for name in ("package.json", "webpack.config.cjs"):
            shutil.copy(EXTENSION / name, copied)
        (Path(folder) / "editor").mkdir()
        shutil.copy(PROJECT / "seqmagic" / "editor" / "words.json", Path(folder) / "editor")
        yield copied


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_shipped_is_what_the_sources_make(copy: Path) -> None:
    needs("@jupyterlab/builder", "@codemirror/lint")
    run_node(str(EXTENSION / "build.js"), str(copy))
    made, shipped = files(copy / "built"), files(EXTENSION / "built")
    assert sorted(shipped) == sorted(made), "it is old: npm run build makes it anew"
    assert [name for name in made if made[name] != shipped[name]] == [], "it is old: npm run build makes it anew"


def test_jupyter_finds_it() -> None:
    """What `jupyter labextension develop` and the page read."""
    (found,) = seqmagic._jupyter_labextension_paths()  # noqa: SLF001  # The name is Jupyter's.
    described = json.loads((EXTENSION.parent / found["src"] / "package.json").read_text("utf-8"))
    assert (described["name"], described["version"]) == (found["dest"], seqmagic.__version__)
    assert (EXTENSION / "built" / described["jupyterlab"]["_build"]["load"]).is_file()
    assert json.loads((EXTENSION / "install.json").read_text("utf-8"))["packageName"] == "seqmagic"


def test_every_magic_has_its_colours() -> None:
    sources = "".join(path.read_text("utf-8") for path in (PROJECT / "seqmagic" / "magics").glob("*.py"))
    magics = set(re.findall(r"@line(?:_cell)?_magic\n(?:\s+@.*\n)*\s+def (\w+)", sources))
    assert {"sequential", "fit"} < magics
    (listed,) = re.findall(r"MAGICS = (\[.*\])", (EXTENSION / "src" / "lexer.js").read_text("utf-8"))
    assert magics - set(json.loads(listed)) == set()


def test_it_stays_small() -> None:
    """Every page of JupyterLab loads it."""
    assert sum(len(text) for name, text in files(EXTENSION / "built").items() if name.endswith(".js")) < 80_000
