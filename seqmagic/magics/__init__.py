"""The magics: the IPython side of seqmagic. Each one parses its line, makes one call and shows the result."""
