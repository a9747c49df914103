"""Long tests in real kernels, that nobody waits for at each change."""
