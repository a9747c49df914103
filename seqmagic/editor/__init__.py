"""The editor: completions, tooltips and problems for a cell. It does not use the IPython shell, and runs no user code."""
