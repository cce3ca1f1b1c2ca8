"""Runs over many routers."""

from routercfg.batch.runner import run

__all__ = ["run"]
