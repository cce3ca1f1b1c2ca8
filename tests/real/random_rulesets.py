"""Random nftables rulesets from a seed, of the kinds found on real gateways.

They judge new connections to the router itself. The same seed gives the same text, the same
sources and the same ports, and every text loads: families and protocols never contradict each
other in one rule, jumps only go forward.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

WAN4, WAN6 = "198.51.100.2", "2001:db8:1::2"
WAN, LAN = "wan0", "lan0"


@dataclass(frozen=True, slots=True)
class Source:
    """Where probes come from: an address, and the router's interface they arrive at."""

    address: str
    interface: str = WAN

    @property
    def family(self) -> int:
        return 6 if ":" in self.address else 4


@dataclass(frozen=True, slots=True)
class Port:
    """A service port of the router."""

    protocol: str
    number: int


#: Each lies just inside or just outside prefixes and ranges that the rules use.
SOURCES = (
    *(Source(a) for a in ("198.51.100.66", "192.0.2.10", "192.0.2.129", "203.0.113.10")),
    *(Source(a) for a in ("203.0.113.100", "10.20.30.40")),
    *(Source(a) for a in ("2001:db8:1::66", "2001:db8:22::10", "2001:db8:5060::10")),
    *(Source(a) for a in ("2001:db8:5060:1::10", "2001:db8:bad::1")),
    Source("192.168.10.20", LAN),
    Source("2001:db8:10::20", LAN),
)
NUMBERS = (22, 53, 80, 443, 5060, 5061, 8080, 9999, 10000, 20000)
PORTS = tuple(Port(protocol, number) for protocol in ("tcp", "udp") for number in NUMBERS)
#: Ports a rule may demand of the sender; 0 is one the kernel picks, above 32767.
SENDER_PORTS = (0, 53, 5060)

_PREFIXES4 = ("192.0.2.0/24", "192.0.2.0/25", "203.0.113.0/28", "198.51.100.64/26", "10.0.0.0/8")
_SINGLES4 = ("192.0.2.10", "203.0.113.10", "198.51.100.66", "203.0.113.77")
_RANGES4 = ("203.0.113.5-203.0.113.99", "192.0.2.128-192.0.2.200", "198.51.100.3-203.0.113.100")
_PREFIXES6 = ("2001:db8:22::/64", "2001:db8:5060::/48", "2001:db8:5060::/64", "2001:db8::/32")
_SINGLES6 = ("2001:db8:22::10", "2001:db8:1::66", "2001:db8:5060::99")
_RANGES6 = ("2001:db8:1::1-2001:db8:22::10", "2001:db8:5060::1-2001:db8:5060:1::9")
_PORT_RANGES = ("5060-5061", "1-1023", "8000-9999", "10000-20000", "10001-19999", "80-443")

#: Matchers whose answer for a packet does not follow from addresses, ports and states.
_OPAQUE = (
    "meta skuid 0",
    "meta mark 0x1",
    "meta mark != 0x1",
    "meta length 0-90",
    "meta pkttype host",
    "ct mark 7",
    "limit rate 2/second",
    "limit rate over 5/second burst 3 packets",
    "fib saddr . iif oif missing",
    "fib daddr type local",
    "numgen inc mod 2 == 0",
    "quota over 2000 bytes",
    "meta cpu 0",
    "ct direction original",
)
_OPAQUE4 = ("ip dscp cs1", "ip dscp != ef", "ip ttl > 10", "ip length 0-60")
_OPAQUE6 = ("ip6 dscp cs1", "ip6 hoplimit > 10", "ip6 flowlabel 0")
_STATES = (
    "ct state new",
    "ct state established,related",
    "ct state { established, related, new }",
    "ct state != established",
    "ct state invalid",
    "ct state new,untracked",
)
_INTERFACES = (
    f'iifname "{WAN}"',
    f'iifname != "{WAN}"',
    f'iif "{LAN}"',
    f'iifname {{ "{WAN}", "ppp0" }}',
    'iifname "wan*"',
    'iifname != "ppp*"',
    "iifname @outside",
    f'iifname != {{ "{LAN}", "tun0" }}',
)


@dataclass(frozen=True, slots=True)
class RandomRuleset:
    """One ruleset, and the probes it is to be judged by.

    `features` names what not every reader of rulesets understands: `opaque`, `vmap`, `concat`,
    `sport` (a demand on the sender's port), `prerouting` (a filter before the input hook).
    """

    seed: int
    text: str
    features: frozenset[str]
    sources: tuple[Source, ...] = SOURCES
    ports: tuple[Port, ...] = PORTS


