"""RouterOS exports for tests: a small router around the lines that a test is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.platforms import load_pack

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
CAPTURES = SHARED / "captures" / "mikrotik_routeros"

#: WAN is ether1 by its default route; the LAN is on bridge.
_BASE = """\
/interface bridge add name=bridge
/interface list add name=WAN
/interface list add name=LAN
{early}/interface list member add interface=bridge list=LAN
/interface list member add interface=ether1 list=WAN
/ip address add address=192.168.88.1/24 interface=bridge network=192.168.88.0
/ip address add address=192.0.2.10/29 interface=ether1 network=192.0.2.8
{lines}/ip route add gateway=192.0.2.9
/system identity set name=proef
"""


def export(lines: str, *, version: str = "7.18.2", early: str = "") -> str:
    """A terse export with these lines between /ip address and /ip route."""
    date = "2025-09-16 17:59:24" if version.startswith("7") else "sep/16/2025 17:59:24"
    body = _BASE.format(lines=lines, early=early)
    return f"# {date} by RouterOS {version}\n# model = RB4011iGS+\n{body}"


def read(lines: str, *, version: str = "7.18.2", early: str = "", **reads: str) -> RouterState:
    """The state of such a router, with other reads by id."""
    texts = {"export": export(lines, version=version, early=early), **reads}
    return load_pack("mikrotik_routeros").state(texts)


def filters(*rules: str, family: int = 4, table: str = "filter", **more: str) -> RouterState:
    """The state of a router with these filter rules."""
    menu = f"/{'ip' if family == 4 else 'ipv6'} firewall {table}"
    extra = more.pop("lines", "")
    return read(extra + "".join(f"{menu} add {rule}\n" for rule in rules), **more)


def who(
    state: RouterState,
    hook: Hook = Hook.INPUT,
    *,
    protocol: str = "tcp",
    port: int = 443,
    wan: str = "ether1",
    to: str | None = "192.0.2.10",
    dnat: bool = False,
) -> PrefixSet:
    """Who may open a connection from outside, by the router's IPv4 rules."""
    ruleset = state.firewall.ruleset(hook, 4)
    assert isinstance(ruleset, Ruleset), ruleset
    destinations = PrefixSet.of(to) if to else None
    query = Query(4, protocol, PortSet.of(port), wan, destinations=destinations, dnat=dnat)
    return exposed(ruleset, query)


def captures(pattern: str = "*") -> list[Path]:
    """Recorded outputs; skips the test where there are none."""
    found = sorted(CAPTURES.glob(pattern))
    if not found:
        pytest.skip("the recorded outputs of ../shared are not here")
    return found
