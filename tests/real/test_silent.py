"""A real router behind a link that drops packets without a word, of one session or of all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from routercfg.batch import carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Result, inspect, push
from routercfg.push.reading import open_ssh
from routercfg.transport import Session, Target
from tests.batch import killing

from .lab import Lab, office
from .test_push import everything, target

ONLY = ("sip-alg", "udp-timeouts", "management")
#: Long enough for any step on a busy machine. The lab ends the wait, or the push confirms.
SECONDS = 120
#: Seconds of silence after which a dead link is given up here. A link that lives has all it needs.
SHORT = 0.5
#: Seconds until any end is known, at most.
MOST = 25.0

#: Where the router is told nothing any more.
DROPS = """
table inet silent {{
    chain forward {{
        type filter hook forward priority -10
        tcp sport {ports} drop
        tcp dport {ports} drop
    }}
}}
"""


@dataclass
class Link:
    """The way to the router, which drops what it carries once it is silent."""

    lab: Lab
    whole: bool
    silent: bool = False
    sessions: list[Session] = field(default_factory=list)

    def connect(self, to: Target, manifest: Manifest) -> Session:
        dead = self.silent and self.whole
        session = open_ssh(replace(to, timeout=SHORT) if dead else to, manifest)
        self.sessions.append(session)
        return session

    def silence(self) -> None:
        """Every session that there is goes silent; all that come after it too, if it is whole."""
        self.silent = True
        ports = "22" if self.whole else f"{{ {', '.join(self._ports())} }}"
        self.lab.internet.run("nft", "-f", "-", text=DROPS.format(ports=ports))
        for session in self.sessions:
            session._target = replace(session._target, timeout=SHORT)  # type: ignore[attr-defined]

    def heal(self) -> None:
        """The link carries packets again."""
        self.silent = False
        self.lab.internet.run("nft", "-f", "-", text="table inet silent\ndelete table inet silent")

    def under_way(self) -> list[str]:
        """The connections to the router on which the system still has something to deliver."""
        found = self.lab.mgmt.run("ss", "-Htn", "state", "connected", "dport", "=", ":22")
        return [line for line in found.splitlines() if line.split()[2] != "0"]

    def _ports(self) -> list[str]:
        found = self.lab.mgmt.run("ss", "-Htn", "state", "established", "dport", "=", ":22")
        return [line.split()[2].rsplit(":", 1)[1] for line in found.splitlines()]


@pytest.fixture(scope="module")
def building(real_linux: None) -> Iterator[Lab]:
    with office() as made:
        yield made


@pytest.fixture
def lab(building: Lab) -> Lab:
    building.router.reset()
    return building


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(ids=ONLY, revert_seconds=SECONDS, backup_folder=tmp_path / "backups")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    # The old state is looked for until the revert must have fired; here the lab says when it does.
    monkeypatch.setattr("routercfg.push.retreat._SLACK", 1.0 - SECONDS)
    monkeypatch.setattr("routercfg.push.saving._PAUSES", (0.0, 0.1))


def push_into_silence(
    link: Link, options: Options, path: Path, kind: str, step: str | None
) -> Result:
    """Push over a link that goes silent once the journal holds the note; it lives again later."""

    def watch(note: Note) -> None:
        if not link.silent and killing.at(note, kind, step):
            link.silence()

    begun = time.monotonic()
    work = partial(push, options=options, connect=link.connect)
    with link.lab.mgmt.entered(), Journal.open(path) as journal:
        try:
            [result] = carry_out(work, (target(link.lab),), journal=journal, watch=watch)
        finally:
            assert link.silent
            left, under_way = everything(link.lab), link.under_way()
            link.heal()
    assert time.monotonic() - begun < MOST
    # Where the change stands, the first session may still have its own end to tell.
    if step != "saved" and result.outcome.value != "pushed":
        assert under_way == [], "what the system still sends would arrive once the link lives"
    assert everything(link.lab) == left
    assert records.run(path, "last").router("gw-jansen").outcome == result.outcome.value
    assert records.check(path).broken is None
    return result


def again(lab: Lab, options: Options, path: Path) -> tuple[Result, list[str]]:
    work = partial(push, options=options)
    with lab.mgmt.entered():
        result, notes = killing.again(path, target(lab), work, partial(inspect, ids=ONLY))
    return result, [note.data["found"] for note in notes]


@pytest.mark.parametrize(
    ("kind", "step", "outcome"),
    [
        # The moments between are tried on simulated routers: see `tests/push/test_silence.py`.
        ("begins", "applied", "rolled back"),
        ("begins", "saved", "pushed"),
    ],
)
def test_a_session_that_goes_silent_is_given_up_and_another_one_ends_its_work(
    lab: Lab, options: Options, path: Path, kind: str, step: str, outcome: str
) -> None:
    before = everything(lab)
    result = push_into_silence(Link(lab, whole=False), options, path, kind, step)
    assert result.outcome.value == outcome, result.error
    left = everything(lab)
    lab.router.let_time_pass()
    assert everything(lab) == left
    if outcome == "rolled back":
        assert left == before
        return
    now, found = again(lab, options, path)
    assert (now.outcome.value, found) == ("unchanged", [])


@pytest.mark.parametrize(
    ("kind", "step"),
    [("begins", "confirmed"), ("begins", "saved")],
)
def test_a_router_that_nobody_can_reach_any_more_reverts_alone_and_the_next_run_reads_first(
    lab: Lab,
    options: Options,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    step: str,
) -> None:
    before = everything(lab)
    result = push_into_silence(Link(lab, whole=True), options, path, kind, step)
    assert result.outcome.value == "unknown", result.error
    confirmed = step == "saved"
    left = everything(lab)
    if not confirmed:
        refused, _ = again(lab, options, path)
        assert "may still be armed" in str(refused.error)
        assert everything(lab) == left
    lab.router.let_time_pass()
    assert (everything(lab)[:2] != before[:2]) is confirmed
    later = SimpleNamespace(time=lambda: time.time() + SECONDS + 60)
    monkeypatch.setattr("routercfg.batch.reconcile.time", later)
    now, [found] = again(lab, options, path)
    assert found == ("the change stands, and is saved now" if confirmed else "as it was before")
    assert now.outcome.value == ("unchanged" if confirmed else "pushed"), now.error
    assert everything(lab)[2] != before[2], "it is saved"
