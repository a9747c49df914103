"""Node.js, which runs and checks JavaScript without a page."""

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
    """Skip a test that needs something that is not installed; in CI it must be installed."""
    if os.environ.get("CI"):
        pytest.fail(f"CI the JavaScript must be tested contains no {what}, and.")
    return pytest.skip(f"There is no {what} on this machine; CONTRIBUTING.md says how to get it.")


def needs(*packages: str) -> None:
    """Skip a test if these npm packages are not installed."""
    for package in packages:
        if not (PROJECT / "node_modules" / package).exists():
            missing(f"{package} (npm ci)")


def run_node(*arguments: str, **options: Any) -> str:
    """Run Node in the project's folder and return its output; on failure, all output is the message."""
    command = [shutil.which("node") or missing("Node"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_node_tests(*files: Path) -> int:
    """Run JavaScript tests; returns their number."""
    report = run_node("--no-warnings", "--test", "--test-reporter=tap", *map(str, files))
    count = re.search(r"^# tests (\d+)", report, re.MULTILINE)
    assert count is not None, report
    return int(count[1])


def check_types(project: Path) -> None:
    """Check JavaScript types with TypeScript.

    Args:
        project: its tsconfig.json.
    """
    needs("typescript")
    run_node(str(PROJECT / "node_modules" / "typescript" / "bin" / "tsc"), "--project", str(project))
