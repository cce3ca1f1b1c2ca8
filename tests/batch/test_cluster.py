"""Pushing by the workers of a Dask cluster: processes of their own, that may die."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.cluster import Cluster, UnlikeWorkerError, read_address
from routercfg.batch.coordinator import Coordinator
from routercfg.batch.journal import Journal
from routercfg.batch.likeness import likeness
from routercfg.batch.note import Note
from routercfg.batch.parcel import parcel, perform_parcel
from routercfg.batch.stop import Stop
from routercfg.batch.told import told, whole
from routercfg.batch.working import Job
from routercfg.errors import InputError
from routercfg.inventory import Secret
from routercfg.inventory.secret import FromEnvironment
from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator
from routercfg.push import Options, Outcome, Result, inspect, push
from routercfg.transport import Target

from .office import INTENT, PLATFORM, SOURCE

dask = pytest.importorskip("dask", reason="the extra `dask` is not installed")
distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")

NAMES = ("r1", "r2", "r3", "r4")
ONLY = ("sip-alg", "upnp")
VARIABLE = "ROUTERCFG_TEST_PASSWORD"


class Clock:
    """The routers' clock, which a test may put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=2,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as running:
        yield running


@pytest.fixture
def engine(cluster: Any) -> str:
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lab(clock: Clock) -> Iterator[Lab]:
    create = load_simulator(PLATFORM).create
    routers = {name: create(hostname=name, clock=clock) for name in NAMES}
    with Lab(routers, users={"admin": "secret-enough"}, seen_from=SOURCE) as running:
        yield running


@pytest.fixture
def targets(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Any
) -> tuple[Target, ...]:
    # The cluster's processes were there before: nobody but this one has it.
    monkeypatch.setenv(VARIABLE, "secret-enough")
    del cluster
    known_hosts = tmp_path / "known_hosts"
    places = {name: lab.address(name) for name in NAMES}
    known_hosts.write_text(
        "".join(f"[{host}]:{port} {lab.host_key}\n" for host, port in places.values())
    )
    return tuple(
        Target(
            router=name,
            platform=PLATFORM,
            intent=INTENT,
            host=host,
            port=port,
            user="admin",
            password=Secret(FromEnvironment(VARIABLE)),
            known_hosts=known_hosts,
        )
        for name, (host, port) in places.items()
    )


def go(
    targets: tuple[Target, ...], path: Path, engine: str, work: Any = None, **more: Any
) -> list[Result]:
    with Journal.open(path) as journal:
        return list(
            carry_out(
                work or partial(push, options=Options(ids=ONLY)),
                targets,
                Pace(engine=engine, workers=more.pop("workers", 4)),
                journal=journal,
                look=partial(inspect, ids=ONLY),
                **more,
            )
        )


def test_a_cluster_pushes_as_threads_do(
    lab: Lab, targets: tuple[Target, ...], path: Path, engine: str
) -> None:
    results = go(targets, path, engine)
    assert [one.outcome.value for one in results] == ["pushed"] * 4, results[0].error
    assert results[0].after is not None
    assert not results[0].after.commands
    kinds = {entry.kind for entry in records.story(path, "last", "r2")}
    assert kinds == {"starts", "begins", "reached", "replied", "result"}
    assert records.check(path).broken is None
    # Each was worked on once: a login to change it, and one to prove it.
    assert [lab.logins(name) for name in NAMES] == [2] * 4
    assert [one.outcome.value for one in go(targets, path, engine)] == ["unchanged"] * 4


