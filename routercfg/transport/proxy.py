"""A command as the way to a router, such as `ssh -W` through a jump host.

Imported only where a router is reached: paramiko is heavy.
"""

from __future__ import annotations

import os
import select
import shlex
import threading
from contextlib import suppress
from subprocess import TimeoutExpired

import paramiko

#: Seconds that a command may take to end once it is told to.
_PATIENCE = 2.0
#: Octets of what a command complained with before it ended.
_MOST = 65536


class Proxy(paramiko.ProxyCommand):  # type: ignore[misc]
    """The command's input and output as a socket.

    paramiko's own takes the end of a command for silence, and waits for it at full speed; and it
    leaves the ended process and its pipes to whenever memory is next tidied up.
    """

    def __init__(self, command: str) -> None:
        # In a shell, as OpenSSH does it.
        super().__init__(shlex.join(("/bin/sh", "-c", f"exec {command}")))
        #: What it complained with last; known once it is closed.
        self.complaint = ""
        # The thread that reads and the one that closes: no file may be read that is another's.
        self._using = threading.Lock()

    def recv(self, size: int) -> bytes:
        """What has come, or nothing once the command has ended. Raises TimeoutError."""
        output = self.process.stdout
        waiting = select.poll()
        with self._using:
            if output.closed:
                return b""
            waiting.register(output, select.POLLIN)
        if not waiting.poll(None if self.timeout is None else self.timeout * 1000):
            raise TimeoutError
        with self._using:
            return b"" if output.closed else os.read(output.fileno(), size)

    def close(self) -> None:
        """End the command, which may have ended by itself, and leave nothing of it."""
        self.process.terminate()
        try:
            self.process.wait(_PATIENCE)
        except TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self._using:
            if self.process.stdout.closed:
                return
            self.complaint = self._last_line()
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                with suppress(OSError):
                    pipe.close()

    def _last_line(self) -> str:
        """Of what it wrote to its terminal; a child that it left behind is not waited for."""
        os.set_blocking(self.process.stderr.fileno(), False)
        with suppress(BlockingIOError):
            text = os.read(self.process.stderr.fileno(), _MOST).decode("utf-8", "replace")
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            # Of which the last may be ssh's word for that it was told to end.
            told = [line for line in lines if not line.startswith("Killed by signal")]
            return told[-1] if told else ""
        return ""


def said(proxy: Proxy | None) -> str:
    """The last line that a proxy command complained with, once it is of no use any more."""
    if proxy is None:
        return ""
    proxy.close()
    return proxy.complaint
