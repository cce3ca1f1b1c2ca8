"""Does the router's own filter let a new TCP connection to itself in? Packet by packet."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network

from ...vyatta.simulation.machine import Path


class Packet:
    """A new TCP connection from an address to a port of the router."""

    def __init__(self, paths: list[Path], source: str, port: int) -> None:
        self._paths = paths
        self._source = ip_address(source)
        self._port = port
        self._leaf = "name" if self._source.version == 4 else "ipv6-name"

    def passes(self) -> bool:
        """Does ssh listen there, and does the ruleset of the interface let it in?"""
        if str(self._port) not in (self._values("service", "ssh", "port") or ["22"]):
            return False
        if not any(path[:2] == ("service", "ssh") for path in self._paths):
            return False
        interface = self._arrival()
        for path in self._paths:
            bound = path[-4:-1] == ("firewall", "local", self._leaf)
            if bound and _name(path[1:-4]) == interface:
                return self._ruleset(path[-1])
        return True

    def _ruleset(self, name: str) -> bool:
        top = ("firewall", self._leaf, name)
        numbers = {path[4] for path in self._paths if path[:4] == (*top, "rule")}
        for number in sorted(numbers, key=int):
            rule = (*top, "rule", number)
            if not self._has(*rule, "disable") and self._fits(rule):
                return self._one(*rule, "action") == "accept"
        return self._one(*top, "default-action") == "accept"

    def _fits(self, rule: Path) -> bool:
        if (self._one(*rule, "protocol") or "all") not in ("all", "tcp", "tcp_udp", "6"):
            return False
        states = [p[-2] for p in self._paths if p[: len(rule) + 1] == (*rule, "state")
                  and p[-1] == "enable"]  # fmt: skip
        if states and "new" not in states:
            return False
        ports = self._one(*rule, "destination", "port")
        if ports is not None and not _within(self._port, ports):
            return False
        # This client comes from a high port, and goes to the address that it asked for.
        if self._has(*rule, "source", "port") or self._has(*rule, "destination", "address"):
            return False
        return self._from(rule)

    def _from(self, rule: Path) -> bool:
        address = self._one(*rule, "source", "address")
        if address is not None:
            inside = self._source in ip_network(address.removeprefix("!"))
            if inside is address.startswith("!"):
                return False
        group = self._one(*rule, "source", "group", "network-group")
        if group is None:
            return True
        networks = self._values("firewall", "group", "network-group", group, "network")
        return any(self._source in ip_network(network) for network in networks)

    def _arrival(self) -> str:
        """The interface whose network holds the source, else the one with the default route."""
        outside = ""
        hops = [ip_address(h) for h in self._values("protocols", "static", "route", "0.0.0.0/0",
                                                    "next-hop")]  # fmt: skip
        for path in self._paths:
            if "pppoe" in path:
                outside = _name(path[1 : path.index("pppoe") + 2])
            if path[0] != "interfaces" or path[-2] != "address":
                continue
            if path[-1] == "dhcp":
                outside = outside or _name(path[1:-2])
            elif "/" in path[-1]:
                network = ip_interface(path[-1]).network
                if self._source in network:
                    return _name(path[1:-2])
                if any(hop in network for hop in hops):
                    outside = _name(path[1:-2])
        return outside

    def _has(self, *prefix: str) -> bool:
        return any(path[: len(prefix)] == prefix for path in self._paths)

    def _values(self, *prefix: str) -> list[str]:
        size = len(prefix)
        return [p[size] for p in self._paths if p[:size] == prefix and len(p) > size]

    def _one(self, *prefix: str) -> str | None:
        values = self._values(*prefix)
        return values[0] if values else None


def _name(words: Path) -> str:
    """`ethernet eth0 vif 10` is eth0.10; a PPPoE session is pppoe0 wherever it is written."""
    if "pppoe" in words:
        return f"pppoe{words[words.index('pppoe') + 1]}"
    return ".".join((words[1], *words[3::2]))


def _within(port: int, text: str) -> bool:
    found = False
    for part in text.removeprefix("!").split(","):
        low, _, high = {"ssh": "22", "https": "443"}.get(part, part).partition("-")
        found = found or int(low) <= port <= int(high or low)
    return found is not text.startswith("!")