def killed_worker(target: Target) -> Result:
    """A worker that dies in the middle of a transaction, in whatever process it is."""

    def watch(_router: str, moment: object) -> None:
        if target.router == "r1" and "APPLIED" in str(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    return push(target, Options(ids=ONLY), watch)


def test_a_worker_that_dies_in_a_transaction_leaves_the_router_to_its_revert(
    lab: Lab, clock: Clock, targets: tuple[Target, ...], path: Path, engine: str
) -> None:
    before = lab.routers["r1"].configuration()
    [result] = go(targets[:1], path, engine, work=killed_worker)
    assert result.outcome.value == "unknown"
    assert "worker ended" in str(result.error)
    # Dask gave it to another worker, which was not let in.
    assert lab.logins("r1") == 1
    assert records.run(path, "last").counts == {"unknown": 1}
    time.sleep(0.3)  # the lab sees the connection end
    clock.ahead += 600
    assert lab.routers["r1"].configuration() == before
    notes: list[Note] = []
    [result] = go(targets[:1], path, engine, watch=notes.append)
    [reconciled] = [note for note in notes if note.kind == "reconciled"]
    assert reconciled.data["found"] == "as it was before"
    assert result.outcome.value == "pushed", result.error


def interrupt_at_the_first_line() -> Callable[[Note], None]:
    done: list[Note] = []

    def watch(note: Note) -> None:
        if note.kind == "begins" and note.data.get("step") == "applied" and not done:
            done.append(note)
            os.kill(os.getpid(), signal.SIGINT)

    return watch


def test_ctrl_c_lets_the_clusters_workers_finish(
    lab: Lab, targets: tuple[Target, ...], path: Path, engine: str
) -> None:
    results = go(targets, path, engine, workers=1, watch=interrupt_at_the_first_line())
    assert [one.outcome.value for one in results] == ["pushed"] + ["not begun"] * 3
    assert [lab.attempts(name) for name in NAMES] == [2, 0, 0, 0]
    run = records.run(path, "last")
    assert run.ended
    assert run.counts == {"pushed": 1, "not begun": 3}


def test_a_password_that_cannot_be_had_here_is_one_routers_refusal(
    lab: Lab,
    targets: tuple[Target, ...],
    path: Path,
    engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE)
    results = go(targets[:1], path, engine)
    assert results[0].outcome.value == "refused"
    assert VARIABLE in str(results[0].error)
    assert lab.attempts("r1") == 0


def test_a_scheduler_that_does_not_answer_is_one_clear_error_and_nothing_is_sent(
    lab: Lab, targets: tuple[Target, ...], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routercfg.batch.cluster._CONNECT", 1)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 127\.0\.0\.1 port 9"):
        go(targets, path, "dask://127.0.0.1:9")
    assert sum(lab.attempts(name) for name in NAMES) == 0


def test_a_scheduler_without_workers_is_one_clear_error(
    lab: Lab, targets: tuple[Target, ...], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routercfg.batch.cluster._CONNECT", 1)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address=None, host="127.0.0.1", silence_logs=50
        ) as empty,
        pytest.raises(InputError, match="has no workers"),
    ):
        go(targets, path, str(empty.scheduler_address).replace("tcp://", "dask://"))
    assert sum(lab.attempts(name) for name in NAMES) == 0


