"""NAPALM's driver for IOS, with what is not safe in it done otherwise.

Kept are its login, its reading, the candidate as a file on the router's flash, and the difference
as the router itself tells it. Done otherwise is what NAPALM 5.2 does here:

- It configures `file prompt quiet` before the revert is armed: a session that dies leaves the line
  behind, and the revert does not undo it. Here the router's questions are answered instead.
- Of the lines that the router refuses it hears only "Invalid input". Here the pack's table decides.
- Its rollback saves, also what others had not saved, and also a rollback that failed half-way; with
  no revert pending it replaces the whole configuration by a file that lies on flash.
- Its confirmation saves although the revert may have run out just before, and does not ask.
- It leaves the running configuration with its secrets in files on flash.
- It takes a reading it does not understand for "no revert is pending".
- It sends the candidate to Tcl in one write, which a router's input does not hold, and then sleeps.

What is left of the revert is the router's own: `configure terminal revert timer` is armed, and seen
to be armed for our user, before `copy` carries out the first line. Nothing is saved but by `save`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import Any

from napalm.base.exceptions import (
    CommandErrorException,
    CommitConfirmException,
    MergeConfigException,
)
from napalm.ios import IOSDriver
from netmiko import InLineTransfer
from netmiko.exceptions import ReadTimeout

from routercfg.errors import AuthenticationError, RefusedLineError, Where
from routercfg.platforms.manifest import Manifest
from routercfg.transport import framing
from routercfg.transport.session import refusal

#: The candidate on the router's flash. Not the driver's own name: such a file may be somebody's.
CANDIDATE = "routercfg-candidate.txt"
#: Minutes that `configure terminal revert timer` takes.
_LEAST, _MOST = 1, 120
#: The timer belongs to the user that started it: only that one confirms or reverts.
_OWNER = re.compile(r"(?m)^\s*User:\s*(\S+)")
#: Questions about files, answered yes; none of them is asked about anything but `CANDIDATE`.
_FILES = (
    (r"Destination filename \[[^\]]*\]\? ?$", ""),
    (r"Delete filename \[[^\]]*\]\? ?$", ""),
    (rf"Delete \S*{re.escape(CANDIDATE)}\? ?\[confirm\]$", ""),
)
#: netmiko's own list of these leaves some out.
_COLOUR = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
#: Questions of one command. More than a plan can raise: the router asks the same for ever.
_MOST_QUESTIONS = 100


class Driver(IOSDriver):  # type: ignore[misc]  # mypy does not follow napalm
    """One login. See `napalm.ios.IOSDriver`."""

    def __init__(self, manifest: Manifest, router: str, *given: Any, **options: Any) -> None:
        more = {
            "inline_transfer": True,  # SCP wants `ip scp server enable`: a change of its own
            "auto_file_prompt": False,
            "merge_cfg": CANDIDATE,
        }
        options["optional_args"] = {**(options.get("optional_args") or {}), **more}
        super().__init__(*given, **options)
        self._manifest = manifest
        self._where = Where(router=router)
        self._doing: list[str] = []
        self._questions = (*((d.prompt, d.answer) for d in manifest.dialogues), *_FILES)

    def open(self) -> None:
        """Log in, with the rights that a push needs. The second secret is tried once."""
        self.force_no_enable = True
        super().open()
        self.device.ansi_escape_codes = True
        self.device.strip_ansi_escape_codes = partial(_COLOUR.sub, "")
        if self.device.check_enable_mode():
            return
        try:
            self._elevate()
        except BaseException:
            self.close()
            raise

    def _elevate(self) -> None:
        if not self.device.secret:
            raise AuthenticationError(
                f"the login of {self.username!r} has no rights here, and no secret is known",
                where=self._where,
                hint="Set ansible_become_password: it answers 'enable'",
            )
        try:
            self.device.enable()
        except (ValueError, ReadTimeout) as error:
            raise AuthenticationError(
                "the router refused the secret of 'enable'",
                where=self._where,
                hint="Check ansible_become_password; it was tried once",
            ) from error

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """The candidate on flash. Without `end` IOS misses the end of the file.

        What is no configuration (`do ...`) does not belong in a file: it is told after it.
        """
        if filename is not None or config is None:
            raise MergeConfigException("the candidate is given as text")
        lines = config.splitlines()
        self._doing = [line.removeprefix("do ") for line in lines if line.startswith("do ")]
        kept = [line for line in lines if not line.startswith("do ")]
        super().load_merge_candidate(config="\n".join([*kept, "end"]))

    def compare_config(self) -> str:
        """The lines of the candidate that are not in force."""
        found = str(super().compare_config())
        if "obscure 'error 5'" in found or refusal(self._manifest, found):
            raise MergeConfigException(f"the router does not compare: {found.splitlines()[-1]}")
        return found

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Arm the router's revert, see that it is armed, then make the candidate live."""
        if message or revert_in is None:
            raise CommitConfirmException("a commit takes no message and needs a revert")
        minutes = revert_in // 60
        if not _LEAST <= minutes <= _MOST:
            raise CommitConfirmException(f"a revert takes {_LEAST} to {_MOST} minutes")
        if self.has_pending_commit():
            raise CommitConfirmException("another change waits for its confirmation")
        candidate = self._gen_full_path(CANDIDATE)
        if not self._check_file_exists(candidate):
            raise MergeConfigException("the candidate is not on flash")
        self._told(f"configure terminal revert timer {minutes}")
        self._told("end")
        if self._owner() != self.username:
            raise CommitConfirmException("the router armed no revert")
        self._told(f"copy {candidate} running-config")
        for command in self._doing:
            self._told(command)

    def confirm_commit(self) -> None:
        """Keep what was committed. It is not saved yet. Raises where the revert has run out."""
        self._must_own()
        self._told("configure confirm")
        if self.has_pending_commit():
            raise CommitConfirmException("the revert is still pending")

    def save_commit(self) -> None:
        """Save what was confirmed, and take the candidate off flash."""
        if "[OK]" not in self._told("write memory"):
            raise CommandErrorException("the router did not say that it saved")
        self._forget()

    def rollback(self) -> None:
        """Revert now what is committed and not confirmed; saves nothing."""
        if self.has_pending_commit():
            self._must_own()
            self._told("configure revert now")
        self._forget()

    def discard_config(self) -> None:
        """Take the candidate off flash."""
        self._forget()

    def has_pending_commit(self) -> bool:
        """Does the router wait for a confirmation?"""
        return self._owner() is not None

    def _must_own(self) -> None:
        owner = self._owner()
        if owner is None:
            raise CommitConfirmException("no revert is pending any more")
        if owner != self.username:
            raise CommitConfirmException(f"the pending revert belongs to {owner}")

    def _owner(self) -> str | None:
        """Whose revert is pending; None for no revert."""
        text = self._asked("show archive config rollback timer")
        found = _OWNER.search(text)
        if found is not None:
            return found[1]
        if "No Rollback Confirmed Change pending" in text:
            return None
        raise CommandErrorException("the router does not tell whether a revert is pending")

    def _told(self, command: str) -> str:
        """The reply to a command that the router must take."""
        text = self._asked(command)
        refused = refusal(self._manifest, text)
        if refused is None:
            return text
        lines = [line for line in text.splitlines() if line.strip(" ^")]
        place = next(number for number, line in enumerate(lines) if line.strip() == refused)
        above = lines[place - 1].strip() if place else command
        raise RefusedLineError(f"the router refused {above!r}: {refused}", where=self._where)

    def _asked(self, command: str) -> str:
        """The reply to a command, with the questions on the way answered as the pack says."""
        prompt = rf"(?:^|\n){re.escape(self.device.base_prompt)}[^\s>#]*[>#]\s*$"
        ends = "|".join(f"(?:{one})" for one in (prompt, *(asked for asked, _ in self._questions)))
        said = self.device.send_command(
            command, expect_string=ends, strip_prompt=False, strip_command=False
        )
        text = str(said)
        for _ in range(_MOST_QUESTIONS):
            last = framing.clean(str(said)).rsplit("\n", 1)[-1]
            answer = next((a for asked, a in self._questions if re.search(asked, last)), None)
            if answer is None:
                break
            self.device.write_channel(f"{answer}\n")
            said = self.device.read_until_pattern(pattern=f"({ends})")
            text += str(said)
        return framing.quiet(self._manifest, framing.clean(text))

    def _forget(self) -> None:
        """Take our file off flash. One that stays does no harm: the next push writes it anew."""
        with suppress(ReadTimeout, OSError, EOFError):
            candidate = self._gen_full_path(CANDIDATE)
            if self._check_file_exists(candidate):
                self._asked(f"delete {candidate}")

    def _inline_tcl_xfer(self, **given: Any) -> Any:
        return self._xfer_file(**given, TransferClass=_Typed)


