"""What templates need to know: where lists are bound, which numbers are free, what still lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Network
from typing import Any, NoReturn

from routercfg.errors import PackError
from routercfg.model.change import DisableSipAlg, RestrictForward
from routercfg.model.evidence import Unknown
from routercfg.model.state import Forward, RouterState
from routercfg.net import Family, PortSet, PrefixSet

from .binding import Binding, bindings, slots
from .quoting import line
from .restricting import network, prefixes, standard


def ports(found: PortSet) -> list[str]:
    """Each interval as `eq 5060` or `range 5060 5061`."""
    return [f"eq {a}" if a == b else f"range {a} {b}" for a, b in found.intervals]


def _plain(text: str) -> str:
    """An entry without its number, as we write it."""
    text = re.sub(r"^(?:sequence )?\d+ | sequence \d+$", "", text.strip())
    return " ".join(text.split()).lower()


def edited(wanted: Iterable[str], state: RouterState, header: str) -> list[str]:
    """Lines that turn our own object into the wanted one: first what is added, then what goes.

    In this order, and with one entry that always stays, a list in use is never empty.
    """
    listed = list(dict.fromkeys(wanted))
    there = {
        _plain(one.evidence.text): one.evidence.text
        for one in state.owned
        if one.id == header and one.evidence.text != header
    }
    wants = {_plain(text) for text in listed}
    added = [text for text in listed if _plain(text) not in there]
    gone = [f"no {_unnumbered(text)}" for plain, text in there.items() if plain not in wants]
    return [header, *added, *gone] if added or gone else []


def _unnumbered(text: str) -> str:
    return line(re.sub(r"^(?:sequence )?\d+ | sequence \d+$", "", text.strip()))


def group(found: PrefixSet, state: RouterState, name: str) -> list[str]:
    """Lines that make an object group of our own hold these networks."""
    wanted = [network(prefix) for prefix in prefixes(found, 4)]
    return edited(wanted, state, f"object-group network {name}")


def guard(change: RestrictForward, state: RouterState) -> dict[str, Any]:
    """Where and how a forward gets its sources: in the list that is bound on the WAN interface."""
    forward = change.forward
    if isinstance(state.wans, Unknown) or isinstance(state.forwards, Unknown):
        raise PackError("the WAN interfaces are not known")
    candidates = [f for f in state.forwards if f.protocols is None or "tcp" in f.protocols]
    place = [f.id for f in candidates].index(forward.id)
    names = forward.in_interfaces.names if forward.in_interfaces else None
    found = bindings(state, 4, "in")
    places = []
    for wan in state.wans:
        if names is not None and wan.name not in names:
            continue
        bound = next((b for b in found if b.interface == wan.name), None)
        places.append((wan.name, slots(bound, 2 + 3 * place, 3), bound))
    unique = {spot.header: (name, spot, bound) for name, spot, bound in places}
    target = "any"
    if forward.destinations is not None and len(forward.destinations.prefixes()) == 1:
        only = forward.destinations.prefixes()[0]
        single = only.prefixlen == only.max_prefixlen
        target = f"host {only.network_address}" if single else standard(IPv4Network(only))
    if forward.ports.is_all and target == "any":
        raise PackError("the forward takes every port of an address that the router does not show")
    return {
        "target": target,
        "ports": [""] if forward.ports.is_all else [f" {text}" for text in ports(forward.ports)],
        "lists": list(unique.values()),
        "interfaces": [name for name, _, bound in places if bound is None],
    }


def removal(forward: Forward, state: RouterState) -> list[str]:
    """What goes with a forward: its line, then its pool, then its list; in this order."""
    if forward.family == 6:
        return _accept6(forward, state)
    texts = [e.text for e in forward.evidence]
    rest = texts[1:]
    pool = [text for text in rest if text.startswith("ip nat pool ")]
    lists = [text for text in rest if text.startswith(("ip access-list ", "access-list "))]
    numbered = [" ".join(text.split()[:2]) for text in lists if text.startswith("access-list ")]
    named = [text for text in lists if text.startswith("ip access-list ")]
    pools = [" ".join(text.split()[:4]) if "type" not in text else text for text in pool]
    return [f"no {line(text)}" for text in dict.fromkeys([texts[0], *pools, *numbered, *named])]


def _accept6(forward: Forward, state: RouterState) -> list[str]:
    """An accept of an IPv6 list goes by its text, as long as the list keeps another entry."""
    header = re.sub(r" \d+$", "", forward.id)
    ruleset = state.firewall.forward6
    chain = None if isinstance(ruleset, Unknown) else ruleset.chains.get(header)
    if not header.startswith("ipv6 access-list ") or chain is None or not forward.evidence:
        raise PackError(f"{forward.id}: a class of the zone firewall lets it in")
    if len({rule.id for rule in chain.rules if rule.evidence is not None}) < 2:
        # An empty list lets everybody in.
        raise PackError(f"{header}: it is the only entry")
    return [line(header), f"no {_unnumbered(forward.evidence[0].text)}"]


def selection(forward: Forward) -> tuple[str, list[str]]:
    """Header and entries of the list that selects a rotary forward's packets."""
    texts = [e.text for e in forward.evidence[1:]]
    numbered = [text for text in texts if text.startswith("access-list ")]
    if numbered:
        header = f"ip access-list extended {numbered[0].split()[1]}"
        return header, [" ".join(text.split()[2:]) for text in numbered]
    named = [text for text in texts if text.startswith("ip access-list extended ")]
    found = [_unnumbered(t) for t in texts if re.match(r"(?:\d+ )?permit ", t)]
    if not named or not found:
        raise PackError("only a forward with a list of its own can be narrowed")
    return line(named[0]), found


