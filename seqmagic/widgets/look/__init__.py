"""The look view: what a trained model does with data, in tabs. A tab is a file, and a line in `tabs.py`."""
