"""Logging in through a NAPALM driver, with the host keys and the way that SSH goes by."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from routercfg.errors import (
    AuthenticationError,
    PackError,
    RoutercfgError,
    TransportError,
    UnreachableError,
    Where,
)
from routercfg.platforms.manifest import Manifest, Napalm
from routercfg.platforms.registry import load_napalm_driver
from routercfg.transport.known import entry_name
from routercfg.transport.link import Link
from routercfg.transport.napalm_session import NapalmSession
from routercfg.transport.session import Session
from routercfg.transport.target import Target

#: Gives the driver class of a name.
LoadDriver = Callable[[str], Callable[..., Any]]


def open_napalm(target: Target, manifest: Manifest, load: LoadDriver | None = None) -> Session:
    """A login through the NAPALM driver that the platform declares.

    Raises PackError where it declares none.
    """
    declared = manifest.napalm
    if declared is None:
        raise unsupported(manifest, Where(router=target.router))
    driver_class = (
        load(declared.driver) if load else _driver_class(target.router, manifest, declared)
    )
    try:
        with tempfile.TemporaryDirectory(prefix="routercfg-") as folder:
            given = _arguments(target, Path(folder) / "known_hosts")
            link = _link(target, given)
            try:
                driver = driver_class(
                    given["host"],
                    given["username"] + manifest.session.login_suffix,
                    given["password"] or "",
                    timeout=max(1, round(target.timeout)),
                    optional_args={n: of for n, of in given.items() if n not in _NAPALMS_OWN},
                )
                with link.awaited():
                    driver.open()
            except BaseException:
                link.close()
                raise
    except RoutercfgError:
        raise
    except Exception as error:
        raise _not_opened(target, error) from error
    return NapalmSession(driver, target, manifest, link)


def _link(target: Target, given: dict[str, Any]) -> Link:
    """The connection that the driver is given. A jump host's command is one already."""
    way, place = given["sock"], (given["host"], given["port"])
    given["sock"] = link = Link(
        lambda: socket.create_connection(place, timeout=target.timeout), target.timeout, way
    )
    return link


def unsupported(manifest: Manifest, where: Where) -> PackError:
    """The one error for a platform without a proved NAPALM driver."""
    return PackError(
        f"{manifest.title} is not proved through NAPALM",
        where=where,
        hint="Set connection: netmiko, or leave it out",
    )


def _driver_class(router: str, manifest: Manifest, proved: Napalm) -> Callable[..., Any]:
    if proved.module is not None:
        own = load_napalm_driver(manifest.platform, proved.module)
        return partial(own, manifest, router)
    from napalm import get_network_driver  # noqa: PLC0415 - brings every library of every driver

    found: Callable[..., Any] = get_network_driver(proved.driver)
    return found


def _arguments(target: Target, file: Path) -> dict[str, Any]:
    """netmiko's own strict settings: no driver may take an unknown host key.

    `file` is filled with the keys that are known of this router, in the one way that netmiko reads:
    it knows no patterns, no aliases and no revoked keys.
    """
    from routercfg.transport.login import (  # noqa: PLC0415 - SSH's own
        known_of,
        login_arguments,
        way_to,
    )

    route = way_to(target)
    name = entry_name(route.host, route.port)
    keys = known_of(target, route).keys
    file.write_text("".join(f"{name} {key.kind} {key.text}\n" for key in keys), encoding="utf-8")
    return {
        "secret": target.enable_password.reveal() if target.enable_password else "",
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(file),
        "read_timeout_override": target.timeout,
        # Last: a jump host's command has begun with it.
        **login_arguments(target, route),
    }


#: What NAPALM itself passes to netmiko.
_NAPALMS_OWN = frozenset({"host", "username", "password", "device_type"})


def _not_opened(target: Target, error: Exception) -> RoutercfgError:
    """NAPALM says no more than "cannot connect"; what it was raised from says why."""
    from napalm.base import exceptions as napalm  # noqa: PLC0415 - heavy

    from routercfg.transport.login import reason  # noqa: PLC0415 - the SSH side's own

    cause = error.__cause__ or error.__context__
    first = cause if isinstance(cause, Exception) else error
    if isinstance(error, napalm.ConnectAuthError):
        return AuthenticationError(
            f"the router refused the login of {target.user!r}", where=Where(router=target.router)
        )
    if isinstance(error, napalm.ModuleImportError):
        return PackError(str(error), where=Where(router=target.router))
    found = reason(target, first)
    return found if isinstance(found, TransportError) else UnreachableError(str(error))
