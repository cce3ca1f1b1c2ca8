from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routercfg.errors import PackError, UnsafeValueError
from routercfg.model.change import DisableSipAlg, DisableUpnp
from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.model.state import Helper, PortMapper, unread
from routercfg.platforms import load_pack
from routercfg.platforms.manifest import Step

from .conftest import DRIVER, MANIFEST

STATE = unread("tiny", "not asked")


def turn_off(*names: str) -> DisableSipAlg:
    return DisableSipAlg(tuple(Helper(name, "sip", enabled=True) for name in names))


def render(pack, *names: str) -> tuple[str, ...]:
    return pack.render(turn_off(*names), STATE, Intent())


# Reading


def test_a_state_is_read_with_the_commands_of_the_reads(build_pack):
    state = load_pack(build_pack()).state({"config": "T1 2.4", "leases": "", "else": "x"})
    assert state.interfaces == Unknown("config=show config, leases=show leases, else=else")
    assert state.identity.hostname == "gw"


def test_without_a_required_read_nothing_is_known_and_the_reason_names_the_command(build_pack):
    pack = load_pack(build_pack())
    assert pack.state({"version": "2"}) == unread(pack.platform, "no output of 'show config'")
    assert pack.state({}) == unread(pack.platform, "no output of 'show config'")


@pytest.mark.parametrize("empty", ["", "  \r\n\n"])
@pytest.mark.parametrize(
    ("read", "command"), [("config", "show config"), ("version", "show version")]
)
def test_output_that_is_never_empty_was_lost_if_it_is(build_pack, read, command, empty):
    pack = load_pack(build_pack())
    state = pack.state({"config": "T1 2", "version": "2", read: empty})
    assert isinstance(state.forwards, Unknown)
    assert repr(command) in state.forwards.reason
    assert "empty" in state.forwards.reason
    assert state == unread(pack.platform, state.forwards.reason)


def test_a_driver_that_understands_nothing_gives_its_reason(build_pack):
    pack = load_pack(build_pack())
    assert pack.state({"config": "stop"}) == unread(pack.platform, "nothing can be said")


@pytest.mark.parametrize(
    "trip",
    [
        "int('x')",
        "{}['x']",
        "[][0]",
        "len(7)",
        "None.group(1)",
        "1 / 0",
        "next(iter(()))",
        "read(outputs)",
        "b'\\xff'.decode()",
        "exec('assert False')",
        "exec('raise OSError(5)')",
    ],
)
def test_a_driver_that_trips_leaves_nothing_known_and_no_exception(build_pack, trip):
    pack = load_pack(build_pack(driver=f"def read(outputs):\n    {trip}\n"))
    state = pack.state({"config": "T1 2"})
    assert isinstance(state.firewall.input4, Unknown)
    assert state.firewall.input4.reason.startswith("output not understood (")
    assert state == unread(pack.platform, state.firewall.input4.reason)


def test_a_broken_pack_is_no_unknown_router(build_pack):
    driver = """\
        from routercfg.errors import PackError

        def read(outputs):
            raise PackError("a template is broken")
        """
    with pytest.raises(PackError, match="a template is broken"):
        load_pack(build_pack(driver=driver)).state({"config": "T1 2"})


# Certification


@pytest.mark.parametrize(
    ("text", "certified", "range_"),
    [
        ("T1 2.4", True, ">=2,<3"),
        ("T1-max 2.4", True, ">=2,<3"),
        ("T1 3.0", False, ">=2,<3"),
        ("T2 5", True, ">=5"),
        ("T2-max 5", False, ""),
        ("t1 2.4", False, ""),
    ],
)
def test_models_and_versions_are_certified_by_the_manifest(build_pack, text, certified, range_):
    identity = load_pack(build_pack()).state({"config": text}).identity
    assert identity.certified is certified
    assert identity.range == range_


@pytest.mark.parametrize("text", ["T1", "T1 beta"])
def test_without_a_version_certification_is_unknown(build_pack, text):
    identity = load_pack(build_pack()).state({"config": text}).identity
    assert isinstance(identity.certified, Unknown)
    assert identity.range == ">=2,<3"


