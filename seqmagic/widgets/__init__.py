"""The widgets: the network card, the compile and training panels, the dashboard. They display the state of lower packages."""
