"""Provisioning by TFTP with the genuine tftp-hpa server and client."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from .namespaces import LabError, Namespace

BOOT_FILE = "001122334455.cfg"
# Longer than one block of 512 bytes: the second port has to work both ways.
CONTENT = b"".join(b"account.%d.sip_server = sip.example.net\n" % line for line in range(60))


class TftpServer:
    """`in.tftpd` in the provider's namespace; it answers each request from a new port."""

    def __init__(self, host: Namespace, directory: Path) -> None:
        # The server serves as `nobody`, from a folder it can enter.
        directory.mkdir(mode=0o755, exist_ok=True)
        (directory / BOOT_FILE).write_bytes(CONTENT)
        (directory / BOOT_FILE).chmod(0o644)
        self._process = host.start(
            "/usr/sbin/in.tftpd", "--foreground", "--listen", "--secure", str(directory)
        )
        deadline = time.monotonic() + 5
        while ":69 " not in host.run("ss", "-Hlnu"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LabError("in.tftpd does not listen on UDP 69")
            time.sleep(0.01)


def fetch(host: Namespace, server: str, wait: float = 3.0) -> bytes | None:
    """Get the boot file as a phone does; None when it has not come within `wait` seconds."""
    with tempfile.TemporaryDirectory() as folder, host.entered():
        try:
            done = subprocess.run(
                ["tftp", "-m", "binary", server, "-c", "get", BOOT_FILE],
                cwd=folder,
                timeout=wait,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        got = Path(folder, BOOT_FILE)
        if done.returncode or not got.exists():
            return None
        return got.read_bytes()
