"""A simulated IOS router in tests: read it, plan, carry the plan out line by line."""

from __future__ import annotations

import re
from typing import Any

from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack, load_pack
from routercfg.platforms.registry import load_simulator
from routercfg.transport.framing import between_prompts, clean
from routercfg.transport.session import refusal

INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24", "2001:db8:5060::/48"),
    management_sources=PrefixSet.of("192.0.2.128/28", "2001:db8:99::/64"),
    voice_subnets=PrefixSet.of("192.168.1.0/24"),
    pbx=PrefixSet.of("192.168.1.20"),
)

ZONES = """
hostname zoned
archive
 path flash:cfg
license udi pid C1111-8P sn FGL214391AB
parameter-map type inspect-global
class-map type inspect match-any OUT
 match protocol sip
 match protocol icmp
class-map type inspect match-any ALL
 match protocol tcp
 match protocol udp
policy-map type inspect LAN-WAN
 class type inspect OUT
  inspect
 class type inspect ALL
  inspect
 class class-default
  drop
zone security LAN
zone security WAN
zone-pair security LAN-WAN source LAN destination WAN
 service-policy type inspect LAN-WAN
interface GigabitEthernet0/0/0
 ip address 198.51.100.2 255.255.255.252
 ip nat outside
 zone-member security WAN
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
 zone-member security LAN
no ip http server
no ip http secure-server
ip nat inside source list 1 interface GigabitEthernet0/0/0 overload
ip route 0.0.0.0 0.0.0.0 198.51.100.1
access-list 1 permit 192.168.1.0 0.0.0.255
line vty 0 4
 transport input ssh
"""


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pack() -> Pack:
    return load_pack("cisco_ios")


def router(configuration: str = "factory", **options: Any) -> Any:
    return load_simulator("cisco_ios").create(configuration, **options)


def terminal(one: Any, source: str = "192.0.2.130", user: str = "admin") -> Any:
    shell = one.login(user, source)
    shell.start()
    for line in pack().manifest.session.prepare:
        talk(shell, line)
    return shell


def talk(shell: Any, command: str) -> str:
    """The reply to one command, as the transport would give it, dialogues answered."""
    raw = shell.feed(command + "\n")
    manifest = pack().manifest
    for _ in range(4):
        text = clean(raw)
        reply = between_prompts(manifest, text, command)
        if reply is not None:
            return reply
        last = text.rsplit("\n", 1)[-1]
        answer = next(d.answer for d in manifest.dialogues if re.search(d.prompt, last))
        raw += shell.feed(answer + "\n")
    raise AssertionError(raw)


def texts(one: Any, source: str = "192.0.2.130") -> dict[str, str]:
    shell = terminal(one, source)
    found = {read.id: talk(shell, read.command) for read in pack().manifest.reads}
    shell.hangup()
    return found


def plan(one: Any, intent: Intent = INTENT, source: str = "192.0.2.130") -> Plan:
    return make_plan("r1", pack(), pack().state(texts(one, source)), intent)


def carry_out(one: Any, commands: tuple[str, ...]) -> Any:
    """Apply under the revert timer; every line must be taken. The session stays open."""
    shell = terminal(one)
    lines = ("configure terminal revert timer 5", *commands, "end")
    for line in lines:
        reply = talk(shell, line)
        assert refusal(pack().manifest, reply) is None, (line, reply)
        assert "%" not in reply, (line, reply)
    return shell


def statuses(found: Plan) -> dict[str, str]:
    return {finding.requirement: finding.status.value for finding in found.findings}
