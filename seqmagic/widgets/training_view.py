"""The training view: progress, numbers and live curves in the page, fed by small messages from the kernel."""

from __future__ import annotations

import json
import math
import struct
from array import array
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from seqmagic.training.history import History
from seqmagic.training.run import Run
from seqmagic.widgets.status import ordered, spoken_status

PAGE = Path(__file__).parent / "page"


class TrainingView(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Shows a run's record. Each update carries only the rows that are new; a page that lost some asks for all.

    The renderer is our own (small, no zoom yet) because anywidget sends the code with every view, and a notebook has many.
    """

    _esm = PAGE / "training.js"
    _css = PAGE / "training.css"
    # Nothing is kept here. The rows are put together when a page asks for the widget's state, that is after a reload.
    snapshot = traitlets.Bytes(b"\0\0\0\0").tag(sync=True, to_json=lambda value, view: view.block(0, 0))

    def __init__(self, **traits: Any) -> None:
        self.record = History()
        self.run: Run | None = None
        self.message = ""
        self.pages = 0
        self._sent = [0, 0, 0, 0]
        super().__init__(**traits)
        self.on_msg(self._answer)

    def show(self, run: Run) -> None:
        """Turn to a run; its record may go on from an earlier one."""
        self.run, self.record, self.message = run, run.record, ""
        self.update(fresh=True)

    def update(self, *, fresh: bool = False) -> None:
        """Send what is new since the last time."""
        batches, epochs = self.record.batches, self.record.epochs
        sent_batches, sent_epochs, batch_columns, epoch_columns = [0, 0, 0, 0] if fresh else self._sent
        # A column that is new (val_loss comes with the first epoch's end) changes the rows' width: then all go again.
        start_batches = sent_batches if batch_columns == len(batches.columns) else 0
        start_epochs = sent_epochs if epoch_columns == len(epochs.columns) else 0
        self._sent = [len(batches), len(epochs), len(batches.columns), len(epochs.columns)]
        self.send({"kind": "block", "fresh": fresh}, buffers=[self.block(start_batches, start_epochs)])

    def say(self, message: str) -> None:
        """Put a message under the progress; an empty one takes it away."""
        self.message = message
        self.update()

    def block(self, batch_start: int, epoch_start: int) -> bytes:
        """The rows from there on, and where the run is, as bytes: the header's length, the header, 32-bit numbers."""
        tables, rows = [], array("f")
        for name, start in (("batches", batch_start), ("epochs", epoch_start)):
            columns, flat = getattr(self.record, name).rows_from(start)
            tables.append({"table": name, "names": columns, "start": start, "length": len(flat)})
            rows.extend(array("f", flat))
        header = json.dumps({"tables": tables, **self.header()}).encode()
        return struct.pack("<I", len(header)) + header + rows.tobytes()

    def header(self) -> dict[str, Any]:
        """The state in words and numbers, ready to be shown."""
        numbers = [(name, value if math.isfinite(value) else None) for name, value in ordered(self.record.last())]
        if self.run is None:
            status = {"state": "ready", "status": "Not trained yet.", "fraction": 0.0, "epochs": 1}
        else:
            progress = self.run.progress
            epochs = math.ceil(self.record.position) if self.run.ended else self.run.first_epoch + progress.epochs
            done = 1.0 if self.run.state == "done" else progress.fraction
            status = {"state": self.run.state, "status": spoken_status(self.run), "fraction": done, "epochs": max(1, epochs)}
        return {**status, "message": self.message, "numbers": numbers}

    def _answer(self, view: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("kind") == "ask":
            self.update(fresh=True)
        elif content.get("kind") == "hello":
            self.pages += 1
