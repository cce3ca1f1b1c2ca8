"""Faults on our own side: the disk, the journal, the clock, Ctrl-C, another run."""
