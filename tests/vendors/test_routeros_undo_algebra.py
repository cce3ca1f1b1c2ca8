"""Taking back a change on RouterOS, whatever it was: rules in any order, values of any letters."""

from __future__ import annotations

import importlib

from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.errors import UnsafeValueError

from .routeros import export
from .routeros_story import LIST, NAT, ports
from .test_routeros_render import PACK, SIMULATOR, readings, send

_PORTS = st.lists(st.integers(7000, 7005), max_size=7)


def _nat(numbers: list[int]) -> str:
    rule = f"{NAT} add action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.9 dst-port="
    return export("".join(f"{rule}{port}\n" for port in numbers))


@settings(max_examples=100, deadline=None)
@given(_PORTS, _PORTS)
def test_whatever_a_change_does_to_a_menu_is_taken_back_to_the_letter(
    was: list[int], left: list[int]
) -> None:
    """Rules in any order, added, removed and moved, with rules among them that are the same."""
    router = SIMULATOR.create(_nat(left), version="7.18.2")
    before, after = {"export": _nat(was)}, {"export": _nat(left)}
    back = PACK.undo(before, after, after)
    assert back.conflicts == ()
    send(router, back.commands)
    assert ports(router) == was
    now = readings(router)
    assert PACK.undo(before, after, now).done


@settings(max_examples=100, deadline=None)
@given(_PORTS, _PORTS, _PORTS)
def test_forced_or_not_what_a_change_did_is_taken_back_and_nothing_is_left_to_do(
    was: list[int], left: list[int], now: list[int]
) -> None:
    router = SIMULATOR.create(_nat(now), version="7.18.2")
    before, after = {"export": _nat(was)}, {"export": _nat(left)}
    back = PACK.undo(before, after, {"export": _nat(now)})
    send(router, back.commands)
    again = PACK.undo(before, after, readings(router))
    assert again.done, (back, again)


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_a_value_is_written_so_that_the_router_and_we_read_the_same(value: str) -> None:
    rewriting = importlib.import_module(f"{SIMULATOR.__package__}.rewriting")
    try:
        written = rewriting.written(value)
    except UnsafeValueError:
        return
    assert written.isascii()
    assert written.isprintable()
    router = SIMULATOR.create(export(""), version="7.18.2")
    send(router, (f"{LIST} add list=x address=192.0.2.1 comment={written}",))
    (line,) = (one for one in readings(router)["export"].splitlines() if one.startswith(LIST))
    (read,) = (
        importlib.import_module(f"{SIMULATOR.__package__}.export")
        .parse(export(f"{line}\n"))
        .adds("ip firewall address-list")
    )
    assert read.get("comment") == value
