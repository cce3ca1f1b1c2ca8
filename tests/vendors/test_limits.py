"""A limit on the rate of ICMPv6 is allowed (RFC 4890); another condition leaves it unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routercfg.model.finding import Finding
from routercfg.model.state import Ipv6
from routercfg.platforms import pack_folders
from routercfg.requirements import ipv6

from .cases import Case

Edit = Callable[[str, bool], str]


def _nftables(text: str, limit: bool) -> str:
    condition: dict[str, Any] = {"limit": {"rate": 10, "burst": 5, "per": "second"}}
    if not limit:
        condition = {"quota": {"val": 5, "val_unit": "mbytes"}}
    data = json.loads(text)
    for entry in data["nftables"]:
        rule = entry.get("rule")
        if rule is not None and "nd-neighbor-solicit" in json.dumps(rule):
            rule["expr"].insert(-1, condition)
    return json.dumps(data)


def _routeros(text: str, limit: bool) -> str:
    condition = "limit=10,5:packet" if limit else "hop-limit=equal:255"
    return "\n".join(
        line.replace(" protocol=icmpv6", f" {condition} protocol=icmpv6")
        if "action=accept chain=input" in line
        else line
        for line in text.splitlines()
    )


def _commands(text: str, limit: bool) -> str:
    condition = "limit rate '10/second'" if limit else "recent count '4'"
    found = []
    for line in text.splitlines():
        found.append(line)
        head, _, value = line.rpartition(" protocol ")
        if value.strip("'") in ("icmpv6", "ipv6-icmp") and head:
            found.append(f"{head} {condition}")
    return "\n".join(found)


CASES: dict[str, tuple[str, str, str, Edit]] = {
    "nftables": ("linux_nftables", "compliant", "nft", _nftables),
    "RouterOS": ("mikrotik_routeros", "compliant", "export", _routeros),
    "VyOS 1.3": ("vyos", "compliant-1.3", "config", _commands),
    "VyOS 1.5": ("vyos", "compliant-1.5", "config", _commands),
    "EdgeOS": ("ubiquiti_edgeos", "compliant", "config", _commands),
}


def judged(name: str, limit: bool) -> Finding:
    platform, folder, read, edit = CASES[name]
    case = Case(platform, Path(pack_folders()[platform]) / "samples" / folder)
    texts = case.texts()
    changed = edit(texts[read], limit)
    assert changed != texts[read]
    state = case.pack.state({**texts, read: changed})
    # Not every sample has an address; it is the filter that is judged here.
    return ipv6.check(case.intent, replace(state, ipv6=Ipv6(enabled=True, in_use=True)))


@pytest.mark.parametrize("name", CASES)
def test_icmpv6_up_to_a_limit_is_let_in(name: str) -> None:
    found = judged(name, limit=True)
    assert found.status.value == "ok", found.summary


@pytest.mark.parametrize("name", CASES)
def test_icmpv6_on_another_condition_is_unknown(name: str) -> None:
    found = judged(name, limit=False)
    assert found.status.value == "unknown", found.summary
