"""The widgets: the network card, the compile and training panels, the dashboard. Each shows a room to its left and owns no state of it."""