class _Typed(InLineTransfer):  # type: ignore[misc]  # mypy does not follow netmiko
    """netmiko's transfer by Tcl, line by line: each one is echoed before the next is typed.

    What gets lost on the way shows in the MD5 that is compared afterwards.
    """

    def put_file(self) -> None:
        """Write the file. It reaches flash when Tcl is left."""
        text = self._tcl_newline_rationalize(self.source_config)
        *lines, last = text.split("\r")
        opening = f'puts [open "{self.file_system}{self.dest_file}" w+] {{'
        self.ssh_ctl_chan.clear_buffer()
        for line in lines:
            self._type(opening + line, r"\+>\s*$")
            opening = ""
        self._type(f"{opening}{last}}}", r"\(tcl\)#\s*$")
        self._leave()

    def _exit_tcl_mode(self) -> str:
        """Leave Tcl if the transfer has not done so already."""
        said = self._type("", r"(?:\+>|[>#])\s*$")
        return self._leave() if "(tcl)" in said else said

    def _leave(self) -> str:
        name = re.escape(self.ssh_ctl_chan.base_prompt)
        return self._type("tclquit", rf"\n{name}[^\s>#(]*[>#]\s*$")

    def _type(self, line: str, ends: str) -> str:
        self.ssh_ctl_chan.write_channel(f"{line}\r")
        return str(self.ssh_ctl_chan.read_until_pattern(pattern=ends))
