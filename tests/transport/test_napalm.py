"""NAPALM as the way to a router: the same laws as line by line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from napalm.base.mock import MockDriver

from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_pack
from routercfg.platforms.manifest import Napalm
from routercfg.push import Options, Outcome, Step, WayBack, inspect, push, put_back
from routercfg.push.keeping import Kept, load_readings
from routercfg.push.reading import connect_for, open_ssh
from routercfg.transport import Target
from routercfg.transport.napalm_login import open_napalm
from routercfg.transport.proxy import Proxy

from .napalm_device import Device, changes

PACK = load_pack("mikrotik_routeros")
PASSWORD = "correct horse battery"
TARGET = Target(
    router="r1",
    platform="mikrotik_routeros",
    intent=Intent(
        services=("xelion",),
        provider=PrefixSet.of("198.51.100.128/26"),
        management_sources=PrefixSet.of("192.0.2.0/28"),
    ),
    host="r1.example.net",
    user="admin",
    password=Secret.of(PASSWORD),
    library="napalm",
)
OPTIONS = Options(ids=("sip-alg", "upnp"))


def device(*fails: str, ignores_revert: bool = False) -> Device:
    return Device(PACK.manifest, *fails, ignores_revert=ignores_revert)


def test_a_push_commits_with_a_revert_and_a_new_login_confirms() -> None:
    router = device()
    result = push(TARGET, OPTIONS, connect=router.connect)
    assert result.outcome is Outcome.PUSHED, result.error
    assert router.calls == [
        "open", "load_merge_candidate", "compare_config", "commit_config", "commit_config after",
        "open", "confirm_commit", "close", "close",
    ]  # fmt: skip
    assert [one.step for one in result.moments] == [
        Step.PLANNED, Step.ARMED, Step.APPLIED, Step.RECONNECTED,
        Step.VERIFIED, Step.CONFIRMED, Step.SAVED,
    ]  # fmt: skip
    assert router.stored == router.router.configuration()
    assert push(TARGET, OPTIONS, connect=router.connect).outcome is Outcome.UNCHANGED


def test_what_was_pushed_is_put_back_as_a_candidate_too(tmp_path: Path) -> None:
    router = device()
    was = router.router.configuration()
    options = Options(ids=OPTIONS.ids, backup_folder=tmp_path / "backups")
    assert push(TARGET, options, connect=router.connect).outcome is Outcome.PUSHED
    [file] = (tmp_path / "backups").glob("*.readings.json")
    kept = Kept(file, hashlib.sha256(file.read_bytes()).hexdigest())
    way = WayBack(load_readings(kept, "r1", TARGET.platform))
    router.calls.clear()
    result = put_back(TARGET, way, options, connect=router.connect)
    assert result.outcome is Outcome.UNDONE, result.error
    assert changes(router.calls) == [
        "load_merge_candidate", "compare_config", "commit_config", "commit_config after",
        "confirm_commit",
    ]  # fmt: skip
    assert router.stored == router.router.configuration() == was
    assert put_back(TARGET, way, options, connect=router.connect).outcome is Outcome.UNCHANGED


def test_nothing_is_saved_before_the_new_login_has_proved_it() -> None:
    router = device()
    seen = []

    def watch(_router: str, moment: Any) -> None:
        if moment.step is Step.VERIFIED:
            seen.append(router.stored)

    saved = router.stored
    push(TARGET, OPTIONS, watch, connect=router.connect)
    assert seen == [saved]


@pytest.mark.parametrize(
    ("step", "undone_by"),
    [
        ("load_merge_candidate", "discard_config"),
        ("compare_config", "discard_config"),
        ("commit_config", "discard_config"),
        ("commit_config after", "rollback"),
    ],
)
def test_a_step_that_fails_leaves_the_router_as_it_was(step: str, undone_by: str) -> None:
    router = device(step)
    before = router.router.configuration()
    result = push(TARGET, OPTIONS, connect=router.connect)
    assert result.outcome is Outcome.ROLLED_BACK
    assert undone_by in router.calls
    assert "confirm_commit" not in router.calls
    assert router.router.configuration() == router.stored == before


def test_a_new_login_that_fails_rolls_back() -> None:
    router = device()
    before = router.router.configuration()
    logins: list[int] = []

    def second_refused(target: Target, manifest: Any) -> Any:
        logins.append(1)
        router.fails = {"open"} if len(logins) == 2 else set()
        return router.connect(target, manifest)

    result = push(TARGET, OPTIONS, connect=second_refused)
    assert result.outcome is Outcome.ROLLED_BACK
    assert "rollback" in router.calls
    assert router.router.configuration() == router.stored == before


def test_a_driver_that_ignores_revert_in_is_found_out_and_undone() -> None:
    router = device(ignores_revert=True)
    before = router.router.configuration()
    result = push(TARGET, OPTIONS, connect=router.connect)
    assert result.outcome is Outcome.ROLLED_BACK
    assert "without a revert" in str(result.error)
    assert "confirm_commit" not in router.calls
    assert router.router.configuration() == router.stored == before


def test_without_a_proved_revert_nothing_is_loaded_though_the_driver_takes_the_argument() -> None:
    router = device()

    def undeclared(target: Target, manifest: Any) -> Any:
        known = manifest.model_copy(update={"napalm": Napalm(driver="fake")})
        return open_napalm(target, known, load=router.load)

    for options in (OPTIONS, Options(ids=OPTIONS.ids, accept_no_revert=True)):
        result = push(TARGET, options, connect=undeclared)
        assert result.outcome is Outcome.REFUSED
        assert result.error is not None
        assert result.error.code == "RC152"
    assert changes(router.calls) == []
    assert inspect(TARGET, OPTIONS.ids, connect=undeclared).before is not None


def test_a_commit_of_somebody_else_that_waits_is_not_touched() -> None:
    router = device()
    router.before = router.router
    result = push(TARGET, OPTIONS, connect=router.connect)
    assert result.outcome is Outcome.REFUSED
    assert changes(router.calls) == []


def test_a_platform_without_napalm_is_one_clear_error() -> None:
    for result in (inspect(TARGET), push(TARGET)):
        assert result.outcome is Outcome.REFUSED
        assert result.error is not None
        assert result.error.code == "RC130"
        assert "connection: netmiko" in str(result.error)


def test_the_driver_is_told_to_take_no_unknown_host_key(tmp_path: Path) -> None:
    router = device()
    known = tmp_path / "known_hosts"
    known.write_text(f"*.example,{TARGET.host} ssh-ed25519 AAAA\n")
    target = Target(
        **{name: getattr(TARGET, name) for name in TARGET.__slots__} | {"known_hosts": known}
    )
    inspect(target, OPTIONS.ids, connect=router.connect)
    [given] = router.arguments
    assert given["ssh_strict"] is True
    # A file of our own, which is gone by now: no others are looked into.
    assert not given["system_host_keys"]
    assert given["alt_host_keys"]
    assert given["alt_key_file"] != str(known)
    assert "password" not in given


@pytest.fixture
def mocked(tmp_path: Path) -> Callable[..., Any]:
    """NAPALM's own mock driver, with one file for each answer."""

    def connect(answers: dict[str, str], target: Target, manifest: Any, **more: Any) -> Any:
        for name, text in answers.items():
            (tmp_path / name).write_text(text)

        def driver(*given: Any, optional_args: dict[str, Any], **rest: Any) -> Any:
            extra = {**optional_args, "path": str(tmp_path), **more}
            return MockDriver(*given, **rest, optional_args=extra)

        known = manifest.model_copy(update={"napalm": Napalm(driver="mock", commit_confirm=True)})
        return open_napalm(target, known, load=lambda _name: driver)

    return connect