def replaced(change: DisableSipAlg) -> list[list[str]]:
    """The lines that switch each helper off."""
    found = []
    for helper in change.helpers:
        header, _, inner = helper.id.partition(" / ")
        if header.startswith("class-map"):
            found.append(_class_map(header, inner, [e.text for e in helper.evidence[1:]]))
        elif inner:
            found.append([line(header), f"no {line(inner)}"])
        elif helper.id.startswith(("ip inspect", "ipv6 inspect")):
            found.append([f"no {line(helper.evidence[0].text)}"])
        else:
            found.append([f"no {line(helper.id)}"])
    return found


def _class_map(header: str, inner: str, matches: list[str]) -> list[str]:
    """A class must keep a match, and what it matched: SIP becomes a list of its ports."""
    others = [text for text in matches if not text.startswith("match protocol sip")]
    if "match protocol udp" in others and "match protocol tcp" in others:
        return [line(header), f"no {line(inner)}"]
    substitute = "match access-group name routercfg-sip-alg"
    added = [] if substitute in others else [substitute]
    listed = [
        "ip access-list extended routercfg-sip-alg",
        "permit udp any any range 5060 5061",
        "permit tcp any any range 5060 5061",
    ]
    return [*listed, line(header), *added, f"no {line(inner)}"]


def split(text: str) -> list[str]:
    """An id of ours as the lines that lead to what it names."""
    return [line(part) for part in text.split(" / ")]


def filters_in(state: RouterState, interface: str, direction: str) -> str | None:
    """The IPv6 list bound on an interface, without what opens it."""
    for bound in bindings(state, 6, direction):
        if bound.interface == interface:
            return bound.header.removeprefix("ipv6 access-list ")
    return None


def refuse(reason: str) -> NoReturn:
    """Stop rendering: a person has to do this."""
    raise PackError(reason)


def ipv6_lines(state: RouterState) -> list[str]:
    """What switches IPv6 off, interface by interface."""
    found = []
    for one in state.ipv6.evidence if not isinstance(state.ipv6, Unknown) else ():
        if one.line:
            text = line(one.text)
            found.append(text if text.startswith("interface ") else f"no {text}")
    return found


def with_timeout(text: str, seconds: int) -> str:
    """An inspection line with another timeout."""
    return line(re.sub(r" timeout \d+", f" timeout {int(seconds)}", text))


def bound_lists(state: RouterState, family: Family, wans: tuple[str, ...]) -> list[Binding]:
    """Every list on an interface, with its side: `source` where the provider is the sender."""
    found: dict[str, Binding] = {}
    for direction in ("in", "out"):
        for bound in bindings(state, family, direction):
            found.setdefault(f"{bound.header} {bound.from_outside(wans)}", bound)
    return list(found.values())


FILTERS: Mapping[str, Callable[..., Any]] = {
    "bound_lists": bound_lists,
    "edited": edited,
    "filter_on": filters_in,
    "group": group,
    "guard": guard,
    "ipv6_lines": ipv6_lines,
    "line": line,
    "ports": ports,
    "prefixes": prefixes,
    "refuse": refuse,
    "removal": removal,
    "replaced": replaced,
    "selection": selection,
    "slots": slots,
    "split": split,
    "with_timeout": with_timeout,
}
