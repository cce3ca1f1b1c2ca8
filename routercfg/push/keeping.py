"""What a push keeps on disk: the configuration before it, and every reading before and after it.

The readings are what a confirmed change is put back by. They may hold secrets as the router shows
them: only their owner can read the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from routercfg.errors import NoWayBackError, PushError, Where

#: The form of the file of readings. A file of another form is not guessed at.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """One file that was kept, and the SHA-256 of what was written."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Readings:
    """All outputs of one router by read id, before a change and after it was proved."""

    platform: str
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)


class Cabinet:
    """The files of one transaction: one name, so that what belongs together stands together."""

    def __init__(self, folder: Path, router: str) -> None:
        # Finer than seconds: what is pushed may be put back, and pushed again, within one.
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._stem = folder.absolute() / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', router)}-{stamp}"
        self._router = router

    def keep_configuration(self, text: str) -> Kept:
        """The backup. Raises PushError where it cannot be written."""
        return self._write(".txt", text.encode(), "backup")

    def keep_readings(self, readings: Readings) -> Kept:
        """What a later rollback needs. Raises PushError where it cannot be written."""
        data = {
            "format": FORMAT,
            "router": self._router,
            "platform": readings.platform,
            "before": dict(readings.before),
            "after": dict(readings.after),
        }
        # As ASCII: what a router printed may hold halves of surrogate pairs.
        return self._write(".readings.json", json.dumps(data).encode("ascii"), "file of readings")

    def _write(self, suffix: str, data: bytes, what: str) -> Kept:
        path = self._stem.with_name(self._stem.name + suffix)
        try:
            _write_private(path, data)
        except OSError as error:
            raise PushError(
                f"the {what} cannot be written: {error.strerror}",
                where=Where(file=path, router=self._router),
                hint="Make room, or name another folder",
            ) from error
        return Kept(path, hashlib.sha256(data).hexdigest())


def load_readings(kept: Kept, router: str, platform: str) -> Readings:
    """The readings of a run. Raises NoWayBackError where they are not what was written then, or
    not of this platform.
    """
    where = Where(file=kept.path, router=router)
    try:
        data = kept.path.read_bytes()
    except OSError as error:
        raise NoWayBackError(
            f"the readings of that run cannot be read: {error.strerror}", where=where
        ) from error
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise NoWayBackError("the readings of that run are not what was written then", where=where)
    found = json.loads(data)
    if found.get("format") != FORMAT:
        raise NoWayBackError(
            f"the readings of that run have the form {found.get('format')!r}, not {FORMAT}",
            where=where,
            hint="Use the routercfg that wrote them",
        )
    if found["platform"] != platform:
        raise NoWayBackError(
            f"that run was about {found['platform']}, and the router is {platform} now", where=where
        )
    return Readings(found["platform"], found["before"], found["after"])


def _write_private(path: Path, data: bytes) -> None:
    """A file only its owner can read, on the disk when this returns; on an error, no file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
