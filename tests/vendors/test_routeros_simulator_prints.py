"""What the simulated RouterOS prints of itself, and of what comes and goes unasked."""

from __future__ import annotations

from tests.vendors.routeros_bench import LAN, Bench


def test_as_value_prints_only_when_it_is_put():
    bench = Bench()
    assert bench("/ip firewall nat print detail as-value") == ""
    line = bench(":put [/ip firewall nat print detail as-value where comment=camera]")
    assert line.startswith(".id=*4;action=dst-nat;chain=dstnat;comment=camera;disabled=false;")


def test_a_print_without_detail_shows_summary_columns_in_as_value():
    bench = Bench()
    assert bench(":put [/ip firewall service-port print as-value where name=sip]") == (
        ".id=*5;name=sip;ports=5060,5061"
    )


def test_service_ports_print_as_recorded():
    rows = Bench("defconf")("/ip firewall service-port print detail").split("\n")
    assert rows[0].rstrip() == "Flags: X - disabled, I - invalid"
    assert 'name="sip" ports=5060,5061 sip-direct-media=yes sip-timeout=1h' in "\n".join(rows)
    assert any(row.startswith(" 2 X") and "irc" in row for row in rows)


def test_flags_and_columns_follow_the_release():
    seven, six = Bench()("/ip address print"), Bench(version="6.49.17")("/ip address print")
    assert seven.split("\n")[:2] == [
        "Flags: D - DYNAMIC",
        "Columns: ADDRESS, NETWORK, INTERFACE",
    ]
    assert six.split("\n")[0].rstrip() == "Flags: X - disabled, I - invalid, D - dynamic"
    assert six.split("\n")[1].startswith(" #   ADDRESS")


def test_identification_names_model_and_version():
    bench = Bench()
    assert "version: 7.18.2 (stable)" in bench("/system resource print")
    assert "model: RB4011iGS+" in bench("/system routerboard print")
    assert bench("/system routerboard print").endswith("upgrade-firmware: 7.18.2")
    virtual = Bench(options={"model": "CHR"})
    assert virtual("/system routerboard print").strip() == "routerboard: no"


def test_the_session_sees_where_it_comes_from():
    assert LAN in Bench()("/user active print")
    assert Bench()(":put [/user active get 0 address]") == LAN


def test_a_dynamic_upnp_rule_is_printed_but_not_exported_and_goes_with_upnp():
    bench = Bench()
    assert bench.router.map_port("udp", 5060, "192.168.10.21", 5060)
    assert " 5 D" in bench("/ip firewall nat print")
    assert "upnp" not in bench("/ip firewall nat export")
    assert bench("/ip firewall nat remove 5").startswith("failure:")
    bench("/ip upnp set enabled=no")
    assert "upnp" not in bench("/ip firewall nat print")
    assert not bench.router.map_port("udp", 5060, "192.168.10.21", 5060)


def test_tracked_connections_are_printed_and_removed_narrowly():
    bench = Bench()
    bench.router.track("udp", "192.168.10.20:5060", "203.0.113.40:5060")
    bench.router.track("tcp", "192.168.10.50:50000", "203.0.113.80:443")
    before = bench.router.configuration()
    assert bench('/ip firewall connection remove [find where dst-port="5060"]') == ""
    left = bench("/ip firewall connection print terse")
    assert "dst-port=443" in left
    assert "5060" not in left
    assert bench.router.configuration() == before


def test_ipv6_can_be_switched_off():
    bench = Bench()
    assert "fe80" in bench("/ipv6 address print")
    bench("/ipv6 settings set disable-ipv6=yes")
    assert "fe80" not in bench("/ipv6 address print")
    assert ":put" not in bench(":put [/ipv6 settings get disable-ipv6]")
