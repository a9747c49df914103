"""The model: what Keras offers, the plan of a network before anything is allocated, and the built model."""
