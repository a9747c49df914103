"""The widgets: the network card, the compile and training panels, the dashboard. Each shows what rooms below hold, and keeps none of it."""