def test_napalms_mock_driver_reads_loads_commits_and_confirms(mocked: Callable[..., Any]) -> None:
    answers = {"cli.1.show_version.0": "IOS 15\n", "compare_config.1": json.dumps({"diff": "+ x"})}
    quiet = ("load_merge_candidate.1", "commit_config.1", "confirm_commit.1")
    session = mocked(answers | dict.fromkeys(quiet, "{}"), TARGET, PACK.manifest)
    assert [reply.text for reply in session.read(["show version"])] == ["IOS 15\n"]
    assert session.load(["x"]) == "+ x"
    session.commit(61)
    session.confirm()


def test_a_mock_that_does_not_open_is_unreachable(mocked: Callable[..., Any]) -> None:
    connect = partial(mocked, {}, fail_on_open=True)
    result = inspect(TARGET, connect=connect)
    assert result.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("opens", [False, True])
def test_nothing_is_left_of_the_way_to_a_router(
    mocked: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n ProxyCommand cat\n")
    begun: list[Proxy] = []

    def proxy(command: str) -> Proxy:
        begun.append(Proxy(command))
        return begun[-1]

    monkeypatch.setattr("routercfg.transport.proxy.Proxy", proxy)
    inspect(TARGET, connect=partial(mocked, {}, fail_on_open=not opens))
    [only] = begun
    assert only.process.returncode is not None


def test_a_candidate_without_a_difference_is_not_committed(mocked: Callable[..., Any]) -> None:
    answers = {"compare_config.1": json.dumps({"diff": ""}), "load_merge_candidate.1": "{}"}
    session = mocked(answers, TARGET, PACK.manifest)
    with pytest.raises(Exception, match="no difference"):
        session.load(["x"])


def test_napalm_is_only_imported_where_it_is_chosen() -> None:
    code = "import routercfg.push.transaction, sys; sys.exit('napalm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    plain = Target("r", "mikrotik_routeros", TARGET.intent, "192.0.2.1")
    assert connect_for(plain) is open_ssh
