"""What the simulated EdgeOS shows of its translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...vyatta.simulation.links import Row
from ...vyatta.simulation.machine import Path

_HEAD = """\
Type Codes:  SRC - source, DST - destination, MASQ - masquerade
              X at the front of rule implies rule is excluded

rule   type  intf     translation
----   ----  ----     -----------
"""
_TYPES = {"destination": "DST", "source": "SRC", "masquerade": "MASQ"}
Rules = Mapping[str, Mapping[str, str]]


def nat_rules(running: Sequence[Path], rows: Sequence[Row]) -> str:
    """`show nat rules`. Forwards of `port-forward` are rules of low numbers."""
    own = {row.name: row.addresses[0].split("/")[0] for row in rows if row.addresses}
    lines = [*_forwards(running, own), *_translations(running, own)]
    return _HEAD + "\n".join(lines)


def _rules(running: Sequence[Path], *above: str) -> Rules:
    found: dict[str, dict[str, str]] = {}
    for path in running:
        rest = path[len(above) :]
        if path[: len(above)] == above and len(rest) > 1:
            found.setdefault(rest[0], {})[" ".join(rest[1:-1])] = rest[-1]
            found[rest[0]][rest[-1]] = ""
    return {number: rule for number, rule in found.items() if "disable" not in rule}


def _forwards(running: Sequence[Path], own: Mapping[str, str]) -> Iterator[str]:
    wan = next((path[2] for path in running if path[:2] == ("port-forward", "wan-interface")), "")
    for number, (_, rule) in enumerate(_rules(running, "port-forward", "rule").items(), 1):
        port = rule.get("original-port", "ANY")
        what = f"daddr {own.get(wan, 'ANY')} to {rule.get('forward-to address', '')}"
        ports = f"dport {port} to {rule.get('forward-to port', port)}"
        yield _two_lines(str(number), "DST", wan, what, rule.get("protocol", "all"), ports)


def _translations(running: Sequence[Path], own: Mapping[str, str]) -> Iterator[str]:
    for number, rule in _rules(running, "service", "nat", "rule").items():
        kind = _TYPES.get(rule.get("type", ""), "")
        name = rule.get("inbound-interface") or rule.get("outbound-interface", "")
        mine, port = own.get(name, "ANY"), rule.get("destination port", "ANY")
        if kind == "DST":
            what = f"daddr {mine} to {rule.get('inside-address address', '')}"
            ports = f"dport {port} to {rule.get('inside-address port', port)}"
        else:
            what = f"saddr {rule.get('source address', 'ANY')} to {mine}"
            ports = f"sport {rule.get('source port', 'ANY')}"
        mark = "X" if "exclude" in rule else ""
        yield _two_lines(mark + number, kind, name, what, rule.get("protocol", "all"), ports)


def _two_lines(number: str, kind: str, name: str, what: str, protocol: str, ports: str) -> str:
    first = f"{number:<6} {kind:<5} {name:<8} {what}"
    return f"{first}\n    {f'proto-{protocol}':<17} {ports}\n"
