"""A stateful RouterOS: grammar, configuration, console and terminal.

Knows RouterOS and nothing of the pack: no template, parser or driver of the pack is used here, so
that what the pack sends is judged by somebody else's understanding of the platform.
"""

from __future__ import annotations
