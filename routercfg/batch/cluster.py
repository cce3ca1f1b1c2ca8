"""A Dask cluster as an engine: workers on other machines, this process as the coordinator.

Dask may run a task again, on another worker, when it takes the first one for dead. The coordinator
lets nobody in a second time where something was sent (`Coordinator.hear`).
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit

from routercfg.errors import InputError, Where
from routercfg.inventory.secret import Secret
from routercfg.transport import Target

P = ParamSpec("P")
T = TypeVar("T")

SCHEME = "dask://"
#: Dask's own; the port its scheduler listens on unless told otherwise.
_PORT = 8786
#: Seconds until a scheduler counts as out of reach.
_CONNECT = 10
_FIELD = Where(field="--engine")


@dataclass(frozen=True, slots=True)
class Address:
    """A scheduler, and where this process listens for its workers; by default any free port of the
    address from which the scheduler is reached.
    """

    host: str
    port: int = _PORT
    listen: str = ""
    listen_port: int = 0


def read_address(text: str) -> Address:
    """`dask://HOST[:PORT][?listen=ADDRESS[:PORT]]`. Raises InputError."""
    try:
        parts = urlsplit(text)
        query = parse_qs(parts.query, keep_blank_values=True)
        listens = query.pop("listen", [])
        own = urlsplit(f"//{listens[0] if listens else ''}")
        bare = not (query or parts.path.strip("/") or parts.fragment or parts.username)
        if bare and parts.hostname and bool(own.hostname) == bool(listens):
            return Address(parts.hostname, parts.port or _PORT, own.hostname or "", own.port or 0)
    except ValueError:
        pass
    raise InputError(
        f"{text!r} names no Dask scheduler",
        where=_FIELD,
        hint="dask://HOST:8786, or dask://HOST:8786?listen=ADDRESS:PORT",
    )


def listening_place(address: Address) -> tuple[str, int]:
    """Where workers reach this process: on the way to the scheduler unless somebody chose.

    Raises InputError where there is no way.
    """
    if address.listen:
        return address.listen, address.listen_port
    # Sends nothing: it only asks the system which address it would send from.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address.host, address.port))
        except OSError as error:
            raise _unreachable(address, error) from error
        return str(probe.getsockname()[0]), 0


def with_secret(target: Target) -> Target:
    """A target whose password travels along: what `!env` or a key ring holds is only here.

    Raises SecretError.
    """
    if target.password is None:
        return target
    return replace(target, password=Secret.of(target.password.reveal()))


class Cluster(Executor):
    """The workers of a scheduler. Raises InputError where Dask or the scheduler is not there."""

    def __init__(self, address: Address) -> None:
        try:
            from distributed import Client, Security  # noqa: PLC0415 - an extra, and heavy
        except ImportError as error:
            raise InputError(
                "Dask is not installed",
                where=_FIELD,
                hint="pip install 'routercfg[dask]'",
            ) from error
        # Certificates are Dask's own matter: ~/.config/dask/, DASK_DISTRIBUTED__COMM__TLS__…
        secure = Security().get_connection_args("client").get("ssl_context") is not None
        scheme = "tls" if secure else "tcp"
        try:
            self._client = Client(
                f"{scheme}://{address.host}:{address.port}",
                timeout=_CONNECT,
                set_as_default=False,
                name="routercfg",
            )
        except (OSError, ValueError) as error:
            raise _unreachable(address, error) from error
        # Not pure: the same work on the same router is done again, not remembered.
        self._executor = self._client.get_executor(pure=False, retries=0)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Let a worker of the cluster call this."""
        future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is under way, and leave the cluster as it is."""
        del cancel_futures
        self._executor.shutdown(wait=wait)
        self._client.close()


def _unreachable(address: Address, error: Exception) -> InputError:
    reason: Any = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(
        f"no Dask scheduler answers at {address.host} port {address.port}: {reason}",
        where=_FIELD,
        hint="Start one with `dask scheduler`, and workers with `dask worker`",
    )
