"""Undoing a confirmed change on VyOS and EdgeOS: in simulators, on samples, and as algebra."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.errors import PackError, ParseError, UnsafeValueError
from routercfg.model.undo import Undo
from routercfg.planning import make_plan
from routercfg.platforms import load_pack

from .cases import Case
from .vyatta import EDGEOS, FACTORY, INTENT, INTENTS, VYOS, Bench, checker, edgeos

every_bench = pytest.mark.parametrize("bench", [*VYOS, *EDGEOS, *FACTORY], ids=str)
messy_bench = pytest.mark.parametrize("bench", [*VYOS, edgeos()], ids=str)
#: Somebody's own work, nowhere near ours.
STRANGER = (
    "set interfaces ethernet eth1 description 'not ours; 100% theirs'",
    "set firewall group address-group THEIRS address 192.168.1.9",
    "set firewall group network-group THEIRS network 192.168.9.0/24",
    "set system name-server 192.0.2.99",
)


def pushed(bench: Bench, router: Any, intent: Any) -> tuple[dict[str, str], dict[str, str]]:
    before = bench.texts(router)
    bench.apply(router, bench.plan(router, intent).commands)
    return before, bench.texts(router)


def undo(bench: Bench, before: Any, after: Any, router: Any) -> Undo:
    return bench.pack.undo(before, after, bench.texts(router))


@every_bench
@pytest.mark.parametrize("name", INTENTS)
def test_undoing_brings_the_configuration_back_to_the_letter(bench: Bench, name: str) -> None:
    router = bench.router()
    was = router.configuration()
    before, after = pushed(bench, router, INTENTS[name])
    found = undo(bench, before, after, router)
    assert found.conflicts == ()
    if was != router.configuration():
        assert found.commands
        bench.apply(router, found.commands)
    assert router.configuration() == was
    assert undo(bench, before, after, router).done, "a second undo has nothing to do"


@messy_bench
def test_what_others_changed_since_stays(bench: Bench) -> None:
    router = bench.router()
    before, after = pushed(bench, router, INTENT)
    bench.apply(router, STRANGER)
    found = undo(bench, before, after, router)
    assert found.conflicts == ()
    bench.apply(router, found.commands)
    theirs = bench.router()
    bench.apply(theirs, STRANGER)
    assert router.configuration() == theirs.configuration()


@messy_bench
def test_a_rollback_of_the_rollback_is_the_change_again(bench: Bench) -> None:
    router = bench.router()
    before, after = pushed(bench, router, INTENT)
    changed = router.configuration()
    bench.apply(router, undo(bench, before, after, router).commands)
    back = undo(bench, after, bench.texts(router), router)
    bench.apply(router, back.commands)
    assert router.configuration() == changed


@messy_bench
def test_somebody_who_edits_ours_is_named_and_loses_it_only_by_force(bench: Bench) -> None:
    router = bench.router()
    was = router.configuration()
    before, after = pushed(bench, router, INTENT)
    [group] = {
        " ".join(line.split()[1:5])
        for line in router.configuration().splitlines()
        if line.startswith("set firewall group network-group ROUTERCFG")
        and "198.51.100.0/24" in line
    }
    bench.apply(router, (f"set {group} network 192.0.2.64/26",))
    [conflict] = undo(bench, before, after, router).conflicts
    assert conflict.left == ()
    assert conflict.found == (f"set {group} network 192.0.2.64/26",)
    bench.apply(router, undo(bench, before, after, router).commands)
    assert router.configuration() == was


@messy_bench
def test_a_removed_rule_that_somebody_made_anew_is_a_conflict(bench: Bench) -> None:
    router = bench.router()
    was = router.configuration()
    before, after = pushed(bench, router, INTENT)
    rule = next(
        line.split(" description ")[0].removeprefix("set ")
        for line in set(was.splitlines()) - set(router.configuration().splitlines())
        if " description " in line and " rule " in line
    )
    made = tuple(line for line in was.splitlines() if line.startswith(f"set {rule} "))
    made = (*made, f"set {rule} description again")
    bench.apply(router, made)
    [conflict] = undo(bench, before, after, router).conflicts
    assert f"set {rule} description again" in conflict.found
    bench.apply(router, undo(bench, before, after, router).commands)
    assert router.configuration() == was


@messy_bench
def test_what_somebody_undid_by_hand_needs_no_line(bench: Bench) -> None:
    router = bench.router()
    before, after = pushed(bench, router, INTENT)
    whole = undo(bench, before, after, router).commands
    first = next(line for line in whole if re.match("delete .*(timeout|global-options)", line))
    bench.apply(router, (first,))
    rest = undo(bench, before, after, router)
    assert rest.conflicts == ()
    assert set(rest.commands) <= set(whole)


@messy_bench
@pytest.mark.parametrize("part", [0.0, 0.3, 0.5, 0.7])
def test_a_reading_that_is_cut_is_never_gone_by(bench: Bench, part: float) -> None:
    router = bench.router()
    before, after = pushed(bench, router, INTENT)
    now = bench.texts(router)
    text = now["config"]
    for cut in (text[: int(len(text) * part)], f"{text}\n<garbled> \x00 42"):
        with pytest.raises(ParseError):
            bench.pack.undo(before, after, {**now, "config": cut})


CASES = [
    Case(platform, folder.parent)
    for platform in ("vyos", "ubiquiti_edgeos")
    for folder in sorted((load_pack(platform).folder / "samples").glob("*/after"))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.platform}-{case.folder.name}")
def test_every_sample_that_was_changed_goes_back(case: Case) -> None:
    before, after = case.texts(), case.texts(case.folder / "after")
    found = case.pack.undo(before, after, after)
    assert found.commands
    assert found.conflicts == ()
    now = {**after, "config": carried_out(after["config"], found.commands)}
    assert lines(now["config"]) == lines(carried_out(before["config"], ()))
    assert case.pack.undo(before, after, now).done
    plans = [make_plan("r", case.pack, case.pack.state(one), case.intent) for one in (before, now)]
    assert plans[0].commands == plans[1].commands


def lines(text: str) -> set[tuple[str, ...]]:
    return {tuple(shlex.split(line)) for line in text.splitlines() if line.strip()}


def carried_out(text: str, commands: tuple[str, ...]) -> str:
    """What `set` and `delete` do to a list of paths, knowing no platform."""
    paths = [tuple(shlex.split(line)[1:]) for line in text.splitlines() if line.strip()]
    for command in commands:
        verb, *words = shlex.split(command)
        path = tuple(words)
        if verb == "delete":
            assert any(one[: len(path)] == path for one in paths), command
            paths = [one for one in paths if one[: len(path)] != path]
        elif path not in paths:
            paths.append(path)
    return "".join(f"set {shlex.join(path)}\n" for path in sorted(paths))


WORDS = st.sampled_from(["a", "b", "rule", "10", "20", "name", "X", "port", "22", "modules", "sip"])
PATHS = st.frozensets(st.lists(WORDS, min_size=1, max_size=5).map(tuple), max_size=8)
END = ("system", "login", "user", "x")


def config(paths: frozenset[tuple[str, ...]]) -> dict[str, str]:
    """A configuration of these paths; a path that another begins with is an inner node."""
    whole = {(*("firewall",), *one) for one in paths} | {END, ("interfaces", "loopback", "lo")}
    leaves = [one for one in whole if not any(o != one and o[: len(one)] == one for o in whole)]
    return {"config": "".join(f"set {' '.join(one)}\n" for one in sorted(leaves))}


@given(PATHS, PATHS)
def test_undoing_is_exact_whatever_the_change_was(before: Any, after: Any) -> None:
    pack = load_pack("vyos")
    b, a = config(before), config(after)
    found = pack.undo(b, a, a)
    assert found.conflicts == ()
    now = {"config": carried_out(a["config"], found.commands)}
    assert pack.undo(b, a, now).done
    assert lines(now["config"]) >= lines(b["config"])
    assert pack.undo(b, now, now).done or lines(now["config"]) == lines(b["config"])


@given(PATHS, PATHS, PATHS)
def test_whatever_stands_there_now_force_ends_with_nothing_left_to_do(
    before: Any, after: Any, now: Any
) -> None:
    pack = load_pack("vyos")
    b, a, n = config(before), config(after), config(now)
    found = pack.undo(b, a, n)
    forced = {"config": carried_out(n["config"], found.commands)}
    assert pack.undo(b, a, forced).done


def test_a_value_that_somebody_put_beside_one_of_ours_is_named_for_it_looks_like_an_edit() -> None:
    """Once ours alone was taken, the other would stand where ours did: not done, for ever."""
    before, after = config(frozenset()), config(frozenset({("name-server", "10")}))
    now = config(frozenset({("name-server", "10"), ("name-server", "20")}))
    found = load_pack("vyos").undo(before, after, now)
    assert [one.found for one in found.conflicts] == [("set firewall name-server 20",)]
    forced = {"config": carried_out(now["config"], found.commands)}
    assert load_pack("vyos").undo(before, after, forced).done


@pytest.mark.parametrize("value", ["it's", "a?b", 'a"b', "a\\b", "caf\u00e9"])
def test_a_value_that_no_line_can_hold_is_refused(value: str) -> None:
    rule = ("firewall", "name", "X", "rule", "1", "description")
    before = config(frozenset({(*rule[1:],)}))["config"].replace(
        "set firewall name X rule 1 description",
        f"set firewall name X rule 1 description {shlex.quote(value)}",
    )
    after = config(frozenset({("name", "X", "rule", "2", "disable")}))
    with pytest.raises(UnsafeValueError):
        load_pack("vyos").undo({"config": before}, after, after)


def test_a_secret_that_the_router_hides_cannot_go_back() -> None:
    before = config(frozenset({("name", "X", "secret", "****************")}))
    after = config(frozenset())
    with pytest.raises(PackError, match="hides the value of firewall name X secret"):
        load_pack("ubiquiti_edgeos").undo(
            *({**one, "version": "Version: v2.0.9"} for one in (before, after, after))
        )


# VyOS 1.2 has no grammar of its own there.
@pytest.mark.parametrize(
    "bench", [one for one in (*VYOS, *EDGEOS, *FACTORY) if one.version > "1.3"], ids=str
)
@pytest.mark.parametrize("name", INTENTS)
def test_every_line_of_the_way_back_is_in_the_published_grammar(bench: Bench, name: str) -> None:
    router = bench.router()
    before, after = pushed(bench, router, INTENTS[name])
    for command in undo(bench, before, after, router).commands:
        # What some rolling releases of 1.4 had; the router's own line goes back as it was.
        if "service upnp " not in command or bench.grammar == "edgeos":
            assert checker().check(command, bench.grammar)[1] == [], command
