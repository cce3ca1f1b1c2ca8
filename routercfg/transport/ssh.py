"""Sessions over SSH, on netmiko's connection and with our own framing.

netmiko brings the login: keys, agent, SSH configuration with jump hosts. Its reading of replies is
left out, because it takes refused lines for success and an output that never came for an empty one.
"""

from __future__ import annotations

import codecs
import re
import secrets
import time
from collections.abc import Callable, Sequence

from routercfg.errors import (
    AuthenticationError,
    ReplyError,
    TransportError,
    Where,
)
from routercfg.platforms.manifest import Elevation, Manifest
from routercfg.transport import framing
from routercfg.transport.session import Reply
from routercfg.transport.target import Target

#: More than any router's configuration; what sends more is broken or hostile.
_MOST_CHARACTERS = 16 * 1024 * 1024
#: As much of a reply's end as a prompt or a question can take.
_TAIL = 4096
#: Characters that are kept of what comes when nothing in particular is waited for.
_DRAINED = 64 * 1024
#: Seconds. A router that waits at its prompt this long has lost some of what was typed ahead.
_LOST = 5.0


class SshSession:
    """One login over SSH. See `transport.session.Session`."""

    def __init__(self, target: Target, manifest: Manifest) -> None:
        self._target = target
        self._manifest = manifest
        self._where = Where(router=target.router)
        #: False once anything but reads was sent, or once the router has proved not to keep up.
        self._may_read_ahead = True
        #: Was the router silent for longer than it may be, when something was last waited for?
        self._silent = False
        self._open()

    def _open(self) -> None:
        from routercfg.transport.netmiko_login import log_in  # noqa: PLC0415 - heavy

        self._connection = log_in(self._target, self._manifest)
        self._channel = self._connection.remote_conn
        # A character of several octets may come in two pieces.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._prompt = ""
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        """Replies to read-only commands, in as few writes as the platform takes."""
        if self._manifest.session.framing == "prompt":
            return self._read_ahead(commands) or tuple(map(self._ask, commands))
        replies: list[Reply] = []
        for batch in _batches(commands, self._manifest.session.write_limit):
            tokens = [_token() for _ in batch]
            self._write("".join(map(self._marked, batch, tokens)))
            replies += (
                Reply(command, self._until_marker(token, command))
                for command, token in zip(batch, tokens, strict=True)
            )
        return tuple(replies)

    def _read_ahead(self, commands: Sequence[str]) -> tuple[Reply, ...] | None:
        """Many reads in few writes. None if the router mixes up or loses what is typed ahead.

        After that nobody knows what it still has to say, so the one-by-one reading that follows
        does so in a new login. A session that has changed something is never left for this.
        """
        batches = _batches(commands, self._manifest.session.write_limit)
        if not self._may_read_ahead or len(batches) == len(commands):
            return None
        replies: list[Reply] = []
        for batch in batches:
            texts = self._typed_ahead(batch)
            if texts is None:
                self._may_read_ahead = False
                self.close()
                self._open()
                return None
            replies += map(Reply, batch, texts)
        return tuple(replies)

    def _typed_ahead(self, batch: Sequence[str]) -> tuple[str, ...] | None:
        """The replies to commands sent in one write; None where some were lost or mixed up."""
        self._write("".join(command + self._manifest.session.newline for command in batch))
        raw = self._prompt
        last = batch[-1].strip()
        while True:
            waiting = framing.at_prompt(self._manifest, framing.clean(raw[-_TAIL:]))
            if waiting and last in raw:
                replies = framing.in_order(self._manifest, raw, batch)
                if replies is not None:
                    lost = framing.mixed(self._manifest, batch, replies)
                    return None if lost else replies
            seconds = min(_LOST, self._target.timeout) if waiting else self._target.timeout
            try:
                raw += self._receive(seconds, last)
            except ReplyError as error:
                if not (waiting and isinstance(error.__cause__, TimeoutError)):
                    raise
                if framing.echoed_once(framing.clean(raw), batch):
                    raise
                # It sits at its prompt. One that lives and lost some input answers an empty line.
                self._write(self._manifest.session.newline)
                self._receive(self._target.timeout, last)
                return None
            if len(raw) > _MOST_CHARACTERS:
                raise ReplyError(f"the reply to {last!r} does not end", where=self._where)

    def send(self, command: str) -> Reply:
        """The reply to one command, with the platform's dialogues answered on the way."""
        self._may_read_ahead = False
        return self._ask(command)

    def _ask(self, command: str) -> Reply:
        if self._manifest.session.framing == "marker":
            token = _token()
            self._write(self._marked(command, token))
            return Reply(command, self._until_marker(token, command))
        self._pending = ""
        self._write(command + self._manifest.session.newline)
        text = self._until(
            lambda text: framing.between_prompts(self._manifest, text, command), command
        )
        return Reply(command, framing.quiet(self._manifest, text))

    def press(self, characters: str, expect: str | None) -> str:
        """Bare characters, such as Ctrl-X."""
        self._may_read_ahead = False
        self._pending = ""
        self._write(characters)
        if expect is None:
            return self._drain()
        return self._until(lambda text: text if re.search(expect, text) else None, repr(characters))

    def close(self) -> None:
        """End the login without waiting for what the router has to say about it.

        What was sent over a link that has gone silent since is taken back, as far as it can be.
        """
        try:
            if self._silent:
                self._channel.get_transport().abandon()
            self._connection.paramiko_cleanup()
        except (OSError, EOFError):
            return

    def _prepare(self) -> None:
        session = self._manifest.session
        if session.framing == "marker":
            lines = "".join(line + session.newline for line in session.prepare)
            token = _token()
            self._write(lines + self._marker(token))
            self._until_marker(token, "login")
            return
        text = self._until(lambda t: t if framing.at_prompt(self._manifest, t) else None, "login")
        self._prompt = text.rsplit("\n", 1)[-1]
        if session.elevation and re.fullmatch(session.elevation.lacking, self._prompt):
            self._elevate(session.elevation)
        for line in session.prepare:
            self._ask(line)

    def _elevate(self, elevation: Elevation) -> None:
        """Get the rights that the login lacks. The secret is tried once."""

        def over(text: str) -> str | None:
            ask = re.search(elevation.ask, text) is not None
            return text if ask or framing.at_prompt(self._manifest, text) else None

        secret = self._target.enable_password
        if secret is None:
            raise AuthenticationError(
                f"the login of {self._target.user!r} has no rights here, and no secret is known",
                where=self._where,
                hint=f"Set ansible_become_password: it answers {elevation.send!r}",
            )
        self._pending = ""
        self._write(elevation.send + self._manifest.session.newline)
        text = self._until(over, elevation.send)
        if re.search(elevation.ask, text):
            self._write(secret.reveal() + self._manifest.session.newline)
            text = self._until(over, elevation.send)
        self._prompt = text.rsplit("\n", 1)[-1]
        if not framing.at_prompt(self._manifest, text) or re.fullmatch(
            elevation.lacking, self._prompt
        ):
            raise AuthenticationError(
                f"the router refused the secret of {elevation.send!r}",
                where=self._where,
                hint="Check ansible_become_password; it was tried once",
            )

    def _marked(self, command: str, token: str) -> str:
        return command.rstrip("\n") + self._manifest.session.newline + self._marker(token)

    def _marker(self, token: str) -> str:
        template = self._manifest.session.marker or ""
        return template.replace("{token}", token) + self._manifest.session.newline

    def _until_marker(self, token: str, what: str) -> str:
        def ended(text: str) -> str | None:
            found = framing.before_marker(text, token)
            if found is None:
                return None
            self._pending = found[1]
            return found[0].strip("\n")

        return self._until(ended, what, token)

    def _until(self, ended: Callable[[str], str | None], what: str, end: str = "") -> str:
        """Read until `ended` gives a reply; answer dialogues. Raises ReplyError when it stalls.

        `end` is in the text wherever the reply ends: a long reply is looked at whole only then.
        """
        chunks = [self._pending or self._receive(self._target.timeout, what)]
        size = len(chunks[0])
        answered = 0
        # All of the last chunk: what follows a reply may have come with it, and hide its end.
        recent = chunks[0]
        while True:
            seen = framing.clean(recent)
            tail = seen[-_TAIL:]
            if self._may_be_over(seen if end else tail, end):
                chunks = ["".join(chunks)]
                reply = ended(framing.clean(chunks[0]))
                if reply is not None:
                    return reply
            answer = self._answer(tail)
            if answer is not None and size > answered:
                answered = size
                self._write(answer + self._manifest.session.newline)
            chunk = self._receive(self._target.timeout, what)
            chunks.append(chunk)
            recent = recent[-_TAIL:] + chunk
            size += len(chunk)
            if size > _MOST_CHARACTERS:
                raise ReplyError(f"the reply to {what!r} does not end", where=self._where)

    def _may_be_over(self, tail: str, end: str) -> bool:
        return end in tail if end else len(tail) < _TAIL or framing.at_prompt(self._manifest, tail)

    def _answer(self, text: str) -> str | None:
        last = text.rsplit("\n", 1)[-1]
        for dialogue in self._manifest.dialogues:
            if re.search(dialogue.prompt, last):
                return dialogue.answer
        return None

    def _receive(self, seconds: float, what: str) -> str:
        self._channel.settimeout(seconds)
        try:
            data = self._channel.recv(262144)
        except TimeoutError as error:
            self._silent = True
            raise ReplyError(
                f"no end of the reply to {what!r} within {seconds:g} s",
                where=self._where,
            ) from error
        except (OSError, EOFError) as error:
            raise ReplyError(f"the connection broke at {what!r}", where=self._where) from error
        self._silent = False
        if not data:
            raise ReplyError(f"the router closed the connection at {what!r}", where=self._where)
        return self._decoder.decode(data)

    def _drain(self) -> str:
        """What comes until the router ends the session or falls silent for a second.

        One that never falls silent is not listened to for longer than one that is silent at once.
        """
        raw = ""
        deadline = time.monotonic() + self._target.timeout
        self._channel.settimeout(1.0)
        try:
            while time.monotonic() < deadline and (data := self._channel.recv(65536)):
                raw = (raw + data.decode("utf-8", errors="replace"))[-_DRAINED:]
        except (TimeoutError, OSError, EOFError):
            return framing.clean(raw)
        return framing.clean(raw)

    def _write(self, text: str) -> None:
        try:
            self._channel.settimeout(self._target.timeout)
            self._channel.sendall(text.encode())
        except (OSError, EOFError) as error:
            raise TransportError("the connection broke", where=self._where) from error


def _token() -> str:
    return f"routercfg-{secrets.token_hex(8)}"


def _batches(commands: Sequence[str], limit: int) -> list[list[str]]:
    """Commands in writes of at most `limit` characters: routers lose what overflows their input."""
    batches: list[list[str]] = [[]]
    size = 0
    for command in commands:
        if batches[-1] and size + len(command) > limit:
            batches.append([])
            size = 0
        batches[-1].append(command)
        size += len(command) + 80
    return batches
