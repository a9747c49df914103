"""Node, which runs and checks JavaScript without a page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]


def missing(what: str) -> Any:
    """Skip a test that needs what is not there; in CI it must be there."""
    if os.environ.get("CI"):
        pytest.fail(f"There is no {what}, and in CI the JavaScript must be tested.")
    return pytest.skip(f"There is no {what} on this machine; CONTRIBUTING.md says how to get it.")


def needs(*packages: str) -> None:
    """Skip a test where npm has not brought these."""
    for package in packages:
        if not (PROJECT / "node_modules" / package).exists():
            missing(f"{package} (npm ci)")


def run_node(*arguments: str, **options: Any) -> str:
    """Run Node in the project's folder and give what it prints; where it fails, all that it said is the message."""
    command = [shutil.which("node") or missing("Node"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_node_tests(*files: Path) -> int:
    """Run tests of JavaScript; gives how many there were."""
    report = run_node("--no-warnings", "--test", "--test-reporter=tap", *map(str, files))
    count = re.search(r"^# tests (\d+)", report, re.MULTILINE)
    assert count is not None, report
    return int(count[1])


def check_types(project: Path) -> None:
    """Let TypeScript check the types of JavaScript.

    Args:
        project: its tsconfig.json.
    """
    needs("typescript")
    run_node(str(PROJECT / "node_modules" / "typescript" / "bin" / "tsc"), "--project", str(project))
