"""Linux with nftables: what its rules mean, and that genuine nft takes what we render."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from routercfg.errors import UnsafeValueError
from routercfg.model.change import (
    AllowProvider,
    Change,
    DefendIpv6,
    DisableIpv6,
    DisableListener,
    DisableSipAlg,
    EnableTftp,
    RemoveForward,
    RestrictEgress,
    RestrictForward,
    RestrictManagement,
    SetUdpTimeouts,
    SplitForward,
)
from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, assured, exposed
from routercfg.model.state import Forward, Helper, Listener, RouterState, UdpTimer
from routercfg.net import EVERYBODY, PortSet, PrefixSet
from routercfg.platforms import load_pack

PROVIDER = PrefixSet.of("203.0.113.0/24", "2001:db8:5060::/48")
MANAGERS = PrefixSet.of("192.0.2.0/24", "2001:db8:22::/48")
INTENT = Intent(provider=PROVIDER, management_sources=MANAGERS)


def match(left: dict[str, Any], right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


def port(number: Any, protocol: str = "udp") -> dict[str, Any]:
    return match({"payload": {"protocol": protocol, "field": "dport"}}, number)


def by(name: Any) -> dict[str, Any]:
    return match({"meta": {"key": "iifname"}}, name)


def ruleset(
    *rules: list[Any],
    hook: str = "input",
    kind: str = "filter",
    policy: str = "accept",
    extra: tuple[dict[str, Any], ...] = (),
) -> str:
    where = {"family": "inet", "table": "t"}
    chain = {**where, "name": "c", "handle": 1, "type": kind, "hook": hook, "prio": 0}
    return json.dumps(
        {
            "nftables": [
                {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
                {"table": {"family": "inet", "name": "t", "handle": 1}},
                {"chain": {**chain, "policy": policy}},
                *extra,
                *(
                    {"rule": {**where, "chain": "c", "handle": number, "expr": rule}}
                    for number, rule in enumerate(rules, start=2)
                ),
            ]
        }
    )


def state(text: str) -> RouterState:
    return load_pack("linux_nftables").state({"nft": text})


def forwards(*rules: list[Any]) -> tuple[Forward, ...]:
    found = state(ruleset(*rules, hook="prerouting", kind="nat")).forwards
    assert not isinstance(found, Unknown)
    return found


def dnat(address: Any, to_port: Any = None) -> dict[str, Any]:
    body = {"family": "ip", "addr": address}
    return {"dnat": body if to_port is None else {**body, "port": to_port}}


def test_a_wildcard_interface_is_one_of_its_names() -> None:
    text = ruleset([by("ppp*"), {"accept": None}], policy="drop")
    filtered = state(text).firewall.input4
    assert not isinstance(filtered, Unknown)
    assert exposed(filtered, Query(4, "tcp", PortSet.of(22), "ppp0"))
    assert not exposed(filtered, Query(4, "tcp", PortSet.of(22), "eth0"))


def test_a_verdict_map_is_written_out() -> None:
    data = {"set": [[22, {"accept": None}], [{"range": [80, 90]}, {"drop": None}]]}
    key = {"payload": {"protocol": "tcp", "field": "dport"}}
    filtered = state(ruleset([{"vmap": {"key": key, "data": data}}], policy="drop")).firewall.input6
    assert not isinstance(filtered, Unknown)
    assert exposed(filtered, Query(6, "tcp", PortSet.of(22))) == EVERYBODY.only(6)
    assert not exposed(filtered, Query(6, "tcp", PortSet.of(85)))
    assert {rule.id for rule in filtered.rules()} == {"inet t c 2#1", "inet t c 2#2"}


@pytest.mark.parametrize("unknown", [{"xt": None}, {"something new": {}}, {"queue": {"num": 1}}])
def test_a_statement_we_do_not_know_shields_nothing_and_assures_nothing(
    unknown: dict[str, Any],
) -> None:
    filtered = state(ruleset([unknown])).firewall.input4
    assert not isinstance(filtered, Unknown)
    query = Query(4, "tcp", PortSet.of(22))
    assert exposed(filtered, query)
    assert not assured(filtered, query)


def test_a_set_that_fills_itself_is_not_taken_for_what_it_holds_now() -> None:
    dynamic = {
        "set": {
            "family": "inet", "table": "t", "name": "s", "handle": 9, "type": "ipv4_addr",
            "flags": ["timeout"], "elem": ["198.51.100.7"],
        }
    }  # fmt: skip
    source = match({"payload": {"protocol": "ip", "field": "saddr"}}, "@s")
    text = ruleset([source, {"accept": None}], policy="drop", extra=(dynamic,))
    filtered = state(text).firewall.input4
    assert not isinstance(filtered, Unknown)
    assert exposed(filtered, Query(4, "tcp", PortSet.of(22))) == EVERYBODY.only(4)


def test_a_return_in_front_narrows_a_forward() -> None:
    (left,) = forwards(
        [by("wan0"), port({"range": [5060, 5061]}), {"return": None}],
        [by("wan0"), port({"range": [5000, 6000]}), dnat("192.168.1.9")],
    )
    assert left.ports == PortSet.of("5000-5059,5062-6000")


def test_a_return_for_one_interface_leaves_the_forward_on_the_others() -> None:
    (left,) = forwards(
        [by("wan0"), port(5060), {"return": None}], [port(5060), dnat("192.168.1.9")]
    )
    assert left.ports == PortSet.of(5060)


def test_every_entry_of_a_map_is_a_forward_of_its_own() -> None:
    pairs = {
        "set": [[80, {"concat": ["192.168.1.1", 8080]}], [5060, {"concat": ["192.168.1.2", 5060]}]]
    }
    key = {"payload": {"protocol": "udp", "field": "dport"}}
    first, second = forwards([by("wan0"), dnat({"map": {"key": key, "data": pairs}})])
    assert (first.id, first.to_ports) == ("inet t c 2#1", PortSet.of(8080))
    assert (second.to, second.ports) == (PrefixSet.of("192.168.1.2"), PortSet.of(5060))


def test_a_map_that_others_fill_may_lead_anywhere() -> None:
    key = {"payload": {"protocol": "udp", "field": "dport"}}
    found = forwards([by("wan0"), {"dnat": {"addr": {"map": {"key": key, "data": "@gone"}}}}])
    assert found
    assert all(forward.opaque for forward in found)


def test_a_declared_helper_that_no_rule_sets_is_off() -> None:
    helper = {
        "ct helper": {
            "family": "inet", "table": "t", "name": "h", "handle": 9, "type": "sip",
            "protocol": "udp",
        }
    }  # fmt: skip
    assert state(ruleset(extra=(helper,))).sip_helpers == ()
    (found,) = state(ruleset([port(5060), {"ct helper": "h"}], extra=(helper,))).sip_helpers  # type: ignore[misc]
    assert found.id == "inet t c 2"


def test_live_flows_count_and_their_absence_must_be_told() -> None:
    pack = load_pack("linux_nftables")
    flow = "udp 17 3590 src=192.168.1.2 dst=203.0.113.1 sport=5060 dport=5060 helper=sip use=1\n"
    live = pack.state({"nft": ruleset(), "conntrack": f"{flow}conntrack: read\n"}).sip_helpers
    assert not isinstance(live, Unknown)
    assert live[0].live
    assert isinstance(pack.state({"nft": ruleset(), "conntrack": flow}).sip_helpers, Unknown)


@pytest.mark.parametrize("cut", [1, 40, 200, -1])
def test_a_cut_off_ruleset_leaves_everything_unknown(cut: int) -> None:
    found = state(ruleset([port(5060), {"accept": None}])[:cut])
    assert isinstance(found.firewall.input4, Unknown)
    assert isinstance(found.forwards, Unknown)


@pytest.mark.parametrize("value", ['x"; drop', "x\ny", "$x", "`id`", "{", ""])
def test_what_nft_or_the_shell_would_read_otherwise_is_refused(value: str) -> None:
    pack = load_pack("linux_nftables")
    with pytest.raises(UnsafeValueError):
        pack.driver.quote(value)
    change = RestrictManagement((value,), MANAGERS, (Listener("ssh", "tcp", PortSet.of(22)),))
    with pytest.raises(UnsafeValueError):
        pack.render(change, state(ruleset()), INTENT)


FORWARD = Forward(
    "inet t translated 8", 4, PrefixSet.of("192.168.1.9"),
    protocols=frozenset({"udp", "tcp"}), ports=PortSet.of("5000-6000"),
)  # fmt: skip
SSH = Listener("ssh", "tcp", PortSet.of(22))
CHANGES: tuple[Change, ...] = (
    AllowProvider(PROVIDER),
    EnableTftp((Helper("tftp", "tftp", enabled=False),)),
    SetUdpTimeouts(300, (UdpTimer("net.netfilter.nf_conntrack_udp_timeout", 30),)),
    DisableSipAlg((Helper("inet t early 7", "sip", enabled=True),)),
    RemoveForward(FORWARD),
    SplitForward(FORWARD, (("udp", PortSet.of("5000-5059")), ("tcp", PortSet.of("5000-6000")))),
    RestrictForward(FORWARD, MANAGERS),
    RestrictForward(FORWARD, PrefixSet.of("2001:db8:22::/48")),
    DefendIpv6(("wan0", "ppp*"), True, True, MANAGERS),
    DisableIpv6(),
    RestrictEgress(
        ("wan0",),
        PrefixSet.of("192.168.1.0/24"),
        PROVIDER,
        PortSet.of(5060),
        PortSet.of("10000-20000"),
    ),
    DisableListener(Listener("telnet", "tcp", PortSet.of(23), plaintext=True)),
    RestrictManagement(("wan0",), MANAGERS, (SSH,)),
)  # fmt: skip

BASE = """
table inet t {
	ct helper sip {
		type "sip" protocol udp
	}
	chain arriving {
		type filter hook input priority filter; policy drop;
	}
	chain passing {
		type filter hook forward priority filter; policy drop;
	}
	chain early {
		type filter hook prerouting priority filter; policy accept;
		udp dport 5060 ct helper set "sip"
	}
	chain translated {
		type nat hook prerouting priority dstnat; policy accept;
		meta l4proto { tcp, udp } th dport 5000-6000 dnat ip to 192.168.1.9
	}
}
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("nft"),
    reason="needs root and nft",
)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__)
def test_genuine_nft_takes_every_rendered_change(change: Change) -> None:
    """In a network namespace of its own: loaded, read back, changed by the very commands."""
    listing = _apart(f"nft -f - <<'BASE'\n{BASE}BASE\nnft -j list ruleset")
    pack = load_pack("linux_nftables")
    wide = Intent(provider=PROVIDER, management_sources=MANAGERS, wan_interfaces=("wan0",))
    commands = pack.render(_on_this(change, listing), state(listing), wide)
    noted = "\n".join(commands).replace("/run/routercfg", '"$scratch"')
    again = noted if _repeats(change) else ""
    script = f"""scratch=$(mktemp -d)
nft -f - <<'BASE'
{BASE}BASE
{noted}
{again}
rm -r "$scratch"
"""
    printed = _apart(script)
    assert "rror" not in printed, (noted, printed)


def _repeats(change: Change) -> bool:
    """May it be sent twice? What deletes a rule by its handle may not."""
    return not isinstance(change, DisableSipAlg | RemoveForward)


def _on_this(change: Change, listing: str) -> Change:
    """The change with the handles that these rules have."""
    rules = {
        entry["rule"]["chain"]: entry["rule"]["handle"]
        for entry in json.loads(listing)["nftables"]
        if "rule" in entry
    }
    if isinstance(change, DisableSipAlg):
        return DisableSipAlg((Helper(f"inet t early {rules['early']}", "sip", enabled=True),))
    assert FORWARD.id == f"inet t translated {rules['translated']}", rules
    return change


def _apart(script: str) -> str:
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    if "unshare failed" in done.stderr:
        pytest.skip("network namespaces are refused here")
    return done.stdout + done.stderr
