"""What acts in the kernel without being called: loading ahead, waiting cells, the square button, panels that are gone."""
