"""The trust command: host keys shown to a person, and remembered."""

from __future__ import annotations

import sys
from pathlib import Path

from routercfg.cli.live import agreed
from routercfg.cli.targets import Source, opened, selected
from routercfg.errors import TransportError
from routercfg.inventory import Host
from routercfg.transport.hostkeys import fetch, pin
from routercfg.transport.known import known
from routercfg.transport.route import route_to


def trusted(source: Source, *, yes: bool) -> int:
    """Ask for each router's key. 1 if one was not accepted, 3 if one could not be had."""
    inventory = opened(source)
    store = source.known_hosts or Path("~/.ssh/known_hosts").expanduser()
    statuses = [_trust(host, store, yes=yes) for host in selected(inventory, source.limit)]
    return max(statuses, default=0)


def _trust(host: Host, store: Path, *, yes: bool) -> int:
    address, port = host.address, host.port or 22
    try:
        # Where logins look, and by the name they look for.
        route = route_to(address, port)
        found = known((*route.known_hosts, store), route.name)
        key = fetch(address, port, kinds=[one.kind for one in found.keys])
        if key in found.keys:
            sys.stdout.write(f"{host.name}: {key.kind} {key.fingerprint}, known\n")
            return 0
        sys.stdout.write(
            f"{host.name}: {route.host} port {route.port} shows {key.kind} {key.fingerprint}\n"
        )
        # A key that has changed, or is revoked, is nothing to agree to.
        strange = found.keys or key in found.revoked
        if not strange and not yes and not agreed("Is this the router's own key?"):
            sys.stdout.write(f"{host.name}: not trusted; --yes trusts without asking\n")
            return 1
        pin(store, address, port, key)
    except TransportError as error:
        sys.stderr.write(f"{host.name}: {error}\n")
        return 3
    sys.stdout.write(f"{host.name}: trusted, in {store}\n")
    return 0
