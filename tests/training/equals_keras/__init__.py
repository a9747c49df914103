"""A training by seqmagic beside Keras's own `fit`: every option of `fit` and `compile`, every kind of data, special models.

`python -m tests.training.equals_keras` prints how many come out equal; `tests/training/test_equals_keras.py` asks for each case.
"""
