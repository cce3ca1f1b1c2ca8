"""One router's configuration, with what every area of it needs: release, ports, evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Outputs

from ..vyatta import config
from ..vyatta.tree import parse

_RELEASE = re.compile(r"(?m)^Version:\s+VyOS (\S+)")
_NUMBER = re.compile(r"(\d+)\.(\d+)")
#: T3275: from this day on, a module that is named is a module that is on.
_FLIPPED = 20210910
_VLANS = ("vif", "vif-s", "vif-c")


class Dialect(Enum):
    """How the packet filter is written."""

    LEGACY = "rulesets bound to interfaces or zones, to 1.3"
    ROLLING = "`firewall interface`, rolling releases of 2022 and 2023"
    MODERN = "base chains, from 1.4"


@dataclass(frozen=True, slots=True)
class Config(config.Config):
    """What the version decides as well. `version` is empty where no output names it."""

    @property
    def release(self) -> tuple[int, int] | None:
        """Major and minor version; None where no output names it."""
        match = _NUMBER.search(self.version)
        return (int(match[1]), int(match[2])) if match else None

    @property
    def dialect(self) -> Dialect | None:
        """The filter's language, by what the configuration holds, else by the version."""
        root, release = self.root, self.release
        if root.has("firewall", "ipv4") or root.has("firewall", "ipv6"):
            return Dialect.MODERN
        named = root.has("firewall", "name") or root.has("firewall", "ipv6-name")
        recent = release is not None and release >= (1, 4)
        if root.has("firewall", "interface") or (
            named and (recent or root.has("firewall", "zone"))
        ):
            return Dialect.ROLLING
        if named or (release is not None and not recent) or root.has("zone-policy"):
            return Dialect.LEGACY
        return Dialect.MODERN if recent or self._looks_recent() else None

    @property
    def named_modules_are_on(self) -> bool | None:
        """Does `system conntrack modules sip` switch the helper on (1.3), or does absence (1.2)?

        The footer's own syntax version decides, then the release, then how other modules are
        written. None: nothing tells.
        """
        syntax = self.tree.components.get("conntrack")
        if syntax is not None:
            return syntax >= 3
        if self.release is not None:
            built = re.search(r"-(20\d{6})", self.version)
            if self.release == (1, 3) and built is None:
                return True
            if self.release < (1, 5) and built is not None:
                return int(built[1]) >= _FLIPPED and self.release >= (1, 3)
            return self.release >= (1, 3)
        modules = self.root.below("system", "conntrack", "modules")
        if any(module.has("disable") for module in modules):
            return False
        if modules or self.dialect is Dialect.MODERN or self._looks_recent():
            return True
        return None

    def _looks_recent(self) -> bool:
        rules = self.root.below("nat", "destination", "rule")
        rules += self.root.below("nat", "source", "rule")
        return self.root.has("firewall", "global-options") or any(
            rule.has(side, "name")
            for rule in rules
            for side in ("inbound-interface", "outbound-interface")
        )


def read_config(outputs: Outputs) -> Config:
    """Parse the main read. Raises ParseError where it is not whole, or not of this platform."""
    output = outputs["config"]
    tree = parse(output.text)
    root = tree.root
    if not root.has("system") and not root.has("interfaces"):
        raise ParseError("this is no configuration of VyOS: neither `interfaces` nor `system`")
    if not root.has("system") or not root.has("interfaces"):
        raise ParseError("the configuration has no `interfaces` or no `system`: it is cut off")
    if not root.has("system", "login"):
        raise ParseError("the configuration has no `system login`: it is cut off")
    version = tree.release
    evidence: tuple[Evidence, ...] = ()
    if "version" in outputs:
        match = _RELEASE.search(outputs["version"].text)
        if match is not None:
            version = match[1]
            line = outputs["version"].text[: match.start()].count("\n") + 1
            evidence = (outputs["version"].evidence(line),)
    return Config(output, tree, version, evidence, tuple(config.ports_of(root, _VLANS)))
