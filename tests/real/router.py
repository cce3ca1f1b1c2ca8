"""A Linux router with an /etc, /run, process table and host name of its own.

Network namespaces share the machine's files. The router's shell therefore lives in private mount,
pid and uts namespaces over a copy of /etc: what a change persists is written where Debian keeps
it, stays on this router alone, and is what the next boot reads. Every process the router starts,
a revert timer included, ends with its first process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .namespaces import LabError, Namespace, execute

HOST_NAME = "gw-jansen"
CUSTOMER = Path(__file__).with_name("customer")

# The first process: it lays the private mounts and then waits. Its standard input ends when we do.
INIT = """
set -e
mount --bind "$1/etc" /etc
mount --bind "$1/root" /root
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp
mount -t sysfs sysfs /sys
mkdir /run/sshd /run/lock
chmod 1777 /tmp /var/tmp
cd /
export HOME=/root
hostname "$(cat /etc/hostname)"
echo up
while read -r _; do :; done
"""

# What Debian does at boot: systemd-sysctl, nftables.service, ssh.service.
BOOT = """
for file in /etc/sysctl.d/*.conf /etc/sysctl.conf; do
    if [ -e "$file" ]; then sysctl -q -p "$file"; fi
done
nft -f /etc/nftables.conf
/usr/sbin/sshd -E /run/sshd.log
"""

# What a boot would do to a router that runs: its rules anew, its timers, and nothing armed.
AGAIN = """
for pid in /run/routercfg/*/pid; do
    if [ -s "$pid" ]; then kill -s TERM -- "-$(cat "$pid")" 2>/dev/null || true; fi
done
rm -rf /run/routercfg
sysctl -q -p /etc/sysctl.d/50-kantoor.conf
nft -f /etc/nftables.conf
"""

# A revert is a shell that waits in `sleep`.
ELAPSE = """
for pid in /run/routercfg/*/pid; do
    [ -s "$pid" ] || continue
    shell=$(cat "$pid")
    pkill -P "$shell" -x sleep || true
    n=0
    while kill -0 "$shell" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done
done
"""


class Router:
    """One router's disk in `directory`; `power_on` makes it a running system in a namespace."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.client_key = directory / "client_key"
        self._init: subprocess.Popen[str] | None = None
        self._pid = 0
        self._namespace: Namespace | None = None
        self._install()

    @property
    def etc(self) -> Path:
        """The router's /etc, as seen from the test."""
        return self.directory / "etc"

    @property
    def host_key(self) -> str:
        """The public host key, as `known_hosts` wants it after the address."""
        words = (self.etc / "ssh/ssh_host_ed25519_key.pub").read_text().split()
        return " ".join(words[:2])

    def power_on(self, namespace: Namespace) -> None:
        """Start the router's first process in `namespace`. Its links must be there already."""
        with namespace.entered():
            self._init = subprocess.Popen(
                [
                    *("unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child"),
                    *("--mount-proc", "--propagation", "private"),
                    *("bash", str(self.directory / "init"), str(self.directory)),
                ],
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        assert self._init.stdout is not None
        assert self._init.stderr is not None
        if self._init.stdout.readline() != "up\n":
            self._init.kill()
            raise LabError(f"the router did not start: {self._init.stderr.read().strip()}")
        children = Path(f"/proc/{self._init.pid}/task/{self._init.pid}/children")
        self._pid = int(children.read_text().split()[0])
        self._namespace = namespace
        self.shell(BOOT)

    def power_off(self) -> None:
        """Stop every process of the router at once; only what is on its disk stays."""
        if self._init is None:
            return
        # The kernel ends a whole pid namespace with its first process; unshare waits for that.
        os.kill(self._pid, signal.SIGKILL)
        self._init.communicate(timeout=10)
        self._init = None

    def reset(self) -> None:
        """Put the customer's rules, timers and files back, without a reboot."""
        for name in ("sysctl.d/60-routercfg.conf", "modules-load.d/routercfg.conf"):
            (self.etc / name).unlink(missing_ok=True)
        for path in self.etc.glob("nftables.*-routercfg*"):
            path.unlink()
        shutil.rmtree(self.etc / "nftables.d", ignore_errors=True)
        self._lay_files()
        self.shell(AGAIN)

    def let_time_pass(self) -> None:
        """End the wait of every revert that is armed, as its time would; see it through."""
        self.shell(ELAPSE)

    def drop_sessions(self) -> None:
        """End every SSH session, as a link does that goes away: what runs on it gets a hangup."""
        self.shell('pkill -KILL -P "$(cat /run/sshd.pid)" || true')

    def shell(self, script: str, *, text: str | None = None, timeout: float = 10) -> str:
        """Run a shell script on the router, not over SSH; a refusal raises `LabError`."""
        return self.run("bash", "-ec", script, text=text, timeout=timeout)

    def run(self, *command: str, text: str | None = None, timeout: float = 10) -> str:
        """Run one command on the router."""
        inside = ("nsenter", "-t", str(self._pid), "--mount", "--pid", "--uts", "--net", "--wdns=/")
        return execute(*inside, *command, text=text, timeout=timeout)

    def processes(self) -> Sequence[str]:
        """The command lines of everything that runs on the router."""
        listing = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done"
        return [line.strip() for line in self.shell(listing).splitlines() if line.strip()]

    def _lay_files(self) -> None:
        shutil.copyfile(CUSTOMER / "nftables.conf", self.etc / "nftables.conf")
        (self.etc / "nftables.conf").chmod(0o755)
        shutil.copyfile(CUSTOMER / "sysctl.conf", self.etc / "sysctl.d/50-kantoor.conf")

    def _install(self) -> None:
        self.directory.chmod(0o755)
        (self.directory / "init").write_text(INIT)
        shutil.copytree("/etc", self.etc, symlinks=True)
        shutil.rmtree(self.etc / "sysctl.d", ignore_errors=True)
        shutil.rmtree(self.etc / "ssh", ignore_errors=True)
        (self.etc / "sysctl.conf").unlink(missing_ok=True)
        for folder in (self.etc / "sysctl.d", self.etc / "ssh", self.directory / "root/.ssh"):
            folder.mkdir(parents=True)
        (self.etc / "hostname").write_text(f"{HOST_NAME}\n")
        self._lay_files()
        shutil.copyfile(CUSTOMER / "sshd_config", self.etc / "ssh/sshd_config")
        for key in (self.etc / "ssh/ssh_host_ed25519_key", self.client_key):
            execute("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(key))
        public = self.client_key.with_suffix(".pub").read_text()
        (self.directory / "root/.ssh/authorized_keys").write_text(public)
        # A login locked with `!` is refused by sshd even with a key; `*` only has no password.
        shadow = self.etc / "shadow"
        lines = [line.split(":") for line in shadow.read_text().splitlines()]
        unlocked = [[w[0], "*", *w[2:]] if w[0] == "root" else w for w in lines]
        shadow.write_text("".join(":".join(words) + "\n" for words in unlocked))
