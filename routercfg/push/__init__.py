"""Reading, pushing and proving, one router at a time."""

from routercfg.push.reading import inspect
from routercfg.push.result import Moment, Outcome, Result, Step
from routercfg.push.transaction import Options, push

__all__ = ["Moment", "Options", "Outcome", "Result", "Step", "inspect", "push"]
