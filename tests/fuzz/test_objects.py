"""Whatever object is put in whatever place: it is taken, or refused in words; no raw traceback leaves a magic or a public function."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from seqmagic.errors import SeqmagicError, UnexpectedError
from tests.support.arguments import Place, places
from tests.support.objects import ZOO

FACTOR = float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1"))
CASES = max(1, round(30 * FACTOR))
pytestmark = pytest.mark.timeout(300 + 600 * FACTOR)


@pytest.fixture(scope="module")
def taking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    """Every place that takes an object, in a shell without a kernel."""
    folder, before = tmp_path_factory.mktemp("objects"), Path.cwd()
    os.chdir(folder)
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "seqmagic")
    shell.run_line_magic("config", "SeqMagics.ledger=''")
    yield places(shell, folder)
    os.chdir(before)


def wrapped(name: str, how: str) -> Any:
    """An object of the zoo, or something that holds it."""
    thing = ZOO[name]()
    ways = {
        "in a list": lambda: [thing],
        "twice": lambda: [thing, thing],
        "in a dictionary": lambda: {"a": thing},
        "in a pair": lambda: (thing, thing),
    }
    return ways[how]() if how in ways else thing


def check(place: Place, thing: Any) -> None:
    """Put an object somewhere; only errors of ours may come out, and not the one for what nobody thought of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            place(thing)
        except UnexpectedError as error:
            pytest.fail(str(error))
        except SeqmagicError as error:
            assert str(error).strip()
            assert "Traceback" not in str(error)


HOW = st.sampled_from(["as it is", "as it is", "as it is", "in a list", "twice", "in a dictionary", "in a pair"])


@settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_object_in_any_place(taking: dict[str, Place], data: st.DataObject) -> None:
    place, name, how = data.draw(st.sampled_from(sorted(taking))), data.draw(st.sampled_from(sorted(ZOO))), data.draw(HOW)
    check(taking[place], wrapped(name, how))


# What once ended in a raw traceback.
FOUND = (
    ("%fit net thing", "iterator of dataset"),
    ("%fit net thing", "dataset of ragged"),
    ("%fit net x y callbacks=thing", "callback class"),
    ("Dense(3, weights=[thing])", "text 'relu'"),
    ("%fit net x y verbose=thing", "array bool"),
    ("%fit net x y class_weight=thing", "mixed list"),
    ("Run(class_weight=thing)", "dict"),
    ("Run(class_weight=thing)", "(1+2j)"),
    ("Run(class_weight=thing)", "dict of odd keys"),
    ("%fit net thing", "huge int"),
    ("%fit thing x y", "model without layers"),
    ("fit thing y", "array of huge ints"),
    ("fit(model, thing, y)", "shape lies"),
    ("compile adam mse thing", "initializer"),
    ("build(thing)", "shape is a function"),
    ("build(text, thing)", "list"),
    ("plot(thing)", "map"),
    ("fit(history=thing)", "text 'relu'"),
    ("run.restore(thing)", "series"),
    ("run.wait(thing)", "shape is a function"),
    ("save(model, thing)", "inf"),
    ("Dashboard(names=thing)", "dataset that fails"),
    ("to_python(fit=thing)", "keras history"),
)


@pytest.mark.parametrize(("place", "name"), FOUND)
def test_objects_that_once_ended_in_a_raw_traceback(taking: dict[str, Place], place: str, name: str) -> None:
    check(taking[place], ZOO[name]())


def test_what_fails_in_a_users_own_code_points_at_its_line(taking: dict[str, Place]) -> None:
    with pytest.raises(SeqmagicError, match=r"Your '_fails' raises RuntimeError: I always fail\.") as caught:
        taking["fit(model, thing, y)"](ZOO["shape fails"]())
    assert caught.value.span is not None
    assert caught.value.span.source.strip() == 'raise RuntimeError("I always fail\\nin two lines")'


def test_a_call_that_python_itself_refuses_stays_pythons(taking: dict[str, Place]) -> None:
    import seqmagic

    with pytest.raises(TypeError, match=r"build\(\) missing 1 required positional argument: 'text'"):
        seqmagic.build()  # type: ignore[call-arg]
