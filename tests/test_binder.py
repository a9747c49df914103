"""Binder accepts the folder: the real tool reads it, without building anything."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(
    importlib.util.find_spec("repo2docker") is None, reason="jupyter-repo2docker is not installed (it has no Windows version)"
)
def test_repo2docker_reads_the_folder() -> None:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    recipe = done.stdout + done.stderr
    assert "Python 3.12" in recipe or "python=3.12" in recipe or "environment.py-3.12" in recipe
    assert "binder/requirements.txt" in recipe
    assert "binder/postBuild" in recipe


def test_binder_installs_what_the_package_needs_with_the_small_tensorflow() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    installed = {line.split(">")[0] for line in lines if not line.startswith("#")}
    names = {requirement.split(">")[0] for requirement in needed}
    # What JupyterLab and TensorFlow bring by themselves need not be named.
    assert names - installed <= {"tensorflow", "ipython", "numpy"}
    assert "tensorflow-cpu" in installed