def test_where_all_workers_are_gone_the_run_ends(
    lab: Lab, targets: tuple[Target, ...], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routercfg.batch.cluster._DESERTED", 0.3)
    monkeypatch.setattr("routercfg.batch.cluster._COUNT", 0.1)
    with distributed.Client(
        n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50,
        host="127.0.0.1",
    ) as only:  # fmt: skip
        address = only.scheduler.address.replace("tcp://", "dask://")
        with Cluster(read_address(address)) as workers:
            only.cluster.scale(0)
            until_gone(only)
            waits = workers.submit(pow, 2, 10)
            with pytest.raises(BrokenExecutor, match="no Dask worker was there"):
                waits.result(20)
            assert "no Dask worker" in workers.lost


def until_gone(client: Any) -> None:
    for _ in range(200):
        if not client.nthreads():
            return
        time.sleep(0.05)
    raise AssertionError("the workers stay")


class FromElsewhere:
    """Unpickles into what no module here has."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (getattr, (partial, "of_another_age"))


def test_a_worker_without_this_routercfg_loses_that_work_alone(engine: str) -> None:
    with Cluster(read_address(engine)) as workers:
        before = set(workers._client.nthreads())
        with pytest.raises(UnlikeWorkerError, match="of_another_age"):
            workers.submit(print, FromElsewhere()).result(20)
        assert workers.submit(pow, 2, 10).result(20) == 1024
        assert set(workers._client.nthreads()) == before


def test_a_worker_of_another_make_sends_nothing_and_says_what_differs(
    lab: Lab, targets: tuple[Target, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(**other: str) -> str:
        job = Job(targets[0], push, inspect, lambda _note: None, Pace(), whole)
        given = parcel(job)
        result = perform_parcel(replace(given, likeness=replace(given.likeness, **other)))
        assert result.outcome.value == "refused"
        return str(result.error)

    # A function of a test does not travel.
    monkeypatch.setattr("routercfg.batch.parcel.pickle.dumps", lambda *_: b"")
    assert "has routercfg " in answer(release="0.0.9")
    assert "has another routercfg" in answer(code="other")
    assert f"has another vendor pack for {PLATFORM}" in answer(pack="other")
    likeness.cache_clear()
    monkeypatch.setattr("routercfg.batch.likeness.pack_folders", dict)
    assert f"has no vendor pack for {PLATFORM}" in answer(pack="ours")
    likeness.cache_clear()
    assert lab.attempts("r1") == 0


def test_the_word_of_a_worker_that_was_never_let_in_counts_for_nothing_once_another_touched_it(
    targets: tuple[Target, ...],
) -> None:
    coordinator = Coordinator(targets, Stop(), None, None)
    coordinator.hear(Note("starts", "r1", worker="first"))
    refused = Result("r1", PLATFORM, Outcome.NOT_BEGUN, worker="second")
    assert not coordinator.lost(targets[0], told(refused, whole))
    coordinator.hear(Note("begins", "r1", {"step": "applied"}, "first"))
    assert coordinator.lost(targets[0], told(refused, whole))
    assert not coordinator.lost(targets[0], told(replace(refused, worker="first"), whole))


def test_what_a_checkout_has_besides_a_pack_makes_no_other_pack(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        for name in ("pack/platform.yml", "pack/driver.py", "shared/lines.py"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("same")
    assert made_of(first) == made_of(second)
    for name in (".mypy_cache/x.db", "pack/samples/a.txt", "shared/__pycache__/a.pyc", "pack/.x"):
        (first / name).parent.mkdir(parents=True, exist_ok=True)
        (first / name).write_text("more")
    assert made_of(first) == made_of(second)
    (first / "shared/lines.py").write_text("other")
    assert made_of(first) != made_of(second)


def made_of(folder: Path) -> str:
    likeness.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routercfg.batch.likeness.pack_folders", lambda: {"p": folder / "pack"})
        found = likeness("p").pack
    likeness.cache_clear()
    return found


def test_an_address_to_listen_on_that_is_not_ours_is_one_clear_error(
    lab: Lab, targets: tuple[Target, ...], path: Path, engine: str
) -> None:
    with pytest.raises(InputError, match=r"198\.51\.100\.9"):
        go(targets, path, f"{engine}?listen=198.51.100.9")
    assert sum(lab.attempts(name) for name in NAMES) == 0


def test_where_dasks_configuration_names_certificates_tls_is_spoken(tmp_path: Path) -> None:
    made = distributed.Security.temporary()
    texts = {
        "ca-file": made.tls_ca_file,
        "client.cert": made.tls_client_cert,
        "client.key": made.tls_client_key,
    }
    configuration = {}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        configuration[f"distributed.comm.tls.{name}"] = str(tmp_path / name)
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tls://",
        dashboard_address=None,
        host="127.0.0.1",
        security=made,
        silence_logs=50,
    ) as running:
        address = read_address(str(running.scheduler_address).replace("tls://", "dask://"))
        with dask.config.set(configuration), Cluster(address) as workers:
            assert workers.submit(pow, 2, 10).result(30) == 1024
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            Cluster(address)


def test_without_the_extra_the_error_says_what_to_install(
    targets: tuple[Target, ...], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="Dask is not installed") as raised:
        go(targets, path, "dask://127.0.0.1")
    assert "routercfg[dask]" in raised.value.hint
