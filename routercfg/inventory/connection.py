"""How to reach a router: Ansible's connection variables, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from routercfg.errors import UnsafeValueError, VariableError
from routercfg.inventory.secret import Secret

if TYPE_CHECKING:
    from routercfg.inventory.model import Host

#: Variables whose text is never shown, wherever it was written.
PASSWORD_NAMES = frozenset(
    {
        "ansible_become_pass",
        "ansible_become_password",
        "ansible_password",
        "ansible_ssh_pass",
        "ansible_ssh_password",
    }
)

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*\.?")
#: Of an IPv6 address: Python takes anything for it, and a proxy's command is run by a shell.
_ZONE = re.compile(r"[A-Za-z0-9_.-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+\\-]*")
_ADDRESS_NAMES = ("ansible_host", "ansible_ssh_host")
_PORT_NAMES = ("ansible_port", "ansible_ssh_port")
_USER_NAMES = ("ansible_user", "ansible_ssh_user")
_LOGIN_NAMES = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
_ENABLE_NAMES = ("ansible_become_password", "ansible_become_pass")
_PLATFORM_NAMES = ("routercfg_platform", "platform", "ansible_network_os")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a router is and who logs in.

    `platform` is the raw name a person wrote (a pack maps it); `transport` is Ansible's
    `ansible_connection`. None means that nothing was said.
    """

    address: str
    port: int | None = None
    user: str | None = None
    password: Secret | None = field(default=None, repr=False)
    enable_password: Secret | None = field(default=None, repr=False)
    private_key_file: str | None = None
    platform: str | None = None
    transport: str | None = None


def connection_of(host: Host) -> Connection:
    """Read the connection variables of one router. Raises VariableError or UnsafeValueError."""
    return Connection(
        address=address_of(host),
        port=port_of(host),
        user=user_of(host),
        password=_secret(host, _LOGIN_NAMES),
        enable_password=_secret(host, _ENABLE_NAMES),
        private_key_file=_text(host, "ansible_ssh_private_key_file"),
        platform=platform_of(host),
        transport=_text(host, "ansible_connection"),
    )


def _first(host: Host, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if host.variables.get(name) is not None), None)


def address_of(host: Host) -> str:
    """`ansible_host`, else the router's name. Raises UnsafeValueError."""
    name = _first(host, _ADDRESS_NAMES)
    value = host.name if name is None else host.value(name)
    if isinstance(value, str) and (_is_ip(value) or _HOST_NAME.fullmatch(value)):
        return value
    raise UnsafeValueError(
        "this is not an IP address or a host name",
        where=host.where(name or "ansible_host"),
        hint="Set ansible_host to the router's address",
    )


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    _, _, zone = text.partition("%")
    return _ZONE.fullmatch(zone) is not None


def port_of(host: Host) -> int | None:
    """`ansible_port`. Raises VariableError."""
    name = _first(host, _PORT_NAMES)
    if name is None:
        return None
    value = host.value(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:9])
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    raise VariableError("this is not a port between 1 and 65535", where=host.where(name))


def user_of(host: Host) -> str | None:
    """`ansible_user`, revealed if it is a secret. Raises SecretError or UnsafeValueError."""
    name = _first(host, _USER_NAMES)
    if name is None:
        return None
    value = host.value(name)
    if isinstance(value, Secret):
        value = value.reveal()
    # RouterOS takes login options behind a plus sign; a leading dash would be an ssh option.
    if isinstance(value, str) and _USER.fullmatch(value):
        return value
    raise UnsafeValueError("this cannot be the name of a user", where=host.where(name))


def _secret(host: Host, names: tuple[str, ...]) -> Secret | None:
    name = _first(host, names)
    if name is None:
        return None
    value = host.value(name)
    match value:
        case Secret():
            return value
        case str():
            return Secret.of(value)
        case int() if not isinstance(value, bool):
            raise VariableError(
                "a password of digits must be in quotes, or leading zeros are lost",
                where=host.where(name),
            )
        case _:
            raise VariableError("this is not a password", where=host.where(name))


def platform_of(host: Host) -> str | None:
    """`platform`, else `ansible_network_os`, as written. Raises VariableError."""
    name = _first(host, _PLATFORM_NAMES)
    return None if name is None else _text(host, name)


def _text(host: Host, name: str) -> str | None:
    value = host.value(name)
    if value is None:
        return None
    if isinstance(value, str) and value.isprintable() and value and not value.startswith("-"):
        return value
    raise VariableError("this must be a plain text", where=host.where(name))
