"""The page's code: its modules are joined to one, its pure parts are tested by Node, its types are checked, its styles have one home."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import pytest

from seqmagic.history import MISSING
from seqmagic.widgets import page
from seqmagic.widgets.training_view import pack_message
from tests.support.node import PROJECT, check_types, run_node, run_node_tests

PAGE = Path(page.__file__).parent
TESTS = Path(__file__).parent
ENTRIES = sorted(path.name for path in PAGE.glob("*.js") if "export default" in path.read_text() and path.name != "unpack.js")
SHEETS = sorted((PAGE / "styles").glob("*.css"))
OUTSIDE = {"saved.css", "stills.css"}  # They speak of Jupyter's own elements.


def test_the_pure_parts() -> None:
    assert run_node_tests(*sorted(TESTS.rglob("*.test.js"))) > 70, "all of them were run"


def test_the_types() -> None:
    check_types(PROJECT / "tsconfig.json")


def test_a_block_of_the_kernel_is_what_the_page_reads() -> None:
    rows = np.array([[1, 0.5, MISSING], [2, float("nan"), 0.25], [3.5, 1e-30, -7]])
    block = pack_message(
        {"word": "Läuft · „3“", "rate": 0.001}, [("epochs", ["loss", "val_loss"], 0, rows), ("batches", [], 4, rows[:, :2])]
    )
    script = """
        import { putRows, readHeader } from "./seqmagic/widgets/page/run/block.js";
        const bytes = Buffer.from(process.argv[1], "base64");
        const block = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const [header, offset] = readHeader(block);
        const tables = {};
        const whole = putRows(header.tables, block, offset, tables);
        const { epochs } = tables;
        const cells = [0, 1, 2].map((row) => [0, 1, 2].map((column) => epochs.isMissing(row, column) ? "missing" : String(epochs.at(row, column))));
        console.log(JSON.stringify({ word: header.word, rate: header.rate, names: epochs.names, whole, cells }));
    """
    said = json.loads(run_node("--input-type=module", "--eval", script, b64encode(block).decode()))
    cells = said.pop("cells")
    assert said == {"word": "Läuft · „3“", "rate": 0.001, "names": ["loss", "val_loss"], "whole": False}
    assert [cells[0][2], cells[1][1]] == ["missing", "NaN"]
    numbers = np.array([[np.nan if cell == "missing" else float(cell) for cell in row] for row in cells])
    np.testing.assert_array_equal(numbers, rows.astype("<f4"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The page's files, made up."""
    files: dict[str, str] = {}
    monkeypatch.setattr(page, "_read", files.__getitem__)
    return files


def test_modules_keep_their_own_names_and_are_run_once_in_order(written: dict[str, str]) -> None:
    written["entry.js"] = (
        'import { one } from "./in/one.js";\nimport {\n  Two,\n  both,\n} from "./in/two.js";\nimport DATA from "./data.json" with { type: "json" };\n'
        'import SHEET from "./a.css" with { type: "text" };\nconst own = "entry";\nexport default [own, one(), new Two().say(), both, DATA, SHEET];\n'
    )
    written["in/one.js"] = (
        'import { order } from "../order.js";\nconst own = "one"; // its own\norder.push(own);\nexport function one() {\n  return own;\n}\n'
    )
    written["in/two.js"] = (
        '/**\n * A comment.\n */\nimport { order } from "../order.js";\nimport { one } from "./one.js";\nconst own = "two";\norder.push(own);\n'
        "export class Two {\n  /** Says it. */\n  say() {\n    return own + one();\n  }\n}\nexport const both = order;\n"
    )
    written["order.js"] = "export const order = [];\n"
    written["data.json"] = '{"a": [1, "</script>"]}'
    written["a.css"] = "/* a */\n.a {\n  color: look(training);\n}\n"
    joined = page.join("entry.js")
    assert "comment" not in joined
    assert "// " not in joined
    code = f"{joined.replace('export default', 'const made =')}\nconsole.log(JSON.stringify(made));"
    assert json.loads(run_node("--input-type=module", "--eval", code)) == [
        *("entry", "one", "twoone", ["one", "two"]),
        {"a": [1, "</script>"]},
        f".a {{color: {page.LOOK['colors']['training']};}}",
    ]


def test_modules_that_import_each_other_are_reported(written: dict[str, str]) -> None:
    written |= {"a.js": 'import { b } from "./b.js";\nexport default b;\n', "b.js": 'import { a } from "./a.js";\nexport const b = a;\n'}
    with pytest.raises(ValueError, match=r"a\.js -> b\.js -> a\.js import each other in a circle"):
        page.join("a.js")


def test_there_are_entries() -> None:
    assert ENTRIES == ["compile_panel.js", "look_view.js", "training_view.js"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_joined_module_needs_no_other(entry: str, tmp_path: Path) -> None:
    joined = page.join(entry)
    assert re.findall(r"^(?:import|export)\b.*", joined, re.MULTILINE) in (
        [line] for line in ("export default {", "export default () => {")
    )
    packed = re.search(r'atob\("(.*?)"\)', page.script(entry))
    assert packed is not None
    assert gzip.decompress(b64decode(packed[1])).decode() == joined
    whole = tmp_path / "whole.mjs"
    whole.write_text(joined)
    code = "import(process.argv[1]).then(({ default: made }) => console.log(typeof (typeof made === 'function' ? made() : made).render))"
    assert run_node("--eval", code, str(whole)) == "function\n"


def test_every_module_is_part_of_an_entry() -> None:
    named = {match for entry in ENTRIES for match in re.findall(r"^const (\$\w+)=", page.join(entry), re.MULTILINE)}
    files = [path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js")]
    assert {page._name(file) for file in files if file not in ENTRIES and file != "unpack.js"} - named == set()  # noqa: SLF001


@pytest.mark.parametrize("path", sorted(PAGE.rglob("*.js")), ids=lambda path: path.relative_to(PAGE).as_posix())
def test_joining_needs_no_parser(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) < 200, "one subject a file"
    assert [line for line in source.splitlines() if line.count("`") % 2] == [], "a text would lose its indentation"
    assert re.findall(r"^[ \t]*import\b.*", source, re.MULTILINE) == re.findall(r"^import\b.*", source, re.MULTILINE)
    assert len(page.IMPORT.findall(source)) == len(re.findall(r"^import\b", source, re.MULTILINE)), "an import of a kind that is not joined"
    exports = re.findall(r"^[ \t]*export (?!default ).*", source, re.MULTILINE)
    assert len(page.EXPORT.findall(source)) == len(exports), "an export of a kind that is not joined"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_a_sheet_wins_by_weight_and_styles_its_own_elements_alone(path: Path) -> None:
    sheet = page.COMMENT.sub("", path.read_text("utf-8"))
    assert "!important" not in sheet
    assert "`" not in sheet
    roots = [line for line in sheet.splitlines() if re.match(r"[^\s}@]", line)]
    if path.name not in OUTSIDE:
        assert roots
        assert [root for root in roots if not re.match(r":is\(\.seqmagic-[\w, .-]+, (#seqmagic){2,4}\)", root)] == []
    assert sheet.count("{") == sheet.count("}")


def test_colors_stand_in_one_file() -> None:
    files = [path for kind in ("py", "js", "css") for path in (PROJECT / "seqmagic").rglob(f"*.{kind}")]
    found = [f"{path.name}: {color}" for path in files for color in re.findall(r"(?<![\w&#])#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))]
    assert found == []
    named = {name for sheet in SHEETS for name in re.findall(r"look\(([\w-]+)\)", sheet.read_text())}
    assert named <= set(page.LOOK["colors"])
