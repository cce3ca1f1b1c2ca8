"""Whatever comes instead of RouterOS's output, nothing is guessed and nothing trips."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.finding import Status
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState
from routercfg.net import PrefixSet
from routercfg.platforms import load_pack
from routercfg.requirements import judge

from .cases import cases
from .routeros import SHARED, captures, export, read

PACK = load_pack("mikrotik_routeros")
INTENT = Intent(provider=PrefixSet.of("203.0.113.0/24"), egress=True)
SAMPLES = [case for case in cases() if case.platform == "mikrotik_routeros"]
AREAS = ("interfaces", "wans", "forwards", "listeners", "sip_helpers", "tftp_helpers", "udp_timers")


def unknown_everywhere(state: RouterState) -> bool:
    return all(isinstance(getattr(state, area), Unknown) for area in AREAS)


def statuses(state: RouterState) -> dict[str, Status]:
    return {one.requirement: one.status for one in judge(INTENT, state)}


def evidence(value: object) -> Iterator[Evidence]:
    if isinstance(value, Evidence):
        yield value
    elif isinstance(value, tuple | frozenset | list):
        for one in value:
            yield from evidence(one)
    elif isinstance(value, dict):
        yield from evidence(list(value.values()))
    elif is_dataclass(value):
        for field in fields(value):
            yield from evidence(getattr(value, field.name))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("case", SAMPLES, ids=str)
def test_every_line_of_evidence_is_a_line_of_the_sample(case: object) -> None:
    texts = case.texts()  # type: ignore[attr-defined]
    state = PACK.state(texts)
    commands = {one.command: one.id for one in PACK.manifest.reads}
    for one in evidence(state):
        if one.line:
            assert texts[commands[one.command]].splitlines()[one.line - 1].strip() == one.text


def test_every_line_of_evidence_is_a_line_of_the_recorded_export() -> None:
    for path in captures("*export*"):
        text = text_of(path)
        for one in evidence(PACK.state({"export": text})):
            if one.line:
                assert text.split("\n")[one.line - 1].strip() == one.text, path.name


@pytest.mark.parametrize("case", SAMPLES, ids=str)
def test_an_export_cut_anywhere_is_never_better_than_the_whole(case: object) -> None:
    texts = case.texts()  # type: ignore[attr-defined]
    text = texts["export"]
    whole = statuses(PACK.state(texts))
    good = (Status.OK, Status.NOT_APPLICABLE)
    for at in range(0, len(text), max(1, len(text) // 40)):
        found = statuses(PACK.state({**texts, "export": text[:at]}))
        better = [
            name for name, status in found.items() if status in good and whole[name] not in good
        ]
        assert not better, (at, better, text[max(0, at - 60) : at])


def test_a_recorded_export_cut_anywhere_trips_nothing() -> None:
    for path in captures("full_export*"):
        text = text_of(path)
        whole = PACK.state({"export": text})
        for step in range(1, 20):
            state = PACK.state({"export": text[: len(text) * step // 20]})
            known = [area for area in AREAS if not isinstance(getattr(state, area), Unknown)]
            assert not known or not isinstance(whole.listeners, Unknown)


def test_lines_in_another_order_trip_nothing() -> None:
    for path in captures("full_export*"):
        lines = text_of(path).splitlines(keepends=True)
        for seed in range(10):
            mixed = lines[:]
            random.Random(seed).shuffle(mixed)
            assert unknown_everywhere(PACK.state({"export": "".join(mixed)})), (path.name, seed)


def test_an_export_of_one_menu_is_no_router() -> None:
    for path in captures("ip_address_export_verbose*"):
        assert unknown_everywhere(PACK.state({"export": text_of(path)}))


def test_the_output_of_another_command_or_platform_is_unknown() -> None:
    captures()
    seen = 0
    for path in sorted((SHARED / "captures").rglob("*.txt")):
        if path.parent.name == "mikrotik_routeros" and "export" in path.name:
            continue
        seen += 1
        assert unknown_everywhere(PACK.state({"export": text_of(path)})), path.name
    assert seen > 50


def test_any_output_in_place_of_a_live_reading_trips_nothing() -> None:
    base = {"export": export("")}
    for path in captures():
        text = text_of(path)
        for name in ("resource", "packages", "users", "addresses", "routes", "leases", "tracking"):
            state = PACK.state({**base, name: text})
            assert not isinstance(state.listeners, Unknown) or "not understood" not in (
                state.listeners.reason
            ), (path.name, name, state.listeners)


@pytest.mark.parametrize("name", ["addresses", "addresses6", "routes", "leases"])
def test_a_garbled_live_reading_makes_its_area_unknown(name: str) -> None:
    state = read("", **{name: "\x1b[2J garbage ~~ 12\n"})
    area = {"routes": state.wans, "leases": state.forwards}.get(name, state.interfaces)
    assert isinstance(area, Unknown)


@pytest.mark.parametrize(
    "text",
    [
        bytes(range(256)).decode("latin-1") * 20000,
        'abc def="x\n' * 450_000,
        "# by RouterOS 7.1\n" + "foo bar baz\n" * 420_000,
        "# by RouterOS 7.1\n" + "a=b " * 1_250_000,
        '# by RouterOS 7.1\n/ip address\nadd a="' + '\\"' * 2_500_000,
        "# by RouterOS 7.1\n/ip address\nadd " + "[ " * 90_000,
        "# by RouterOS 7.1\n" + "/ip address\n" * 400_000,
        "\n" * 5_000_000,
    ],
    ids=["binary", "text", "header", "one line", "quotation", "brackets", "menus", "empty lines"],
)
def test_five_megabytes_of_junk_are_unknown_at_once(text: str) -> None:
    started = time.process_time()
    assert unknown_everywhere(PACK.state({"export": text}))
    assert time.process_time() - started < 3


def test_verbose_and_compact_exports_of_one_router_agree() -> None:
    compact = (
        '/ip firewall filter add action=drop chain=input comment="a b" dst-port=22 protocol=tcp\n'
        "/ip firewall nat add action=dst-nat chain=dstnat dst-port=5060 protocol=udp"
        " to-addresses=192.168.88.5\n"
        "/ip service set ssh port=2222\n"
    )
    off = "!connection-bytes !connection-limit !dst-address !in-interface !src-address-list !port"
    services = {"telnet": 23, "ftp": 21, "www": 80, "ssh": 2222, "api": 8728, "winbox": 8291}
    verbose = (
        '/ip dns set allow-remote-requests=no cache-size=2048KiB servers=""\n'
        f'/ip firewall filter add action=drop chain=input comment="a b" {off} disabled=no'
        ' dst-port=22 log=no log-prefix="" protocol=tcp\n'
        f"/ip firewall nat add action=dst-nat chain=dstnat {off} disabled=no dst-port=5060 log=no"
        ' log-prefix="" protocol=udp to-addresses=192.168.88.5 !to-ports\n'
        "/ip firewall service-port set ftp disabled=no ports=21\n"
        "/ip firewall service-port set tftp disabled=no ports=69\n"
        "/ip firewall service-port set sip disabled=no ports=5060,5061 sip-timeout=1h\n"
        + "".join(
            f'/ip service set {name} address="" disabled=no port={port}\n'
            for name, port in services.items()
        )
        + '/ip service set www-ssl address="" certificate=none disabled=yes port=443\n'
        '/ip service set api-ssl address="" certificate=none disabled=no port=8729\n'
        "/ip upnp set allow-disable-external-interface=no enabled=no\n"
        "/ipv6 settings set disable-ipv6=no forward=yes\n"
    )
    early = "/ip firewall connection tracking set udp-stream-timeout=3m udp-timeout=10s\n"
    one, other = read(compact), read(verbose, early=early)
    assert _judged(one) == _judged(other)
    assert statuses(one)["sip-forwards"] is Status.VIOLATION


def _judged(state: RouterState) -> list[tuple[object, ...]]:
    return [
        (one.requirement, one.status, one.summary, [(i.facts, i.verdict) for i in one.items])
        for one in judge(INTENT, state)
    ]
