"""A Dask cluster of machines: namespaces with addresses and homes of their own.

coordinator 192.0.2.10 ─┐            ┌─ one 192.0.2.31 ─┐
                        ├─ switch ───┤                  ├─ routers 198.51.100.1
scheduler   192.0.2.20 ─┘            └─ two 192.0.2.32 ─┘

They share the installed package and nothing else. Only the workers reach the routers. The interface
of a worker towards the others is `eth0`, the one towards the routers `eth1`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from routercfg.lab import Lab

from .namespaces import Namespace, connect, new_run, sweep

COORDINATOR, SCHEDULER = "192.0.2.10", "192.0.2.20"
WORKERS = {"one": "192.0.2.31", "two": "192.0.2.32"}
ROUTERS = "198.51.100.1"
PORT = 8786
PASSWORD = "secret-enough"
VARIABLE = "ROUTERCFG_TEST_PASSWORD"
#: Dask's own limits, so short that what it does after minutes it does at once.
HASTE = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "4s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false",
}
#: A worker like any other, whose patience with a coordinator that is cut off is short.
WORKER = """
import sys
from routercfg.batch import channel
channel._PATIENCE = channel._CONNECT = 2.0
from distributed.cli.dask_worker import main
main(sys.argv[1:])
"""


class Machine:
    """One machine: a namespace, a home, and the processes that run there."""

    def __init__(self, run: str, role: str, folder: Path) -> None:
        self.namespace = Namespace(run, role)
        self.home = folder / role
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)

    def environment(self, **more: str) -> dict[str, str]:
        mine = {name: of for name, of in os.environ.items() if name not in _OTHERS}
        return mine | HASTE | {"HOME": str(self.home), **more}

    def start(self, *command: str, log: str, **environment: str) -> subprocess.Popen[str]:
        """Start a program of this Python here, in its home."""
        with self.namespace.entered(), (self.home / log).open("w") as file:
            return subprocess.Popen(
                [sys.executable, *command],
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if log == "errors" else file,
                stderr=file,
                cwd=self.home,
                env=self.environment(**environment),
            )

    def log(self, name: str) -> str:
        return (self.home / name).read_text()

    def isolate(self, *others: str) -> None:
        """Drop every packet to and from these addresses, silently."""
        lines = f"""
            table inet cut {{
                chain input {{
                    type filter hook input priority 0
                    ip saddr {{ {", ".join(others)} }} drop
                }}
                chain output {{
                    type filter hook output priority 0
                    ip daddr {{ {", ".join(others)} }} drop
                }}
            }}"""
        self.namespace.run("nft", "-f", "-", text=lines)

    def rejoin(self) -> None:
        """Let the packets through again."""
        self.namespace.run("nft", "delete", "table", "inet", "cut")

    def admit(self, ports: Mapping[int, str]) -> None:
        """Drop what others begin here but TCP to these ports, from these addresses."""
        rules = "\n".join(
            f"ip saddr {{ {addresses} }} tcp dport {port} accept"
            for port, addresses in ports.items()
        )
        lines = f"""
            table inet doors {{
                chain input {{
                    type filter hook input priority 0; policy drop
                    iifname {{ lo, eth1 }} accept
                    ct state established accept
                    {rules}
                }}
            }}"""
        self.namespace.run("nft", "-f", "-", text=lines)


_OTHERS = ("HOME", "SSH_AUTH_SOCK", "XDG_STATE_HOME", "XDG_CONFIG_HOME", VARIABLE)


class Site:
    """The machines, and the routers behind the workers."""

    def __init__(self, folder: Path, routers: Mapping[str, Any], latency: float) -> None:
        sweep()
        run = new_run()
        self.folder = folder
        self.switch = Namespace(run, "switch")
        self.behind = Namespace(run, "routers")
        self.machines = {
            role: Machine(run, role, folder) for role in ("coordinator", "scheduler", *WORKERS)
        }
        self.processes: dict[str, subprocess.Popen[str]] = {}
        try:
            self._wire()
            with self.behind.entered():
                self.lab = Lab(
                    routers, users={"admin": PASSWORD}, host=ROUTERS, latency=latency,
                    seen_from="192.168.88.10",
                ).__enter__()  # fmt: skip
        except BaseException:
            self.close()
            raise

    @property
    def coordinator(self) -> Machine:
        return self.machines["coordinator"]

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if hasattr(self, "lab"):
            self.lab.__exit__(None, None, None)
        for one in (self.switch, self.behind, *(m.namespace for m in self.machines.values())):
            one.delete()

    def begin(self, *workers: str, port: int = 0) -> None:
        """Start the scheduler and these workers, and wait until they know each other."""
        self.processes["scheduler"] = self.machines["scheduler"].start(
            *("-m", "distributed.cli.dask_scheduler", "--host", SCHEDULER, "--port", str(PORT)),
            "--no-dashboard",
            log="log",
        )
        for name in workers:
            self.add_worker(name, "--worker-port", str(port))
        until(lambda: all("Registered to" in self.machines[one].log("log") for one in workers))

    def add_worker(self, name: str, *options: str, program: str = WORKER) -> None:
        self.processes[name] = self.machines[name].start(
            *("-c", program, f"tcp://{SCHEDULER}:{PORT}", "--host", WORKERS[name]),
            *("--nthreads", "1", "--no-nanny", "--no-dashboard", *options),
            log="log",
        )

    def know_routers(self, *names: str) -> None:
        """Write the routers' host keys down in these workers' homes."""
        text = "".join(
            f"[{host}]:{port} {self.lab.host_key}\n"
            for host, port in map(self.lab.address, self.lab.routers)
        )
        for name in names:
            (self.machines[name].home / ".ssh" / "known_hosts").write_text(text)

    def inventory(self, *names: str) -> None:
        """Routers of the coordinator's inventory; the password is in its environment alone."""
        hosts = {
            name: {
                "ansible_host": self.lab.address(name)[0],
                "ansible_port": self.lab.address(name)[1],
            }
            for name in names
        }
        everyone = {
            "platform": "mikrotik_routeros", "ansible_user": "admin", "service": "xelion",
            "provider_prefixes": ["203.0.113.0/24"], "management_sources": ["192.0.2.0/28"],
        }  # fmt: skip
        # JSON is YAML, but for the tag.
        text = json.dumps({"all": {"vars": everyone, "hosts": hosts}})
        text = text.replace('"vars": {', f'"vars": {{"ansible_password": !env {VARIABLE}, ', 1)
        (self.coordinator.home / "hosts.yml").write_text(text)

    def push(self, *more: str) -> subprocess.Popen[str]:
        """Start a push on the coordinator, with the command line."""
        self.processes["push"] = made = self.coordinator.start(
            *("-m", "routercfg", "push", "--yes", "--json", "--engine", f"dask://{SCHEDULER}"),
            *("--only", "sip-alg", "--only", "upnp", *more),
            log="errors",
            **{VARIABLE: PASSWORD},
        )
        return made

    def answer(self, push: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
        """What the push says of each router, once it ends by itself."""
        try:
            out, _ = push.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"no end after {seconds} s: {self.coordinator.log('errors')}"
            ) from None
        assert out, self.coordinator.log("errors")
        return {one["router"]: one for one in json.loads(out)["routers"]}

    def run(self, *command: str) -> str:
        """Something else of the coordinator's command line."""
        done = self.coordinator.start("-m", "routercfg", *command, log="errors")
        out, _ = done.communicate(timeout=30)
        return out

    def worker_at(self, router: str) -> str:
        """The machine that is connected to a router."""
        [name] = self.connected(router)
        return name

    def connected(self, router: str) -> list[str]:
        """The machines that are connected to a router."""
        _, port = self.lab.address(router)
        ask = ("ss", "-Htn", "dst", f"{ROUTERS}:{port}")
        return [one for one in WORKERS if self.machines[one].namespace.run(*ask).strip()]

    def kill(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def until_touched(self, router: str) -> None:
        """Wait until something is sent that changes the router."""
        try:
            until(lambda: any(" set " in line for line in self.lab.sent(router)))
        except AssertionError:
            raise AssertionError(self.coordinator.log("errors")) from None

    def _wire(self) -> None:
        self.switch.ip("link add hub type bridge", "link set hub up")
        self.behind.ip(
            "link add hub type bridge", "link set hub up", f"addr add {ROUTERS}/24 dev hub"
        )
        places = {"coordinator": COORDINATOR, "scheduler": SCHEDULER, **WORKERS}
        for role, address in places.items():
            machine = self.machines[role].namespace
            connect(self.switch, role, machine, "eth0")
            self.switch.ip(f"link set {role} master hub")
            machine.ip(f"addr add {address}/24 dev eth0")
            if role in WORKERS:
                connect(self.behind, role, machine, "eth1")
                self.behind.ip(f"link set {role} master hub")
                machine.ip(f"addr add 198.51.100.{address.rsplit('.', 1)[1]}/24 dev eth1")


@contextmanager
def site(folder: Path, routers: Mapping[str, Any], latency: float = 0.0) -> Iterator[Site]:
    """Machines that are gone afterwards, whatever happened to them."""
    made = Site(folder, routers, latency)
    try:
        yield made
    finally:
        made.close()


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until this holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it never came about")
        time.sleep(0.02)
