"""What can only be looked at: resources, board, packages, device-mode, sessions, files, history."""

from __future__ import annotations

from .machine import Machine
from .store import Item
from .values import spoken

_GATED = ("socks", "fetch", "bandwidth-test", "traffic-gen", "sniffer", "romon", "proxy", "hotspot",
          "email", "zerotier", "container", "scheduler")  # fmt: skip
_OPEN_AT_HOME = ("pptp", "l2tp", "ipsec", "smb")


def items_of(machine: Machine, path: str) -> list[Item] | None:
    """The rows of a menu that is computed; None for menus that are stored."""
    match path:
        case "interface":
            return _links(machine)
        case "user active":
            return _sessions(machine)
        case "system package":
            return _packages(machine)
        case "file":
            return [
                Item(
                    n, {"name": name, "type": _type(name), "size": str(len(text)), "contents": text}
                )
                for n, (name, text) in enumerate(machine.store.files.items(), 1)
            ]
        case "system history":
            recent = list(enumerate(machine.history, 1))[::-1]
            return [Item(n, {"action": a, "by": by, "policy": "write"}) for n, (a, by) in recent]
        case "log":
            return []
    return None


def _type(name: str) -> str:
    return {"rsc": "script", "backup": "backup"}.get(name.rpartition(".")[2], "file")


def _links(machine: Machine) -> list[Item]:
    kinds = {"ethernet": "ether", "bridge": "bridge", "pppoe-client": "pppoe-out", "vlan": "vlan"}
    found: list[Item] = []
    for path, kind in kinds.items():
        for link in machine.store.rows(f"interface {path}"):
            values = {"name": link.values["name"], "type": kind, "mtu": "1500",
                      "actual-mtu": "1500", "disabled": link.values.get("disabled", "no"),
                      "comment": link.values.get("comment", "")}  # fmt: skip
            facts = {"running": "no" if link.disabled else link.facts.get("running", "yes")}
            if "default-name" in link.values:
                values["default-name"] = link.values["default-name"]
            found.append(Item(len(found) + 1, values, facts))
    return found


def _sessions(machine: Machine) -> list[Item]:
    form = "%Y-%m-%d %H:%M:%S" if machine.store.release.dates_are_iso else "%b/%d/%Y %H:%M:%S"
    return [
        Item(
            session.number,
            {"when": session.since.strftime(form).lower(), "name": session.user,
             "address": session.source, "via": session.via, "group": "full"},
        )
        for session in machine.sessions
    ]  # fmt: skip


def _packages(machine: Machine) -> list[Item]:
    release = machine.store.release
    if not release.is_six:
        return [Item(1, {"name": "routeros", "version": release.text})]
    names = ("routeros-arm", "system", "ipv6", "wireless", "hotspot", "dhcp", "mpls", "routing",
             "ppp", "security", "advanced-tools")  # fmt: skip
    off = set() if machine.store.ipv6_package else {"ipv6"}
    return [
        Item(n, {"name": name, "version": release.text, "disabled": "yes" if name in off else "no"})
        for n, name in enumerate(names)
    ]


def facts_of(machine: Machine, path: str) -> dict[str, str]:
    """What a menu without items shows beyond its settings."""
    match path:
        case "system resource":
            return _resource(machine)
        case "system routerboard":
            return _board(machine)
        case "system device-mode":
            return _device_mode(machine)
        case "ip firewall connection tracking":
            count = len(machine.store.rows("ip firewall connection"))
            return {"max-entries": "1048576", "total-entries": str(count)}
        case "system clock":
            now = machine.now()
            iso = machine.store.release.dates_are_iso
            day = now.strftime("%Y-%m-%d" if iso else "%b/%d/%Y").lower()
            return {"time": now.strftime("%H:%M:%S"), "date": day, "gmt-offset": "+00:00"}
        case "ip dns":
            return {"dynamic-servers": "", "cache-used": "48KiB"}
    return {}


def _resource(machine: Machine) -> dict[str, str]:
    release, hardware = machine.store.release, machine.hardware
    return {
        "uptime": spoken(int(machine.clock() - machine.booted)),
        "version": f"{release.text} ({release.channel})",
        "build-time": "2025-02-25 09:47:44" if release.dates_are_iso else "Dec/03/2021 12:15:05",
        "free-memory": "900.4MiB",
        "total-memory": hardware["memory"],
        "cpu": hardware["cpu"],
        "cpu-count": "4",
        "cpu-load": "1%",
        "free-hdd-space": "469.2MiB",
        "total-hdd-space": "512.3MiB",
        "architecture-name": hardware["architecture"],
        "board-name": hardware["board"],
        "platform": "MikroTik",
    }


def _board(machine: Machine) -> dict[str, str]:
    if not machine.plate.model:
        return {"routerboard": "no"}
    release = machine.store.release.text
    return {
        "routerboard": "yes",
        "board-name": machine.hardware["board"],
        "model": machine.plate.model,
        "serial-number": machine.plate.serial,
        "firmware-type": machine.hardware["firmware"],
        "factory-firmware": "6.45.9",
        "current-firmware": release,
        "upgrade-firmware": release,
    }


def _device_mode(machine: Machine) -> dict[str, str]:
    gate = "no" if machine.home else "yes"
    found = {"mode": machine.device_mode, "flagged": "no", "flagging-enabled": "yes"}
    return (
        found
        | dict.fromkeys(_OPEN_AT_HOME, "yes")
        | dict.fromkeys(_GATED, gate)
        | {"attempt-count": "0"}
    )
