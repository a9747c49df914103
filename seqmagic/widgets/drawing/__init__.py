"""The drawing of a network: blocks to scale, the shapes on the joints, repeats folded; for a chain and for any other graph."""
