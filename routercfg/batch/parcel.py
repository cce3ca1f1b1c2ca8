"""Jobs on their way to other machines: with their passwords, and opened only by the like of us."""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from routercfg.batch.likeness import Likeness, demand, likeness
from routercfg.batch.told import Told, told
from routercfg.batch.working import Job, worked
from routercfg.errors import InputError, PackError, TransportError
from routercfg.inventory.secret import Secret
from routercfg.push import Outcome, Result


@dataclass(frozen=True, slots=True)
class Parcel:
    """A job on its way to a worker, which opens it only if it is of the same make."""

    router: str
    platform: str
    likeness: Likeness
    job: bytes = field(repr=False)


def parcel(job: Job[Any]) -> Parcel:
    """The job with its password, for what `!env` or a key ring holds is only here.

    Raises SecretError.
    """
    target = job.target
    if target.password is not None:
        target = replace(target, password=Secret.of(target.password.reveal()))
    if target.enable_password is not None:
        target = replace(target, enable_password=Secret.of(target.enable_password.reveal()))
    packed = pickle.dumps(replace(job, target=target), pickle.HIGHEST_PROTOCOL)
    return Parcel(target.router, target.platform, likeness(target.platform), packed)


def perform_parcel(given: Parcel) -> Told[Any] | Result:
    """The unit of work, on a worker of a cluster. What goes wrong there names its machine.

    A worker that is not like us cannot open the job, and so not digest its refusal either.
    """
    try:
        demand(given.likeness, given.platform, given.router)
    except PackError as error:
        return Result(
            given.router, given.platform, Outcome.REFUSED, error=error, worker=uuid4().hex
        )
    job = pickle.loads(given.job)  # noqa: S301 - whoever may give us work is trusted
    result = worked(job)
    if isinstance(result.error, TransportError | InputError):
        about = f"This was met by the worker on {socket.gethostname()}"
        result.error.hint = f"{result.error.hint}. {about}" if result.error.hint else about
    return told(result, job.digest)
