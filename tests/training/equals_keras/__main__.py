"""Prints how many trainings come out equal: `python -m tests.training.equals_keras [words of the names]`."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from tests.training.equals_keras import fit_cases, model_cases
from tests.training.equals_keras.case import compare
from tests.training.equals_keras.differences import MEANT

COLUMNS = {"bits": "equal", "close": "but last bits", "meant": "meant to differ", "refused": "refused by both", "differs": "DIFFERS"}


def report(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    counts: dict[str, Counter[str]] = {}
    began = time.process_time()
    for case in (*fit_cases.cases(), *model_cases.cases()):
        if not all(word in case.name for word in words if word != "-v"):
            continue
        outcome = compare(case)
        kind = "meant" if case.name in MEANT and outcome.kind == "differs" else outcome.kind
        counts.setdefault(case.group, Counter())[kind] += 1
        if kind == "differs" or words or "-v" in sys.argv:
            report(f"{case.name}: {kind} {outcome.detail}")
    print_table(counts)
    report(f"{time.process_time() - began:.0f} s of CPU")
    return sum(count["differs"] for count in counts.values())


def print_table(counts: dict[str, Counter[str]]) -> None:
    report(f"{'':12}" + "".join(f"{title:>17}" for title in (*COLUMNS.values(), "cases")))
    whole: Counter[str] = sum(counts.values(), Counter())
    for group, count in {**counts, "all": whole}.items():
        report(f"{group:12}" + "".join(f"{number:17}" for number in (*(count[kind] for kind in COLUMNS), count.total())))


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
