"""Binder accepts the folder: the real tool reads it, without building anything; `tests.soak.binder` builds it and runs the course in it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# A pinned line of the lock file, and the hashes under it.
LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)(?: ;[^\\\n]*)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def wanted() -> dict[str, Requirement]:
    lines = (BINDER / "requirements.in").read_text("utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): each for each in requirements}


def locked() -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, _ in LOCKED.findall((BINDER / "requirements.txt").read_text("utf-8"))}


@pytest.mark.skipif(
    importlib.util.find_spec("repo2docker") is None, reason="jupyter-repo2docker is not installed (it has no Windows version)"
)
def test_repo2docker_reads_the_folder() -> None:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    recipe = done.stdout + done.stderr
    assert "Python 3.11" in recipe or "python=3.11" in recipe or "environment.py-3.11" in recipe
    assert "binder/requirements.txt" in recipe
    assert "binder/postBuild" in recipe
    assert "fonts-noto-cjk" in recipe


def test_the_python_is_one_that_the_package_supports() -> None:
    version = (BINDER / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert version in Requirement(f"python{PROJECT['requires-python']}").specifier
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]
    assert f"--python-version {version} " in (BINDER / "requirements.in").read_text("utf-8")


def test_every_line_is_pinned_with_its_hashes() -> None:
    text = (BINDER / "requirements.txt").read_text("utf-8")
    starts = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(starts) == len(locked())
    assert "://" not in text
    for name, requirement in wanted().items():
        assert locked()[name] in requirement.specifier, name


def test_binder_installs_what_the_package_needs_with_the_small_tensorflow() -> None:
    extras = PROJECT["optional-dependencies"]
    # Nothing may be missing: the package itself is installed without its dependencies.
    on_binder = {"sys_platform": "linux", "platform_machine": "x86_64"}
    for needed in map(Requirement, [*PROJECT["dependencies"], *extras["lab"], *extras["sweep"], *extras["cpu"]]):
        if needed.marker is None or needed.marker.evaluate(on_binder):
            assert locked()[canonicalize_name(needed.name)] in needed.specifier, needed.name
    assert "tensorflow" not in locked()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert all(locked()[Requirement(each).name] in Requirement(each).specifier for each in build)


def test_jupyterlab_itself_speaks_each_language_that_the_package_has_titles_in() -> None:
    titles = [folder.name for folder in (ROOT / "seqmagic" / "locale").glob("*_*")]
    assert titles
    for language in titles:
        assert canonicalize_name(f"jupyterlab-language-pack-{language}") in locked()


def test_no_image_holds_what_git_ignores() -> None:
    """A pattern without a slash is one of any folder for git, and of the first one only for Docker."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if line]
    assert "seqmagic-runs*.sqlite*" in ignored
    kept_out = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line if "/" in line else f"**/{line}" for line in ignored} <= {*kept_out}


def test_the_image_for_hubs_has_the_same_python_and_the_same_versions() -> None:
    dockerfile = (BINDER / "hub" / "Dockerfile").read_text("utf-8")
    version = (BINDER / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert f"FROM python:{version}-" in dockerfile
    assert "--requirement /opt/seqmagic/binder/requirements.txt" in dockerfile
    assert "bash binder/postBuild" in dockerfile
    assert "--arg-file /opt/seqmagic/binder/apt.txt" in dockerfile
    opened = json.loads((BINDER / "jupyter_lab_config.json").read_text("utf-8"))["LabApp"]["default_url"]
    assert f"\nENV JUPYTERHUB_DEFAULT_URL={opened}\n" in dockerfile
    assert (ROOT / opened.removeprefix("/lab/tree/")).is_file()
    container = ROOT / ".devcontainer" / "devcontainer.json"
    settings = json.loads(re.sub(r"^//.*\n", "", container.read_text("utf-8"), flags=re.MULTILINE))
    assert (container.parent / settings["build"]["dockerfile"]).resolve() == (BINDER / "hub" / "Dockerfile").resolve()
    assert f"--uid 1000 {settings['remoteUser']}" in dockerfile
