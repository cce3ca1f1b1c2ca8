"""The Vyatta configuration tree: three spellings of one thing, and no half of it."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.errors import ParseError
from routercfg.platforms import load_pack

# Loading a pack is what makes those of its family importable.
load_pack("vyos")
tree = import_module("routercfg_vendors.vyatta.tree")

WORDS = st.text("abz09-", min_size=1, max_size=9).filter(lambda text: text[0] in "abz")
VALUES = st.text("AZaz09.:/ _,-", min_size=1, max_size=16).filter(
    lambda text: text == text.strip() and not text.endswith("{") and not text.startswith("//")
)
TREES = st.recursive(
    st.lists(VALUES, max_size=3, unique=True),
    lambda inner: st.dictionaries(WORDS, inner, min_size=1, max_size=4),
    max_leaves=12,
)
ROOTS = st.dictionaries(WORDS, TREES, min_size=1, max_size=4)


def set_lines(data: Any, *above: str) -> list[str]:
    if isinstance(data, dict):
        return [line for key, inner in data.items() for line in set_lines(inner, *above, key)]
    words = " ".join(above)
    return [f"set {words} '{value}'" for value in data] or [f"set {words}"]


def braces(data: Any, depth: int = 0) -> list[str]:
    pad = "    " * depth
    found = []
    for key, inner in data.items():
        if isinstance(inner, dict):
            found += [f"{pad}{key} {{", *braces(inner, depth + 1), f"{pad}}}"]
        else:
            found += [f'{pad}{key} "{value}"' for value in inner] or [f"{pad}{key}"]
    return found


def shape(node: tree.Node) -> dict[str, Any]:
    return {word: shape(child) for word, child in node.children.items()}


@given(ROOTS)
def test_all_spellings_give_the_same_tree(data: dict[str, Any]) -> None:
    lines = tree.parse("\n".join(set_lines(data))).root
    assert shape(tree.parse("\n".join(braces(data))).root) == shape(lines)
    assert shape(tree.parse(json.dumps(data)).root) == shape(lines)


@given(ROOTS)
def test_every_node_knows_the_line_it_stands_on(data: dict[str, Any]) -> None:
    text = set_lines(data)
    for path, line in tree.parse("\n".join(text)).root.paths():
        assert path[-1] in text[line - 1]


@given(ROOTS, st.data())
def test_a_tree_in_braces_that_is_cut_inside_a_block_is_refused(
    data: dict[str, Any], draw: st.DataObject
) -> None:
    text = "\n".join(braces({"top": {"leaf": ["x"], **data}}))
    end = draw.draw(st.integers(min_value=6, max_value=len(text) - 2))
    with pytest.raises(ParseError):
        tree.parse(text[:end])


def test_a_value_may_go_on_over_lines_and_hold_quotes() -> None:
    root = tree.parse('system {\n    banner "one\ntwo \\"quoted\\""\n    host-name r1\n}\n').root
    assert root.value("system", "banner") == 'one\ntwo "quoted"'
    assert root.value("system", "host-name") == "r1"
    assert root.at("system", "host-name").line == 4  # type: ignore[union-attr]  # it is there


def test_the_footer_tells_release_and_syntax_versions() -> None:
    old = '/* === vyatta-config-version: "conntrack@1:nat@4" === */\n/* Release version: 1.2.6 */\n'
    new = '// vyos-config-version: "conntrack@5:nat@8"\n// Release version: 1.4.0-epa3\n'
    assert tree.parse("system {\n}\n" + old).release == "1.2.6"
    assert tree.parse("system {\n}\n" + old).components == {"conntrack": 1, "nat": 4}
    assert tree.parse("system {\n}\n" + new).release == "1.4.0-epa3"
    assert tree.parse("system {\n}\n" + new).components["conntrack"] == 5


def test_a_leaf_without_a_value_may_be_printed_with_empty_braces() -> None:
    root = tree.parse("modules {\n    sip { }\n    tftp\n}\n").root
    assert root.words("modules") == ("sip", "tftp")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "set system host-name 'r1\n",
        "set\n",
        "set system host-name r1\n  Invalid command: [show]\n",
        "system {\n",
        "}\n",
        '{"system": {"host-name": "r1"',
        "% Invalid input detected at '^' marker.\n",
        "\x00\x01\x02",
    ],
)
def test_what_is_cut_or_foreign_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        tree.parse(text)
