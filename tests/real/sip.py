"""A phone and a provider that exchange SIP over UDP, and show each other's packets to the byte."""

from __future__ import annotations

import secrets
from types import TracebackType

from .namespaces import Namespace
from .probes import Datagram, Udp

SIP_PORT = 5060


class Phone:
    """A SIP phone on one fixed socket: every request it sends is part of the same flow."""

    def __init__(self, host: Namespace, address: str, port: int = SIP_PORT) -> None:
        self._udp = Udp(host, address, port)
        self._calls = 0

    def __enter__(self) -> Phone:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._udp.__exit__(kind, raised, trace)

    @property
    def socket(self) -> Udp:
        """The socket of its one flow."""
        return self._udp

    def invite(self, provider: str, port: int = SIP_PORT) -> bytes:
        """Send a fresh INVITE with SDP and give the bytes as they left the phone."""
        self._calls += 1
        message = invite(self._udp.address, self._udp.port, provider, self._calls)
        self._udp.send(message, provider, port)
        return message

    def receive(self, wait: float = 0.4) -> Datagram | None:
        return self._udp.receive(wait)


def invite(own: str, own_port: int, provider: str, call: int) -> bytes:
    """An INVITE as a phone behind NAT writes it: its private address in Via, Contact and SDP."""
    host = f"[{own}]" if ":" in own else own
    far = f"[{provider}]" if ":" in provider else provider
    family = "IP6" if ":" in own else "IP4"
    body = _lines(
        "v=0",
        f"o=phone {2890844526 + call} 1 IN {family} {own}",
        "s=call",
        f"c=IN {family} {own}",
        "t=0 0",
        "m=audio 11780 RTP/AVP 8 0 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=sendrecv",
    )
    head = _lines(
        f"INVITE sip:0031201234567@{far} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{own_port};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:201@{far}>;tag={secrets.token_hex(4)}",
        f"To: <sip:0031201234567@{far}>",
        f"Call-ID: {secrets.token_hex(8)}@{own}",
        f"CSeq: {call} INVITE",
        f"Contact: <sip:201@{host}:{own_port}>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(body)}",
        "",
    )
    return head + body


def trying(request: Datagram) -> bytes:
    """The provider's 100 answer: it echoes the Via it got and where the request came from."""
    lines = request.data.split(b"\r\n\r\n")[0].decode().split("\r\n")
    kept = [line for line in lines[1:] if line.split(":")[0] in {"From", "To", "Call-ID", "CSeq"}]
    via = next(line for line in lines if line.startswith("Via:")).replace(
        ";rport", f";received={request.source};rport={request.source_port}"
    )
    return _lines("SIP/2.0 100 Trying", via, *kept, "Content-Length: 0", "")


def header(message: bytes, name: str) -> str:
    """The value of one header field, or an SDP line such as `c=`."""
    start = name if name.endswith("=") else f"{name}: "
    for line in message.decode().split("\r\n"):
        if line.startswith(start):
            return line.removeprefix(start)
    raise AssertionError(f"no {name} in {message!r}")


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()
