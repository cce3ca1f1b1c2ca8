"""What `commit` refuses: references to what is not there, and rules that lack a part."""

from __future__ import annotations

from .grammar import Path


def commit_errors(paths: list[Path], release: tuple[int, int]) -> str:
    """The router's words, or nothing where it would take the configuration."""
    found = [_missing_action(paths), _missing_protocol(paths), _dangling(paths, release)]
    return "".join(found)


def _rules(paths: list[Path]) -> dict[Path, list[Path]]:
    rules: dict[Path, list[Path]] = {}
    for path in paths:
        if path[0] == "firewall" and "rule" in path:
            end = path.index("rule") + 2
            rules.setdefault(path[:end], []).append(path[end:])
    return rules


def _missing_action(paths: list[Path]) -> str:
    for rule, leaves in _rules(paths).items():
        actions = {leaf[1] for leaf in leaves if leaf[0] == "action"}
        if not actions:
            return f"[ {' '.join(rule)} ]\nRule action must be defined\n\n[[firewall]] failed\n"
        if "jump" in actions and not any(leaf[0] == "jump-target" for leaf in leaves):
            return "Action set to jump, but no jump-target specified\n\n[[firewall]] failed\n"
    return ""


def _missing_protocol(paths: list[Path]) -> str:
    for leaves in _rules(paths).values():
        named = {leaf[1] for leaf in leaves if leaf[0] == "protocol"}
        ports = any(leaf[1:2] == ("port",) for leaf in leaves)
        if ports and not named & {"tcp", "udp", "tcp_udp"}:
            words = "Protocol must be tcp, udp, or tcp_udp when specifying a port"
            return f"{words}\n\n[[firewall]] failed\n"
    return ""


def _dangling(paths: list[Path], release: tuple[int, int]) -> str:
    modern = release >= (1, 4)
    rulesets = {path[: 4 if modern else 3] for path in paths}
    groups = {path[:4] for path in paths}
    for path in paths:
        name = path[-1]
        if _bound(path) and not modern and ("firewall", path[-2], name) not in rulesets:
            words = f'Firewall configuration error: Rule set "{name}" is not configured'
            return f"{words}\n\n[[interfaces]] failed\n"
        if path[-2] == "jump-target" and (*path[:2], "name", name) not in rulesets:
            words = f"Invalid jump-target. Firewall name {name} does not exist"
            return f"{words}\n\n[[firewall]] failed\n"
        if path[-3:-1] == ("group", "network-group"):
            six = "ipv6" in path or "ipv6-name" in path
            kind = "ipv6-network-group" if six else "network-group"
            if ("firewall", "group", kind, name) not in groups:
                return f"Invalid network-group {name!r} on firewall rule\n\n[[firewall]] failed\n"
        if path[-3:-1] in (("inbound-interface", "group"), ("outbound-interface", "group")) and (
            ("firewall", "group", "interface-group", name) not in groups
        ):
            return f"Interface group {name} does not exist\n\n[[firewall]] failed\n"
    return ""


def _bound(path: Path) -> bool:
    """Does the path bind a ruleset to an interface or a pair of zones?"""
    return path[0] != "firewall" and "firewall" in path and path[-2] in ("name", "ipv6-name")
