"""The commands as a teacher and a student type them, in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.commands import setup_check
from seqmagic.commands.command_line import main
from seqmagic.commands.lab_check import check_lab
from seqmagic.commands.setup_check import PARTS, Finding, check_setup
from seqmagic.ledger.current import DEFAULT_FILE

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_rules_left() -> Iterator[None]:
    yield
    follow(NO_RULES)


def look_at(part: str) -> Finding:
    return Finding(part, *PARTS[part]())


def test_the_check_of_a_set_up_says_in_ten_lines_what_works(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "seqmagic", "check"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "NOT "))]
    assert [line.split()[1] for line in lines][-2:] == ["kernel", "TensorFlow"]
    assert len(lines) == len(PARTS) <= 10
    facts = dict(zip(PARTS, lines, strict=True))
    assert "a network trains" in facts["TensorFlow"]
    assert facts["kernel"].startswith("ok ")
    assert done.returncode == any(line.startswith("NOT ") for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_work_comes_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    monkeypatch.setattr(setup_check, "available_bytes", lambda: 10**8)
    (tmp_path / "seqmagic-class.toml").write_text("[lock]\noptimizer = 'adma'")
    for part, found in {
        "widgets": "pip install jupyterlab_widgets",
        "browser extension": "cells have no colours",
        "memory": "100 MB free",
        "class file": "There is no optimizer called 'adma'",
    }.items():
        finding = look_at(part)
        assert not finding.works
        assert found in str(finding)
        assert finding.instead


@pytest.mark.skipif(not hasattr(signal, "SIGILL"), reason="this system has no such signal")
def test_a_processor_that_tensorflow_can_t_use_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_check, "TRIAL", "import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert "lacks instructions" in str(look_at("TensorFlow"))
    monkeypatch.setattr(setup_check, "TRIAL", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "memory ran out" in str(look_at("TensorFlow"))


@pytest.mark.parametrize(
    ("statement", "found", "instead"),
    [
        ("sys.modules['tensorflow'] = None", "not installed", 'pip install "seqmagic[cpu]"'),
        ("sys.path.insert(0, 'broken')", "ImportError: libcudart is missing", "pip install --force-reinstall tensorflow"),
        ("import psutil; psutil.virtual_memory = lambda: type('', (), {'available': 8})", "memory ran out", "close other programs"),
        ("os.write(2, b'std::bad_alloc'); os._exit(3)", "memory ran out", "close other programs"),
        ("os.write(2, b'I0000 a line of a log'); os._exit(3)", "ended with status 3", "pip install --force-reinstall tensorflow"),
    ],
)
def test_what_keeps_a_network_from_training_has_its_own_advice(
    statement: str, found: str, instead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tensorflow.py").write_text("raise ImportError('libcudart is missing\\nand more')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(setup_check, "TRIAL", f"import os, sys\n{statement}\n{setup_check.TRIAL}")
    finding = look_at("TensorFlow")
    assert not finding.works
    assert found in finding.found
    assert instead in finding.instead
    assert len(str(finding).splitlines()) == 2


def test_a_kernel_whose_python_is_gone_is_reported_with_what_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["/gone/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "gone"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = look_at("kernel")
    assert "does not start: No such file or directory" in finding.found
    assert f"{sys.executable} -m ipykernel install" in finding.instead


def test_the_package_is_installed_anew_from_where_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origins = {
        None: "--no-deps seqmagic",
        '{"url": "file:///a%20clone", "dir_info": {"editable": true}}': "--no-deps --editable '/a clone'",
        '{"url": "file:///a/clone", "dir_info": {}}': "--no-deps /a/clone",
        '{"url": "https://host/seqmagic.whl"}': "--no-deps https://host/seqmagic.whl",
    }
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    for origin, command in origins.items():
        installed = tmp_path / "seqmagic-1.dist-info"
        installed.mkdir(exist_ok=True)
        (installed / "METADATA").write_text("Name: seqmagic\nVersion: 1\n")
        if origin is not None:
            (installed / "direct_url.json").write_text(origin)
        monkeypatch.syspath_prepend(str(tmp_path))
        assert look_at("browser extension").instead.endswith(command)


def test_a_folder_that_cannot_be_written_is_reported_without_the_name_of_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.setattr(Path, "cwd", lambda: gone)
    gone.rmdir()
    assert look_at("runs").found == f"{gone} can't be written: No such file or directory"


def test_a_part_that_fails_in_another_way_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> setup_check.Found:
        raise RuntimeError("boom\nand more")

    monkeypatch.setattr(setup_check, "PARTS", {"first": fail, "second": lambda: (True, "fine", "")})
    assert [str(finding).split()[:2] for finding in check_setup()] == [["NOT", "first"], ["ok", "second"]]


def test_without_tensorflow_an_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['tensorflow'] = None; import seqmagic\ntry: seqmagic.build\nexcept seqmagic.SeqmagicError as e: print(e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert "TensorFlow is not installed, and building a network needs it." in done.stdout
    assert 'Type instead: python -m pip install "seqmagic[cpu]"' in done.stdout


def test_words_that_are_no_command_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["chekc"])
    assert caught.value.code == 2
    assert main(["lab", "check", str(tmp_path / "none.ipynb")]) == 1
    (tmp_path / "not.ipynb").write_text("{}")
    assert main(["lab", "check", str(tmp_path / "not.ipynb")]) == 1
    text = capsys.readouterr().err
    assert "No such file" in text
    assert "is not a notebook" in text


def test_a_lab_is_run_as_its_solution_and_as_a_student_gets_it(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        local = free.getsockname()[1]
    cells = [
        "%load_ext seqmagic",
        "%%sequential small\ninput 8\n### BEGIN SOLUTION\ndense 4 relu\ndense 2\n### END SOLUTION\nexpect output 2",
        "%%sequential small\nexpect params < 50",
        "1 + 1   # expect nothing\n# this is no check",
        "import socket\ntry: socket.create_connection(('data.example', 80), timeout=1)\nexcept OSError as error: print(error)\n"
        f"try: socket.create_connection(('127.0.0.1', {local}), timeout=1)\nexcept OSError: pass",
        "%%sequential other\ninput 4 -> dense 1\n### BEGIN SOLUTION\n### END SOLUTION",
        "expect = 3   # not graded\nassert expect == 3",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.cells[6].metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "x", "schema_version": 3}
    nbformat.write(notebook, tmp_path / "lab.ipynb")  # type: ignore[no-untyped-call]
    (tmp_path / DEFAULT_FILE).write_bytes(b"")
    report = check_lab(tmp_path / "lab.ipynb", offline=True)
    assert [cell.error for cell in report.solution] == [""] * len(cells)
    assert report.students is not None
    assert [cell.is_unfilled for cell in report.students[:3]] == [False, True, False]
    assert report.students[2].error == "UnknownNameError"
    assert report.solution[4].hosts == ["data.example"]
    assert all(cell.seconds > 0 and cell.memory > 50_000_000 for cell in report.solution)
    assert [fault.partition(":")[0] for fault in report.faults] == ["cell 7 passes although nothing is filled in, so it grades nothing."]
    text = str(report)
    assert "cell 5 needs a network connection: data.example" in text
    assert "nbgrader would hand it out" in text
    assert "not filled in yet" in text
    assert (tmp_path / DEFAULT_FILE).read_bytes() == b""
