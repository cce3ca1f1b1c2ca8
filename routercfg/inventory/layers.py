"""Layers of variables: what one file says about one group or router."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from routercfg.documents import FrozenMapping
from routercfg.errors import VariableError, Where

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Layer:
    """Variables from one place. `owner` says whose: `group xelion`, `hosts file`, `host_vars`."""

    owner: str
    file: Path
    variables: FrozenMapping[str, object]

    def where(self, name: str) -> Where:
        """File and line of one variable."""
        return Where(file=self.file, line=self.variables.line(name))


def named_variables(
    mapping: FrozenMapping[object, object], file: Path
) -> FrozenMapping[str, object]:
    """The mapping, once every key is known to be a variable's name. Raises VariableError."""
    for name in mapping:
        if not isinstance(name, str) or not _NAME.match(name):
            raise VariableError(
                f"{str(name)[:60]!r} cannot be the name of a variable",
                where=Where(file=file, line=mapping.line(name)),
                hint="Use letters, digits and underscores, beginning with a letter",
            )
    return cast("FrozenMapping[str, object]", mapping)


def merged(layers: Iterable[Layer]) -> dict[str, object]:
    """All variables; a later layer replaces a whole value, as `hash_behaviour=replace` does."""
    whole: dict[str, object] = {}
    for layer in layers:
        whole.update(layer.variables)
    return whole
