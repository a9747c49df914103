"""Background work in the kernel: importing Keras, cells that wait, the stop button, closing old panels."""
