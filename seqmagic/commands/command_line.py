"""The command line: `seqmagic check` and `seqmagic lab check NOTEBOOK`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seqmagic.errors import SeqmagicError
from seqmagic.translation import gettext


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 for success, 1 for failures, 2 for wrong arguments.

    >>> main(["lab", "check", "week-3.ipynb"])     # doctest: +SKIP
    """
    options = _parser().parse_args(words)
    try:
        return int(options.call(**{name: value for name, value in vars(options).items() if name != "call"}))
    except SeqmagicError as error:
        print(error, file=sys.stderr)  # noqa: T201  # A command prints its output.
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("seqmagic", description=gettext("Neural networks in a few plain words, inside a notebook."))
    commands = parser.add_subparsers(required=True, metavar=gettext("COMMAND"))
    check = commands.add_parser(
        "check", help=gettext("checks this installation and says how to fix problems"), description=gettext("Check this installation.")
    )
    check.set_defaults(call=_check_setup)
    lab = commands.add_parser("lab", help=gettext("commands for teachers"), description=gettext("Commands for teachers."))
    of_lab = lab.add_subparsers(required=True, metavar=gettext("COMMAND"))
    about = gettext(
        "Run a notebook with its solutions and as a student gets it, and report what passes, the time and memory "
        "of each cell, and what needs a network."
    )
    check_lab = of_lab.add_parser("check", help=gettext("runs a notebook with its solutions and as a student gets it"), description=about)
    check_lab.add_argument("notebook", type=Path)
    check_lab.add_argument("--offline", action="store_true", help=gettext("block all connections, as in a classroom without a network"))
    check_lab.add_argument("--timeout", type=int, default=600, metavar=gettext("SECONDS"), help=gettext("limit for each cell (600)"))
    check_lab.set_defaults(call=_check_lab)
    return parser


def _check_setup() -> int:
    from seqmagic.commands.setup_check import check_setup

    is_well = True
    for finding in check_setup():
        print(finding, flush=True)  # noqa: T201
        is_well = is_well and finding.works
    return 0 if is_well else 1


def _check_lab(notebook: Path, *, offline: bool, timeout: int) -> int:
    from seqmagic.commands.lab_check import check_lab

    report = check_lab(notebook, offline=offline, timeout=timeout)
    print(report)  # noqa: T201
    return 1 if report.faults else 0
