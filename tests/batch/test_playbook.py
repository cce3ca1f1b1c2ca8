"""Reading playbooks: what is right is read, what is wrong is one clear error."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.batch import playbook_schema
from routercfg.batch.playbook import Playbook, PlayHead, TaskHead
from routercfg.batch.playbook_actions import ACTIONS, Backup, Command, Pause, Report, Require
from routercfg.batch.playbook_reading import load_playbook, parse_playbook
from routercfg.errors import PlaybookError
from routercfg.requirements import REQUIREMENTS

ROOT = Path(__file__).resolve().parents[2]
FILE = Path("site.yml")


def read(text: str) -> Playbook:
    return parse_playbook(text, FILE)


def play(tasks: str, head: str = "") -> str:
    return f"- hosts: all\n{head}  tasks:\n{tasks}"


# The playbook, the line to look at, and what the message has to hold.
BAD = {
    "empty": ("", None, ["the playbook is empty"]),
    "no list": ("hosts: all\ntasks: []\n", 1, ["a list of plays", "- hosts: all"]),
    "no plays": ("[]", None, ["has no plays"]),
    "a text for a play": ("- all\n", None, ["play 1 is not a mapping"]),
    "no yaml": ("- hosts: [all\n", 2, ["not valid YAML"]),
    "a tab": ("- hosts: all\n\ttasks: []\n", 2, ["never with tabs"]),
    "no hosts": ("- name: Fit\n  tasks:\n    - verify:\n", 1, ["play 1 (Fit)", "hosts", "missing"]),
    "no tasks": ("- hosts: all\n", 1, ["has no tasks", "backup, require, verify"]),
    "tasks empty": ("- hosts: all\n  tasks: []\n", 2, ["has no tasks"]),
    "tasks no list": ("- hosts: all\n  tasks: {verify: all}\n", 2, ["must be a list"]),
    "word of a play": ("- host: all\n  tasks: []\n", 1, ["'host'", "Did you mean hosts?"]),
    "word of Ansible": (play("    - verify:\n", "  become: true\n"), 2, ["'become'", "max_fail_p"]),
    "word of a task": (play("    - verfy: all\n"), 3, ["task 1", "Did you mean verify?"]),
    "another tool's task": (
        play("    - name: Ping\n      ansible.builtin.ping:\n"),
        4,
        ["task 1 (Ping)", "Words: name, tags, check_mode, backup"],
    ),
    "nothing to do": (play("    - name: Rest\n"), 3, ["(Rest) does nothing", "whitelist"]),
    "two things": (play("    - backup:\n      verify:\n"), 3, ["does 2 things: backup, verify"]),
    "a task without colon": (play("    - verify\n"), 2, ["Put a colon behind it"]),
    "requirement": (play("    - require: sip-algs\n"), 3, ["'sip-algs'", "did you mean sip-alg?"]),
    "requirement in a list": (
        play("    - require:\n        only: [tftp]\n        skip: [upn]\n"),
        5,
        ["'upn'", "require.skip", "did you mean upnp?"],
    ),
    "nothing required": (
        play("    - verify: {only: [tftp], skip: [tftp]}\n"),
        3,
        ["leaves no requirement"],
    ),
    "word of an action": (play("    - backup: {too: x}\n"), 3, ["'too'", "Did you mean to?"]),
    "format": (play("    - report: pdf\n"), 3, ["'console' or 'json'", "report.format"]),
    "no seconds": (play("    - pause: 30s\n"), 3, ["a whole number"]),
    "half a second": (play("    - pause: 0.5\n"), 3, ["whole number"]),
    "a pause of nothing": (play("    - pause:\n"), 3, ["either seconds or a prompt"]),
    "a pause of days": (play("    - pause: 100000\n"), 3, ["86400"]),
    "a pause of both": (
        play("    - pause: {seconds: 1, prompt: x}\n"),
        3,
        ["either seconds or a prompt"],
    ),
    "no batch": (play("    - verify:\n", "  serial: 0\n"), 2, ["at least one router"]),
    "batches": (play("    - verify:\n", "  serial: [1, 10 percent]\n"), 2, ["'10 percent'", "10%"]),
    "more than all": (play("    - verify:\n", "  serial: 120%\n"), 2, ["'120%'"]),
    "yes as a size": (play("    - verify:\n", "  serial: yes\n"), 2, ["serial"]),
    "failures": (play("    - verify:\n", "  max_fail_percentage: 101\n"), 2, ["100"]),
    "check mode": (play("    - verify:\n", "  check_mode: maybe\n"), 2, ["check_mode"]),
    "tag": (play("    - verify:\n      tags: a b\n"), 4, ["a tag is a word"]),
    "hosts of the wrong kind": ("- hosts: {a: b}\n  tasks: [verify: all]\n", 1, ["must be text"]),
    "variable": (
        play("    - verify:\n", "  vars:\n    udp_timeuot: 300\n"),
        3,
        ["'udp_timeuot'", "Did you mean udp_timeout?"],
    ),
    "variable's value": (
        play("    - verify:\n", "  vars:\n    udp_timeout: 5\n"),
        3,
        ["vars.udp_timeout", "30"],
    ),
    "password": (
        play("    - verify:\n", "  vars:\n    ansible_password: hush\n"),
        3,
        ["belongs in the inventory"],
    ),
    "vars no mapping": (play("    - verify:\n", "  vars: [a]\n"), 2, ["vars", "mapping"]),
    "no command": (play("    - command:\n"), 3, ["names no command"]),
    "an order": (play("    - command: /system reboot\n"), 3, ["is not sent"]),
    "an order for one platform": (
        play("    - command:\n        cisco_ios: show version\n        mikrotik_routeros: /quit\n"),
        5,
        ["'/quit' is not sent", "MikroTik"],
    ),
    "a template in a command": (
        play("    - command: show ip route {{ gw }}\n"),
        3,
        ["it holds { }", "no templates"],
    ),
    "unknown platform": (play("    - command: {cisco_iosx: show version}\n"), 3, ["cisco_iosx"]),
    "the whole configuration": (
        play("    - command: {cisco_ios: show running-config}\n"),
        3,
        ["secrets included", "Use the task `backup`"],
    ),
    "key twice": (play("    - verify:\n      verify:\n"), 4, ["already on line 3"]),
    "tag of YAML": (play("    - verify: !env X\n"), 3, ["unknown tag"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_one_error_with_its_line_and_what_may_be_written(name: str) -> None:
    text, line, parts = BAD[name]
    with pytest.raises(PlaybookError) as caught:
        read(text)
    assert caught.value.code == "RC116"
    assert caught.value.where.file == FILE
    assert caught.value.where.line == line, str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    text, *_ = BAD["password"]
    with pytest.raises(PlaybookError) as caught:
        read(text)
    assert "hush" not in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ACTIONS, "name", "tags", "only", "to"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["name", "hosts", "serial", "tags", "vars", "check_mode"]), VALUES
    ),
    st.lists(VALUES, max_size=3) | VALUES,
)
def test_whatever_is_written_is_a_playbook_or_an_error_of_the_playbook(
    head: dict[str, object], tasks: object
) -> None:
    text = json.dumps([{"hosts": "all", **head, "tasks": tasks}])
    with suppress(PlaybookError):
        assert read(text).plays


def test_short_and_long_forms_mean_the_same() -> None:
    short = read(play("    - backup: x\n    - require: tftp\n    - report: json\n    - pause: 3\n"))
    long = read(
        play(
            "    - backup: {to: x}\n    - require: {only: [tftp]}\n"
            "    - report: {format: json}\n    - pause: {seconds: 3}\n"
        )
    )
    assert [t.action for t in short.plays[0].tasks] == [t.action for t in long.plays[0].tasks]
    assert short.plays[0].tasks[0].action == Backup(to="x")
    assert short.plays[0].tasks[3].action == Pause(seconds=3)
    assert short.plays[0].tasks[2].action == Report(format="json")


def test_all_requirements_are_meant_where_none_is_named() -> None:
    [first, second, third] = (
        read(play("    - require:\n    - require: all\n    - require: {skip: egress}\n"))
        .plays[0]
        .tasks
    )
    assert isinstance(first.action, Require)
    assert isinstance(third.action, Require)
    assert first.action == second.action
    assert first.action.ids == tuple(REQUIREMENTS)
    assert third.action.ids == tuple(name for name in REQUIREMENTS if name != "egress")


def test_commands_go_to_every_router_or_by_platform() -> None:
    [one, two] = (
        read(play("    - command: show version\n    - command: {cisco_ios: [show version]}\n"))
        .plays[0]
        .tasks
    )
    assert one.action == Command.model_validate("show version")
    assert isinstance(two.action, Command)
    assert two.action.lines == {"cisco_ios": ("show version",)}


def test_hosts_and_batches_are_written_as_in_ansible() -> None:
    [one] = read("- hosts: [a, '!b']\n  serial: [1, 10%]\n  tasks: [verify: all]\n").plays
    assert one.head.hosts == "a,!b"
    assert one.head.serial == ("1", "10%")


def test_tags_choose_tasks_and_always_is_always_there() -> None:
    [one] = read(
        "- hosts: all\n  tasks:\n"
        "    - {backup: x, tags: always}\n    - {verify: all, tags: [b, c]}\n    - report:\n"
    ).plays
    assert [task.word for task in one.chosen(frozenset({"c"}))] == ["backup", "verify"]
    assert len(one.chosen(frozenset())) == 3


@pytest.mark.parametrize(
    ("tags", "skip", "chosen"),
    [
        ("", "", ["backup", "verify", "report"]),
        ("b", "", ["backup", "verify"]),
        ("b", "always", ["verify"]),
        ("", "b,c", ["backup", "report"]),
        ("b", "b", ["backup"]),
        ("d", "", ["backup", "require"]),
        ("never", "", ["backup", "require"]),
    ],
)
def test_tags_are_chosen_and_skipped_as_in_ansible(tags: str, skip: str, chosen: list[str]) -> None:
    [one] = read(
        "- hosts: all\n  tasks:\n    - {backup: x, tags: always}\n"
        "    - {verify: all, tags: [b, c]}\n"
        "    - {require: all, tags: [never, d]}\n    - report:\n"
    ).plays
    wanted = (frozenset(filter(None, text.split(","))) for text in (tags, skip))
    assert [task.word for task in one.chosen(*wanted)] == chosen


@pytest.mark.parametrize("file", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda f: f.stem)
def test_the_playbooks_that_come_with_routercfg_have_no_mistakes(file: Path) -> None:
    assert load_playbook(file).plays


def test_the_schema_for_editors_is_current() -> None:
    file = ROOT / "docs" / "playbook.schema.json"
    assert file.read_text(encoding="utf-8") == playbook_schema.as_text(), (
        "write it anew: python -m routercfg.batch.playbook_schema > docs/playbook.schema.json"
    )


SCHEMA = playbook_schema.schema()


def schema_takes(document: object) -> bool:
    jsonschema = pytest.importorskip("jsonschema")
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(document))


@pytest.mark.parametrize("file", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda f: f.stem)
def test_the_schema_takes_our_playbooks(file: Path) -> None:
    yaml = pytest.importorskip("yaml")
    assert schema_takes(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda f: f.stem)
def test_our_playbooks_name_the_schema_to_editors(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / named).resolve() == ROOT / "docs" / "playbook.schema.json"


#: What only vendor packs, the inventory, or YAML itself can know; the schema lets it pass.
BEYOND_THE_SCHEMA = {
    *("empty", "no yaml", "a tab", "key twice", "tag of YAML", "nothing required"),
    *("an order", "an order for one platform", "unknown platform", "the whole configuration"),
    "a template in a command",
    *("variable's value",),
}


@pytest.mark.parametrize("name", sorted(set(BAD) - BEYOND_THE_SCHEMA))
def test_the_schema_refuses_what_the_reader_refuses(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    assert not schema_takes(yaml.safe_load(BAD[name][0]))


_SCALARS = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 5, 86400, 86401, 10_000_000, 0.5, "ü?", "x\n", "x\ny"),
        *("", " ", "a", "all", "console", "csv", "json", "pdf", "30", "30s", "5 ", " 5", "1.5 min"),
        *("10%", "0%", "100%", "101%", "010%", "tftp", "upnp", "sip_alg", "a b"),
    ]
)
_SHORT = st.lists(_SCALARS, max_size=2) | _SCALARS
_VALUES = _SHORT | st.dictionaries(
    st.sampled_from(["only", "skip", "to", "format", "seconds", "prompt", "nosuch"]),
    _SHORT,
    max_size=2,
)
#: Commands and platforms are the packs' own.
_TASKS = st.dictionaries(
    st.sampled_from([word for word in ACTIONS if word != "command"]), _VALUES, max_size=2
) | st.just({"command": {"cisco_ios": ["show version"], "": "show version"}})
_HEADS = st.dictionaries(
    st.sampled_from(["name", "tags", "check_mode", "become"]), _SHORT, max_size=1
)
_PLAYS = st.dictionaries(
    st.sampled_from(
        ["hosts", "name", "serial", "max_fail_percentage", "tags", "check_mode", "vars"]
    ),
    _SHORT,
    max_size=2,
)


@settings(max_examples=400, deadline=None)
@given(_PLAYS, _HEADS, _TASKS)
def test_the_schema_takes_what_the_reader_takes_and_nothing_else(
    head: dict[str, object], more: dict[str, object], task: dict[str, object]
) -> None:
    book = [{"hosts": "all", **head, "tasks": [{**more, **task}]}]
    try:
        taken = bool(read(json.dumps(book)).plays)
    except PlaybookError as error:
        if "leaves no requirement" in str(error):
            return
        taken = False
    assert schema_takes(book) is taken


def test_every_word_is_in_the_manual() -> None:
    text = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    words = [*PlayHead.model_fields, *TaskHead.model_fields, *ACTIONS, "tasks"]
    assert [word for word in words if f"`{word}`" not in text] == []
