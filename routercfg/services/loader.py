"""Finding and reading service profiles: the two that come with routercfg, and a user's own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from routercfg.documents import FrozenMapping, plain, read_text, read_yaml, reported
from routercfg.errors import ServiceError, Where
from routercfg.services.profile import Service

_OURS = Path(__file__).parent
_ENDINGS = (".yml", ".yaml")


def load_services(*places: Path) -> dict[str, Service]:
    """Every known service by name: ours, then those in each file or folder given.

    A later place replaces a service of the same name. A folder that does not exist has none. Raises
    ServiceError with file, line and field.
    """
    found = dict(_built_in())
    for place in places:
        found.update((service.name, service) for service in map(_read, _files(place)))
    return found


def named_services(names: Iterable[str], known: dict[str, Service]) -> tuple[Service, ...]:
    """These services, in order. Raises ServiceError on a name nobody knows."""
    return tuple(_named(name, known) for name in names)


def parse_service(text: str, file: Path) -> Service:
    """One profile. Its name is the file's, unless it says otherwise."""
    document = read_yaml(text, file, ServiceError)
    if not isinstance(document, FrozenMapping):
        raise ServiceError("a service is a mapping of settings", where=Where(file=file))
    values = {"name": file.stem, **{str(key): plain(item) for key, item in document.items()}}
    try:
        return Service.model_validate(values)
    except ValidationError as problem:
        field, message, hint = reported(problem, Service)
        line = document.line(field.split(".")[0])
        raise ServiceError(
            message, where=Where(file=file, line=line, field=field), hint=hint
        ) from None


def _named(name: str, known: dict[str, Service]) -> Service:
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=1)
    raise ServiceError(
        f"there is no service {name!r}",
        hint=f"Did you mean {close[0]}?" if close else f"Services: {', '.join(sorted(known))}",
    )


@lru_cache(maxsize=1)
def _built_in() -> dict[str, Service]:
    return {service.name: service for service in map(_read, _files(_OURS))}


def _read(file: Path) -> Service:
    return parse_service(read_text(file, ServiceError), file)


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(
            file
            for file in place.iterdir()
            if file.suffix in _ENDINGS and not file.name.startswith(".")
        )
    if place.suffix in _ENDINGS:
        return [place]
    return []
