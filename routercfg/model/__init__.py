"""Frozen values that the whole of routercfg speaks in: state, firewall, intent, change, finding."""
