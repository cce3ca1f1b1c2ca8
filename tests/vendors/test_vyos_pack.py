"""VyOS: what the pack reads in each spelling and release, and which revert it takes."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from routercfg.model.finding import Status
from routercfg.planning import make_plan
from routercfg.platforms import load_pack
from routercfg.push.revert import choose_revert

from .vyatta import INTENT, VYOS, Bench, vyos

PACK = load_pack("vyos")
tree = import_module("routercfg_vendors.vyatta.tree")
FOOTERS = {
    "1.2.9": '/* === vyatta-config-version: "conntrack@1" === */\n/* Release version: 1.2.9 */',
    "1.3.8": '// vyos-config-version: "conntrack@3:nat@5"\n// Release version: 1.3.8',
    "1.4.0": '// vyos-config-version: "conntrack@5:nat@8"\n// Release version: 1.4.0',
    "1.5.0": '// vyos-config-version: "conntrack@5:nat@8"\n// Release version: 1.5.0',
}


def as_json(node: tree.Node) -> Any:
    if node.children and not any(child.children for child in node.children.values()):
        words = list(node.children)
        return words[0] if len(words) == 1 else words
    return {word: as_json(child) for word, child in node.children.items()}


def height(node: tree.Node) -> int:
    return 1 + max(map(height, node.children.values())) if node.children else 0


def as_braces(node: tree.Node, depth: int = 0) -> str:
    """As `config.boot` does: `name value`, `name {`, and `name tag {` where the tree is higher."""
    pad, found = "    " * depth, ""
    for word, child in node.children.items():
        if height(child) == 0:
            found += f"{pad}{word}\n"
        elif height(child) == 2:
            found += f"{pad}{word} {{\n{as_braces(child, depth + 1)}{pad}}}\n"
        else:
            for inner in child.children.values():
                below = f" {{\n{as_braces(inner, depth + 1)}{pad}}}"
                found += (
                    f"{pad}{word} {inner.word}{below}\n"
                    if inner.children
                    else (f'{pad}{word} "{inner.word}"\n')
                )
    return found


@pytest.mark.parametrize("bench", VYOS, ids=str)
def test_every_spelling_of_a_configuration_gives_the_same_findings(bench: Bench) -> None:
    version = bench.version
    text = bench.router().configuration()
    show = f"Version:          VyOS {version}\n"
    root = tree.parse(text).root
    forms = {
        "lines": ({"config": text, "version": show}),
        "json": ({"config": json.dumps(as_json(root)), "version": show}),
        "config.boot": ({"config": as_braces(root) + FOOTERS[version]}),
    }
    essence = {
        name: [
            (f.requirement, f.status, [(i.verdict, i.facts) for i in f.items])
            for f in make_plan("r1", PACK, PACK.state(texts), INTENT).findings
        ]
        for name, texts in forms.items()
    }
    assert essence["json"] == essence["lines"]
    assert essence["config.boot"] == essence["lines"]


def test_without_a_version_the_helper_is_unknown_and_never_ok() -> None:
    text = "\n".join(
        line
        for line in vyos("1.3.8", "factory").router().configuration().splitlines()
        if "conntrack" not in line
    )
    found = {
        f.requirement: f
        for f in make_plan("r1", PACK, PACK.state({"config": text}), INTENT).findings
    }
    assert found["sip-alg"].status is Status.UNKNOWN
    assert found["firmware"].status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("version", "on"),
    [
        ("1.2.9", True),
        ("1.3-beta-202101091250", True),
        ("1.3-rolling-201912181733", True),
        ("1.3.8", False),
        ("1.4-rolling-202106270801", True),
        ("1.4-rolling-202302041536", False),
        ("1.4.0-epa3", False),
        ("1.5-stream-2025-Q1", False),
    ],
)
def test_what_the_absence_of_the_module_means_depends_on_the_release(
    version: str, on: bool
) -> None:
    text = vyos("1.3.8", "factory").router().configuration()
    state = PACK.state({"config": text, "version": f"Version: VyOS {version}\n"})
    assert isinstance(state.sip_helpers, tuple)
    assert state.sip_helpers[0].enabled is on


def test_the_revert_that_does_not_reboot_is_taken_only_where_it_is_configured() -> None:
    line = "set system config-management commit-confirm action 'reload'\n"
    text = vyos("1.5.0").router().configuration()
    plain = choose_revert(PACK, {"config": text})
    better = choose_revert(PACK, {"config": text + line})
    assert plain is not None
    assert better is not None
    assert (plain.reboots, better.reboots) == (True, False)
