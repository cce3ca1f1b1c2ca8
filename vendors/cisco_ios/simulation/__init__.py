"""The parts of the simulated IOS router. It knows IOS, and nothing of the pack."""
