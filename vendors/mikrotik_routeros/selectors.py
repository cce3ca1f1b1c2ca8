"""Filters for the templates: naming one rule among many, and placing ours before all others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from routercfg.errors import PackError, UnsafeValueError
from routercfg.model.change import RestrictManagement
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Ruleset, Verdict
from routercfg.model.reachability import Fit, Query, fit
from routercfg.model.state import Forward, ForwardKind, RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.platforms.versions import numbers

from .lexing import words
from .quoting import quote

#: Properties by which a rule is found. Others are written in ways that `find` may not compare.
FINDABLE = (
    "chain",
    "action",
    "protocol",
    "dst-port",
    "port",
    "to-addresses",
    "to-address",
    "to-ports",
    "dst-address",
    "src-address",
    "in-interface",
    "in-interface-list",
    "src-address-list",
    "dst-address-list",
    "comment",
)
#: RouterOS takes at most 15 ports in one rule; a range counts as two.
_MAX_PORTS = 15
#: More single ports than this are no SIP service.
_MAX_SINGLE = 32
#: A port and an address that no rule speaks of.
_ANY_PORT = PortSet.of(65533)
_ANY_ADDRESS = PrefixSet.of("3ffe:ffff:ffff::1")
#: Room for conditions in one command.
_MAX_SELECTOR = 260


def selector(forward: Forward, beside_ours: bool = False) -> str:
    """Conditions of `find where` that a forward's rule meets, by its own properties.

    `beside_ours`: our tag tells copies that we made of the rule from the rule itself.
    """
    values = dict(words(forward.id))
    state = "dynamic" if forward.kind is ForwardKind.LEASE else "!dynamic"
    switch = "!disabled" if forward.enabled else "disabled"
    parts = [f"{key}={comparable(values[key])}" for key in _keys(values)]
    parts += [switch, state]
    if beside_ours or len(" && ".join(parts)) > _MAX_SELECTOR:
        parts = [part for part in parts if not part.startswith("comment=")]
    if beside_ours:
        parts.append('!(comment~"^routercfg:")')
    return " && ".join(parts)


def once(forward: Forward, state: RouterState, command: str, beside_ours: bool = False) -> str:
    """`command` carried out on exactly the rule of this forward; refused if it is not just one.

    `command` holds `$r` where the rule goes. `beside_ours`: copies that we made of the rule stand
    beside it and may meet the same conditions, but for our tag. Raises PackError where other
    rules meet the same conditions and come first: the router could not tell them apart.
    """
    menu = nat_menu(forward)
    conditions = selector(forward, beside_ours)
    find = f":local r [{menu} find where {conditions}]"
    alike = _alike(forward, state, by_comment="comment=" in conditions)
    # One line, one scope: a variable of an earlier line is gone on the next.
    if forward.kind is ForwardKind.LEASE:
        # Leases go by themselves when UPnP goes: none left is as good.
        return f"{{{find}; :if ([:len $r] > 0) do={{{command}}}}}"
    refusal = 'else={:error "routercfg: not just one rule"}'
    if len(alike) == 1:
        return f"{{{find}; :if ([:len $r] = 1) do={{{command}}} {refusal}}}"
    mine = dict(words(forward.id))
    if any(dict(words(one.id)) != mine for one in alike[: alike.index(forward)]):
        raise PackError(f"two NAT rules cannot be told apart by their properties: {forward.id}")
    first = command.replace("$r", "[:pick $r 0]")
    return f"{{{find}; :if ([:len $r] > 0) do={{{first}}} {refusal}}}"


def _alike(forward: Forward, state: RouterState, *, by_comment: bool) -> list[Forward]:
    """Forwards, in the router's order, that meet the conditions by which this one is found."""
    every = () if isinstance(state.forwards, Unknown) else state.forwards
    values = dict(words(forward.id))
    wanted = {(key, values[key]) for key in _keys(values) if by_comment or key != "comment"}
    return [
        one
        for one in every
        if one.family == forward.family
        and one.enabled is forward.enabled
        and (one.kind is ForwardKind.LEASE) is (forward.kind is ForwardKind.LEASE)
        and wanted <= set(words(one.id))
    ] or [forward]


def _keys(values: Mapping[str, str]) -> list[str]:
    """The properties that tell a rule from others; inside ports that only repeat are left out."""
    keys = [key for key in FINDABLE if key in values and is_findable(values[key])]
    repeats = values.get("to-ports") == values.get("dst-port")
    return [key for key in keys if not (key == "to-ports" and repeats)]


def is_findable(value: str) -> bool:
    """Can `find` compare with this value, as we can give it?"""
    return value.isascii() and value.isprintable() and not value.startswith("!")


def comparable(value: str) -> str:
    """A value as `find` compares with it: in quotation marks, where `/` and `:` would end it."""
    return value if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", value) else quote(value)


def nat_menu(forward: Forward) -> str:
    """The menu of a forward's rule."""
    return "/ip firewall nat" if forward.family == 4 else "/ipv6 firewall nat"


