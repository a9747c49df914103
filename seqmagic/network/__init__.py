"""The network: from a text to a `keras.Sequential`, with its plan before anything is allocated."""
