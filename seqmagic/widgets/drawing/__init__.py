"""The drawing of a network: blocks to scale, shapes between them, repeats folded; for chains and for other graphs."""
