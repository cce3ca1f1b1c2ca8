"""Show-command output from files, for reading routers that are not there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from routercfg.errors import InputError, Where
from routercfg.platforms import Pack

#: The longest real configurations (FortiGate with certificates) are a few megabytes.
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recorded:
    """One router's outputs by read id."""

    router: str
    texts: Mapping[str, str] = field(repr=False)


def recorded(name: str, pack: Pack) -> Recorded:
    """The outputs in a file, a folder, or standard input (`-`). Raises InputError."""
    main = pack.manifest.main_read.id
    if name == "-":
        return Recorded("stdin", {main: _decoded(_standard_input(), Path("-"))})
    path = Path(name)
    if _is_folder(path):
        return Recorded(path.resolve().name, _folder(path, pack))
    return Recorded(path.stem, {main: _read(path)})


def _standard_input() -> bytes:
    # Python has no sys.stdin where the shell closed it (`<&-`), or where a service starts us.
    if sys.stdin is None:
        raise InputError(
            "there is no standard input to read",
            where=Where(file=Path("-")),
            hint="Name a file, or send the configuration through a pipe",
        )
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _is_folder(path: Path) -> bool:
    """Is it a folder? Raises InputError where no file can have such a name."""
    try:
        return path.is_dir()
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=Where(file=path)) from problem


def _folder(folder: Path, pack: Pack) -> dict[str, str]:
    ids = [read.id for read in pack.manifest.reads]
    found = {
        one: _read(file)
        for one in ids
        for file in (folder / f"{one}.txt", folder / f"{one}.json")
        if file.is_file()
    }
    if not found:
        raise InputError(
            f"this folder holds no output of {pack.manifest.title}",
            where=Where(file=folder),
            hint=f"It needs files named {', '.join(f'{one}.txt' for one in ids)}",
        )
    return found


def _read(file: Path) -> str:
    try:
        if not file.exists():
            raise InputError("there is no such file", where=Where(file=file))
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=Where(file=file)) from problem
    return _decoded(data, file)


def _decoded(data: bytes, file: Path) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MB",
            where=Where(file=file),
            hint="A router's configuration is not; is it the right file?",
        )
    # Windows PowerShell redirects into UTF-16.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise InputError(
            "this is not text but binary data",
            where=Where(file=file),
            hint="Export the configuration as text; a router's backup file is not text",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Routers print comments in whatever their administrator's terminal sent.
        return data.decode("latin-1")
