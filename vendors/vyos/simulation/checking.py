"""What `commit` refuses: references to what is not there, and rules that lack a part."""

from __future__ import annotations

from ...vyatta.simulation.machine import Path, Refusal


def refusal(paths: list[Path], release: tuple[int, int]) -> Refusal | None:
    """The first thing that the router would not take."""
    return _missing_action(paths) or _missing_protocol(paths) or _dangling(paths, release)


def _rules(paths: list[Path]) -> dict[Path, list[Path]]:
    rules: dict[Path, list[Path]] = {}
    for path in paths:
        if path[0] == "firewall" and "rule" in path:
            end = path.index("rule") + 2
            rules.setdefault(path[:end], []).append(path[end:])
    return rules


def _missing_action(paths: list[Path]) -> Refusal | None:
    for rule, leaves in _rules(paths).items():
        actions = {leaf[1] for leaf in leaves if leaf[0] == "action"}
        if not actions:
            return Refusal("firewall", f"[ {' '.join(rule)} ]\nRule action must be defined")
        if "jump" in actions and not any(leaf[0] == "jump-target" for leaf in leaves):
            return Refusal("firewall", "Action set to jump, but no jump-target specified")
    return None


def _missing_protocol(paths: list[Path]) -> Refusal | None:
    for leaves in _rules(paths).values():
        named = {leaf[1] for leaf in leaves if leaf[0] == "protocol"}
        ports = any(leaf[1:2] == ("port",) for leaf in leaves)
        if ports and not named & {"tcp", "udp", "tcp_udp"}:
            words = "Protocol must be tcp, udp, or tcp_udp when specifying a port"
            return Refusal("firewall", words)
    return None


def _dangling(paths: list[Path], release: tuple[int, int]) -> Refusal | None:
    modern = release >= (1, 4)
    rulesets = {path[: 4 if modern else 3] for path in paths}
    groups = {path[:4] for path in paths}
    for path in paths:
        name = path[-1]
        if _bound(path) and not modern and ("firewall", path[-2], name) not in rulesets:
            words = f'Firewall configuration error: Rule set "{name}" is not configured'
            return Refusal("interfaces", words)
        if path[-2] == "jump-target" and (*path[:2], "name", name) not in rulesets:
            words = f"Invalid jump-target. Firewall name {name} does not exist"
            return Refusal("firewall", words)
        if path[-3:-1] == ("group", "network-group"):
            six = "ipv6" in path or "ipv6-name" in path
            kind = "ipv6-network-group" if six else "network-group"
            if ("firewall", "group", kind, name) not in groups:
                return Refusal("firewall", f"Invalid network-group {name!r} on firewall rule")
        if path[-3:-1] in (("inbound-interface", "group"), ("outbound-interface", "group")) and (
            ("firewall", "group", "interface-group", name) not in groups
        ):
            return Refusal("firewall", f"Interface group {name} does not exist")
    return None


def _bound(path: Path) -> bool:
    """Does the path bind a ruleset to an interface or a pair of zones?"""
    return path[0] != "firewall" and "firewall" in path and path[-2] in ("name", "ipv6-name")
