"""Why no TCP connection came about, by what the system said: refused, silence, or no way there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from routercfg.errors import UnreachableError, Where
from routercfg.transport.target import Target

#: What networks and this machine say of addresses that they know no way to.
_NO_WAY = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EHOSTDOWN, errno.ENETDOWN}
)


def no_connection(target: Target, error: BaseException, where: Where) -> UnreachableError:
    """The error of a connection that did not come about, whatever wraps what the system said."""
    place = f"{target.host} port {target.port}"
    found = list(_said(error))
    numbers = {one.errno for one in found}
    if any(isinstance(one, TimeoutError) for one in found):
        return UnreachableError(
            f"{place} did not answer within {target.timeout:g} s",
            where=where,
            hint="Check the address, whether the router is on, and whether a firewall drops what "
            "comes from here",
        )
    if errno.ECONNREFUSED in numbers:
        return UnreachableError(
            f"{place} refuses connections",
            where=where,
            hint="Nothing listens on that port, or a firewall rejects what comes from here: check "
            "ansible_port, and that the router's SSH is on and allowed from here",
        )
    if numbers & _NO_WAY:
        return UnreachableError(
            f"there is no route to {target.host}",
            where=where,
            hint="Check the address, and the VPN or network that leads to it",
        )
    words = ", ".join(os.strerror(one) for one in sorted(n for n in numbers if n is not None))
    return UnreachableError(
        f"no TCP connection to {place}{words and f': {words}'}",
        where=where,
        hint="Check address, port, and the firewalls on the way",
    )


def _said(error: BaseException | None) -> Iterator[OSError]:
    """What the system said, in whatever netmiko and paramiko have wrapped it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError):
            # paramiko tries each address of a name, and collects what came of it.
            yield from getattr(error, "errors", {}).values() or (error,)
        error = error.__cause__ or error.__context__
