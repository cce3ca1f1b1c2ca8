"""Exports of the simulated RouterOS: as each release writes them, and loaded again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vendors.routeros_bench import SIMULATOR, VERSIONS, Bench, part

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["defconf", "messy", "blank"])
@pytest.mark.parametrize("form", ["", "terse", "verbose", "terse verbose"])
def test_every_export_form_loads_back_to_the_same_router(version, name, form):
    bench = Bench(name, version)
    show = "" if version.startswith("6") else " show-sensitive"
    again = Bench(bench(f"/export {form}{show}") + "\n", version)
    assert again.router.configuration() == bench.router.configuration()


def test_exports_hide_secrets_as_the_release_does():
    assert "password=secret" not in Bench()("/export")
    assert "password=secret" in Bench()("/export show-sensitive")
    six = Bench(version="6.49.17")
    assert "password=secret" in six("/export")
    assert "password=secret" not in six("/export hide-sensitive")
    assert "password=secret" not in six("/export terse hide-sensitive")


def test_headers_follow_the_release():
    assert Bench()("/export").startswith("# 2025-09-16 08:00:00 by RouterOS 7.18.2\n")
    assert Bench(version="6.49.17")("/export").startswith("# sep/16/2025 08:00:00 by RouterOS 6.")
    assert "# model = RB4011iGS+" in Bench()("/export")
    assert "# model" not in Bench(options={"model": "CHR"})("/export")


def test_compact_exports_leave_defaults_out_and_absence_of_sip_means_it_is_on():
    bench = Bench()
    assert "sip" not in bench("/ip firewall service-port export")
    bench("/ip firewall service-port set sip disabled=yes")
    assert "set sip disabled=yes" in bench("/ip firewall service-port export")
    verbose = bench("/ip firewall service-port export verbose")
    assert "set sip disabled=yes ports=5060,5061 sip-direct-media=yes sip-timeout=1h" in verbose


def test_long_lines_are_wrapped_at_79_columns_and_terse_ones_are_not():
    bench = Bench()
    lines = bench("/export").split("\n")
    assert max(map(len, lines)) <= 79
    assert any(line.endswith("=\\") for line in lines)
    terse = bench("/export terse").split("\n")
    assert all(line.startswith(("/", "#")) for line in terse)
    assert max(map(len, terse)) > 100


def test_sections_that_are_not_simulated_are_kept_to_the_letter():
    text = "/queue simple\nadd max-limit=10M/10M name=voice target=192.168.10.0/24\n"
    bench = Bench(text)
    assert text.strip() in bench("/export")
    assert bench("/queue simple print").startswith("bad command name queue")


def test_interfaces_of_sections_that_are_not_simulated_can_be_named():
    bench = Bench("/interface wireguard\nadd listen-port=51820 name=wg1\n")
    assert bench("/ip address add address=192.0.2.1/24 interface=wg1") == ""
    assert "does not match" in bench("/ip address add address=192.0.2.1/24 interface=wg2")


RECORDED_SECTIONS = (
    "ip firewall service-port", "ip firewall connection tracking", "ip address", "ip dhcp-client",
    "ip dns", "ip socks", "ip upnp", "ip proxy", "ip ssh", "snmp", "snmp community", "ip service",
    "interface list member", "tool bandwidth-server", "tool mac-server", "system identity",
    "ip firewall filter",
)  # fmt: skip


def sections(export: str) -> dict[str, list[set[str]]]:
    """The words of each command of an export, by menu; quoted blanks split words alike."""
    found: dict[str, list[set[str]]] = {}
    menu = ""
    for line in part("syntax").joined_lines(export).split("\n"):
        if line.startswith("/"):
            menu = line[1:]
        elif line and not line.startswith("#"):
            found.setdefault(menu, []).append(set(line.split(" ")))
    return found


@pytest.mark.parametrize("name", ["Router-A1", "Router-B3"])
def test_a_recorded_router_is_loaded_and_exported_the_same(name):
    folder = SHARED / "captures" / "mikrotik_routeros"
    files = list(folder.glob(f"full_export_verbose_v6.43.8_{name}__*"))
    if not files:
        pytest.skip("../shared/captures is not beside this checkout")
    # A member row whose interface is gone is exported but cannot be added.
    text = "\n".join(
        line
        for line in part("syntax").joined_lines(files[0].read_text()).split("\n")
        if "wds-default" in line or not line.startswith("add disabled=no list=")
    )
    bench = Bench(text, "6.49.17", {"ipv6_package": True})
    exported = bench("/export verbose")
    again = Bench(exported, "6.49.17", {"ipv6_package": True})
    assert again.router.configuration() == bench.router.configuration()
    recorded, ours = sections(text), sections(exported)
    for menu in RECORDED_SECTIONS:
        if menu not in recorded:
            continue
        assert len(recorded[menu]) == len(ours[menu]), menu
        for theirs, mine in zip(recorded[menu], ours[menu], strict=True):
            assert theirs <= mine, menu


def test_a_configuration_the_router_would_refuse_is_not_loaded():
    with pytest.raises(ValueError, match=r"line 2: .*input does not match any value of action"):
        SIMULATOR.create("/ip firewall filter\nadd chain=input action=dorp\n")
