"""What the packs of Vyatta's descendants, VyOS and EdgeOS, share. Not a platform of its own."""
