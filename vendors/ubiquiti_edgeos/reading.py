"""One router's configuration, with what every area of it needs: release, ports, evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Outputs

from ..vyatta import config
from ..vyatta.tree import parse

_VERSION = re.compile(r"(?m)^Version:\s+v(\d\S*)")
_MODEL = re.compile(r"(?m)^HW model:\s+(\S.*?)\s*$")
#: `v1.9.1.4939093.161214.0705`: release, build, day, time. Only the release is compared.
_RELEASE = re.compile(r"v?(\d+\.\d+(?:\.\d{1,3})?)(?:[.-]|$)")


@dataclass(frozen=True, slots=True)
class Config(config.Config):
    """The model as well. `version` and `model` are empty where no output names them."""

    model: str


def read_config(outputs: Outputs) -> Config:
    """Parse the main read. Raises ParseError where it is not whole, or not of this platform.

    `show configuration commands` prints the top nodes in alphabetical order and says nowhere that
    it has ended: every router has `system login` in its last part.
    """
    output = outputs["config"]
    tree = parse(output.text)
    root = tree.root
    if not root.has("system") and not root.has("interfaces"):
        raise ParseError("this is no configuration of EdgeOS: neither `interfaces` nor `system`")
    if not root.has("interfaces") or not root.has("system", "login"):
        raise ParseError("the configuration has no `interfaces` or no `system login`: it is cut")
    if root.has("nat", "destination") or root.has("nat", "source") or root.has("firewall", "ipv4"):
        raise ParseError("this is a configuration of VyOS, not of EdgeOS")
    version, model = tree.release, ""
    evidence: tuple[Evidence, ...] = ()
    if "version" in outputs:
        text = outputs["version"].text
        match = _VERSION.search(text)
        if match is not None:
            version = match[1]
            line = text[: match.start()].count("\n") + 1
            evidence = (outputs["version"].evidence(line),)
        named = _MODEL.search(text)
        model = named[1] if named else ""
    number = _RELEASE.match(version)
    return Config(
        output,
        tree,
        number[1] if number else "",
        evidence,
        tuple(config.ports_of(root, ("vif",))),
        model,
    )
