"""Parts of the simulated EdgeOS. Nothing here knows the vendor pack."""
