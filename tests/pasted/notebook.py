"""What an earlier cell of a notebook would have made: the names that the pasted models use."""

# ruff: noqa: F401, F403

from __future__ import annotations

from functools import partial

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers, losses, models, ops, optimizers, regularizers
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.constraints import MaxNorm
from keras.layers import *
from keras.models import Model, Sequential
from keras.optimizers import SGD, Adam, RMSprop
from keras.regularizers import l1, l2

RANDOM = np.random.default_rng(3)
X_train = RANDOM.normal(size=(60, 8)).astype("float32")
y_train = RANDOM.integers(0, 2, 60)
Y_train = np.eye(10)[RANDOM.integers(0, 10, 60)]
X_test, y_test = X_train[:20], y_train[:20]
X_seq = RANDOM.normal(size=(20, 12, 3))
X_xor, y_xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
x_train = RANDOM.normal(size=(20, 288, 1)).astype("float32")
raw_data = RANDOM.normal(size=(100, 14))
train_features = X_train
train_df = X_train
embedding_matrix = RANDOM.normal(size=(50, 100))
chars = "0123456789+ "
class_names = ["daisy", "rose", "tulip"]
feature_columns = list("abcdefg")
METRICS = [keras.metrics.BinaryAccuracy(name="accuracy"), keras.metrics.AUC(name="auc")]

env_shape = (4,)
keep_prob = 0.5
num_labels = 8
FEATURES = n_features = 8
n_steps = n_timesteps = 10
n_outputs = 4
n_seq = 2
n_tokens = 39
num_classes = 10
num_features = 14
sequence_length = 30
vocab_size = 50
max_features = 50
max_length = maxlen = 20
max_sequence_len = 12
total_words = 40
embedding_dim = 16
embed_size = 100
look_back = 3
batch_size = 2
digits = 3
img_height = img_width = 48
input_shape = (28, 28, 1)


class CFG:
    """Settings, as competitions keep them."""

    size = 32
    filters = 8
    classes = 5
    lr = 3e-4


picture_norm = keras.layers.Normalization()
picture_norm.adapt(RANDOM.normal(size=(4, 20, 20, 1)))
normalizer = keras.layers.Normalization(axis=-1)
normalizer.adapt(X_train)
augmenter = data_augmentation = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1)])
encoder = keras.layers.TextVectorization(max_tokens=20)
encoder.adapt(["a good film", "a bad film"])
conv_base = pretrained_base = keras.Sequential(
    [keras.Input((96, 96, 3)), keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(8)], name="base"
)
conv_base.trainable = False
hub_layer = keras.layers.Dense(5, name="hub")
strategy = tf.distribute.get_strategy()
