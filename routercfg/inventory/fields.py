"""How single values of router variables are read: names, prefixes, ports, choices.

Pydantic catches ValueError only, so that is what these raise, whatever is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator

from routercfg.inventory.secret import Secret
from routercfg.model.intent import Ipv6Mode, OnPartial
from routercfg.net import Address, PortSet, PrefixSet

# Characters that mean something on at least one router's command line, in quotes or outside them.
_FORBIDDEN = frozenset("\"'`\\$;|&<>{}[]?#!%*^~=")
_INTERFACE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._/:@+-]{0,62}$")
_SERVICE = re.compile(r"^[a-z][a-z0-9_-]{0,40}$")
_LIST_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{0,30}$")


class UnsafeTextError(Exception):
    """Carries an unsafe value's message out of pydantic, which would wrap a ValueError."""


def _items(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case Secret():
            raise ValueError("a secret cannot be used here")
        case _:
            raise ValueError("this must be text; put it in quotes")


def _safe(value: object) -> str:
    """Text that stays one argument on every router's command line."""
    text = _text(value)
    if not text.strip() or len(text) > 128:
        raise ValueError("this must be a text of 1 to 128 characters")
    bad = next((sign for sign in text if sign in _FORBIDDEN or _is_invisible(sign)), None)
    if bad is not None:
        shown = bad if bad in _FORBIDDEN else f"U+{ord(bad):04X}"
        raise UnsafeTextError(f"the character {shown} cannot be used here")
    return text


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "C" or unicodedata.category(sign) in ("Zl", "Zp")


def _interface(value: object) -> str:
    text = _safe(value)
    if not _INTERFACE.match(text):
        raise UnsafeTextError("an interface is named with letters, digits and . _ / : @ + -")
    return text


def _list_name(value: object) -> str:
    text = _safe(value)
    if not _LIST_NAME.match(text):
        raise ValueError("a list is named with letters, digits, - and _, at most 31 in all")
    return text


def _services(value: object) -> tuple[str, ...]:
    names = tuple(_text(item) for item in _items(value))
    if not names:
        raise ValueError("at least one service is needed")
    if bad := next((name for name in names if not _SERVICE.match(name)), None):
        raise ValueError(f"{bad[:40]!r} cannot be the name of a service")
    if len(set(names)) != len(names):
        raise ValueError("a service is named twice")
    return names


def _interfaces(value: object) -> tuple[str, ...]:
    return tuple(_interface(item) for item in _items(value))


def _prefixes(value: object) -> PrefixSet:
    """People write prefixes exactly; a router's way of writing them would hide a typing mistake."""
    if isinstance(value, PrefixSet):
        return value
    return PrefixSet.of(*(_prefix(item) for item in _items(value)))


def _prefix(value: object) -> str:
    text = _text(value).strip()
    if "-" in text:
        PrefixSet.of(text)
        return text
    try:
        ip_network(text)
    except ValueError as problem:
        raise ValueError(_prefix_problem(text, problem)) from None
    return text


def _prefix_problem(text: str, problem: ValueError) -> str:
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f"{text[:60]!r} is not an address or a prefix"
    if "host bits" in str(problem):
        return f"{text} has bits set behind its prefix; did you mean {meant}?"
    return f"{text[:60]!r} is not an address or a prefix"


def _ports(value: object) -> PortSet:
    if isinstance(value, PortSet):
        return value
    items = _items(value)
    if any(isinstance(item, bool) or not isinstance(item, int | str) for item in items):
        raise ValueError("ports are numbers and ranges such as 5060-5061")
    found = PortSet.of(*(item for item in items if isinstance(item, int | str)))
    if 0 in found or not found:
        raise ValueError("ports are numbers between 1 and 65535")
    return found


def _address(value: object) -> Address:
    try:
        return ip_address(_text(value))
    except ValueError:
        raise ValueError("this must be one IP address") from None


def _ipv6(value: object) -> Ipv6Mode:
    # YAML reads a bare `off` as false.
    if value is False:
        return Ipv6Mode.OFF
    try:
        return Ipv6Mode(value)
    except ValueError:
        raise ValueError("this must be firewall or off") from None


def _on_partial(value: object) -> OnPartial:
    try:
        return OnPartial(value)
    except ValueError:
        raise ValueError("this must be decision, split or remove") from None


def _whole_number(value: object) -> object:
    # YAML's yes and no are numbers to Python.
    if value is True or value is False:
        raise ValueError("this must be a whole number")
    return value


def _by_service(value: object) -> object:
    """A plain list is kept under the empty name until the services are known."""
    if isinstance(value, str | list | tuple):
        return {"": value}
    return value


Text = Annotated[str, BeforeValidator(_safe)]
ListName = Annotated[str, BeforeValidator(_list_name)]
Services = Annotated[tuple[str, ...], BeforeValidator(_services)]
Interfaces = Annotated[tuple[str, ...], BeforeValidator(_interfaces)]
Prefixes = Annotated[PrefixSet, BeforeValidator(_prefixes)]
ByService = BeforeValidator(_by_service)
Ports = Annotated[PortSet, BeforeValidator(_ports)]
OneAddress = Annotated[Address, BeforeValidator(_address)]
Ipv6 = Annotated[Ipv6Mode, BeforeValidator(_ipv6)]
Partial = Annotated[OnPartial, BeforeValidator(_on_partial)]
WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
