"""A customer's office with one Linux router, and the internet around it.

phone 192.168.10.20 ─┐                             ┌─ provider 203.0.113.10
                     ├─ lan0 router wan0 ─ internet ┤
camera 192.168.10.30 ┘      198.51.100.2     │     └─ mgmt 192.0.2.10
                                             └─ attacker 198.51.100.66 (same WAN segment)
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .namespaces import LabError, Namespace, connect, new_run, sweep
from .probes import TcpService
from .router import Router


@dataclass(frozen=True, slots=True)
class Addresses:
    """One host's address in either family."""

    v4: str
    v6: str

    def both(self) -> tuple[str, str]:
        return self.v4, self.v6


PHONE = Addresses("192.168.10.20", "2001:db8:10::20")
CAMERA = Addresses("192.168.10.30", "2001:db8:10::30")
LAN = Addresses("192.168.10.1", "2001:db8:10::1")
WAN = Addresses("198.51.100.2", "2001:db8:1::2")
ATTACKER = Addresses("198.51.100.66", "2001:db8:1::66")
PROVIDER = Addresses("203.0.113.10", "2001:db8:5060::10")
MGMT = Addresses("192.0.2.10", "2001:db8:22::10")

INTERNET_WAN = Addresses("198.51.100.1", "2001:db8:1::1")
WEB_PORTS = (80, 443)


class Lab:
    """The running office. Close it, or make it with `office()`, which always does."""

    def __init__(self) -> None:
        sweep()
        self.run = new_run()
        self.directory = Path(tempfile.mkdtemp(prefix=f"{self.run}-"))
        self._namespaces: list[Namespace] = []
        try:
            self.router = Router(self.directory)
            self.phone = self._add("phone")
            self.internet = self._add("internet")
            self.provider = self._add("provider")
            self.mgmt = self._add("mgmt")
            self.attacker = self._add("attacker")
            self._wire_internet()
            self._power_on()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop everything and leave nothing behind; safe to call on a half-built lab."""
        if hasattr(self, "router"):
            self.router.power_off()
        for namespace in self._namespaces:
            namespace.delete()
        self._namespaces.clear()
        shutil.rmtree(self.directory, ignore_errors=True)

    def reboot(self) -> None:
        """Cut the router's power and start it from its disk: live rules, flows and timers go."""
        self.router.power_off()
        self.phone.ip("link del eth0")
        self.internet.ip("link del wan")
        self._namespaces.remove(self.gateway)
        self.gateway.delete()
        # The new machine has a new hardware address under its old IP address.
        self.internet.ip("neigh flush all")
        self._power_on()

    def _add(self, role: str) -> Namespace:
        made = Namespace(self.run, role)
        self._namespaces.append(made)
        return made

    def _wire_internet(self) -> None:
        net = self.internet
        net.sysctl(
            net__ipv4__ip_forward=1,
            net__ipv4__conf__all__send_redirects=0,
            net__ipv6__conf__all__forwarding=1,
        )
        net.ip("link add isp type bridge", "link set isp up")
        net.ip(*_addresses("isp", INTERNET_WAN, 24, 64))
        connect(net, "neighbour", self.attacker, "eth0")
        net.ip("link set neighbour master isp")
        _host(self.attacker, ATTACKER, INTERNET_WAN)
        _remote(net, self.provider, PROVIDER, Addresses("203.0.113.1", "2001:db8:5060::1"))
        _remote(net, self.mgmt, MGMT, Addresses("192.0.2.1", "2001:db8:22::1"))

    def _power_on(self) -> None:
        self.gateway = self._add("router")
        connect(self.gateway, "lan0", self.phone, "eth0")
        connect(self.gateway, "wan0", self.internet, "wan")
        self.internet.ip("link set wan master isp")
        self.gateway.ip(
            *_addresses("lan0", LAN, 24, 64),
            *_addresses("wan0", WAN, 24, 64),
            f"route add default via {INTERNET_WAN.v4}",
            f"route add ::/0 via {INTERNET_WAN.v6}",
        )
        self.internet.ip(f"route replace 2001:db8:10::/64 via {WAN.v6}")
        self.phone.ip(*_addresses("eth0", CAMERA, 24, 64))
        _host(self.phone, PHONE, LAN)
        self.router.power_on(self.gateway)
        self._serve_web()

    def _serve_web(self) -> None:
        # The router's own web interface: the probes only ask whether it answers.
        self._web = [
            TcpService(self.gateway, address, port)
            for address in ("0.0.0.0", "::")
            for port in WEB_PORTS
        ]


@contextmanager
def office() -> Iterator[Lab]:
    """A lab that is gone afterwards, whatever happened in it."""
    lab = Lab()
    try:
        yield lab
    finally:
        with suppress(LabError):
            lab.close()


def _addresses(device: str, own: Addresses, length4: int, length6: int) -> tuple[str, str]:
    # Without nodad an IPv6 address cannot be used for its first second or two.
    return (
        f"addr add {own.v4}/{length4} dev {device}",
        f"addr add {own.v6}/{length6} dev {device} nodad",
    )


def _host(host: Namespace, own: Addresses, gateway: Addresses) -> None:
    host.ip(
        *_addresses("eth0", own, 24, 64),
        f"route add default via {gateway.v4} src {own.v4}",
        f"route add ::/0 via {gateway.v6} src {own.v6}",
    )


def _remote(internet: Namespace, host: Namespace, own: Addresses, gateway: Addresses) -> None:
    connect(internet, host.role, host, "eth0")
    internet.ip(*_addresses(host.role, gateway, 24, 64))
    _host(host, own, gateway)
