"""What the simulated VyOS and EdgeOS share. Imports nothing from the packs."""
