"""Is a worker's routercfg the one of the machine that sends it work?

What a person agreed to was planned by the code and the vendor pack here. A worker with others would
send something else, so it sends nothing.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import routercfg
from routercfg.errors import PackError, Where
from routercfg.platforms.registry import pack_folders

#: Folders of a pack that say nothing of what is sent.
_ASIDE = frozenset({"__pycache__", "samples", "guide"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """A release, and hashes of its code and of one platform's pack; empty where there is none."""

    release: str
    code: str
    pack: str


@cache
def likeness(platform: str) -> Likeness:
    """What this process would work on a router of the platform with."""
    package = Path(routercfg.__file__).parent
    code = (path for path in package.rglob("*.py") if "_vendors" not in path.parts)
    folder = pack_folders().get(platform)
    pack = _hash(folder.parent, _parts(folder)) if folder is not None else ""
    return Likeness(version("routercfg"), _hash(package, code), pack)


def demand(theirs: Likeness, platform: str, router: str) -> None:
    """Raises PackError where this process is not like the one that sent the work."""
    mine = likeness(platform)
    if mine == theirs:
        return
    if mine.release != theirs.release:
        what = f"has routercfg {mine.release}, not {theirs.release}"
    elif mine.code != theirs.code:
        what = f"has another routercfg {mine.release} than the machine that gives it work"
    elif not mine.pack:
        what = f"has no vendor pack for {platform}"
    else:
        what = f"has another vendor pack for {platform} than the machine that gives it work"
    raise PackError(
        f"the worker on {socket.gethostname()} {what}",
        where=Where(router=router),
        hint="Install the same routercfg and the same packs (ROUTERCFG_VENDORS) on both",
    )


def _parts(folder: Path) -> Iterable[Path]:
    """The files of a pack, and those of folders that are no pack: several packs share them."""
    shared = (one for one in folder.parent.iterdir() if not (one / "platform.yml").exists())
    for root in (folder, *filter(Path.is_dir, shared)):
        yield from (path for path in root.rglob("*") if not _aside(path.relative_to(root.parent)))


def _aside(path: Path) -> bool:
    return any(part in _ASIDE or part.startswith(".") for part in path.parts)


def _hash(root: Path, paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(filter(Path.is_file, paths)):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
