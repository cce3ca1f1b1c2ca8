"""A VyOS command line that keeps state, for lab and tests. It imports nothing from the pack."""
