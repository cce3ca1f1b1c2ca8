"""Tiny vendor packs in a temporary folder, found the way a user's own packs are found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from routercfg.platforms import registry

MANIFEST = """\
platform: {platform}
title: Tiny OS
vendor: Tiny
aliases: {{netmiko: tiny_netmiko, napalm: tiny_napalm, ansible: [tiny.os, tiny.community.os]}}
certified:
  - {{models: ["T1*"], versions: ">=2,<3"}}
  - {{models: ["T2"], versions: ">=5"}}
reads:
  - {{id: config, command: show config, main: true, required: true, never_empty: true}}
  - {{id: version, command: show version, never_empty: true}}
  - {{id: leases, command: show leases}}
session: {{device_type: tiny, prompt: 'tiny> $', line_limit: 60}}
errors: ['(?m)^% .*']
"""

DRIVER = """\
from dataclasses import replace

from routercfg.errors import ParseError, UnsafeValueError
from routercfg.model.state import Identity, unread

from . import words


def read(outputs):
    text = outputs["config"].text
    if text.startswith("stop"):
        raise ParseError("nothing can be said")
    model, _, version = text.strip().partition(" ")
    said = ", ".join(f"{key}={output.command}" for key, output in outputs.items())
    return replace(unread("tiny", said), identity=Identity(words.HOST, model, version))


def quote(value):
    if '"' in value:
        raise UnsafeValueError(f"{value!r} holds a quote")
    return f'"{value}"'


def filters():
    return {"shout": str.upper}
"""

TEMPLATE = """\
{% for helper in change.helpers %}
   helper {{ helper.id | quote }} off {# {{ tag }} #}

{% endfor %}
comment {{ tag }}
"""

BuildPack = Callable[..., str]
_numbers = itertools.count()


@pytest.fixture
def build_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BuildPack]:
    """Write a pack into the user's folder and return its platform name, new each time.

    The interpreter keeps modules for good, so no two tests may share a name.
    """

    def build(
        *,
        platform: str | None = None,
        manifest: str = MANIFEST,
        driver: str | None = DRIVER,
        root: Path = tmp_path,
        **templates: str,
    ) -> str:
        name = platform or f"tiny_{next(_numbers)}"
        folder = root / name
        (folder / "render").mkdir(parents=True)
        (folder / "platform.yml").write_text(manifest.format(platform=name), encoding="utf-8")
        (folder / "words.py").write_text('HOST = "gw"\n', encoding="utf-8")
        if driver is not None:
            (folder / "driver.py").write_text(dedent(driver), encoding="utf-8")
        for template, text in (templates or {"disable_sip_alg": TEMPLATE}).items():
            (folder / "render" / f"{template}.j2").write_text(text, encoding="utf-8")
        forget()
        return name

    monkeypatch.setenv("ROUTERCFG_VENDORS", str(tmp_path))
    forget()
    yield build
    forget()


def forget() -> None:
    """Packs are looked up once per process; each test has packs of its own."""
    registry.pack_folders.cache_clear()
    registry.manifest.cache_clear()
    registry._loaded.cache_clear()
