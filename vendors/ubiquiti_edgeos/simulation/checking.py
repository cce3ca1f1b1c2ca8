"""What `commit` refuses: references to what is not there, and rules that lack a part."""

from __future__ import annotations

from ...vyatta.simulation.machine import Path, Refusal


def refusal(paths: list[Path]) -> Refusal | None:
    """The first thing that the router would not take."""
    return _filters(paths) or _translations(paths) or _dangling(paths)


def _rules(paths: list[Path], *tops: str) -> dict[Path, dict[Path, str]]:
    """Every rule below these tops with its leaves: path without value, and value."""
    rules: dict[Path, dict[Path, str]] = {}
    for path in paths:
        if path[0] in tops and "rule" in path:
            end = path.index("rule") + 2
            rules.setdefault(path[:end], {})[path[end:-1]] = path[-1]
    return rules


def _needs_ports(leaves: dict[Path, str]) -> bool:
    return any(leaf[-1:] == ("port",) for leaf in leaves)


def _filters(paths: list[Path]) -> Refusal | None:
    for rule, leaves in _rules(paths, "firewall").items():
        if ("action",) not in leaves:
            return Refusal("firewall", f"rule {rule[-1]}: action must be defined")
        protocol = leaves.get(("protocol",), "all")
        if _needs_ports(leaves) and protocol not in ("tcp", "udp", "tcp_udp"):
            return Refusal(
                "firewall", "Error: port requires a protocol that is one of tcp, udp, tcp_udp"
            )
    return None


def _translations(paths: list[Path]) -> Refusal | None:
    for rule, leaves in _rules(paths, "service").items():
        kind, number = leaves.get(("type",)), int(rule[-1])
        if kind is None:
            return Refusal("service nat", f"NAT configuration error in rule {number}: no type")
        if (kind == "destination") is not (number < 5000):
            return Refusal("service nat", f"rule {number}: {kind} is not of this range of rules")
        if kind == "destination" and ("inbound-interface",) not in leaves:
            return Refusal("service nat", f"rule {number}: inbound-interface must be specified")
        if kind == "destination" and ("inside-address", "address") not in leaves:
            return Refusal("service nat", f"rule {number}: inside-address must be specified")
        if _needs_ports(leaves) and leaves.get(("protocol",), "all") not in (
            "tcp",
            "udp",
            "tcp_udp",
        ):
            return Refusal("service nat", f"rule {number}: ports can only be for tcp or udp")
    for rule, leaves in _rules(paths, "port-forward").items():
        if ("forward-to", "address") not in leaves or ("original-port",) not in leaves:
            return Refusal("port-forward", f"rule {rule[-1]}: address and original-port are needed")
    return None


def _dangling(paths: list[Path]) -> Refusal | None:
    rulesets = {path[:3] for path in paths if path[0] == "firewall"}
    groups = {path[:4] for path in paths if path[:2] == ("firewall", "group")}
    for path in paths:
        if path[0] == "interfaces" and path[-4:-3] == ("firewall",):
            if ("firewall", path[-2], path[-1]) not in rulesets:
                words = f'Firewall configuration error: Rule set "{path[-1]}" is not configured'
                return Refusal("interfaces", words)
        elif path[-3:-2] == ("group",) and ("firewall", "group", *path[-2:]) not in groups:
            return Refusal("firewall", f"Error: group [{path[-1]}] has not been defined")
    return None
