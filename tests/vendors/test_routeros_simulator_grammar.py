"""The simulated RouterOS against the command trees of real routers."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors import schemas
from tests.vendors.routeros_bench import Bench, part


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    pytest.importorskip("routeros_lsp")
    return schemas.checker("routeros_check")


def rejected(checker: ModuleType, line: str, version: str) -> list[str]:
    return [found[4] for found in checker.check(line, version) if found[2] == "E"]


@pytest.mark.parametrize("version", ["7.12.2", "7.18.2", "7.20.8"])
def test_no_menu_accepts_an_argument_or_a_choice_that_real_routers_lack(checker, version):
    menus, kinds = part("menu_table").MENUS, part("menus").Kind
    release = part("release").Release(version)
    foreign = []
    for path, menu in menus.items():
        if not menu.in_release(release) or menu.kind in (kinds.READING, kinds.ACTIONS):
            continue
        command = "add" if menu.kind in (kinds.LIST, kinds.ORDERED) else "set"
        for entry in menu.fields:
            if not entry.in_release(release) or entry.name in menu.read_only:
                continue
            for value in entry.type.choices or ("yes" if entry.type.name == "bool" else "1",):
                word = entry.name if entry.type.name == "flag" else f"{entry.name}={value}"
                line = f"/{path} {command}{' 0' if menu.kind is kinds.FIXED else ''} {word}"
                found = rejected(checker, line, version)
                foreign += [line] if any("Missing" not in message for message in found) else []
    assert foreign == []


GOOD_LINES = (
    "/ip firewall service-port set sip disabled=yes",
    "/ip firewall connection tracking set udp-stream-timeout=5m udp-timeout=1m",
    "/ip firewall address-list add list=voip address=203.0.113.0/24 comment=voip",
    "/ipv6 firewall address-list add list=voip address=2001:db8::/32",
    "/ip firewall filter add chain=forward action=accept src-address-list=voip place-before=0",
    "/ipv6 firewall filter add chain=input action=drop in-interface-list=!LAN",
    "/ip firewall nat add chain=dstnat action=dst-nat protocol=udp dst-port=5060 to-ports=5061",
    "/ip firewall nat add chain=dstnat action=dst-nat to-addresses=192.168.10.9",
    "/ip firewall nat remove [find where chain=dstnat]",
    "/ip firewall mangle add chain=prerouting action=mark-connection new-connection-mark=v",
    "/ip firewall raw add chain=prerouting action=notrack protocol=udp",
    "/ip service set telnet,ftp,www disabled=yes",
    "/ip service set ssh address=198.51.100.0/24",
    "/ip upnp set enabled=no",
    "/ip nat-pmp set enabled=no",
    "/ip dns set allow-remote-requests=no",
    "/ip socks set enabled=no",
    "/ip proxy set enabled=no",
    "/ip cloud set ddns-enabled=auto",
    "/snmp set enabled=no",
    "/snmp community set [find] addresses=198.51.100.0/24",
    "/tool bandwidth-server set enabled=no",
    "/tool mac-server set allowed-interface-list=LAN",
    "/tool mac-server mac-winbox set allowed-interface-list=LAN",
    "/ip ssh set strong-crypto=yes",
    "/ipv6 settings set disable-ipv6=yes",
    "/ipv6 nd set [find] disabled=yes",
    "/system identity set name=proef",
    "/system backup save name=pre dont-encrypt=yes",
    "/interface list member add list=LAN interface=ether6",
    "/interface vlan add name=voice vlan-id=20 interface=bridge",
    "/ip address add address=192.168.20.1/24 interface=ether6",
    "/ip route add dst-address=192.0.2.0/24 gateway=192.168.10.9",
    "/ip dhcp-client add interface=ether7",
    "/ip firewall filter print detail",
    "/ip firewall nat export terse hide-sensitive",
    ":put [:len [/ip firewall nat find where chain=dstnat]]",
)


def typos(line: str) -> set[str]:
    """The line with one letter of one word doubled or swapped, word by word."""
    found = set()
    words = line.split(" ")
    for index, word in enumerate(words):
        name = word.partition("=")[0]
        if len(name) < 4 or not name.strip("/:[").replace("-", "").isalpha():
            continue
        for wrong in (name[:-1] + name[-1] * 2, name[:-2] + name[-1] + name[-2]):
            if wrong != name:
                changed = [*words[:index], wrong + word[len(name) :], *words[index + 1 :]]
                found.add(" ".join(changed))
    return found


def refuses(bench: Bench, line: str) -> bool:
    reply = bench(line)
    marks = ("bad command", "expected end", "syntax error", "input does not", "invalid value",
             "failure:", "no such", "missing value", "ambiguous")  # fmt: skip
    return reply.startswith(marks)


@pytest.mark.parametrize("version", ["7.12.2", "7.18.2"])
def test_lines_that_real_routers_know_are_carried_out(checker, version):
    known = [line for line in GOOD_LINES if not rejected(checker, line, version)]
    assert len(known) >= len(GOOD_LINES) - 1
    assert [line for line in known if refuses(Bench(version=version), line)] == []


@pytest.mark.parametrize("version", ["7.12.2", "7.18.2"])
def test_typos_that_real_routers_reject_are_refused(checker, version):
    wrong = {typo for line in GOOD_LINES for typo in typos(line)}
    foul = [line for line in sorted(wrong) if rejected(checker, line, version)]
    assert len(foul) > 100
    # What is refused changes nothing, so that one router stands for all.
    bench = Bench(version=version)
    before = bench.router.configuration()
    assert [line for line in foul if not refuses(bench, line)] == []
    assert bench.router.configuration() == before


_WORDS = st.sampled_from(
    ["/ip", "firewall", "nat", "add", "set", "print", "find", "where", "get", "move", "[", "]", "(",
     ")", "{", "}", ";", ":put", ":pick", ":for", ":foreach", ":if", ":delay", ":len", ":execute",
     "i", "in=", "from=x", "to=3", "do=", "0", "99", "*1", "chain=input", '"a$b"', "$x", "!", "=",
     "~", "comment~", "\\", "disabled", "export", "terse", "numbers=", "src-address=1.2.3.4-1.1.1",
     "place-before=0", "-", "+", ".", "1", "/", "..", "/system", "identity", "name=", "scheduler"]
)  # fmt: skip
_LINES = st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=9).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(_LINES)
def test_whatever_is_typed_the_router_answers(line):
    bench = Bench("defconf", options={"device_mode": "advanced"})
    bench.clock.now += 1
    assert isinstance(bench(line), str)
    assert bench.terminal().feed(f"{line}\r") is not None
