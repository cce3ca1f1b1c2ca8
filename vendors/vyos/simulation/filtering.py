"""Does the router's own filter let a new TCP connection to itself in? Packet by packet."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network

Path = tuple[str, ...]


class Packet:
    """A new TCP connection from an address to a port of the router."""

    def __init__(self, paths: list[Path], source: str, port: int, modern: bool) -> None:
        self._paths = paths
        self._source = ip_address(source)
        self._port = port
        self._modern = modern
        self._family = self._source.version
        self.interface = self._arrival()

    def passes(self) -> bool:
        """Is it let in by every filter on its way, and is anything listening?"""
        ports = self._values("service", "ssh", "port") or ["22"]
        if not self._below("service", "ssh") or str(self._port) not in ports:
            return False
        return self._base() and self._zone()

    def _base(self) -> bool:
        if self._modern:
            place = ("firewall", f"ipv{self._family}", "input", "filter")
            verdict = self._chain(place) or self._one(*place, "default-action") or "accept"
            return verdict in ("accept", "return")
        leaf = "name" if self._family == 4 else "ipv6-name"
        for path in self._paths:
            if path[-4:-1] == ("firewall", "local", leaf) and _name(path[1:-4]) == self.interface:
                return self._ruleset(path[-1]) == "accept"
        return True

    def _zone(self) -> bool:
        top = ("firewall", "zone") if self._modern else ("zone-policy", "zone")
        zones = {path[len(top)] for path in self._below(*top)}
        local = [zone for zone in zones if self._below(*top, zone, "local-zone")]
        if not local:
            return True
        here = [z for z in zones if self.interface in self._values(*top, z, "interface")]
        leaf = "name" if self._family == 4 else "ipv6-name"
        name = self._one(*top, local[0], "from", here[0], "firewall", leaf) if here else None
        return name is not None and self._ruleset(name) in ("accept", "return")

    def _ruleset(self, name: str) -> str:
        old = "name" if self._family == 4 else "ipv6-name"
        kind = (f"ipv{self._family}", "name") if self._modern else (old,)
        place = ("firewall", *kind, name)
        return self._chain(place) or self._one(*place, "default-action") or "drop"

    def _chain(self, place: Path) -> str | None:
        size = len(place)
        numbers = {path[size + 1] for path in self._below(*place, "rule")}
        for number in sorted(numbers, key=int):
            rule = (*place, "rule", number)
            if self._has(*rule, "disable") or not self._fits(rule):
                continue
            action = self._one(*rule, "action")
            if action == "jump":
                verdict = self._ruleset(self._one(*rule, "jump-target") or "")
                if verdict != "return":
                    return verdict
                continue
            return "drop" if action == "reject" else action
        return None

    def _fits(self, rule: Path) -> bool:
        protocol = self._one(*rule, "protocol") or "all"
        if protocol not in ("all", "tcp", "tcp_udp", "6"):
            return False
        states = [path for path in self._below(*rule, "state") if path[-1] != "disable"]
        if states and not any("new" in path[len(rule) :] for path in states):
            return False
        ports = self._one(*rule, "destination", "port")
        if ports is not None and not _within(self._port, ports):
            return False
        if self._has(*rule, "source", "port") or self._has(*rule, "destination", "address"):
            return False  # This client comes from a high port; nobody has asked for more yet.
        if not self._from(rule):
            return False
        name = self._one(*rule, "inbound-interface", "name")
        group = self._one(*rule, "inbound-interface", "group")
        if name is not None and name != self.interface:
            return False
        members = self._values("firewall", "group", "interface-group", group or "", "interface")
        return group is None or self.interface in members

    def _from(self, rule: Path) -> bool:
        address = self._one(*rule, "source", "address")
        if address is not None:
            inside = self._source in ip_network(address.removeprefix("!"), strict=False)
            if inside is address.startswith("!"):
                return False
        group = self._one(*rule, "source", "group", "network-group")
        if group is None:
            return True
        kind = "network-group" if self._family == 4 else "ipv6-network-group"
        networks = self._values("firewall", "group", kind, group, "network")
        return any(self._source in ip_network(network) for network in networks)

    def _arrival(self) -> str:
        """The interface whose network holds the source, else the one with the default route."""
        outside = ""
        for path in self._below("interfaces"):
            if path[-2] != "address":
                continue
            name = _name(path[1:-2])
            if path[-1] == "dhcp":
                outside = outside or name
            elif "/" in path[-1]:
                network = ip_interface(path[-1]).network
                if self._source in network:
                    return name
                hops = self._values("protocols", "static", "route", "0.0.0.0/0", "next-hop")
                if any(ip_address(hop) in network for hop in hops):
                    outside = name
        dialled = [p for p in self._below("interfaces") if "pppoe" in p]
        return _name(dialled[0][1 : dialled[0].index("pppoe") + 2]) if dialled else outside

    def _below(self, *prefix: str) -> list[Path]:
        return [path for path in self._paths if path[: len(prefix)] == prefix]

    def _has(self, *prefix: str) -> bool:
        return bool(self._below(*prefix))

    def _values(self, *prefix: str) -> list[str]:
        size = len(prefix)
        return [p[size] for p in self._below(*prefix) if len(p) > size]

    def _one(self, *prefix: str) -> str | None:
        values = self._values(*prefix)
        return values[0] if values else None


def _name(words: Path) -> str:
    """`ethernet eth0 vif 10` is eth0.10; a PPPoE session is pppoe0 wherever it is written."""
    if "pppoe" in words:
        last = words[words.index("pppoe") + 1]
        return last if last.startswith("pppoe") else f"pppoe{last}"
    return ".".join((words[1], *words[3::2]))


def _within(port: int, text: str) -> bool:
    wanted = text.removeprefix("!")
    found = False
    for part in wanted.split(","):
        low, _, high = {"ssh": "22", "https": "443"}.get(part, part).partition("-")
        found = found or int(low) <= port <= int(high or low)
    return found is not text.startswith("!")
