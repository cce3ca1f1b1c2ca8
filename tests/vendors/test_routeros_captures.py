"""Recorded exports, judged by hand from the rulings before the code was asked."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from routercfg.cli import run
from routercfg.model.finding import Status
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_pack
from routercfg.requirements import judge

from .routeros import captures, export

PLATFORM = "mikrotik_routeros"
#: Services that are on in every RouterOS 6 that was not told otherwise.
PLAINTEXT = ("telnet", "ftp", "api")
OTHERS = ("ssh", "www", "winbox", "api-ssl")

#: No prefixes are given and `egress` is not asked for: the same for every router.
_TOLD_NOTHING = {"provider-access": "unknown", "egress": "not_applicable"}
#: Out of the box: the helpers are on, 10 s and 180 s, UPnP off; no router here is 6.45 or later.
_OUT_OF_THE_BOX = {
    "sip-alg": "violation",
    "udp-timeouts": "violation",
    "tftp": "ok",
    "upnp": "ok",
    "firmware": "decision",
    **_TOLD_NOTHING,
}
_NO_EXPORT = dict.fromkeys(
    ("sip-alg", "sip-forwards", "management", "ipv6", "udp-timeouts", "provider-access", "tftp",
     "upnp", "firmware"),
    "unknown",
) | {"egress": "not_applicable"}  # fmt: skip

STATUSES = {
    # WAN is `wan`: masquerade. RouterOS 6 without a word on IPv6: the package may be on or off.
    "full_export_v6.28_homedefault*": _OUT_OF_THE_BOX
    | {"sip-forwards": "ok", "management": "violation", "ipv6": "unknown"},
    # Nothing shows the WAN: two DHCP clients that take no default route, no NAT, no list WAN.
    # Plaintext services are a violation wherever they are on, WAN or not.
    "full_export_verbose_v6.43.8_Router-A1*": _OUT_OF_THE_BOX
    | {"sip-forwards": "unknown", "management": "violation", "ipv6": "not_applicable"},
    # WAN is ether1, by the list WAN; all rules that would drop are disabled.
    "full_export_verbose_v6.43.8_Router-B3*": _OUT_OF_THE_BOX
    | {"sip-forwards": "ok", "management": "violation", "ipv6": "not_applicable"},
    # WAN is ether1, by its DHCP client; no firewall at all.
    "export__community*": _OUT_OF_THE_BOX
    | {"sip-forwards": "ok", "management": "violation", "ipv6": "unknown"},
    # Verbose by its name only: it does not list the defaults, so absence proves nothing.
    "export_verbose__community*": _OUT_OF_THE_BOX
    | {"sip-forwards": "ok", "management": "violation", "ipv6": "unknown"},
    "ip_address_export_verbose*": _NO_EXPORT,
    "ip_firewall_nat_print_all*": _NO_EXPORT,
    "ip_firewall_service-port_print_detail_v7*": _NO_EXPORT,
}


def audited(
    path: Path, capsys: pytest.CaptureFixture[str], *options: str, status: int = 1
) -> dict[str, Any]:
    """The one router that the command line reports for a file."""
    capsys.readouterr()
    assert run(["audit", str(path), "--platform", PLATFORM, "--json", *options]) == status
    caught = capsys.readouterr()
    assert "Traceback" not in caught.err
    [router] = json.loads(caught.out)["routers"]
    found: dict[str, Any] = router
    return found


def items(router: dict[str, Any], requirement: str) -> list[dict[str, Any]]:
    [finding] = [one for one in router["findings"] if one["requirement"] == requirement]
    found: list[dict[str, Any]] = finding["items"]
    return found


def verdicts(router: dict[str, Any], family: int = 4) -> dict[tuple[str, str], str]:
    """What is said of each service and port of one family."""
    return {
        (one["service"], one["port"]): one["verdict"]
        for one in items(router, "management")
        if one.get("family") == family
    }


def statuses(router: dict[str, Any]) -> dict[str, str]:
    return {one["requirement"]: one["status"] for one in router["findings"]}


@pytest.mark.parametrize("pattern", STATUSES)
def test_a_recorded_text_is_judged_as_by_hand(
    pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = captures(pattern)
    assert statuses(audited(path, capsys)) == STATUSES[pattern]


def test_a_disabled_drop_leaves_everything_open_to_the_network_outside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [path] = captures("full_export_verbose_v6.43.8_Router-B3*")
    router = audited(path, capsys)
    assert router["version"] == "6.43.8"
    assert router["model"] == "RB941-2nD"
    assert verdicts(router) == {
        ("telnet", "23"): "violation",
        ("ftp", "21"): "violation",
        ("www", "80"): "violation",
        ("ssh", "22"): "violation",
        ("www-ssl", "443"): "ok",
        ("api", "8728"): "violation",
        ("winbox", "8291"): "violation",
        ("api-ssl", "8729"): "violation",
        ("snmp", "161"): "ok",
        ("dns", "53"): "decision",
        ("socks", "1080"): "ok",
        ("web-proxy", "8080"): "ok",
        ("bandwidth-test", "2000"): "decision",
        # Only on the list LAN, whose one interface is gone.
        ("mac-telnet", "20561"): "ok",
    }
    # The IPv6 package is off, and ether1 has a private address: its whole network counts.
    assert verdicts(router, 6) == {}
    reached = {one["from"] for one in items(router, "management") if one["verdict"] == "violation"}
    assert reached == {"the internet"}
    assert items(router, "sip-forwards") == []


def test_without_a_wan_plaintext_is_a_violation_and_the_rest_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [path] = captures("full_export_verbose_v6.43.8_Router-A1*")
    found = verdicts(audited(path, capsys))
    services = {service: verdict for (service, _), verdict in found.items()}
    assert {services[name] for name in PLAINTEXT} == {"violation"}
    assert {services[name] for name in (*OTHERS, "dns", "bandwidth-test")} == {"unknown"}
    assert {services[name] for name in ("www-ssl", "snmp", "socks", "web-proxy")} == {"ok"}


def test_a_wan_that_is_given_turns_unknown_into_an_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [path] = captures("full_export_verbose_v6.43.8_Router-A1*")
    router = audited(path, capsys, "--wan", "ether3")
    services = {service: verdict for (service, _), verdict in verdicts(router).items()}
    assert {services[name] for name in (*PLAINTEXT, *OTHERS)} == {"violation"}
    assert {services[name] for name in ("dns", "bandwidth-test")} == {"decision"}
    # MAC telnet answers on ether3 as well: the list `mactel` names it.
    assert services["mac-telnet"] == "decision"
    assert statuses(router)["sip-forwards"] == "ok"


def test_a_rule_that_two_lines_run_together_makes_the_filter_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [path] = captures("full_export_v6.28_homedefault*")
    router = audited(path, capsys)
    services = {service: verdict for (service, _), verdict in verdicts(router).items()}
    assert {services[name] for name in PLAINTEXT} == {"violation"}
    assert {services[name] for name in OTHERS} == {"unknown"}
    assert {services[name] for name in ("www-ssl", "snmp")} == {"ok"}
    [note] = {one["note"] for one in items(router, "management") if one["service"] == "ssh"
              and one["family"] == 4}  # fmt: skip
    assert "!block" in note


@pytest.mark.parametrize("pattern", ["export__community*", "export_verbose__community*"])
def test_without_a_firewall_every_service_that_nobody_switched_off_is_open(
    pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = captures(pattern)
    router = audited(path, capsys)
    services = {service: verdict for (service, _), verdict in verdicts(router).items()}
    assert {services[name] for name in (*PLAINTEXT, *OTHERS)} == {"violation"}
    assert {services[name] for name in ("bandwidth-test", "mac-telnet")} == {"decision"}
    assert {services[name] for name in ("www-ssl", "snmp", "dns", "socks", "web-proxy")} == {"ok"}
    # Whether RouterOS 6 has IPv6 at all, a compact export does not say.
    later = {service: verdict for (service, _), verdict in verdicts(router, 6).items()}
    assert {later[name] for name in OTHERS} == {"unknown"}


#: What a compact export of Router-B3 would hold, and what it would leave out there as default.
_SAID = (
    "interface bridge", "interface list", "interface list member", "ip address", "ip dhcp-client",
    "ip dns", "ip firewall filter", "ip firewall nat", "system identity", "tool mac-server",
)  # fmt: skip
_DEFAULTS = re.compile(
    r' (?:action=accept|exclude=""|include=""|disabled=no|cache-[a-z-]+=\S+|max-[a-z-]+=\S+'
    r'|query-[a-z-]+=\S+|servers=""|![a-z-]+)(?= |$)'
)


def compacted(verbose: str) -> str:
    """The compact export of the router that a verbose export is of."""
    head, _, body = verbose.replace("\r\n", "\n").partition("\n/")
    kept = [head]
    for section in re.split(r"\n(?=/)", "/" + re.sub(r"\\\n {4}", "", body)):
        menu, *lines = section.splitlines()
        if menu.removeprefix("/") in _SAID:
            usual = [line for line in lines if line.startswith("set [ find name=")]
            said = [_DEFAULTS.sub("", line) for line in lines if line not in usual]
            kept += [menu, *said]
    return "\n".join(kept) + "\n"


def test_verbose_and_compact_exports_of_one_router_give_the_same_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = captures("full_export_verbose_v6.43.8_Router-B3*")
    file = tmp_path / "compact.txt"
    file.write_text(compacted(path.read_text()))
    assert len(file.read_text()) < len(path.read_text()) / 5
    verbose, compact = audited(path, capsys), audited(file, capsys)
    assert verdicts(compact) == verdicts(verbose)
    for requirement in ("sip-alg", "sip-forwards", "udp-timeouts", "tftp", "upnp", "firmware"):
        assert items(compact, requirement) == items(verbose, requirement)
    # Only the verbose one shows by its silence that the IPv6 package is off.
    assert statuses(compact) == statuses(verbose) | {"ipv6": "unknown"}


def test_every_line_of_evidence_that_is_printed_is_in_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = 0
    for path in captures("*export*"):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        for finding in audited(path, capsys)["findings"]:
            for one in finding["evidence"]:
                if one["line"]:
                    assert lines[one["line"] - 1].strip() == one["text"], path.name
                    seen += 1
    assert seen > 20


def test_every_recorded_text_audits_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exports = [path.name for path in captures("*export*")]
    paths = captures()
    assert len(paths) > 50
    for path in paths:
        router = audited(path, capsys)
        if path.name not in exports:
            assert statuses(router) == _NO_EXPORT, path.name
            assert router["status"] == "unknown", path.name


def test_a_thousand_filter_rules_are_judged_in_three_tenths_of_a_second() -> None:
    lists = "".join(
        f"/ip firewall address-list add address=198.51.{number}.0/24 list=office-{number % 40}\n"
        for number in range(200)
    )
    rules = "".join(
        f"/ip firewall filter add action={('accept', 'drop', 'accept', 'reject')[number % 4]}"
        f" chain={('input', 'forward', 'customers', 'office')[number // 4 % 4]}"
        f' comment="rule {number}" dst-port={1000 + number * 7 % 5000}-{6000 + number}'
        f" protocol={('tcp', 'udp')[number // 16 % 2]} src-address-list=office-{number % 40}\n"
        for number in range(992)
    )
    ends = "".join(
        f"/ip firewall filter add {rule}\n"
        for rule in (
            "action=accept chain=input connection-state=established,related",
            "action=jump chain=input jump-target=office",
            "action=jump chain=forward jump-target=customers",
            "action=drop chain=input in-interface-list=!LAN",
            "action=accept chain=forward connection-state=established,related",
            "action=accept chain=forward in-interface-list=LAN",
            "action=return chain=office",
            "action=drop chain=forward in-interface-list=WAN",
        )
    )
    text = export(lists + rules + ends)
    assert text.count("/ip firewall filter add") == 1000
    pack = load_pack(PLATFORM)
    intent = Intent(provider=PrefixSet.of("203.0.113.0/24"))
    taken = []
    for _ in range(3):
        begun = time.process_time()
        findings = judge(intent, pack.state({"export": text}))
        taken.append(time.process_time() - begun)
    print(f"1,000 filter rules, read and judged: {min(taken):.3f} s of CPU time, best of 3")
    [management] = [one for one in findings if one.requirement == "management"]
    assert management.status is Status.VIOLATION
    assert min(taken) < 0.3
