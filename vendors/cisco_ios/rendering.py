"""Filters of the templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .quoting import line

FILTERS: Mapping[str, Callable[..., Any]] = {"line": line}
