"""How much a push to many routers costs, beside others at the same logins, reads and lines.

    python benchmarks/batch.py [--routers 300] [--workers 100] [--round-trip 30] [--peers]
        [--only …]

All against one farm of recorded routers (`farm.py`), fresh for each client. The farm counts what
arrived: a router is right if it got exactly the plan's lines, in order, was read before and after,
and, where the client has safe mode, was confirmed. routercfg does the whole of `push`: journal,
reading, judging, planning, verifying, report. `--peers` installs Nornir with netmiko, and Ansible,
into virtual environments that are thrown away; a peer that cannot be had has a row that says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_peer
from farm import address, lan
from measuring import Cost, cpu_of, measure

HERE = Path(__file__).parent
NORNIR = ("nornir==3.6.0", "netmiko==4.8.0")
#: Its own release of the collections that talk to RouterOS comes with it.
ANSIBLE = ("ansible", "paramiko<4", "ansible-pylibssh")
#: Who has no task for it: its routers cannot be confirmed.
NO_SAFE_MODE = "Ansible"
Prepare = Callable[[Path, dict[str, Any]], tuple[list[str], dict[str, str] | None]]


@dataclass(frozen=True)
class Row:
    """One client's figures; `cost` is None where it is not installed."""

    name: str
    routers: int
    right: int = 0
    cost: Cost | None = None
    farm_cpu: float = 0.0

    @property
    def cpu_each(self) -> float:
        """CPU milliseconds a router."""
        return self.cost.cpu / self.routers * 1000 if self.cost else 0.0


@contextmanager
def farm(recording: Path, round_trip: float) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "farm.py"), str(recording), "--round-trip", str(round_trip)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def write_job(
    folder: Path, recorded: dict[str, Any], told: dict[str, Any], sizes: argparse.Namespace
) -> dict[str, Any]:
    routers = {f"r{n:05}": (address(n), lan(n)) for n in range(sizes.routers)}
    known = folder / "known_hosts"
    known.write_text(
        "".join(f"[{host}]:{told['port']} {told['host_key']}\n" for host, _ in routers.values())
    )
    job = {
        "routers": routers,
        "port": told["port"],
        "known_hosts": str(known),
        "workers": sizes.workers,
        "user": recorded["user"],
        "password": recorded["password"],
        "lan": recorded["lan"],
        "reads": list(recorded["before"]),
        "lines": [line for line, _ in recorded["lines"]],
    }
    (folder / "job.json").write_text(json.dumps(job))
    return job


def row(name: str, prepare: Prepare, recording: Path, sizes: argparse.Namespace) -> Row:
    recorded = json.loads(recording.read_text())
    with (
        tempfile.TemporaryDirectory(prefix="routercfg-bench-") as place,
        farm(recording, sizes.round_trip) as (process, told),
    ):
        job = write_job(Path(place), recorded, told, sizes)
        command, environment = prepare(Path(place), job)
        before = cpu_of(process.pid)
        cost = measure(command, environment)
        spent = cpu_of(process.pid) - before
        assert process.stdout is not None
        process.send_signal(signal.SIGUSR1)
        counted = json.loads(process.stdout.readline())
        for host, problem in counted["problems"].items():
            print(f"{name}: {host}: {problem}", file=sys.stderr)
        right = counted["right" if name.startswith(NO_SAFE_MODE) else "confirmed"]
        if right < sizes.routers:
            print(cost.output[-800:], file=sys.stderr)
        return Row(name, sizes.routers, right, cost, spent)


def own(engine: str) -> Prepare:
    def prepare(folder: Path, _job: dict[str, Any]) -> tuple[list[str], None]:
        return [sys.executable, str(HERE / "client.py"), engine, str(folder / "job.json")], None

    return prepare


def nornir(python: Path) -> Prepare:
    def prepare(folder: Path, _job: dict[str, Any]) -> tuple[list[str], None]:
        return [str(python), str(HERE / "peers.py"), str(folder / "job.json")], None

    return prepare


@contextmanager
def installed(*packages: str) -> Iterator[Path | None]:
    """The Python of an environment with these packages, removed afterwards; None: not to be had."""
    with tempfile.TemporaryDirectory(prefix="routercfg-peer-") as place:
        venv.create(place, with_pip=True)
        python = Path(place) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*install, *packages], check=False, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr[-500:], file=sys.stderr)
        yield None if done.returncode else python


def peers(recording: Path, sizes: argparse.Namespace) -> Iterator[Row]:
    name = "Nornir + netmiko, threads"
    if wanted(name, sizes):
        with installed(*NORNIR) as python:
            yield row(name, nornir(python), recording, sizes) if python else Row(name, 0)
    name = f"Ansible, network_cli, {sizes.workers} forks"
    if wanted(name, sizes):
        found = shutil.which("ansible-playbook")
        if found:
            yield row(name, ansible_peer.prepared(Path(found)), recording, sizes)
            return
        with installed(*ANSIBLE) as python:
            program = python and python.with_name("ansible-playbook")
            yield (
                row(name, ansible_peer.prepared(program), recording, sizes)
                if program and program.exists()
                else Row(name, 0)
            )


def measured(
    own_ones: list[tuple[str, Prepare]], recording: Path, sizes: argparse.Namespace
) -> Iterator[Row]:
    for name, prepare in own_ones:
        if wanted(name, sizes):
            yield row(name, prepare, recording, sizes)
    if sizes.peers:
        yield from peers(recording, sizes)


def wanted(name: str, sizes: argparse.Namespace) -> bool:
    return not sizes.only or any(part.lower() in name.lower() for part in sizes.only)


def table(rows: list[Row]) -> str:
    """A Markdown table; ratios are against routercfg with threads."""
    base = next((one.cpu_each for one in rows if one.cost), 1.0)
    lines = [
        "| client | right | routers/min | CPU ms/router | CPU, ratio | peak MB | farm CPU ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        if one.cost is None:
            lines.append(f"| {one.name} | not installed | | | | | |")
            continue
        lines.append(
            f"| {one.name} | {one.right}/{one.routers} | {one.right / one.cost.seconds * 60:,.0f} "
            f"| {one.cpu_each:,.1f} | {one.cpu_each / base:.2f} | {one.cost.memory:,.0f} "
            f"| {one.farm_cpu / one.routers * 1000:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--routers", type=int, default=300)
    parser.add_argument("--workers", type=int, default=100, help="sessions at a time")
    parser.add_argument("--round-trip", type=float, default=30.0, help="milliseconds")
    parser.add_argument("--peers", action="store_true", help="install and measure the others")
    parser.add_argument("--only", nargs="*", help="only clients with one of these in their name")
    sizes = parser.parse_args()
    own_ones = [
        ("routercfg, threads", own("threads")),
        (f"routercfg, processes ({len(os.sched_getaffinity(0))})", own("processes")),
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        recorded = subprocess.run(
            [sys.executable, str(HERE / "recording.py")], check=True, capture_output=True, text=True
        ).stdout
        file.write(recorded)
        file.flush()
        recording = Path(file.name)
        rows = []
        for one in measured(own_ones, recording, sizes):
            rows.append(one)
            # Ansible takes minutes: what is known so far is not lost with it.
            print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    load = os.getloadavg()[0]
    print(
        f"{sizes.routers} routers, {sizes.workers} at a time, {sizes.round_trip:g} ms round trip, "
        f"{len(json.loads(recorded)['lines'])} lines; load average at the end {load:.1f}\n"
    )
    print(table(rows))


if __name__ == "__main__":
    main()
