"""A vendor pack: manifest, driver and templates of one platform."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from unicodedata import category

from routercfg.errors import PackError, ParseError, UnsafeValueError, Where
from routercfg.model.change import Change
from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.model.state import Identity, RouterState, unread
from routercfg.model.undo import Undo
from routercfg.platforms.manifest import Manifest, Step
from routercfg.platforms.outputs import Output, Outputs
from routercfg.platforms.versions import within


class Driver(Protocol):
    """What a pack's `driver.py` offers. Everything in it is pure."""

    def read(self, outputs: Outputs) -> RouterState:
        """Outputs to state. May raise ParseError where nothing at all can be said."""
        ...

    def quote(self, value: str) -> str:
        """The value as one argument on this platform's command line.

        Raises UnsafeValueError where the platform cannot quote it.
        """
        ...

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """More filters for the pack's templates."""
        ...


@runtime_checkable
class Undoing(Protocol):
    """What a pack's `driver.py` offers besides, where a confirmed change can be undone."""

    def undo(self, before: Outputs, after: Outputs, now: Outputs) -> Undo:
        """From three readings: the commands that put back what differs between the first two.

        Everything else on the router stays as it is `now`. Raises ParseError where a reading is
        not understood well enough to say what to send.
        """
        ...


@dataclass(frozen=True)
class Pack:
    """Everything we know of one platform."""

    manifest: Manifest
    folder: Path
    driver: Driver

    @property
    def platform(self) -> str:
        """The platform's name."""
        return self.manifest.platform

    def state(self, texts: Mapping[str, str]) -> RouterState:
        """What the router is, from its outputs by read id. Never raises on bad output."""
        problem = self._incomplete(texts)
        if problem:
            return unread(self.platform, problem)
        try:
            state = self.driver.read(self._outputs(texts))
        except ParseError as error:
            return unread(self.platform, error.message)
        except PackError:
            raise  # The pack is broken, whatever the router printed.
        except Exception as error:  # noqa: BLE001 - see the next line
            # A driver must not trip over a router's text; where one does, nothing is known.
            return unread(self.platform, f"output not understood ({type(error).__name__}: {error})")
        return replace(state, identity=self._certify(state.identity))

    def render(self, change: Change, state: RouterState, intent: Intent) -> tuple[str, ...]:
        """The commands that carry out one change on this router."""
        name = f"{change.template()}.j2"
        if name not in self._templates:
            raise PackError(f"it has no template {name}", where=Where(file=self.folder / "render"))
        text = self._template(name).render(
            change=change, state=state, intent=intent, tag=f"routercfg:{change.requirement}"
        )
        return self._commands(text)

    def can(self, change: type[Change]) -> bool:
        """Does the pack know how to carry out this kind of change?"""
        return f"{change.template()}.j2" in self._templates

    def step(self, step: Step, **variables: object) -> str:
        """A transaction step with its variables filled in."""
        with _compiling:
            compiled = _compiled(self._environment, step.send)
        return str(compiled.render(**variables))

    def undo(
        self, before: Mapping[str, str], after: Mapping[str, str], now: Mapping[str, str]
    ) -> Undo:
        """The way back from a change, from the readings before, after it and now, by read id.

        Raises PackError where this platform has none, ParseError where a reading is not understood.
        """
        if not isinstance(self.driver, Undoing):
            raise PackError(f"{self.platform} has no way back from what was confirmed")
        for texts in (before, after, now):
            problem = self._incomplete(texts)
            if problem:
                raise ParseError(problem)
        try:
            return self.driver.undo(*(self._outputs(texts) for texts in (before, after, now)))
        except (ParseError, PackError, UnsafeValueError):
            raise
        except Exception as error:
            what = f"output not understood ({type(error).__name__}: {error})"
            raise ParseError(what) from error

    def _outputs(self, texts: Mapping[str, str]) -> Outputs:
        commands = {read.id: read.command for read in self.manifest.reads}
        return Outputs({key: Output(commands.get(key, key), text) for key, text in texts.items()})

    def _commands(self, text: str) -> tuple[str, ...]:
        if self.manifest.commands == "lines":
            commands = tuple(line.strip() for line in text.splitlines() if line.strip())
        else:
            blocks = text.replace("\r", "").split("\n\n")
            commands = tuple(block.strip("\n") for block in blocks if block.strip())
        limit = self.manifest.session.line_limit
        for command in commands:
            if limit is not None and max(map(len, command.splitlines())) > limit:
                raise PackError(f"a line is longer than the {limit} the platform takes: {command}")
        return commands

    def _incomplete(self, texts: Mapping[str, str]) -> str:
        for read in self.manifest.reads:
            if read.required and read.id not in texts:
                return f"no output of {read.command!r}"
            if read.never_empty and read.id in texts and not texts[read.id].strip():
                return f"the output of {read.command!r} is empty, which it never is on a router"
        return ""

    def _certify(self, identity: Identity) -> Identity:
        ranges = [
            entry.versions
            for entry in self.manifest.certified
            if not identity.model or any(fnmatchcase(identity.model, m) for m in entry.models)
        ]
        text = " or ".join(ranges)
        if not identity.version:
            return replace(identity, range=text)
        try:
            good = any(within(identity.version, wanted) for wanted in ranges)
        except ValueError as error:
            return replace(identity, certified=Unknown(str(error)), range=text)
        return replace(identity, certified=good, range=text)

    def _template(self, name: str) -> Any:
        with _compiling:
            return self._environment.get_template(name)

    @cached_property
    def _templates(self) -> frozenset[str]:
        return frozenset(path.name for path in (self.folder / "render").glob("*.j2"))

    @cached_property
    def _environment(self) -> Any:
        import jinja2  # noqa: PLC0415 - only where something is rendered

        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self.folder / "render"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - not HTML; `finalize` and `quote` guard the line
            auto_reload=False,  # a pack is loaded once: its files are not looked at again
            finalize=_one_line,
        )
        environment.filters["quote"] = self.driver.quote
        environment.filters.update(self.driver.filters())
        return environment


#: Fifty workers that begin together want the same templates: one compiles, the others wait.
_compiling = threading.Lock()


@lru_cache(maxsize=256)
def _compiled(environment: Any, text: str) -> Any:
    return environment.from_string(text)


def _one_line(value: object) -> object:
    """No value may bring its own line break or control character: it would be a second command."""
    # Nearly every value is printable to the last character, and then needs no closer look.
    if not isinstance(value, str) or value.isprintable():
        return value
    # Not only ASCII: NEL and the Unicode line and paragraph separators end a line as well.
    if any(category(c) in ("Cc", "Zl", "Zp") for c in value):
        raise UnsafeValueError(f"{value!r} holds a control character")
    return value
