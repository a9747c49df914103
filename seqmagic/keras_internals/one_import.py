"""One import of Keras at a time: importing parts of TensorFlow in two threads at once can leave it permanently broken."""

from __future__ import annotations

import threading

# Held by whoever imports a module that imports Keras; the import in the background holds it until everything is there.
ONE_IMPORT = threading.RLock()
