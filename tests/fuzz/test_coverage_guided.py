"""A fuzzer that watches which paths it takes finds no cell that goes wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.cells import write_corpus

pytest.importorskip("atheris", reason="atheris, the fuzzer that watches paths, is not installed here", exc_type=ImportError)

SECONDS = round(5 * float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1")))
SEED = 0 if "SEQMAGIC_FUZZ_FACTOR" in os.environ else 7  # libFuzzer takes the time for 0.
OPTIONS = [
    f"-seed={SEED}",
    f"-max_total_time={SECONDS}",
    "-timeout=20",
    "-max_len=1000",
    "-rss_limit_mb=4096",
    "-print_final_stats=1",
]


@pytest.mark.timeout(590 + 2 * SECONDS)
def test_no_path_through_the_language_goes_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_corpus(tmp_path / "corpus")
    given = len(list((tmp_path / "corpus").iterdir()))
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "tests.fuzz.coverage_guided", "corpus", *OPTIONS]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, errors="replace", check=False)
    found = done.stdout + done.stderr
    assert done.returncode == 0, found[-6000:]
    tried = int(re.findall(r"stat::number_of_executed_units:\s*(\d+)", found)[-1])
    with capsys.disabled():
        sys.stdout.write(f"\n{tried:,} inputs in {SECONDS} seconds\n")
    assert tried > 2 * given, "it made up cells of its own"
