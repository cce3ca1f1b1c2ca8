"""Only commands that show are sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.batch.playbook_actions import Command
from routercfg.batch.playbook_work import shown
from routercfg.batch.shows import refused
from routercfg.model.intent import Intent
from routercfg.platforms.manifest import Manifest
from routercfg.platforms.registry import manifest, pack_folders
from routercfg.transport import Reply, Target


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("mikrotik_routeros", "/ip firewall nat print detail"),
        ("mikrotik_routeros", '/ip route print detail where dst-address="0.0.0.0/0"'),
        ("mikrotik_routeros", "/interface print"),
        ("cisco_ios", "show ip route 192.0.2.1"),
        ("cisco_ios", "show version"),
        ("linux_nftables", "ip -6 route show dev eth0"),
        ("linux_nftables", "sysctl net.ipv4.ip_forward"),
        ("vyos", "show interfaces"),
        ("vyos", "show nat destination rules"),
        ("ubiquiti_edgeos", "show nat rules"),
        ("ubiquiti_edgeos", "show interfaces ethernet eth0 physical"),
    ],
)
def test_a_command_that_only_shows_may_be_sent(platform: str, command: str) -> None:
    assert refused(platform, command) is None


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("mikrotik_routeros", "/ip firewall nat print file=x"),
        ("mikrotik_routeros", "/ip firewall nat print follow"),
        ("mikrotik_routeros", "/ip address print; /system reboot"),
        ("mikrotik_routeros", "/ip address print\n/system reboot"),
        ("mikrotik_routeros", "/ip address print\r"),
        ("mikrotik_routeros", "/ip address remove [find]"),
        ("mikrotik_routeros", "/ppp secret print detail"),
        ("mikrotik_routeros", "/user print"),
        ("mikrotik_routeros", "/export terse hide-sensitive"),
        ("mikrotik_routeros", "/export show-sensitive"),
        ("mikrotik_routeros", " /ip address print"),
        ("cisco_ios", "show running-config"),
        ("cisco_ios", "show startup-config"),
        ("cisco_ios", "show version | redirect flash:x"),
        ("cisco_ios", "show ip route 192.0.2.1 ; reload"),
        ("cisco_ios", "clear ip nat translation *"),
        ("cisco_ios", "configure terminal"),
        ("cisco_ios", "reload"),
        ("linux_nftables", "ip route add default via 192.0.2.1"),
        ("linux_nftables", "sysctl net.ipv4.ip_forward=1"),
        ("linux_nftables", "sysctl -w net.ipv4.ip_forward"),
        ("linux_nftables", "nft flush ruleset"),
        ("linux_nftables", "uptime; reboot"),
        ("linux_nftables", "uptime && reboot"),
        ("linux_nftables", "cat /etc/shadow"),
        ("linux_nftables", "uptime $(reboot)"),
        ("linux_nftables", ""),
        ("vyos", "show configuration"),
        ("vyos", "show configuration commands"),
        ("vyos", "show interfaces | strip-private"),
        ("vyos", "reboot now"),
        ("ubiquiti_edgeos", "show configuration all"),
        ("ubiquiti_edgeos", "configure"),
        ("ubiquiti_edgeos", "restart dhcp server"),
    ],
)
def test_a_command_that_changes_writes_or_shows_secrets_is_refused(
    platform: str, command: str
) -> None:
    reason = refused(platform, command)
    assert reason is not None
    assert reason[0]


@pytest.mark.parametrize("platform", sorted(pack_folders()))
@given(
    sign=st.sampled_from(list(";|&<>$`\n\r\0\\{}[]()'\"\x1b")),
    rest=st.text(max_size=10),
)
def test_nothing_can_be_put_behind_a_command(platform: str, sign: str, rest: str) -> None:
    for read in manifest(platform).reads:
        assert refused(platform, read.command + sign + rest) is not None


@pytest.mark.parametrize("platform", sorted(pack_folders()))
def test_what_a_pack_reads_itself_may_be_sent_except_the_configuration(platform: str) -> None:
    found = manifest(platform)
    for read in found.reads:
        assert (refused(platform, read.command) is None) is not read.main


class Says:
    """A login to a router that answers everything with this."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, target: Target, manifest: Manifest) -> Says:
        return self

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        return tuple(Reply(command, self._text) for command in commands)

    def send(self, command: str) -> Reply:
        raise AssertionError(command)

    def press(self, characters: str, expect: str | None) -> str:
        raise AssertionError(characters)

    def close(self) -> None:
        pass


def test_what_is_shown_hides_the_secrets_that_only_its_platform_knows() -> None:
    login = Says("crypto isakmp key hunter22 address 192.0.2.1")
    target = Target("r1", "cisco_ios", Intent(), "192.0.2.1")
    talk = shown(target, Command.model_validate("show archive"), login)
    assert talk.outputs == (("show archive", "crypto isakmp key *** address 192.0.2.1"),)


def test_a_refusal_is_told_and_is_no_error() -> None:
    login = Says("% Invalid input detected at '^' marker.")
    target = Target("r1", "cisco_ios", Intent(), "192.0.2.1")
    talk = shown(target, Command.model_validate(["show archive", "show clock"]), login)
    assert talk.error is None
    assert len(talk.refusals) == len(talk.outputs) == 2
    assert talk.detail.startswith("0 shown; the router refused 'show archive'")