def first_in(chain: str, state: RouterState, family: int, own: str, table: str = "filter") -> str:
    """` place-before=…`: before every rule of the chain that is not dynamic and not `own`.

    `own` is a pattern for the requirements behind our tag. Position 0 will not do: RouterOS
    refuses to place a rule before the dynamic one that shows fasttrack's counters. Nothing where
    the chain has no other rules.
    """
    hook = "forward" if chain == "prerouting" else chain
    four, six = state.firewall, family == 6
    rulesets = {
        ("input", False): four.input4,
        ("input", True): four.input6,
        ("forward", False): four.forward4,
        ("forward", True): four.forward6,
    }
    ruleset = rulesets[hook, six]
    if isinstance(ruleset, Unknown):
        raise PackError(f"the firewall is not known: {ruleset.reason}")
    name = f"raw {chain}" if table == "raw" else chain
    others = re.compile(f"routercfg:(?:{own})")
    rules = (rule for found in _chains(ruleset, name) for rule in found.rules)
    if all(rule.tag and others.fullmatch(rule.tag) for rule in rules):
        return ""
    menu = f"/{'ipv6' if six else 'ip'} firewall {table}"
    conditions = f'chain={chain} && !dynamic && !(comment~"^routercfg:({own})\\$")'
    return f" place-before=[:pick [{menu} find where {conditions}] 0]"


def _chains(ruleset: Ruleset, name: str) -> Iterator[Chain]:
    return (chain for chain in ruleset.base if chain.name == name)


def has_raw(state: RouterState, family: int) -> bool:
    """Is there a raw table that could drop packets before the filter sees them?"""
    ruleset = state.firewall.forward4 if family == 4 else state.firewall.forward6
    return not isinstance(ruleset, Unknown) and any(_chains(ruleset, "raw prerouting"))


def families(state: RouterState) -> tuple[int, ...]:
    """Families in which the router carries traffic."""
    if isinstance(state.ipv6, Unknown):
        return (4,)
    return (4, 6) if state.ipv6.in_use else (4,)


def filtered_families(state: RouterState) -> tuple[int, ...]:
    """Families whose packet filter there is, whether or not they carry traffic."""
    return (4,) if isinstance(state.firewall.input6, Unknown) else (4, 6)


def opens(chain: str, state: RouterState, wans: Iterable[str]) -> bool:
    """May a rule of this IPv6 chain, other than ours, let a stranger in anywhere?

    Rules that name ports or addresses are somebody's decision: they stay in front of our refusal.
    """
    ruleset = state.firewall.input6 if chain == "input" else state.firewall.forward6
    if isinstance(ruleset, Unknown):
        raise PackError(f"the firewall is not known: {ruleset.reason}")
    return any(
        fit(rule.match, Query(6, protocol, _ANY_PORT, wan, destinations=_ANY_ADDRESS)) is not Fit.NO
        for found in _chains(ruleset, chain)
        for rule in found.rules
        if rule.verdict in (Verdict.ACCEPT, Verdict.JUMP) and rule.tag is None
        for wan in wans
        for protocol in ("tcp", "udp")
    )


def owns(state: RouterState, requirement: str) -> bool:
    """Does the router hold anything of ours for this requirement?"""
    return any(one.requirement == requirement for one in state.owned)


def prefixes(sources: PrefixSet, family: int) -> tuple[str, ...]:
    """Prefixes of one family, as RouterOS writes them: an IPv4 host has no length."""
    found = sources.only(4 if family == 4 else 6).prefixes()
    return tuple(str(prefix).removesuffix("/32" if family == 4 else "\0") for prefix in found)


def port_groups(ports: PortSet) -> tuple[str, ...]:
    """Ports in groups that fit one rule."""
    groups: list[list[str]] = [[]]
    room = _MAX_PORTS
    for low, high in ports.intervals:
        need = 1 if low == high else 2
        if need > room:
            groups.append([])
            room = _MAX_PORTS
        groups[-1].append(str(low) if low == high else f"{low}-{high}")
        room -= need
    return tuple(",".join(group) for group in groups if group)


def single_ports(ports: PortSet) -> tuple[int, ...]:
    """Ports one by one. Raises UnsafeValueError where they are too many to be meant."""
    if len(ports) > _MAX_SINGLE:
        raise UnsafeValueError(f"{len(ports)} ports are too many to end the flows of: {ports}")
    return tuple(port for low, high in ports.intervals for port in range(low, high + 1))


def guarded_ports(change: RestrictManagement, state: RouterState, protocol: str) -> PortSet:
    """Ports of the services that are open, and those that our rules guard already.

    Our rules are replaced as a whole: what they closed must stay closed.
    """
    found = [one.ports for one in change.listeners if one.protocol == protocol]
    for ruleset in (state.firewall.input4, state.firewall.input6):
        if not isinstance(ruleset, Unknown):
            found += (
                rule.match.ports
                for rule in ruleset.rules()
                if rule.tag == f"routercfg:{change.requirement}"
                and rule.match.ports is not None
                and rule.match.protocols == frozenset({protocol})
            )
    return PortSet.of(*found)


def is_seven(state: RouterState) -> bool:
    """RouterOS 7 or later?"""
    return bool(state.identity.version) and numbers(state.identity.version) >= (7,)


def list_name(sources: PrefixSet) -> str:
    """A name for a list of exactly these addresses, so that equal lists are one."""
    return f"routercfg-{crc32(str(sources).encode()):08x}"


def chain_of(forward: Forward) -> str:
    """The chain of a forward's rule, quoted."""
    return quote(dict(words(forward.id)).get("chain", "dstnat"))


def either(one: PortSet, other: PortSet) -> PortSet:
    """Ports of both."""
    return one | other


FILTERS: dict[str, Callable[..., Any]] = {
    "once": once,
    "first_in": first_in,
    "has_raw": has_raw,
    "families": families,
    "owns": owns,
    "prefixes": prefixes,
    "either": either,
    "chain_of": chain_of,
    "port_groups": port_groups,
    "single_ports": single_ports,
    "guarded_ports": guarded_ports,
    "filtered_families": filtered_families,
    "opens": opens,
    "is_seven": is_seven,
    "list_name": list_name,
}
