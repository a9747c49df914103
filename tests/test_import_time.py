"""Nothing slow is imported in the foreground."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys, threading
from IPython.core.interactiveshell import InteractiveShell
# Keras brings pyplot along by itself; what counts is that nobody waits for either.
slow = {"keras", "tensorflow", "matplotlib.pyplot", "ipywidgets", "anywidget"}
foreground = threading.main_thread()
class Spy:
    def find_spec(self, name, path=None, target=None):
        if name in slow and threading.current_thread() is foreground:
            print("FOREGROUND", name)
sys.meta_path.insert(0, Spy())
shell = InteractiveShell.instance()
shell.extension_manager.load_extension("seqmagic")
print("LOADED", sorted(m for m in shell.magics_manager.magics["line"] if m in ("fit", "dashboard", "sequential")))
shell.run_cell("1")
preload = next(t for t in threading.enumerate() if t.name == "seqmagic-preload")
preload.join()
print("KERAS", "keras" in sys.modules)
"""


def test_load_ext_imports_nothing_slow_in_the_foreground() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True, timeout=120)
    assert "FOREGROUND" not in done.stdout
    assert "LOADED ['dashboard', 'fit', 'sequential']" in done.stdout
    assert "KERAS True" in done.stdout


def test_the_package_and_its_language_import_without_keras() -> None:
    code = "import sys, seqmagic, seqmagic.language; seqmagic.language.parse('dense 3'); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
