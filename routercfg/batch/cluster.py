"""A Dask cluster as an engine: workers on other machines, this process as the coordinator.

Dask may run a task again, on another worker, when it takes the first one for dead. The coordinator
lets nobody in a second time where something was sent (`Coordinator.hear`).
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit

from routercfg.errors import InputError, Where

P = ParamSpec("P")
T = TypeVar("T")

SCHEME = "dask://"
#: Dask's own; the port its scheduler listens on unless told otherwise.
_PORT = 8786
#: Seconds until a scheduler counts as out of reach, and one without workers as such.
_CONNECT = 10
#: Seconds without any worker after which what waits for one is given up.
_DESERTED = 60.0
#: Seconds between two counts of the workers.
_COUNT = 3.0
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


class ClusterLostError(BrokenExecutor):
    """The scheduler is gone, or all of its workers are."""


class UnlikeWorkerError(Exception):
    """A worker has no routercfg, or one of another age."""


class _Call:
    """Is called where it is unpickled, and is what comes of that."""

    def __init__(self, work: partial[Any]) -> None:
        self._work = work

    def __reduce__(self) -> tuple[partial[Any], tuple[()]]:
        return self._work, ()


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
        #: Why nothing more can be done, once that is so.
        self.lost = ""
        self._waiting: dict[Future[Any], Future[Any]] = {}
        self._closed = threading.Event()
        try:
            self._reach_workers(address)
        except InputError:
            self.shutdown(wait=False)
            raise
        threading.Thread(target=self._count, name="cluster", daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Let a worker of the cluster call this.

        Dask opens what it gets where a failure ends the whole worker, and with it whatever else it
        works on. So it gets a file of octets, to be opened by Python's own function in the task;
        and, unlike bytes, a file is not shown in Dask's log where that fails.
        """
        call = io.BytesIO(
            pickle.dumps(_Call(partial(fn, *args, **kwargs)), pickle.HIGHEST_PROTOCOL)
        )
        theirs: Future[T] = self._executor.submit(pickle.load, call)
        future: Future[T] = Future()
        self._waiting[future] = theirs
        theirs.add_done_callback(partial(self._pass_on, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is under way, and leave the cluster as it is."""
        del cancel_futures
        self._executor.shutdown(wait=wait)
        self._closed.set()
        self._client.close()

    def _reach_workers(self, address: Address) -> None:
        """A worker that the scheduler cannot call works in vain, and is given its work again."""
        place = f"{address.host} port {address.port}"
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT)
        except TimeoutError:
            raise InputError(
                f"the Dask scheduler at {place} has no workers",
                where=_FIELD,
                hint="Start one with `dask worker`",
            ) from None
        answers = self._client.run(os.getpid, on_error="return")
        silent = sorted(where for where, answer in answers.items() if isinstance(answer, Exception))
        if silent:
            raise InputError(
                f"the Dask scheduler at {place} cannot reach its workers at {', '.join(silent)}",
                where=_FIELD,
                hint="Open these ports to the scheduler; `dask worker --worker-port` chooses them",
            )

    def _pass_on(self, future: Future[T], theirs: Future[T]) -> None:
        self._waiting.pop(future, None)
        if theirs.cancelled():
            # Nobody here cancels: this is how Dask says that it lost its scheduler.
            self.lost = self.lost or "the Dask scheduler is gone"
            future.set_exception(ClusterLostError(self.lost))
        elif (error := theirs.exception()) is not None:
            future.set_exception(_foreign(error))
        else:
            future.set_result(theirs.result())

    def _count(self) -> None:
        """Give up what waits for a worker where none comes; Dask itself would wait for ever."""
        last = time.monotonic()
        while not self._closed.wait(_COUNT):
            with suppress(OSError, ValueError, RuntimeError):
                if not self._waiting or self._client.nthreads():
                    last = time.monotonic()
            if time.monotonic() - last > _DESERTED:
                self.lost = f"no Dask worker was there for {_DESERTED:g} s"
                for theirs in list(self._waiting.values()):
                    theirs.cancel()


def _foreign(error: BaseException) -> BaseException:
    if isinstance(error, ImportError | AttributeError):
        return UnlikeWorkerError(f"there is no routercfg like this one there ({error})")
    return error


def _unreachable(address: Address, error: Exception) -> InputError:
    reason: Any = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(
        f"no Dask scheduler answers at {address.host} port {address.port}: {reason}",
        where=_FIELD,
        hint="Start one with `dask scheduler`, and workers with `dask worker`",
    )