def random_ruleset(seed: int) -> RandomRuleset:
    """The ruleset of this seed. One in three uses matchers meant to be opaque."""
    maker = _Maker(Random(seed), opaque=seed % 3 == 0)
    tables = maker.tables()
    return RandomRuleset(seed, "\n".join(tables) + "\n", frozenset(maker.features))


def by_hand(*rules: str, policy: str = "drop") -> RandomRuleset:
    """A ruleset of one input chain with these rules, to be judged like the random ones."""
    chain = ["chain input {", f"type filter hook input priority 0; policy {policy};", *rules, "}"]
    return RandomRuleset(0, "\n".join(["table inet t {", *chain, "}", ""]), frozenset())


@dataclass(slots=True)
class _Maker:
    random: Random
    opaque: bool
    features: set[str] = field(default_factory=set)

    def tables(self) -> list[str]:
        shape = self.random.choice(("inet", "inet", "split", "layered"))
        if shape == "split":
            return [self.table("ip", "v4", 0), self.table("ip6", "v6", 0)]
        if shape == "layered":
            return [self.table("inet", "first", -10), self.table("inet", "second", 10)]
        return [self.table("inet", "filter", 0)]

    def table(self, family: str, name: str, priority: int) -> str:
        chains = [f"c{number}" for number in range(self.random.randint(1, 4))]
        lines = [f"table {family} {name} {{", *self.sets(family)]
        # Later chains first: a jump must find its target.
        for index in reversed(range(len(chains))):
            lines += [f"\tchain {chains[index]} {{"]
            lines += self.rules(family, chains[index + 1 :], self.random.randint(1, 6))
            lines += ["\t}"]
        if self.random.random() < 0.15:
            self.features.add("prerouting")
            before = self.random.choice((-300, -150))
            lines += self.base("prerouting", before, "accept", family, [], 2)
        policy = self.random.choice(("accept", "drop", "drop"))
        lines += self.base("input", priority, policy, family, chains, self.random.randint(2, 9))
        return "\n".join([*lines, "}"])

    def base(
        self, hook: str, priority: int, policy: str, family: str, chains: list[str], size: int
    ) -> list[str]:
        return [
            f"\tchain {hook} {{",
            f"\t\ttype filter hook {hook} priority {priority}; policy {policy};",
            *self.rules(family, chains, size),
            "\t}",
        ]

    def sets(self, family: str) -> list[str]:
        made = [
            *self.named("outside", "ifname", f'"{WAN}", "ppp0"', ""),
            *self.named("services", "inet_service", "22, 443, 5060-5061", "interval"),
            *self.named("empty_ports", "inet_service", "", ""),
        ]
        if family != "ip6":
            made += self.named("known4", "ipv4_addr", self.elements4(), "interval")
            made += self.named("hosts4", "ipv4_addr", ", ".join(_SINGLES4[:2]), "")
        if family != "ip":
            made += self.named("known6", "ipv6_addr", self.elements6(), "interval")
        return made

    def named(self, name: str, kind: str, elements: str, flags: str) -> list[str]:
        return [
            f"\tset {name} {{",
            f"\t\ttype {kind}",
            *([f"\t\tflags {flags}"] if flags else []),
            *([f"\t\telements = {{ {elements} }}"] if elements else []),
            "\t}",
        ]

    def elements4(self) -> str:
        return ", ".join(self.random.sample(("203.0.113.0/28", *_RANGES4[1:2], "10.0.0.0/8"), 2))

    def elements6(self) -> str:
        return ", ".join(self.random.sample((_PREFIXES6[0], _PREFIXES6[1], "fd00::/8"), 2))

    def rules(self, family: str, chains: list[str], count: int) -> list[str]:
        return [f"\t\t{self.rule(family, chains)}" for _ in range(count)]

    def rule(self, family: str, chains: list[str]) -> str:
        version = {"ip": 4, "ip6": 6}.get(family) or self.random.choice((0, 0, 4, 6))
        special = self.random.random()
        if special < 0.05:
            return self.verdict_map(chains)
        if special < 0.08 and version == 4:
            self.features.add("concat")
            pairs = "192.0.2.10 . 22, 203.0.113.0/28 . 5060-5061, 198.51.100.66 . 80"
            return f"ip saddr . tcp dport {{ {pairs} }} {self.verdict(chains)}"
        kinds = self.kinds()
        if {"source", "destination"} & set(kinds):
            version = version or self.random.choice((4, 6))
        matchers = [self.matcher(kind, version) for kind in kinds]
        if family == "inet" and version and self.random.random() < 0.2:
            matchers.insert(0, f"meta nfproto ipv{version}")
        extra = self.random.choice(("", "", "", "counter", 'log prefix "seen "'))
        note = self.random.choice(("", "", ' comment "van de klant"'))
        return " ".join(part for part in (*matchers, extra, self.verdict(chains)) if part) + note

    def kinds(self) -> list[str]:
        kinds = ["source", "port", "port", "interface", "state", "destination", "protocol"]
        chosen = self.random.sample(kinds, self.random.choice((0, 1, 1, 2, 2, 3)))
        # Two demands on the protocol may contradict each other, which nft refuses.
        demands = [kind for kind in chosen if kind in {"port", "protocol"}]
        kept = [kind for kind in chosen if kind not in {"port", "protocol"}] + demands[:1]
        if self.opaque and self.random.random() < 0.25:
            kept.append("opaque")
        return kept

    def matcher(self, kind: str, version: int) -> str:
        match kind:
            case "source":
                return self.source(version)
            case "destination":
                return self.destination(version)
            case "port":
                return self.port()
            case "protocol":
                return self.protocol(version)
            case "interface":
                return self.random.choice(_INTERFACES)
            case "state":
                return self.random.choice(_STATES)
        self.features.add("opaque")
        own = {4: _OPAQUE4, 6: _OPAQUE6}.get(version, ())
        return self.random.choice((*_OPAQUE, *own))

    def source(self, version: int) -> str:
        key, singles, prefixes, ranges, names = (
            ("ip saddr", _SINGLES4, _PREFIXES4, _RANGES4, ("@known4", "@hosts4"))
            if version == 4
            else ("ip6 saddr", _SINGLES6, _PREFIXES6, _RANGES6, ("@known6",))
        )
        several = f"{{ {singles[0]}, {prefixes[-1]} }}"
        value = self.random.choice((*singles, *prefixes, *ranges, *names, several))
        return f"{key} {self.random.choice(('', '', '', '!= '))}{value}"

    def destination(self, version: int) -> str:
        key, own, network, elsewhere = (
            ("ip daddr", WAN4, "198.51.100.0/25", "192.168.10.1")
            if version == 4
            else ("ip6 daddr", WAN6, "2001:db8:1::/64", "2001:db8:10::1")
        )
        return f"{key} {self.random.choice((own, network, elsewhere, f'!= {elsewhere}'))}"

    def port(self) -> str:
        key = self.random.choice(("tcp dport", "tcp dport", "udp dport", "udp dport", "th dport"))
        if key == "th dport":
            key = "meta l4proto { tcp, udp } th dport"
        if self.random.random() < 0.06:
            self.features.add("sport")
            return f"{key.replace('dport', 'sport')} {self.random.choice((53, 5060))}"
        single = str(self.random.choice(NUMBERS))
        pair = f"{{ {self.random.choice(NUMBERS)}, {self.random.choice(_PORT_RANGES)} }}"
        value = self.random.choice(
            (single, single, pair, self.random.choice(_PORT_RANGES), "@services", "@empty_ports")
        )
        return f"{key} {self.random.choice(('', '', '', '!= '))}{value}"

    def protocol(self, version: int) -> str:
        both = ("meta l4proto tcp", "meta l4proto udp", "meta l4proto != tcp")
        own = {4: ["ip protocol udp"], 6: ["ip6 nexthdr tcp"]}.get(version, [])
        return self.random.choice([*both, "meta l4proto { tcp, udp }", *own])

    def verdict(self, chains: list[str]) -> str:
        kinds = ["accept"] * 8 + ["drop"] * 4 + ["return"] * 2 + ["reject", "continue", "counter"]
        jumps = ["jump", "jump", "jump", "goto"] if chains else []
        chosen = self.random.choice([*kinds, *jumps])
        return f"{chosen} {self.random.choice(chains)}" if chosen in jumps else chosen

    def verdict_map(self, chains: list[str]) -> str:
        self.features.add("vmap")
        inner = f"jump {chains[0]}" if chains else "return"
        maps: tuple[str, ...] = (
            f"tcp dport vmap {{ 22 : accept, 80 : drop, 5060-5061 : {inner} }}",
            "ct state vmap { established : accept, related : accept, invalid : drop }",
            f"meta l4proto vmap {{ tcp : {inner}, udp : accept }}",
            f'iifname vmap {{ "{WAN}" : {inner}, "{LAN}" : accept }}',
        )
        return self.random.choice(maps)
