"""The seven things a task of a playbook can do, as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from routercfg.requirements import REQUIREMENTS

_DURATION = re.compile(r"\d+(?:\.\d+)?\s*[a-z]{0,7}", re.IGNORECASE)


def _line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("this must be one line of text")
    return text


def listed(value: object) -> object:
    """One value as a list of one; anything else as it is."""
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _ids(value: object) -> object:
    return () if value == "all" else listed(value)


def _requirements(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in REQUIREMENTS:
            close = get_close_matches(name, REQUIREMENTS, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ValueError(
                f"there is no requirement {name!r}; {hint}Requirements: {', '.join(REQUIREMENTS)}"
            )
    return names


Line = Annotated[str, AfterValidator(_line)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids), AfterValidator(_requirements)]


class Words(BaseModel):
    """A mapping that people write: no word but those that are listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Action(Words):
    """What a task does. A bare value fills the field `short`."""

    short: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if value is None:
            return {}
        return value if isinstance(value, Mapping) else {cls.short: value}


class Backup(Action):
    """Write each router's configuration to a file that only its owner can read."""

    short: ClassVar[str] = "to"

    to: Line = Field(default="backups", description="The folder; it is made if it is not there.")


class _Judgement(Action):
    short: ClassVar[str] = "only"

    only: Ids = Field(default=(), description="Only these requirements; `all` or empty: every one.")
    skip: Ids = Field(default=(), description="All but these requirements.")

    @property
    def ids(self) -> tuple[str, ...]:
        """The requirements, in the order in which people read them."""
        return tuple(
            name
            for name in REQUIREMENTS
            if (not self.only or name in self.only) and name not in self.skip
        )

    @model_validator(mode="after")
    def _leaves_something(self) -> _Judgement:
        if not self.ids:
            raise ValueError("this leaves no requirement")
        return self


class Require(_Judgement):
    """Push what a router lacks of these requirements; in check mode only say what it lacks.

    What a rollback needs is kept first: in `backups/`, or where a task `backup` keeps its own.
    """


class Verify(_Judgement):
    """Read again and judge. Nothing is changed."""


class Report(Action):
    """Write what is known of all routers of this play until now."""

    short: ClassVar[str] = "format"

    format: Literal["console", "json"] = Field(default="console", description="Table or schema 1.")
    to: Line | None = Field(default=None, description="The file; without it, standard output.")


class Pause(Action):
    """Wait, or wait for a person."""

    seconds: int | None = Field(default=None, ge=1, le=86_400, strict=True, description="Seconds.")
    prompt: Line | None = Field(default=None, description="A question that a person answers.")

    @model_validator(mode="before")
    @classmethod
    def _number_or_question(cls, value: Any) -> Any:
        if isinstance(value, str):
            if _DURATION.fullmatch(value.strip()):
                raise ValueError(f"{value!r} is no number of seconds; write a whole number")
            return {"prompt": value}
        return {"seconds": value} if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _waits_for_something(self) -> Pause:
        if (self.seconds is None) == (self.prompt is None):
            raise ValueError("a pause has either seconds or a prompt")
        return self


def _commands(value: object) -> object:
    return (
        {key: listed(item) for key, item in value.items()}
        if isinstance(value, Mapping)
        else {"": listed(value)}
    )


class Command(Action):
    """Send show commands and keep what the routers print. `lines` by platform; "": on every one."""

    lines: Annotated[
        Mapping[str, Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]],
        BeforeValidator(_commands),
    ]

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return {"lines": {} if value is None else value}

    @model_validator(mode="after")
    def _sends_something(self) -> Command:
        if not self.lines:
            raise ValueError("this names no command")
        return self


class Whitelist(Action):
    """Collect the addresses that the VoIP provider has to admit."""

    short: ClassVar[str] = "format"

    format: Literal["console", "csv", "json"] = "console"
    to: Line | None = Field(default=None, description="The file; without it, standard output.")


#: The seven things a task can do, by their words.
ACTIONS: dict[str, type[Action]] = {
    "backup": Backup,
    "require": Require,
    "verify": Verify,
    "report": Report,
    "pause": Pause,
    "command": Command,
    "whitelist": Whitelist,
}
