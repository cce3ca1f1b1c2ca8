"""A router under test for many rulesets: listeners on every port, and probes from every source.

All sockets belong to this process, so one ruleset is loaded and judged from thirteen sources on
twenty ports in about a tenth of a second.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from .namespaces import Namespace, connect, new_run, sweep
from .probes import was_accepted
from .random_rulesets import (
    LAN,
    NUMBERS,
    SENDER_PORTS,
    SOURCES,
    WAN,
    WAN4,
    WAN6,
    Port,
    RandomRuleset,
    Source,
)

#: Packets between namespaces take well under a millisecond; this is for a busy machine.
WAIT = 0.06
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_REFUSALS = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES}

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Probe:
    """One new connection to try. `source_port` 0 lets the kernel choose."""

    source: Source
    port: Port
    source_port: int = 0


class Bench:
    """Namespaces `world` and `lan` around a `router` that holds every port of `PORTS` open."""

    def __init__(self) -> None:
        sweep()
        run = new_run()
        self.router = Namespace(run, "router")
        self.world = Namespace(run, "world")
        self.lan = Namespace(run, "lan")
        try:
            self._wire()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for namespace in (self.router, self.world, self.lan):
            namespace.delete()

    def load(self, text: str) -> None:
        """Replace the router's whole ruleset in one step and forget every flow and handshake."""
        self._listen()
        self.router.run("nft", "-f", "-", text=f"flush ruleset\n{text}")
        self.router.run("conntrack", "-F")

    def judge(self, ruleset: RandomRuleset) -> frozenset[Probe]:
        """Load a ruleset and give the probes that were answered, out of `probes(ruleset)`."""
        self.load(ruleset.text)
        return self.answered(probes(ruleset))

    def answered(self, tries: tuple[Probe, ...], wait: float = WAIT) -> frozenset[Probe]:
        """The probes of `tries` that reached the router's service, all sent at once."""
        self._drain()
        udp = self._send_udp([one for one in tries if one.port.protocol == "udp"])
        tcp = self._open_tcp([one for one in tries if one.port.protocol == "tcp"])
        connected = _settle(tcp, wait)
        for opened in tcp.values():
            opened.close()
        return connected | {udp[token] for token in self._drain() if token in udp}

    def _wire(self) -> None:
        connect(self.router, WAN, self.world, "eth0")
        connect(self.router, LAN, self.lan, "eth0")
        self.router.ip(
            f"addr add {WAN4}/24 dev {WAN}",
            f"addr add {WAN6}/64 dev {WAN} nodad",
            f"addr add 192.168.10.1/24 dev {LAN}",
            f"addr add 2001:db8:10::1/64 dev {LAN} nodad",
            *(f"route add {route} dev {WAN}" for route in ("default", "::/0")),
        )
        for host, device in ((self.world, WAN), (self.lan, LAN)):
            own = [one for one in SOURCES if one.interface == device]
            host.ip(
                *(
                    f"addr add {one.address}/{128 if one.family == 6 else 32} dev eth0 nodad"
                    for one in own
                ),
                *(f"route add {address} dev eth0" for address in (WAN4, WAN6)),
            )
            self._make_known(host, device, own)

    def _make_known(self, host: Namespace, device: str, sources: list[Source]) -> None:
        # A ruleset that drops neighbour discovery must not hide what it says of TCP and UDP.
        here, there = _hardware(self.router, device), _hardware(host, "eth0")
        host.ip(
            *(f"neigh add {a} lladdr {here} dev eth0 nud permanent" for a in (WAN4, WAN6)),
        )
        self.router.ip(
            *(
                f"neigh add {one.address} lladdr {there} dev {device} nud permanent"
                for one in sources
            )
        )

    def _listen(self) -> None:
        # New sockets each time: a handshake that one ruleset left half done (its last packet was
        # dropped) would keep the same sender from connecting under the next.
        self.router.close_sockets()
        self._tcp = self._held(socket.SOCK_STREAM)
        self._udp = self._held(socket.SOCK_DGRAM)
        for listening in self._tcp:
            listening.listen(512)

    def _held(self, kind: socket.SocketKind) -> list[socket.socket]:
        held = []
        for address in ("0.0.0.0", "::"):
            for number in NUMBERS:
                opened = self.router.socket(address, kind)
                opened.bind((address, number))
                held.append(opened)
        return held

    def _send_udp(self, tries: list[Probe]) -> dict[bytes, Probe]:
        sent: dict[bytes, Probe] = {}
        senders: dict[tuple[Source, int], socket.socket] = {}
        for number, one in enumerate(tries):
            key = (one.source, one.source_port)
            if key not in senders:
                senders[key] = self._bound(one, socket.SOCK_DGRAM)
            token = struct.pack("!dI", time.monotonic(), number)
            sent[token] = one
            senders[key].sendto(token, (_own(one.source), one.port.number))
        for sender in senders.values():
            sender.close()
        return sent

    def _open_tcp(self, tries: list[Probe]) -> dict[Probe, socket.socket]:
        opened = {}
        for one in tries:
            probe = self._bound(one, socket.SOCK_STREAM)
            # Closing with a reset leaves no connection behind to meet the next ruleset.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            refused = probe.connect_ex((_own(one.source), one.port.number))
            if refused not in {0, errno.EINPROGRESS, *_REFUSALS}:
                raise OSError(refused, "connect")
            opened[one] = probe
        return opened

    def _bound(self, one: Probe, kind: socket.SocketKind) -> socket.socket:
        host = self.world if one.source.interface == WAN else self.lan
        made = host.socket(one.source.address, kind)
        made.bind((one.source.address, one.source_port))
        return made

    def _drain(self) -> list[bytes]:
        tokens: list[bytes] = []
        for listening in self._tcp:
            for accepted, _ in _each(listening.accept):
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                accepted.close()
        for receiving in self._udp:
            tokens += _each(partial(receiving.recv, 64))
        return tokens


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench that is gone afterwards, whatever happened on it."""
    with closing(Bench()) as made:
        yield made


def probes(ruleset: RandomRuleset) -> tuple[Probe, ...]:
    """Every source to every port; from chosen sender ports too where the ruleset looks at them."""
    sender_ports = SENDER_PORTS if "sport" in ruleset.features else SENDER_PORTS[:1]
    return tuple(
        Probe(source, port, sender)
        for source in ruleset.sources
        for port in ruleset.ports
        for sender in sender_ports
    )


def _settle(opened: dict[Probe, socket.socket], wait: float) -> frozenset[Probe]:
    """Wait until every connection is made or refused, or `wait` seconds are over."""
    poll = select.poll()
    waiting = {probe.fileno(): one for one, probe in opened.items()}
    for descriptor in waiting:
        poll.register(descriptor, select.POLLOUT)
    deadline = time.monotonic() + wait
    connected = set()
    while waiting and (left := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(left * 1000):
            poll.unregister(descriptor)
            one = waiting.pop(descriptor)
            if was_accepted(opened[one]):
                connected.add(one)
    return frozenset(connected)


def _each(take: Callable[[], _T]) -> Iterator[_T]:
    """Everything a non-blocking call has to give."""
    while True:
        try:
            yield take()
        except BlockingIOError:
            return


def _own(source: Source) -> str:
    return WAN6 if source.family == 6 else WAN4


def _hardware(host: Namespace, device: str) -> str:
    words = host.run("ip", "-o", "link", "show", "dev", device).split()
    return words[words.index("link/ether") + 1]
