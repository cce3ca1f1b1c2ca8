"""Where vendor packs are found, and by which names.

Folders, later ones winning: the packs shipped with routercfg (`vendors/` beside the package in a
checkout, `_vendors/` inside it in a wheel), what the entry-point group `routercfg.vendors` names,
and the folders in the environment variable ROUTERCFG_VENDORS.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from routercfg.errors import PackError, UnknownPlatformError, Where
from routercfg.platforms.manifest import Manifest, load_manifest
from routercfg.platforms.pack import Pack

_PACKAGE = "routercfg_vendors"
#: Workers that begin together load a pack once between them.
_loading = threading.RLock()


def vendor_folders() -> tuple[Path, ...]:
    """Folders that hold packs, in the order in which they are searched."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_vendors"
    folders = [shipped if shipped.is_dir() else package.parent / "vendors"]
    folders += (Path(entry.load()) for entry in entry_points(group="routercfg.vendors"))
    named = os.environ.get("ROUTERCFG_VENDORS", "")
    folders += (Path(part) for part in named.split(os.pathsep) if part)
    return tuple(folders)


@cache
def pack_folders() -> dict[str, Path]:
    """Pack folders by platform name."""
    return {
        folder.name: folder
        for root in vendor_folders()
        if root.is_dir()
        for folder in sorted(root.iterdir())
        if (folder / "platform.yml").is_file()
    }


@cache
def manifest(platform: str) -> Manifest:
    """A pack's manifest alone, without importing its driver."""
    return load_manifest(pack_folders()[platform])


def load_pack(name: str) -> Pack:
    """The pack of a platform, by its own name or by another tool's. Raises UnknownPlatformError."""
    with _loading:
        return _loaded(name)


@cache
def _loaded(name: str) -> Pack:
    platform = resolve(name)
    folder = pack_folders()[platform]
    found = manifest(platform)
    if found.platform != platform:
        raise PackError(f"says it is {found.platform!r}", where=Where(file=folder / "platform.yml"))
    return Pack(found, folder, _module(folder, "driver"))


def load_simulator(name: str) -> ModuleType:
    """The module that simulates a platform's command line, for lab and tests."""
    return _module(pack_folders()[resolve(name)], "simulator")


def load_napalm_driver(platform: str, module: str) -> Callable[..., Any]:
    """A NAPALM driver that a pack brings itself. Not pure: it talks to routers."""
    driver: Callable[..., Any] = _module(pack_folders()[platform], module).Driver
    return driver


def resolve(name: str) -> str:
    """Our name for a platform that netmiko, NAPALM or Ansible may call otherwise."""
    folders = pack_folders()
    if name in folders:
        return name
    for platform in folders:
        aliases = manifest(platform).aliases
        if name in (aliases.netmiko, aliases.napalm, *aliases.ansible):
            return platform
    close = get_close_matches(name, folders, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(folders))}"
    raise UnknownPlatformError(f"there is no vendor pack for {name!r}", hint=hint)


def _module(folder: Path, name: str) -> ModuleType:
    root = sys.modules.get(_PACKAGE)
    if root is None:
        # A package without a file: its path is wherever packs are, so that packs can import
        # their own modules relatively, in a checkout, in a wheel and in a user's folder.
        root = ModuleType(_PACKAGE)
        root.__path__ = []
        sys.modules[_PACKAGE] = root
    # This pack's folder first: another may hold a pack of the same name, which this one overrides.
    # The others follow, for what packs of one family share may be in any of them.
    places = (str(folder.parent), *map(str, reversed(vendor_folders())))
    root.__path__ = list(dict.fromkeys(places))
    try:
        return importlib.import_module(f"{_PACKAGE}.{folder.name}.{name}")
    except ModuleNotFoundError as error:
        raise PackError(f"it has no {name}.py: {error}", where=Where(file=folder)) from error
