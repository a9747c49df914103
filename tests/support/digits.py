"""scikit-learn's digits: a network for them, and cells that load them in a notebook."""

from __future__ import annotations

DIGITS = """
input 8x8x1
conv 16 3x3 relu same -> maxpool 2
conv 32 3x3 relu
flatten -> dropout 0.3
dense 10 softmax
compile adam(1e-3) sparse_categorical_crossentropy accuracy
"""
READ = """
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).reshape(-1, 8, 8, 1)
"""
# With `active()`, which returns the current runs in the kernel.
READ_AND_WATCH = f"""{READ}
def active():
    from seqmagic.training.registry import active_runs
    return active_runs()
"""
# The first two cells of a notebook.
FIRST_CELL = f"%load_ext seqmagic{READ}".strip()
NETWORK_CELL = f"%%sequential digits\n{DIGITS.strip()}"
