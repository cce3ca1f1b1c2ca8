"""`connection: napalm` in an inventory."""

from __future__ import annotations

from pathlib import Path

from .conftest import Command


def test_a_platform_that_is_not_proved_through_napalm_is_bad_input(
    routercfg: Command, tmp_path: Path
) -> None:
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        "all:\n  hosts:\n    r1: {ansible_host: 192.0.2.1}\n"
        "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
        "    ansible_user: admin\n    connection: napalm\n"
        "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
    )
    ended = routercfg("audit", "-i", hosts)
    assert ended.status == 2
    assert "hosts.yml:8" in ended.err
    assert "connection: netmiko" in ended.err
