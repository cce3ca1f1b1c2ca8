from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.batch import Pace
from routercfg.batch.chain import Entry, first_break, link
from routercfg.errors import InputError
from routercfg.redaction import redacted

SIZES = st.lists(
    st.one_of(
        st.integers(1, 200).map(str),
        st.integers(1, 100).map(lambda number: f"{number}%"),
    ),
    min_size=1,
    max_size=4,
)


@given(SIZES, st.integers(0, 500))
def test_batches_hold_every_router_once(serial: list[str], total: int) -> None:
    sizes = Pace(serial=tuple(serial)).batches(total)
    assert sum(sizes) == total
    assert all(size > 0 for size in sizes)


def test_canaries_as_they_are_written() -> None:
    assert Pace(serial=("1", "10%", "100%")).batches(50) == (1, 5, 44)
    assert Pace(serial=("1", "10%", "100%")).batches(1) == (1,)
    assert Pace(serial=("20%",)).batches(7) == (2, 2, 2, 1)


def test_a_percentage_of_failures_is_rounded_down() -> None:
    assert Pace(max_failures="10%").allowed(25) == 2
    assert Pace(max_failures="10%").allowed(5) == 0
    assert Pace(max_failures="3").allowed(5) == 3
    assert Pace().allowed(5) is None


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"serial": ()}, "--serial"),
        ({"serial": ("0",)}, "--serial"),
        ({"serial": ("0%",)}, "--serial"),
        ({"serial": ("101%",)}, "--serial"),
        ({"serial": ("-1",)}, "--serial"),
        ({"serial": ("1.5",)}, "--serial"),
        ({"max_failures": "x"}, "--max-failures"),
        ({"workers": 0}, "--workers"),
        ({"splay": -1.0}, "--splay"),
        ({"per_jump_host": -1}, "--per-jump-host"),
        ({"backoff": -1.0}, "field backoff"),
    ],
)
def test_a_pace_that_means_nothing_is_refused_by_the_name_of_its_option(
    wrong: dict[str, object], option: str
) -> None:
    with pytest.raises(InputError) as caught:
        Pace(**wrong)  # type: ignore[arg-type]  # that is what is tested
    assert str(caught.value).startswith(f"RC110: {option}: ")


def chained(texts: list[str]) -> list[Entry]:
    entries, previous = [], "0" * 64
    for number, text in enumerate(texts, start=1):
        made = link(previous, number, "at", "run", "router", "kind", text)
        entries.append(Entry(number, "at", "run", "router", "kind", text, made))
        previous = made
    return entries


@given(st.lists(st.text(max_size=20), min_size=1, max_size=12), st.data())
def test_no_entry_can_be_changed_dropped_or_moved(texts: list[str], data: st.DataObject) -> None:
    entries = chained(texts)
    assert first_break(entries) is None
    index = data.draw(st.integers(0, len(entries) - 1))
    one = entries[index]
    other = Entry(one.number, one.at, one.run, one.router, one.kind, one.data + "x", one.hash)
    changed = first_break([*entries[:index], other, *entries[index + 1 :]])
    assert changed is not None
    assert changed.number == index + 1
    if index < len(entries) - 1:
        assert first_break([*entries[:index], *entries[index + 1 :]]) is not None


@pytest.mark.parametrize(
    "text",
    [
        'add name=x password="hunter2 and more"',
        "set psk=hunter2",
        "enable secret 5 hunter2",
        "username admin privilege 15 password 7 hunter2",
        "snmp-server community hunter2 RO",
        "set psksecret ENC hunter2",
        'encrypted-password "hunter2";',
        "pre-shared-key hunter2",
        '{"password": "hunter2"}',
        "wpa2-pre-shared-key=hunter2",
        "x $6$hunter2$abc y",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2 (cut off here",
    ],
)
def test_no_secret_stays_in_a_text(text: str) -> None:
    assert "hunter2" not in redacted(text)
    assert "***" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "/ip firewall service-port set sip disabled=yes",
        "nft add rule inet filter input tcp dport 22 drop",
        "no ip nat service sip udp port 5060",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


PLAIN = st.characters(exclude_characters="*", exclude_categories=["Cs"])


@given(st.text(PLAIN, max_size=60), st.text(PLAIN, min_size=4, max_size=12))
def test_a_secret_that_is_known_never_stays(text: str, secret: str) -> None:
    cleaned = redacted(f"{text}{secret}{text}", (secret,))
    assert secret not in cleaned
