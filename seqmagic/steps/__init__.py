"""Training and test steps over rows in memory: many per call of the TensorFlow graph, in this process or in several worker processes."""
