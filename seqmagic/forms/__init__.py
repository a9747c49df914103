"""The forms: what the compile panel holds and thinks of it. Nothing here knows a widget."""
