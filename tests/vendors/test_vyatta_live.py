"""Addresses that VyOS and EdgeOS were given by DHCP or PPPoE: read, judged, and put on the list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routercfg.batch.playbook_reading import load_playbook
from routercfg.batch.whitelist import Admission, Obstacle, Site, admissions
from routercfg.model.evidence import Unknown
from routercfg.model.state import Interface, RouterState
from routercfg.transport.session import refusal

from .vyatta import EDGEOS, INTENT, VERSIONS, VYOS, Bench, edgeos, talk, vyos

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT / ".." / "shared" / "captures"
_LOGIN = {
    "vyos": "set system login user vyos authentication plaintext-password x\n",
    "ubiquiti_edgeos": "set system login user ubnt level admin\n",
}
_DHCP = """\
set interfaces ethernet eth0 address dhcp
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces loopback lo
set service ssh port 22
set system host-name r1
"""
_PPPOE = {
    "vyos": "set interfaces ethernet eth0\nset interfaces pppoe pppoe0 source-interface eth0\n",
    "ubiquiti_edgeos": "set interfaces ethernet eth0 pppoe 0 default-route auto\n",
}
#: A filter that lets only private space manage the router, which nobody on the internet has.
_PRIVATE_ONLY = """\
set firewall {name} default-action drop
set firewall {name} rule 10 action accept
set firewall {name} rule 10 protocol tcp
set firewall {name} rule 10 destination port 22
set firewall {name} rule 10 source address 10.0.0.0/8
"""
DHCP = [
    *(vyos(version, _DHCP + _LOGIN["vyos"]) for version in VERSIONS),
    edgeos(_DHCP + _LOGIN["ubiquiti_edgeos"]),
]


def named(bench: Bench) -> str:
    return f"{bench.platform} {bench.version}"


def state_of(bench: Bench, one: Any) -> RouterState:
    return bench.pack.state(bench.texts(one))


def rows_of(bench: Bench, one: Any) -> tuple[Admission, ...]:
    return admissions(Site("r1"), replace(INTENT, wan_interfaces=()), state_of(bench, one))


def interface(state: RouterState, name: str) -> Interface:
    assert not isinstance(state.interfaces, Unknown)
    return next(one for one in state.interfaces if one.name == name)


@pytest.mark.parametrize("bench", DHCP, ids=named)
def test_an_address_that_dhcp_gave_out_is_known_and_can_be_admitted(bench: Bench) -> None:
    one = bench.router()
    one.leases["eth0"] = "198.51.100.7/24"
    [row] = rows_of(bench, one)
    assert (row.address, row.admissible, row.given) == ("198.51.100.7", True, "DHCP")


@pytest.mark.parametrize("bench", DHCP, ids=named)
@pytest.mark.parametrize(
    ("given", "obstacle"),
    [("100.64.7.8/10", Obstacle.CGNAT), ("192.168.178.20/24", Obstacle.DOUBLE_NAT)],
)
def test_the_nat_before_a_router_is_told_by_the_address_it_was_given(
    bench: Bench, given: str, obstacle: Obstacle
) -> None:
    one = bench.router()
    one.leases["eth0"] = given
    [row] = rows_of(bench, one)
    assert (row.address, row.obstacle) == (given.partition("/")[0], obstacle)


@pytest.mark.parametrize("bench", DHCP, ids=named)
def test_behind_another_router_its_private_space_counts_as_outside(bench: Bench) -> None:
    modern = bench.platform == "vyos" and bench.version > "1.4"
    filter_ = _PRIVATE_ONLY.format(name="ipv4 input filter" if modern else "name WAN_LOCAL")
    bound = "" if modern else "set interfaces ethernet eth0 firewall local name WAN_LOCAL\n"
    routed = replace(bench, configuration=bench.configuration + filter_ + bound)
    seen = {}
    for given in ("198.51.100.7/24", "10.0.0.2/24"):
        one = routed.router()
        one.leases["eth0"] = given
        [found] = [f for f in routed.plan(one).findings if f.requirement == "management"]
        facts = [dict(item.facts) for item in found.items]
        seen[given] = [f["from"] for f in facts if (f["service"], f["family"]) == ("ssh", 4)]
    assert seen == {"198.51.100.7/24": ["nobody"], "10.0.0.2/24": ["10.0.0.0/8"]}


@pytest.mark.parametrize("platform", _PPPOE)
def test_the_address_of_a_pppoe_session_is_known_and_without_a_session_it_is_down(
    platform: str,
) -> None:
    text = _PPPOE[platform] + _LOGIN[platform] + "set interfaces loopback lo\n"
    bench = vyos("1.4.0", text) if platform == "vyos" else edgeos(text)
    one = bench.router()
    one.leases["pppoe0"] = "198.51.100.7"
    [row] = rows_of(bench, one)
    assert (row.address, row.admissible, row.given) == ("198.51.100.7", True, "PPP")
    one.leases["pppoe0"] = ""
    [row] = rows_of(bench, one)
    assert (row.admissible, row.why) == (False, "WAN interface pppoe0 is down")


@pytest.mark.parametrize("text", ["\n  Invalid command: [show]\n\n", "Codes: S - State\nInte"])
def test_a_table_that_is_not_there_leaves_what_is_configured(text: str) -> None:
    bench = vyos("1.4.0")
    texts = bench.texts(bench.router())
    bare = bench.pack.state({key: one for key, one in texts.items() if key != "interfaces"})
    texts["interfaces"] = text
    assert bench.pack.state(texts).interfaces == bare.interfaces
    assert interface(bare, "eth0").addresses == ("192.0.2.2/24", "2001:db8:0:1::2/64")


def test_an_address_so_long_that_its_state_goes_to_the_next_line_is_read_whole() -> None:
    long = "2001:db8:1111:2222:3333:4444:5555:6666/128"
    text = _DHCP + f"set interfaces ethernet eth1 address {long}\n" + _LOGIN["vyos"]
    bench = vyos("1.4.0", text)
    one = bench.router()
    state = state_of(bench, one)
    assert set(interface(state, "eth1").addresses) == {"192.168.1.1/24", long}
    assert interface(state, "eth1").up is True


def test_an_interface_whose_link_is_down_is_no_way_to_the_internet() -> None:
    bench = vyos("1.4.0")
    one = bench.router()
    texts = bench.texts(one)
    texts["interfaces"] = texts["interfaces"].replace("u/u  Internet", "u/D  Internet")
    found = bench.pack.state(texts)
    assert interface(found, "eth0").up is False
    [row, *_] = admissions(Site("r1"), INTENT, found)
    assert row.why == "WAN interface eth0 is down"


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="no ../shared/captures here")
@pytest.mark.parametrize("bench", [vyos(), edgeos()], ids=named)
def test_real_tables_are_read_to_the_last_address(bench: Bench) -> None:
    text = (CAPTURES / bench.platform / "show_interfaces__ntc-templates.txt").read_text()
    ports = {"vyos": "ethernet eth1 vif 269", "ubiquiti_edgeos": "ethernet eth1"}
    config = f"set interfaces {ports[bench.platform]} address dhcp\n" + _LOGIN[bench.platform]
    found = bench.pack.state({"config": config, "interfaces": text})
    name, addresses = {
        "vyos": ("eth1.269", ("172.18.32.14/28", "123.123.123.123/32")),
        "ubiquiti_edgeos": ("eth1", ("192.168.1.1/24", "2a05:c100:1d::1/64")),
    }[bench.platform]
    assert interface(found, name).addresses == addresses
    assert interface(found, name).up is True


@pytest.mark.parametrize("bench", [*VYOS, *EDGEOS], ids=str)
def test_what_the_shipped_playbooks_ask_of_a_router_it_answers(bench: Bench) -> None:
    shell = bench.login(bench.router())
    book = load_playbook(ROOT / "playbooks" / "migrate-isdn-to-sip.yml")
    [command] = [t.action for p in book.plays for t in p.tasks if t.word == "command"]
    for line in command.lines[bench.platform]:  # type: ignore[union-attr]  # a task `command`
        reply = talk(shell, line)
        assert refusal(bench.pack.manifest, reply) is None, (line, reply)
        if "leases" not in line:
            assert "eth0" in reply or "pppoe0" in reply
