"""What the packs of VyOS and EdgeOS promise alike: quoting, the order of saving, the guide."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routercfg.errors import UnsafeValueError
from routercfg.platforms import load_pack

from .vyatta import INTENT, Bench, edgeos, vyos

each_platform = pytest.mark.parametrize("bench", [vyos(), edgeos()], ids=str)
# Loading a pack is what makes those of its family importable.
load_pack("vyos")
tree = import_module("routercfg_vendors.vyatta.tree")
quoting = import_module("routercfg_vendors.vyatta.quoting")
HOSTILE = ["eth0; reboot", "eth0\nset", "$(id)", "", "eth0 eth1", "'"]


@pytest.mark.parametrize(
    ("bench", "reboots"), [(vyos(), [False, True]), (edgeos(), [True])], ids=str
)
def test_nothing_is_saved_before_it_is_confirmed(bench: Bench, reboots: list[bool]) -> None:
    reverts = bench.pack.manifest.reverts
    for revert in reverts:
        steps = (*revert.begin, *revert.commit, *revert.confirm, *revert.rollback)
        saves = [step.send for step in steps if step.send.startswith("save")]
        assert saves == ["save /config/routercfg-before.boot"]
        assert revert.ask[-1].send == "compare saved"
    assert [revert.reboots for revert in reverts] == reboots


@each_platform
@given(value=st.text(max_size=40))
@example(value="a; b")
@example(value="$(id)")
@example(value="it's")
def test_a_value_is_quoted_as_one_word_or_refused(bench: Bench, value: str) -> None:
    try:
        quoted = bench.pack.driver.quote(value)
    except UnsafeValueError:
        return
    assert tree.parse(f"set system x {quoted}").root.words("system", "x") == (value,)
    assert not set(quoted.strip("'")) & set("'\"`$;&|<>\\\n\r?#{}")


@each_platform
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_interface_name_reaches_no_command(bench: Bench, name: str) -> None:
    found = bench.plan(bench.router(), replace(INTENT, wan_interfaces=(name,)))
    assert not any(name in command for command in found.commands if name.strip("'"))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_name_of_an_interface_is_written_in_no_line(name: str) -> None:
    with pytest.raises(UnsafeValueError):
        quoting.interface(name)
    assert quoting.interface("eth0.34") == "eth0.34"


@pytest.mark.parametrize("bench", [vyos("1.3.8"), edgeos()], ids=str)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_guide_prints_the_commands_that_push_sends(bench: Bench, language: str) -> None:
    found = bench.plan(bench.router())
    steps = [(c.change.summary, c.commands) for c in found.changes if c.commands]
    template = (bench.pack.folder / "guide" / f"{language}.md.j2").read_text(encoding="utf-8")
    page = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    ).from_string(template).render(pack=bench.pack.manifest, steps=steps)  # fmt: skip
    assert found.commands
    assert all(command in page.splitlines() for command in found.commands)