def test_a_router_that_hides_its_model_may_be_any(build_pack):
    driver = DRIVER.replace("Identity(words.HOST, model, version)", "Identity('', '', '7')")
    identity = load_pack(build_pack(driver=driver)).state({"config": "x"}).identity
    assert identity.certified is True
    assert identity.range == ">=2,<3 or >=5"


# Rendering


def test_each_line_is_a_command_and_empty_lines_are_none(build_pack):
    pack = load_pack(build_pack())
    assert render(pack, "one", "two words") == (
        'helper "one" off',
        'helper "two words" off',
        "comment routercfg:sip-alg",
    )


def test_blocks_keep_their_lines_and_indentation(build_pack):
    template = "\nconfig x\n  set a\n  set b\nend\n\n\nconfig y\nend\n"
    name = build_pack(manifest=MANIFEST + "commands: blocks\n", disable_sip_alg=template)
    assert render(load_pack(name)) == ("config x\n  set a\n  set b\nend", "config y\nend")


CONTROL = [*map(chr, range(32)), *map(chr, range(127, 160)), "\u2028", "\u2029"]

TEMPLATES = {
    "quoted": "helper {{ change.helpers[0].id | quote }}\n",
    "bare": "helper {{ change.helpers[0].id }}\n",
    "filtered": "helper {{ change.helpers[0].id | shout }}\n",
    "joined": "helper {{ change.helpers | map(attribute='id') | join(',') }}\n",
    "concatenated": "{{ 'helper ' ~ change.helpers[0].id }}\n",
}


@pytest.mark.parametrize("way", TEMPLATES)
@pytest.mark.parametrize("mode", ["lines", "blocks"])
def test_no_value_brings_a_control_character_by_any_way(build_pack, way, mode):
    name = build_pack(manifest=f"{MANIFEST}commands: {mode}\n", disable_sip_alg=TEMPLATES[way])
    pack = load_pack(name)
    assert len(render(pack, "fine é 漢")) == 1
    for character in CONTROL:
        with pytest.raises(UnsafeValueError, match="control character"):
            render(pack, f"a{character}reboot")


@pytest.fixture
def bare(build_pack):
    return load_pack(build_pack(disable_sip_alg=TEMPLATES["bare"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.text(min_size=1, max_size=20))
def test_one_value_is_never_two_commands(bare, value):
    try:
        commands = render(bare, value)
    except UnsafeValueError:
        assert any(character in value for character in CONTROL)
        return
    assert len(commands) == 1
    assert commands[0].splitlines() == [commands[0]]


def test_what_the_platform_cannot_quote_is_refused(build_pack):
    with pytest.raises(UnsafeValueError, match="holds a quote"):
        render(load_pack(build_pack()), 'x" off; reboot')


def test_a_name_the_template_misspells_is_an_error_and_not_an_empty_word(build_pack):
    pack = load_pack(build_pack(disable_sip_alg="helper {{ change.helperz }}\n"))
    with pytest.raises(Exception, match="helperz"):
        render(pack, "x")


def test_a_line_longer_than_the_platform_takes_is_refused(bare):
    assert render(bare, "x" * 53) == ("helper " + "x" * 53,)
    with pytest.raises(PackError, match="longer than the 60"):
        render(bare, "x" * 54)


def test_a_change_without_a_template_is_one_the_pack_cannot_do(build_pack):
    pack = load_pack(build_pack())
    assert pack.can(DisableSipAlg)
    assert not pack.can(DisableUpnp)
    with pytest.raises(PackError, match=r"no template disable_upnp\.j2"):
        pack.render(DisableUpnp((PortMapper("upnp", enabled=True),)), STATE, Intent())


def test_a_step_gets_its_variables_and_none_of_them_breaks_the_line(build_pack):
    pack = load_pack(build_pack())
    step = Step(send="reload in {{ minutes }} token {{ token }}")
    assert pack.step(step, minutes=5, token="abc") == "reload in 5 token abc"
    with pytest.raises(UnsafeValueError):
        pack.step(step, minutes=5, token="abc\nreboot")
    assert pack.step(Step(send="\x18", raw=True)) == "\x18"
    with pytest.raises(Exception, match=re.escape("'seconds' is undefined")):
        pack.step(Step(send="{{ seconds }}"))
