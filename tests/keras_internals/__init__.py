"""What seqmagic reaches into Keras for."""
