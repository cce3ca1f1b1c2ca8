"""Connection tracking helpers: who sets `sip` and `tftp`, and which flows still have the former.

A declared `ct helper` object does nothing; a rule that sets it does. On kernels before 6.0 the
sysctl nf_conntrack_helper attaches helpers to their usual ports without any rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Helper
from routercfg.net import ALL_PORTS, PortSet
from routercfg.platforms.outputs import Output, Outputs

from .matching import Decided, decided
from .ruleset import Nft, NftRule

_XT_HELPER = re.compile(r"^-A (\S+) .*-j CT\b.*--helper (\S+)")
_XT_PORTS = re.compile(r"--dports? (\S+)")
_FLOW = re.compile(r"\bdport=(\d+)\b.*\bhelper=(\S+)")


def sip_helpers(outputs: Outputs, nft: Nft) -> tuple[Helper, ...] | Unknown:
    """Every switch of the SIP ALG, and the flows that still pass through it."""
    hidden = _hidden(outputs, nft)
    if hidden is not None:
        return hidden
    live = _live(outputs)
    if isinstance(live, Unknown):
        return live
    return (
        *_by_rules(nft, "sip"),
        *_by_xtables(outputs, "sip"),
        *_by_sysctl(outputs, "sip", PortSet.of(5060)),
        *live,
    )


def tftp_helpers(outputs: Outputs, nft: Nft) -> tuple[Helper, ...] | Unknown:
    """The helper that TFTP's second port needs, off where nothing sets it."""
    hidden = _hidden(outputs, nft)
    if hidden is not None:
        return hidden
    found = (
        *_by_rules(nft, "tftp"),
        *_by_xtables(outputs, "tftp"),
        *_by_sysctl(outputs, "tftp", PortSet.of(69)),
    )
    usable = tuple(one for one in found if 69 in one.ports)
    absent = Evidence(nft.metainfo.command, 0, "no rule 'ct helper set' of type tftp for udp 69")
    return usable or (Helper("tftp", "tftp", enabled=False, evidence=(absent,)),)


def _hidden(outputs: Outputs, nft: Nft) -> Unknown | None:
    """iptables rules that nft cannot show and nobody has read otherwise."""
    if _answered(outputs.get("xtables")) and _saved(outputs):
        return None
    for rule in nft.rules:
        if any(isinstance(one, dict) and "xt" in one for one in rule.expressions):
            return Unknown(
                "rules made by iptables may set a helper, and iptables-save was not read",
                (rule.evidence,),
            )
    return None


def _answered(output: Output | None) -> bool:
    return output is not None and "xtables: read" in output.lines


def _saved(outputs: Outputs) -> bool:
    return "# iptables-save" in outputs["xtables"].lines


def _by_rules(nft: Nft, wanted: str) -> Iterator[Helper]:
    for rule in nft.rules:
        for one in decided(nft, rule):
            if one.helper is None:
                continue
            declared = nft.objects.get(("ct helper", rule.table, one.helper), {})
            if declared.get("type", wanted) == wanted:
                yield Helper(
                    rule.id,
                    wanted,
                    enabled=_reachable(one, rule),
                    ports=ALL_PORTS if one.match.ports is None else one.match.ports,
                    evidence=(rule.evidence,),
                )


def _reachable(one: Decided, rule: NftRule) -> bool:
    return bool(one.families) and bool(rule.chain)


def _by_xtables(outputs: Outputs, wanted: str) -> Iterator[Helper]:
    output = outputs.get("xtables")
    if output is None:
        return
    program, table = "iptables", ""
    for number, line in enumerate(output.lines, start=1):
        if line.startswith("# ip") and line.endswith("-save"):
            program = line[2:].removesuffix("-save")
        if line.startswith("*"):
            table = line[1:].strip()
        match = _XT_HELPER.match(line)
        if match is None or match[2] != wanted:
            continue
        ports = _XT_PORTS.search(line)
        yield Helper(
            f"{program} -t {table} {line[3:]}",
            wanted,
            enabled=True,
            ports=PortSet.of(ports[1].replace(":", "-")) if ports else ALL_PORTS,
            evidence=(output.evidence(number),),
        )


def _by_sysctl(outputs: Outputs, wanted: str, ports: PortSet) -> Iterator[Helper]:
    output = outputs.get("sysctl")
    for number, line in enumerate(output.lines if output else [], start=1):
        if output and re.fullmatch(r"net\.netfilter\.nf_conntrack_helper\s*=\s*1", line.strip()):
            name = "sysctl net.netfilter.nf_conntrack_helper"
            evidence = (output.evidence(number),)
            yield Helper(name, wanted, enabled=True, ports=ports, evidence=evidence)


def _live(outputs: Outputs) -> tuple[Helper, ...] | Unknown:
    output = outputs.get("conntrack")
    if output is None:
        return ()
    if "conntrack: read" not in output.lines:
        if "conntrack: no program, module nf_conntrack_sip not loaded" in output.lines:
            return ()
        return Unknown(
            "flows that still pass through a SIP helper cannot be seen: install conntrack",
            (output.evidence(1),) if output.lines else (),
        )
    found = [
        (match, output.evidence(number))
        for number, line in enumerate(output.lines, start=1)
        if (match := _FLOW.search(line)) and match[2].startswith("sip")
    ]
    if not found:
        return ()
    ports = PortSet.of(*(int(match[1]) for match, _ in found))
    shown = tuple(evidence for _, evidence in found[:3])
    name = f"{len(found)} live flows" if len(found) > 1 else "1 live flow"
    return (Helper(name, "sip", enabled=True, live=True, ports=ports, evidence=shown),)
