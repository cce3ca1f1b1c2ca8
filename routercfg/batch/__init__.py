"""Runs over many routers."""

from routercfg.batch.each import run
from routercfg.batch.pace import Pace
from routercfg.batch.rollback import roll_back
from routercfg.batch.runner import carry_out, digested

__all__ = ["Pace", "carry_out", "digested", "roll_back", "run"]
