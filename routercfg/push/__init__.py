"""Reading, pushing and proving, one router at a time."""

from routercfg.push.inspection import inspect
from routercfg.push.options import Options
from routercfg.push.result import Moment, Outcome, Result, Step
from routercfg.push.transaction import push
from routercfg.push.way_back import WayBack, put_back

__all__ = [
    "Moment",
    "Options",
    "Outcome",
    "Result",
    "Step",
    "WayBack",
    "inspect",
    "push",
    "put_back",
]
