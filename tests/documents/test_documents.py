"""YAML that people write: what is read, and the one clear error where nothing can be."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from routercfg.documents import FrozenMapping, plain, read_text, read_yaml
from routercfg.errors import InventoryError

FILE = Path("x.yml")


def read(text: str) -> object:
    return read_yaml(text, FILE, InventoryError)


def refusal(text: str) -> str:
    with pytest.raises(InventoryError) as caught:
        read(text)
    return str(caught.value)


def test_every_key_knows_its_line() -> None:
    document = read("a: 1\nb:\n  c: 2\n\n  d: 3\n")
    assert isinstance(document, FrozenMapping)
    inner = document["b"]
    assert isinstance(inner, FrozenMapping)
    assert [document.line("a"), document.line("b"), inner.line("c"), inner.line("d")] == [
        1,
        2,
        3,
        5,
    ]


def test_scalars_have_the_types_of_yaml_1_1() -> None:
    text = "[1, 0x1F, 0123, 1:30, 1.5, yes, off, ~, '42', 2026-11-22, 192.0.2.1, !!str 7, \"- 1\"]"
    assert read(text) == (
        1,
        31,
        83,
        90,
        1.5,
        True,
        False,
        None,
        "42",
        dt.date(2026, 11, 22),
        "192.0.2.1",
        "7",
        "- 1",
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_pyyaml_reads_is_what_we_read(value: object) -> None:
    text = yaml.safe_dump(value)
    assert plain(read(text)) == yaml.safe_load(text)


def test_a_merge_key_gives_way_to_the_mapping_s_own_keys() -> None:
    document = read("base: &b {x: 1, y: 1}\nhere:\n  y: 2\n  <<: *b\n")
    assert isinstance(document, FrozenMapping)
    assert plain(document["here"]) == {"x": 1, "y": 2}


def test_an_empty_text_is_nothing() -> None:
    assert read("") is None
    assert read("# only a comment\n") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yml:3: the key 'a' is already on line 1"),
        ("a:\n\tb: 1\n", "x.yml:2: not valid YAML"),
        ("a:\n  b: 1\n\tc: 2\n", "never with tabs"),
        ("a: [1\n", "x.yml:2: not valid YAML"),
        ("a: !python/object/apply:os.system [id]\n", "x.yml:1: unknown tag"),
        ("a: !!python/name:os.system\n", "unknown tag"),
        ("a: !secret x\n", "unknown tag !secret"),
        ("a: 2026-99-99\n", "x.yml:1: '2026-99-99' is not a valid timestamp"),
        ("a: 1\n---\nb: 1\n", "x.yml:2: a second YAML document"),
        ("a: *b\n", "x.yml:1"),
        ("a: &a [*a]\n", "is inside its own anchor"),
        ("? [a]\n: 1\n", "a key must be a single word"),
        ("[" * 500 + "]" * 500, "nested deeper than 64 levels"),
        ("- " * 100_000, "x.yml:1"),
        ("a: \x07\n", "control characters"),
        ("a: " + "9" * 5000, "is not a valid int"),
        ("a: <<\n<<: 3\n", "`<<` takes a mapping"),
    ],
)
def test_a_mistake_is_one_error_with_its_line(text: str, message: str) -> None:
    found = refusal(text)
    assert message in found
    assert "\n" not in found


def test_an_alias_bomb_is_stopped() -> None:
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases repeat more than" in refusal("\n".join(rows))


def test_a_mapping_shows_its_keys_and_never_its_values() -> None:
    mapping = FrozenMapping({"ansible_password": "geheim"})
    assert repr(mapping) == "FrozenMapping(ansible_password)"
    assert pickle.loads(pickle.dumps(mapping)) == mapping


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\0", "binary data"),
        (b"\x7fELF\x02\x01\x01\0\0", "binary data"),
        ("a: café".encode("latin-1"), "not encoded in UTF-8"),
        ("a: 1".encode("utf-16"), "binary data"),
        (b"#" * (50 * 1024 * 1024), "larger than 16 MB"),
    ],
)
def test_a_file_that_nobody_wrote_is_one_error(
    content: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "hosts.yml"
    file.write_bytes(content)
    with pytest.raises(InventoryError, match=message):
        read_text(file, InventoryError)


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="no such file"):
        read_text(tmp_path / "none.yml", InventoryError)
    with pytest.raises(InventoryError, match="not a file"):
        read_text(tmp_path, InventoryError)


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "hosts.yml"
    file.write_bytes(b"\xef\xbb\xbfall:\n")
    assert read_text(file, InventoryError) == "all:\n"
