"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import seqmagic

FORKED = "seqmagic.machines.forked"  # Changes the process that imports it, which is none of these.
MODULES = [module.name for module in pkgutil.walk_packages(seqmagic.__path__, "seqmagic.") if module.name != FORKED]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
