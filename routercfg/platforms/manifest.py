"""platform.yml: what a vendor pack says about its platform, as data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from routercfg.errors import PackError, Where
from routercfg.platforms.versions import within

#: The one in C where PyYAML was built with it: ten times as fast, and as safe.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


Regex = Annotated[str, AfterValidator(_regex)]


def _versions(text: str) -> str:
    for condition in text.split(","):
        within("0", condition)
    return text


Versions = Annotated[str, AfterValidator(_versions)]


def _reads(reads: tuple[Read, ...]) -> tuple[Read, ...]:
    if len({read.id for read in reads}) < len(reads):
        raise ValueError("two reads have the same id")
    if sum(read.main for read in reads) != 1:
        raise ValueError("exactly one read must be the main one")
    return reads


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Aliases(_Part):
    """What other tools call this platform. The one table of names."""

    netmiko: str | None = None
    napalm: str | None = None
    ansible: tuple[str, ...] = ()


class Certified(_Part):
    """Models (globs) and versions (`>=6.45,<8`) that have been proved, and the sample that does."""

    models: tuple[str, ...] = ("*",)
    versions: Versions
    sample: str | None = None


class Read(_Part):
    """One show command. `main` is what a single file given to `routercfg audit` holds.

    `required`: without it nothing can be said. `never_empty`: empty output means that it was lost.
    """

    id: str
    command: str
    main: bool = False
    required: bool = False
    never_empty: bool = False


class Elevation(_Part):
    """How a login that lacks rights gets them with a second secret.

    `lacking` matches the whole prompt of such a login; `send` asks for the rights, and where the
    router then prints `ask`, the secret follows.
    """

    lacking: Regex
    send: str
    ask: Regex


class Session(_Part):
    """How a conversation on the command line goes.

    `prompt` matches a whole last line. `framing`: where one reply ends, by the prompt, or by a
    `marker` command that prints `{token}`. `line_limit` in characters: longer lines get mangled.
    """

    device_type: str
    login_suffix: str = ""
    newline: str = "\n"
    prompt: Regex
    framing: Literal["prompt", "marker"] = "prompt"
    marker: str | None = None
    prepare: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    line_limit: int | None = None
    write_limit: int = 4096
    noise: tuple[Regex, ...] = ()
    elevation: Elevation | None = None


class Dialogue(_Part):
    """A question the router asks in the middle of a command, and our answer."""

    prompt: Regex
    answer: str


class Step(_Part):
    """One thing to send in a transaction: a line, or with `raw` bare characters such as Ctrl-X.

    `expect` must match the reply; the platform's error patterns must not.
    """

    send: str
    raw: bool = False
    expect: Regex | None = None


def _step(value: Any) -> Any:
    return {"send": value} if isinstance(value, str) else value


Steps = tuple[Annotated[Step, BeforeValidator(_step)], ...]


class Requires(_Part):
    """A revert strategy is only there if this read's output matches."""

    read: str
    matches: Regex


class Revert(_Part):
    """One way in which the router itself undoes a change if we do not come back.

    `within` is the longest time in seconds until it does. `held_by_session`: it is tied to the
    session that pushes, which stays open until the new login has verified, and confirms there;
    otherwise the new login confirms. `begin` comes before the lines, `commit` after them.
    `ask` comes first of all and changes nothing: it shows that no change of somebody else is open,
    of which a dead session may have left one. A reply that its `expect` does not match means that
    one is, and nothing else is then wrong with it.
    Steps may use `{{ seconds }}`, `{{ minutes }}` and `{{ token }}` (unique to one transaction).
    `most_commands`: how many it is sure to undo, where that is not the platform's own number.
    `held`: what `ask` and `begin` print where somebody else's change is still open, which is left
    to them; `held_hint` says what a person can do then.
    """

    id: str
    title: str
    within: int
    reboots: bool = False
    held_by_session: bool = False
    requires: tuple[Requires, ...] = ()
    most_commands: int | None = None
    held: Regex | None = None
    held_hint: str = ""
    ask: Steps = ()
    begin: Steps = ()
    commit: Steps = ()
    confirm: Steps = ()
    rollback: Steps = ()


class Napalm(_Part):
    """A NAPALM driver that has been proved to read this platform.

    It must log in by netmiko, so that host keys are checked. `commit_confirm`: it is proved too
    that the router reverts `commit_config(revert_in=...)` by itself, and that nothing is saved
    before `confirm_commit()`; several drivers take `revert_in` and ignore it.
    `within`: seconds until the router reverts. `requires`: what the router must show for that.
    `module`: the pack's module whose `Driver` is used instead, called with manifest and router
    before what NAPALM passes.
    """

    driver: str
    module: str | None = None
    commit_confirm: bool = False
    within: int = 300
    requires: tuple[Requires, ...] = ()


class Manifest(_Part):
    """The whole of platform.yml."""

    platform: str
    title: str
    vendor: str
    aliases: Aliases = Aliases()
    certified: tuple[Certified, ...]
    requirements: dict[str, str] = {}
    reads: Annotated[tuple[Read, ...], AfterValidator(_reads)]
    #: Patterns of whole commands, besides the reads, that only show, and show no secrets.
    shows: tuple[Regex, ...] = ()
    session: Session
    errors: tuple[Regex, ...]
    harmless: tuple[Regex, ...] = ()
    dialogues: tuple[Dialogue, ...] = ()
    commands: Literal["lines", "blocks"] = "lines"
    #: A plan of more commands is refused: as many as the platform's reverts are sure to undo.
    most_commands: int = 80
    reverts: tuple[Revert, ...] = ()
    #: Sent right after the confirmation; `before_save` is what any other login needs first.
    save: Steps = ()
    before_save: Steps = ()
    napalm: Napalm | None = None
    #: Where this platform's configuration holds secrets, besides what `redaction` knows of all.
    secrets: tuple[Regex, ...] = ()
    unverified: tuple[str, ...] = ()

    @property
    def main_read(self) -> Read:
        """The read that holds the configuration."""
        return next(read for read in self.reads if read.main)


def load_manifest(folder: Path) -> Manifest:
    """Read and validate `platform.yml`. Raises PackError naming file and field."""
    path = folder / "platform.yml"
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
        return Manifest.model_validate(data)
    except OSError as error:
        raise PackError(f"cannot read it: {error.strerror}", where=Where(file=path)) from error
    except UnicodeDecodeError as error:
        raise PackError(f"not UTF-8: {error.reason}", where=Where(file=path)) from error
    except yaml.YAMLError as error:
        raise PackError(f"not YAML: {error}", where=Where(file=path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise PackError(first["msg"], where=Where(file=path, field=field)) from error
