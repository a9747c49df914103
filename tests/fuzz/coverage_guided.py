"""A fuzzer that looks for new paths through the language: `python -m tests.fuzz.coverage_guided FOLDER -max_total_time=60`.

FOLDER keeps the inputs that led to something new; the options are libFuzzer's. It ends with an error at the first cell that is
neither read nor refused in words, and leaves that cell in a file whose name starts with crash- or timeout-.
"""

from __future__ import annotations

import os
import sys
import traceback
import zlib
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["seqmagic.language", "lark"]):
    from seqmagic.language import parse
    from tests.fuzz import properties

from tests.fuzz import cells

PLAN_ONE_IN = 50  # Planning asks Keras, and takes a hundred times as long as reading.
MOST_TOKENS = 40


def text_of(data: bytes) -> str:
    """The cell that some bytes stand for: after an even byte they are text, after an odd one they are numbers of tokens."""
    if not data or data[0] % 2 == 0:
        return data[1:].decode("utf-8", "replace")
    provider = atheris.FuzzedDataProvider(data[1:])
    gap = provider.PickValueInList(["", " "])
    return gap.join(provider.PickValueInList(cells.TOKENS) for _ in range(provider.ConsumeIntInRange(0, MOST_TOKENS)))


def check(text: str, number: int) -> None:
    """Read a cell, write it out and tell it; plan it if it is small and its number comes up."""
    program = properties.read(text)
    if program is None:
        return
    is_small = properties.is_small(program, text)
    properties.check_description(program)
    if is_small and number % PLAN_ONE_IN == 0:
        properties.check_plan(program, text, {})


def try_one(data: bytes) -> None:
    """Check the cell that some bytes stand for, and end the process if it goes wrong."""
    text = text_of(data)
    try:
        check(text, zlib.crc32(data))
    except Exception:
        # Python's own way out waits for TensorFlow's threads, and libFuzzer's clock ends the process before the cell is written down.
        Path(f"crash-{zlib.crc32(data):08x}").write_bytes(data)
        traceback.print_exc()
        sys.stderr.write(f"The cell: {text!a}\n")
        sys.stderr.flush()
        os._exit(1)


def main() -> None:
    """Let libFuzzer look for cells that go wrong, as the command line says."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    properties.warm_up(cells.SEEDS[:1])
    properties.check_plan(parse(cells.SEEDS[0]), cells.SEEDS[0], {})
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
