"""What the simulated router prints for show commands."""

from __future__ import annotations

from ipaddress import IPv6Interface

from .nodes import Node
from .running import Running


def version_text(version: str, hostname: str, model: str) -> str:
    """`show version`, of IOS or of IOS-XE by its number."""
    major = int(version.split(".", maxsplit=1)[0])
    if major >= 16:
        first, minor, patch = ([*version.split("."), "0", "0"])[:3]
        return (
            f"Cisco IOS XE Software, Version {first}.{minor.zfill(2)}.{patch.zfill(2)}\n"
            "Cisco IOS Software [Gibraltar], ISR Software (ARMV8EB_LINUX_IOSD-UNIVERSALK9_IAS-M), "
            f"Version {version}, RELEASE SOFTWARE (fc1)\n"
            "Technical Support: http://www.cisco.com/techsupport\n\n"
            f"{hostname} uptime is 3 weeks, 2 days, 1 hour, 4 minutes\n"
            f"cisco {model} (1RU) processor with 1464691K/6147K bytes of memory.\n\n"
            "Configuration register is 0x2102\n"
        )
    return (
        "Cisco IOS Software, C880 Software (C880DATA-UNIVERSALK9-M), "
        f"Version {version}, RELEASE SOFTWARE (fc1)\n"
        "Technical Support: http://www.cisco.com/techsupport\n\n"
        f"{hostname} uptime is 1 year, 4 weeks, 3 days, 22 hours, 9 minutes\n"
        f"Cisco {model} (MPC8300) processor (revision 1.0) with 236544K/25600K bytes of memory.\n\n"
        "Configuration register is 0x2102\n"
    )


def _interfaces(running: Running) -> list[Node]:
    return running.top("interface")


def ip_brief(running: Running, leases: dict[str, str]) -> str:
    """`show ip interface brief`."""
    lines = ["Interface                  IP-Address      OK? Method Status                Protocol"]
    for node in _interfaces(running):
        name = node.text.split()[1]
        address, method = leases.get(name, "unassigned"), "DHCP" if name in leases else "unset"
        down = any(c.text == "shutdown" for c in node.children)
        for child in node.children:
            words = child.text.split()
            if words[:2] == ["ip", "address"] and words[2][0].isdigit() and len(words) == 4:
                address, method = words[2], "NVRAM"
        status = "administratively down" if down else "up"
        lines.append(
            f"{name:<26} {address:<15} YES {method:<6} {status:<21} {'down' if down else 'up'}"
        )
    return "\n".join(lines) + "\n"


def ipv6_brief(running: Running) -> str:
    """`show ipv6 interface brief`."""
    lines = []
    for number, node in enumerate(_interfaces(running), start=1):
        down = any(c.text == "shutdown" for c in node.children)
        state = "administratively down/down" if down else "up/up"
        lines.append(f"{node.text.split()[1]:<23}[{state}]")
        found = [c.text.split() for c in node.children if c.text.startswith("ipv6 ")]
        own = [
            str(IPv6Interface(words[2]).ip).upper()
            for words in found
            if words[1] == "address" and "/" in words[2]
        ]
        if own or any(words[:2] == ["ipv6", "enable"] for words in found):
            own.insert(0, f"FE80::C6B2:39FF:FEFB:{number:04X}")
        lines += [f"    {address}" for address in own] or ["    unassigned"]
    return "\n".join(lines) + "\n"


def access_lists(running: Running, family: int, name: str | None = None) -> str:
    """`show ip access-lists` and its IPv6 cousin, which prints numbers at the end."""
    lines = []
    for acl in running.acls.values():
        if (acl.kind == "ipv6") is not (family == 6) or name not in (None, acl.name):
            continue
        head = "IPv6" if family == 6 else f"{acl.kind.capitalize()} IP"
        lines.append(f"{head} access list {acl.name}")
        for number, text in acl.entries:
            if text.startswith("remark"):
                continue
            lines.append(f"    {text} sequence {number}" if family == 6 else f"    {number} {text}")
    return "\n".join(lines) + "\n" if lines else ""


def archive(running: Running) -> str:
    """`show archive`."""
    nodes = running.top("archive")
    path = next(
        (c.text.split()[1] for n in nodes for c in n.children if c.text.startswith("path ")), None
    )
    if path is None:
        return " Archive feature not enabled\n"
    return (
        "The maximum archive configurations allowed is 7.\n"
        "There are currently 1 archive configurations saved.\n"
        f"The next archive file will be named {path}-<timestamp>-1\n"
        " Archive #  Name\n"
        f"   1        {path}-Nov-25-10-01-46.355-UTC-0 <- Most Recent\n"
        "   2\n"
    )


def users(rows: list[tuple[int, str, str, bool]]) -> str:
    """`show users`: (line, user, address, is it the one who asks)."""
    lines = ["    Line       User       Host(s)              Idle       Location"]
    for number, user, address, mine in rows:
        mark = "*" if mine else " "
        lines.append(
            f"{mark}{number + 2:3d} vty {number}     {user:<10} {'idle':<20} 00:00:00 {address}"
        )
    lines += ["", "  Interface    User               Mode         Idle     Peer Address", ""]
    return "\n".join(lines)
