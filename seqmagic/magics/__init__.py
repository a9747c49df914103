"""The magics: IPython's side of seqmagic. Each reads its line, makes one call and shows the result."""
