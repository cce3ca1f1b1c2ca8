"""The trust command: host keys shown to a person, and remembered."""

from __future__ import annotations

import sys
from pathlib import Path

from routercfg.cli.live import agreed
from routercfg.cli.targets import Source, opened, selected
from routercfg.errors import TransportError
from routercfg.inventory import Host
from routercfg.transport.hostkeys import fetch, pin, pinned
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
        key = fetch(address, port)
        # Logins look a key up by the name that the SSH configuration leads to.
        route = route_to(address, port)
        address, port = route.host, route.port
        if key in pinned(store, address, port):
            sys.stdout.write(f"{host.name}: {key.kind} {key.fingerprint}, known\n")
            return 0
        sys.stdout.write(f"{host.name}: {address} port {port} shows {key.kind} {key.fingerprint}\n")
        if not yes and not agreed("Is this the router's own key?"):
            sys.stdout.write(f"{host.name}: not trusted; --yes trusts without asking\n")
            return 1
        pin(store, address, port, key)
    except TransportError as error:
        sys.stderr.write(f"{host.name}: {error}\n")
        return 3
    sys.stdout.write(f"{host.name}: trusted, in {store}\n")
    return 0
