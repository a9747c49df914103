"""A kernel that will soon end for want of memory is told of before it does."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

import seqmagic
from seqmagic.network import memory


def test_a_run_warns_while_there_is_still_time(monkeypatch: pytest.MonkeyPatch, digits_data: tuple, digits_model: object) -> None:
    assert not [note for note in seqmagic.Run(digits_model, *digits_data).advice if "Memory" in note]
    left = psutil.virtual_memory()._replace(available=120_000_000)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: left)
    notes = [note for note in seqmagic.Run(digits_model, *digits_data).advice if "Memory" in note]
    assert notes[0].startswith("Memory is running low: only 120 MB are left, and the kernel dies when they are used up.")


@pytest.mark.parametrize(
    ("groups", "limits"),
    [
        ("0::/user/lab/ada\n", {"user/lab/memory.max": "300000000000"}),  # Of a group around the kernel's own.
        ("0::/user/lab/ada\n", {"user/lab/ada/memory.max": "300000000000", "user/memory.max": "max", "memory.max": "400000000000"}),
        ("0::/\n", {"memory.max": "300000000000"}),
        ("5:cpu,memory:/docker/1\n2:pids:/x\n", {"docker/1/memory.limit_in_bytes": "300000000000"}),
        ("5:memory:/docker/1\n", {"memory.limit_in_bytes": "300000000000"}),  # A container that sees only its own.
    ],
)
def test_the_limit_of_a_container_or_a_hub_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, groups: str, limits: dict[str, str]
) -> None:
    for path, text in limits.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{text}\n")
    (tmp_path / "groups").write_text(groups)
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "groups")
    monkeypatch.setattr(memory, "LIMITS", {kind: (tmp_path, name) for kind, (_, name) in memory.LIMITS.items()})
    left = psutil.virtual_memory()._replace(available=500_000_000_000)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: left)
    used = psutil.Process().memory_info()
    monkeypatch.setattr(psutil.Process, "memory_info", lambda process: used)
    assert memory.available_bytes() == 300_000_000_000 - used.rss


def test_without_control_groups_what_is_free_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "none")
    left = psutil.virtual_memory()._replace(available=7)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: left)
    assert memory.available_bytes() == 7
