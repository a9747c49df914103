"""A release: the version stands once, a tag that is another one is refused, and what changed is told. The forms and workflows are well formed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import yaml

import seqmagic

ROOT = Path(__file__).parents[1]
VERSION = seqmagic.__version__
SCRIPT = ROOT / ".ci" / "release_notes.py"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def notes(tag: str, changes: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed for a tag where CHANGELOG.md says so."""
    (folder / "CHANGELOG.md").write_text(f"# Changes\n\n{changes}")
    (folder / "seqmagic").mkdir()
    (folder / "seqmagic" / "__init__.py").write_text((ROOT / "seqmagic" / "__init__.py").read_text("utf-8"))
    main = run_path(str(SCRIPT))["main"]
    main.__globals__["ROOT"] = folder
    main(tag)
    return capsys.readouterr().out


def test_the_version_stands_in_one_place() -> None:
    files = [path for path in ROOT.iterdir() if path.suffix in (".toml", ".md")] + list(ROOT.glob("seqmagic/**/*.py"))
    found = [path.name for path in files if re.search(rf"version.*\b{re.escape(VERSION)}\b", path.read_text("utf-8"))]
    assert found == ["__init__.py"]
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_a_release_has_its_own_changes_and_no_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = f"## {VERSION}0, 2031-01-01\n\n- Later.\n\n## {VERSION}, 2030-01-01\n\n- One.\n- Two.\n\n## 0.0.1, 2029-01-01\n\n- Old.\n"
    assert notes(f"v{VERSION}", changes, tmp_path, capsys) == "- One.\n- Two.\n"


@pytest.mark.parametrize(
    ("tag", "changes", "found"),
    [
        ("v99.0", f"## {VERSION}, 2030-01-01\n\n- One.\n", f"Expected: v{VERSION}"),
        (VERSION, f"## {VERSION}, 2030-01-01\n\n- One.\n", f"Expected: v{VERSION}"),
        (f"v{VERSION}", "## 0.0.1, 2030-01-01\n\n- One.\n", "what a user notices"),
        (f"v{VERSION}", f"## {VERSION}, 2030-01-01\n\n## 0.0.1, 2029-01-01\n\n- One.\n", "what a user notices"),
        (f"v{VERSION}", f"## {VERSION}, not yet released\n\n- One.\n", "the date of the release"),
    ],
)
def test_a_release_that_is_not_ready_is_refused(
    tag: str, changes: str, found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match=re.escape(found)):
        notes(tag, changes, tmp_path, capsys)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_what_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    jobs: dict[str, dict[str, Any]] = yaml.safe_load(text)["jobs"]
    for job in jobs.values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(jobs)
    called = re.findall(r"^\s*(?:- run: \w+|uses:) (?:\./)?(\.\S+)", text, re.MULTILINE)
    assert called
    assert all((ROOT / name).is_file() for name in called)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_what_is_needed(path: Path) -> None:
    form = yaml.safe_load(path.read_text("utf-8"))
    assert set(form) <= {"name", "description", "title", "labels", "body"}
    assert len({field["id"] for field in form["body"]}) == len(form["body"])
    for field in form["body"]:
        assert field["type"] in ("textarea", "dropdown")
        assert field["attributes"]["label"]
        assert field["validations"]["required"]


def test_everything_that_is_needed_has_an_oldest_version_that_can_be_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    tensorflow = [each for each in project["optional-dependencies"]["test"] if each.startswith("tensorflow>=")]
    needed = [*project["dependencies"], *tensorflow]
    script = (ROOT / ".ci" / "newest").read_text("utf-8")
    code = script.partition("<<'PYTHON'\n")[2].partition("\nPYTHON\n")[0]
    done = subprocess.run([sys.executable, "-c", code, "oldest"], cwd=ROOT, capture_output=True, text=True, check=True)
    pinned = dict(line.split("==") for line in done.stdout.splitlines())
    assert len(pinned) == len(needed)
    assert all(requirement.startswith(f"{name}>={oldest}") for requirement, (name, oldest) in zip(needed, pinned.items(), strict=True))
