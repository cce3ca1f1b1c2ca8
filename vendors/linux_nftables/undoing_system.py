"""The way back for what is no rule: kernel timers, IPv6 switched off, miniupnpd, and what is kept.

`save` writes /etc/sysctl.d/60-routercfg.conf from the notes in /run/routercfg/pending/sysctl; a
note without a value takes the line out. The read `saved` prints both, so that a value counts as
kept from the moment that it is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from routercfg.errors import PackError, ParseError
from routercfg.model.evidence import NotApplicable, Unknown
from routercfg.model.undo import Conflict
from routercfg.platforms.outputs import Outputs

from . import quoting
from .listeners import read_port_mappers
from .ruleset import read_ruleset
from .system import sysctls
from .undoing_ipv6 import bring_back

#: What the pack sets besides the switches of IPv6.
_PLAIN = (
    "net.netfilter.nf_conntrack_udp_timeout",
    "net.netfilter.nf_conntrack_udp_timeout_stream",
    "net.netfilter.nf_conntrack_helper",
)
_ALL, _DEFAULT = "net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.default.disable_ipv6"
#: The kernel prints a dot within an interface's name as a slash.
_SWITCH = re.compile(r"net\.ipv6\.conf\.[A-Za-z0-9_./@:-]+\.disable_ipv6")
_FILE = "/etc/sysctl.d/60-routercfg.conf"

_Readings = tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]


def undo_system(
    before: Outputs, after: Outputs, now: Outputs
) -> tuple[tuple[str, ...], tuple[Conflict, ...]]:
    """Blocks for the shell, and what stands in the way."""
    readings = (before, after, now)
    live = (_values(before), _values(after), _values(now))
    commands: list[str] = []
    conflicts: list[Conflict] = []
    for name in _PLAIN:
        commands += [_set(name, value) for value in _back(name, live, "", conflicts)]
    commands += _ipv6(live, conflicts)
    if live[0].get(_ALL) == "0" and live[1].get(_ALL) == "1":
        commands += bring_back(*readings)
    commands += _notes(readings, live, conflicts)
    commands += _upnp(*readings)
    return tuple(commands), tuple(conflicts)


def _values(outputs: Outputs) -> Mapping[str, str]:
    return {name: value for name, (value, _) in sysctls(outputs).items()}


def _back(name: str, readings: _Readings, where: str, conflicts: list[Conflict]) -> Iterator[str]:
    """The value to put back, if there is one: that of the first reading, once it differs."""
    before, after, now = (one.get(name) for one in readings)
    # What one of the two readings lacks was not ours to set: the module was not loaded.
    if before is None or after is None or before == after:
        return
    if now is None:
        raise ParseError(f"{name} was changed, and is not in the reading of now")
    if now == before:
        return
    if now != after:
        conflicts.append(_conflict(name, after, now, where))
    yield before


def _conflict(name: str, left: str | None, found: str | None, where: str) -> Conflict:
    return Conflict(
        () if left is None else (f"{where}{name} = {left}",),
        () if found is None else (f"{where}{name} = {found}",),
    )


def _set(name: str, value: str) -> str:
    switch = _SWITCH.fullmatch(name)
    plain = quoting.shell(name) if switch else quoting.sysctl(name)
    if not value.isdecimal():
        raise ParseError(f"{name} = {value!r} is no number")
    return f'sysctl -w {plain}={value} || echo "routercfg"-error: cannot set {plain}'


def _ipv6(live: _Readings, conflicts: list[Conflict]) -> Iterator[str]:
    """The switches of IPv6. Writing `all` writes those of every interface and `default` too."""
    before, after, now = live
    if before.get(_ALL) == after.get(_ALL) and before.get(_DEFAULT) == after.get(_DEFAULT):
        return
    whole = list(_back(_ALL, live, "", conflicts))
    standing = dict(now)
    if whole:
        yield _set(_ALL, whole[0])
        standing = {name: whole[0] for name in now if _SWITCH.fullmatch(name)}
    for name in (one for one in now if _SWITCH.fullmatch(one) and one != _ALL):
        was, left = before.get(name), after.get(name)
        wanted = now[name] if was is None or was == left else was
        if wanted != standing[name]:
            yield _set(name, wanted)


def _notes(readings: tuple[Outputs, ...], live: _Readings, conflicts: list[Conflict]) -> list[str]:
    """What `save` must write, so that the file holds again what it held."""
    kept = [_kept(one) for one in readings]
    before, after, now = kept
    if before is None or after is None or now is None:
        # What the file held was not read: the value of before is what it must lead to.
        wanted = {name: live[0][name] for name in _ours(live) if live[2].get(name) != live[0][name]}
    else:
        wanted = {}
        for name in sorted(before.keys() | after.keys()):
            was, left, found = (one.get(name) for one in (before, after, now))
            if was in (left, found):
                continue
            if found != left:
                conflicts.append(_conflict(name, left, found, f"{_FILE}: "))
            wanted[name] = was or ""
    return [_note(name, value) for name, value in wanted.items()]


def _ours(live: _Readings) -> Iterator[str]:
    before, after, _ = live
    for name in (*_PLAIN, _ALL, _DEFAULT):
        if name in before and name in after and before[name] != after[name]:
            yield name


def _kept(outputs: Outputs) -> Mapping[str, str] | None:
    """Values that the file holds, or will hold once it is saved."""
    if "saved" not in outputs:
        return None
    lines = outputs["saved"].lines
    if "saved: read" not in lines:
        raise ParseError(f"the reading of {_FILE} is cut off")
    found: dict[str, str] = {}
    for line in lines[: lines.index("saved: read")]:
        name, equals, value = (part.strip() for part in line.partition("="))
        if equals and not name.startswith(("#", ";")):
            found.pop(name, None)
            if value:
                found[name] = value
    return found


def _note(name: str, value: str) -> str:
    if value and not value.isdecimal():
        raise PackError(f"{_FILE} held {name} = {value!r}, which cannot be put back")
    text = quoting.sysctl(name)
    file = "/run/routercfg/pending"
    refused = f'echo "routercfg"-error: cannot note {text}'
    return f"mkdir -p {file} && echo '{text} = {value}' >>{file}/sysctl || {refused}"


def _upnp(before: Outputs, after: Outputs, now: Outputs) -> Iterator[str]:
    was, left, found = (_mapping(one) for one in (before, after, now))
    if was in (left, found):
        return
    if not was:
        yield _unit("disable --now")
        return
    if "upnp" not in before or "upnp: read" not in before["upnp"].lines:
        raise ParseError("whether miniupnpd starts by itself was not read")
    yield _unit("enable --now" if "enabled" in before["upnp"].lines else "start")


def _mapping(outputs: Outputs) -> bool:
    """Does miniupnpd run?"""
    found = read_port_mappers(outputs, read_ruleset(outputs["nft"]))
    if isinstance(found, Unknown | NotApplicable):
        why = found.reason if isinstance(found, Unknown) else "no port mapper"
        raise ParseError(f"whether miniupnpd runs is not known: {why}")
    return any(one.enabled for one in found)


def _unit(verb: str) -> str:
    word = verb.partition(" ")[0]
    return (
        f"if [ -d /run/systemd/system ]; then systemctl {verb} miniupnpd.service || "
        f'echo "routercfg"-error: systemd cannot {word} miniupnpd; '
        'else echo "routercfg"-error: miniupnpd was not started by systemd; do so by hand; fi'
    )
