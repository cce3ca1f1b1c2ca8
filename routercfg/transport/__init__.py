"""Talking to routers: targets, sessions, host keys."""

from routercfg.transport.session import Reply, Session, checked, refusal
from routercfg.transport.target import Target

__all__ = ["Reply", "Session", "Target", "checked", "refusal"]
