"""routercfg is Apache-2.0: what it needs at run time may not be under the GPL alone."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]


def asked_by_us() -> list[str]:
    """What comes with routercfg and its extras, but not with `dev`."""
    extras = PROJECT["optional-dependencies"]
    wanted = [
        *PROJECT["dependencies"],
        *(one for name in extras if name != "dev" for one in extras[name]),
    ]
    return [Requirement(one).name for one in wanted]


def asked_by(package: Distribution) -> list[str]:
    needs = map(Requirement, package.requires or ())
    return [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]


def needed() -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    waiting = asked_by_us()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        with suppress(PackageNotFoundError):  # wanted by a marker of another platform
            found[name] = distribution(name)
            waiting += asked_by(found[name])
    return found


def licence(package: Distribution) -> str:
    about = package.metadata
    words = [about.get("License-Expression") or "", (about.get("License") or "").split("\n")[0]]
    words += [one for one in about.get_all("Classifier") or () if one.startswith("License")]
    return " | ".join(filter(None, words))


def is_gpl_alone(words: str) -> bool:
    """The LGPL asks nothing of who imports it; a choice of licences is a choice."""
    strict = re.search(r"(?<!L)A?GPL|(?<!Lesser )(?<!Library )General Public", words)
    return strict is not None and " OR " not in words and "Lesser" not in words


def test_nothing_that_routercfg_needs_is_under_the_gpl_alone() -> None:
    packages = needed()
    assert {"netmiko", "paramiko", "napalm", "distributed", "asyncssh"} <= set(packages)
    said = {name: licence(package) for name, package in packages.items()}
    assert {name: words for name, words in said.items() if not words} == {}
    assert {name: words for name, words in said.items() if is_gpl_alone(words)} == {}


def test_what_is_gpl_is_seen() -> None:
    assert is_gpl_alone("GPL-3.0-or-later")
    assert is_gpl_alone("License :: OSI Approved :: GNU General Public License v3 (GPLv3)")
    assert is_gpl_alone("AGPL-3.0")
    assert not is_gpl_alone("LGPL-2.1")
    assert not is_gpl_alone("GNU Library or Lesser General Public License (LGPL)")
    assert not is_gpl_alone("EPL-2.0 OR GPL-2.0-or-later")
