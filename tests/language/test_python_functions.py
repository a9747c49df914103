"""Names in the functions of pasted code have the values that Python gives them."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse
from tests.pasted.measure import as_python

READ = [
    "n = 4\ndef make(k=n):\n    return Sequential([Input((8,)), Dense(k)])\n\nn = 6\nmodel = make()",
    "def make():\n    return Sequential([Input((8,)), Dense(n)])\n\nn = 6\nmodel = make()",
    "n = 4\ndef make(k):\n    n = k + 1\n    return Sequential([Input((8,)), Dense(n), Dense(k)])\n\nmodel = make(n)",
    "n = 4\ndef part(net):\n    net.add(Dense(n))\n\ndef make(n):\n    net = Sequential([Input((8,))])\n    part(net)\n"
    "    net.add(Dense(n))\n    return net\n\nmodel = make(7)",
    "def make(*, a=3, b):\n    return Sequential([Input((8,)), Dense(a), Dense(b)])\n\nmodel = make(b=2)",
    "from functools import partial\nn = 4\nSmall = partial(Dense, n)\nmodel = Sequential([Input((8,)), Small(), Dense(n)])",
]
LEFT = [
    "from functools import partial\nn = 4\nSmall = partial(Dense, n)\nn = 6\nmodel = Sequential([Input((8,)), Small()])",
    "from functools import partial\nn = 4\nSmall = partial(Dense, n)\nn += 2\nmodel = Sequential([Input((8,)), Small()])",
]


@pytest.mark.parametrize("code", READ)
def test_units_are_those_of_python(code: str) -> None:
    units = [layer.arguments[0].value.value for layer in parse(code).layers[1:]]  # type: ignore[union-attr]
    assert units == [layer.units for layer in as_python(code).layers]


@pytest.mark.parametrize("code", LEFT)
def test_a_partial_whose_value_changes_is_left_to_python(code: str) -> None:
    assert as_python(code).layers
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(code)
