"""Saving takes the place of what was saved, and of nothing else that somebody may have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqmagic.errors import FileError
from seqmagic.language import parse, print_program
from seqmagic.network.seq_file import read_text, write_text


def test_a_saved_file_is_replaced_and_another_only_when_that_is_said(tmp_path: Path) -> None:
    path = write_text("input 3\ndense 1\n", tmp_path / "net", replace=False)
    write_text("input 3\ndense 2\n", path, replace=False)
    assert print_program(parse(read_text(path))) == "input 3\ndense 2\n"
    path.write_text("# mine\ninput 3\ndense 1\n", "utf-8")
    with pytest.raises(FileError) as refused:
        write_text("input 3\ndense 2\n", path, replace=False)
    assert str(refused.value) == (
        f"{str(path)!r} already exists and was not written by --save.\n"
        "Expected: another name, or --force to replace it.\n"
        f"Type instead: --save {path} --force"
    )
    assert path.read_text("utf-8") == "# mine\ninput 3\ndense 1\n"
    write_text("input 3\ndense 2\n", path)
    assert "dense 2" in path.read_text("utf-8")


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, make: object) -> None:
    path = tmp_path / "net.seq"
    make(path)  # type: ignore[operator]
    with pytest.raises(FileError, match="was not written by --save"):
        write_text("input 3\n", path, replace=False)
    assert path.is_dir() or path.is_symlink()
