"""The network: from text to a `keras.Sequential`, with its shapes and sizes known before anything is allocated."""
