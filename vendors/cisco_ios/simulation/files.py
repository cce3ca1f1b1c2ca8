"""The flash of the simulated router, and what file commands print. It survives restarts."""

from __future__ import annotations

import hashlib
import re

from .grammar import Refusal

_STAMP = "Nov 25 2026 10:01:46 +00:00"
_URL = re.compile(r"(?P<system>[a-z]+):/?(?P<name>[\w.+-]*)")


class Files:
    """One flash file system without folders. `aliases`: other names by which it goes."""

    def __init__(self, system: str, *aliases: str, size: int = 128_237_568) -> None:
        self.system = system
        self.size = size
        self._names = (system, *aliases)
        self._texts: dict[str, str] = {}

    @property
    def free(self) -> int:
        """Bytes that are not taken."""
        return self.size - sum(len(text.encode()) for text in self._texts.values())

    def named(self, url: str) -> str | None:
        """The name of a file on flash; None for what lies on another file system."""
        found = _URL.fullmatch(url)
        if found is None or found["system"] not in self._names:
            return None
        return found["name"]

    def path(self, name: str) -> str:
        """The address of a file as the router itself prints it."""
        return f"{self.system}:/{name}"

    def read(self, url: str) -> str:
        """A file's text. Raises Refusal where there is none."""
        name = self.named(url)
        if not name or name not in self._texts:
            raise Refusal(f"%Error opening {self._shown(url)} (No such file or directory)\n")
        return self._texts[name]

    def holds(self, url: str) -> bool:
        """Is there such a file?"""
        return self.named(url) in self._texts

    def write(self, url: str, text: str) -> None:
        """Write a file, or write it anew. Raises Refusal where there is no room or place."""
        name = self.named(url)
        if not name:
            raise Refusal(f"%Error opening {self._shown(url)} (Invalid argument)\n")
        old = len(self._texts.get(name, "").encode())
        if len(text.encode()) - old > self.free:
            raise Refusal(f"%Error writing {self.path(name)} (No space left on device)\n")
        self._texts[name] = text

    def delete(self, url: str) -> None:
        """Delete a file. Raises Refusal where there is none."""
        self.read(url)
        del self._texts[self.named(url) or ""]

    def listing(self, url: str = "") -> str:
        """`dir`: all of flash, or one file. Raises Refusal where there is none."""
        name = self.named(url) if url else ""
        if name:
            self.read(url)
        elif name is None:
            raise Refusal(f"%Error opening {url} (No such file or directory)\n")
        rows = [
            f"{number:5d}  -rw-{len(text.encode()):16d}  {_STAMP}  {found}\n"
            for number, (found, text) in enumerate(self._texts.items(), start=11)
            if name in ("", found)
        ]
        return (
            f"Directory of {self.path(name)}\n\n"
            + ("".join(rows) or "No files in directory\n")
            + f"\n{self.size} bytes total ({self.free} bytes free)\n"
        )

    def digest(self, url: str) -> str:
        """`verify /md5`."""
        text = self.read(url)
        found = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return f".Done!\nverify /md5 ({url}) = {found}\n\n"

    def systems(self) -> str:
        """`show file systems`."""
        rows = [
            ("", "-", "-", "opaque", "rw", "system:"),
            ("*", str(self.size), str(self.free), "disk", "rw", f"{self.system}: "),
            ("", "262136", "254779", "nvram", "rw", "nvram:"),
            ("", "-", "-", "opaque", "wo", "null:"),
        ]
        lines = [
            f"{mark:>1} {size:>14} {free:>13} {kind:>10} {flags:>6}   {prefix}\n"
            for mark, size, free, kind, flags, prefix in rows
        ]
        head = "File Systems:\n\n       Size(b)       Free(b)      Type  Flags  Prefixes\n"
        return head + "".join(lines) + "\n"

    def _shown(self, url: str) -> str:
        name = self.named(url)
        return url if name is None else self.path(name)
