"""The lab keeps its word: a disk of its own, honest reboots, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .lab import WAN, Lab, office
from .namespaces import NETNS_DIRECTORY, LabError, Namespace, missing, new_run, sweep
from .probes import tcp_answers


def machine_files() -> dict[Path, bytes]:
    places = [Path("/etc/nftables.conf"), *Path("/etc/sysctl.d").glob("*.conf")]
    return {path: path.read_bytes() for path in places if path.is_file()}


def test_what_is_persisted_on_the_router_leaves_the_machine_alone(lab: Lab) -> None:
    before = machine_files()

    lab.router.shell(
        "echo 'net.netfilter.nf_conntrack_udp_timeout = 300' >/etc/sysctl.d/90-test.conf;"
        "cp /etc/nftables.conf /etc/nftables.new; mv /etc/nftables.new /etc/nftables.conf"
    )

    assert (lab.router.etc / "sysctl.d/90-test.conf").exists()
    assert machine_files() == before
    lab.router.shell("rm /etc/sysctl.d/90-test.conf")


def test_a_reboot_forgets_what_was_live_and_keeps_what_was_saved(lab: Lab) -> None:
    saved = lab.router.shell("nft list ruleset")
    lab.router.shell("nft add table inet vluchtig")
    lab.router.shell("setsid sleep 600 >/dev/null 2>&1 & echo started >/run/note")
    lab.router.shell("echo net.ipv4.tcp_ecn = 0 >/etc/sysctl.d/90-test.conf")

    lab.reboot()

    assert lab.router.shell("nft list ruleset") == saved
    assert not any("sleep 600" in line for line in lab.router.processes())
    assert lab.router.shell("ls /run/note 2>&1 || true").startswith("ls: cannot access")
    assert lab.router.run("sysctl", "-n", "net.ipv4.tcp_ecn").strip() == "0"
    assert tcp_answers(lab.attacker, WAN.v4, 22)
    assert tcp_answers(lab.attacker, WAN.v6, 443)


def test_nothing_is_left_when_a_test_fails_in_the_middle() -> None:
    timer = f"sleep 123{os.getpid()}"
    seen: list[Lab] = []

    def fail_in_the_middle() -> None:
        with office() as doomed:
            seen.append(doomed)
            doomed.router.shell(f"setsid {timer} >/dev/null 2>&1 &")
            assert timer in doomed.router.processes()
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail_in_the_middle()

    assert not list(NETNS_DIRECTORY.glob(f"{seen[0].run}-*"))
    assert not seen[0].directory.exists()
    running = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True)
    assert timer not in running.stdout


def test_the_namespaces_of_a_killed_run_are_swept_and_those_of_a_live_one_kept() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    orphan = Namespace(f"rcfg{gone.pid}beef", "phone")
    alive = Namespace(new_run(), "phone")
    try:
        sweep()
        assert not (NETNS_DIRECTORY / orphan.name).exists()
        assert (NETNS_DIRECTORY / alive.name).exists()
    finally:
        orphan.delete()
        alive.delete()


def test_a_refused_command_says_what_was_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"exit 1: .*syntax error"):
        lab.router.shell("nft add nonsense")


def test_what_the_lab_lacks_is_named() -> None:
    assert missing(["ip", "no-such-program", "nor-this"]) == (
        "not installed: no-such-program, nor-this"
    )
