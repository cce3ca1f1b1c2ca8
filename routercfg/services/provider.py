"""The provider's prefixes: given by the inventory, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routercfg.errors import ServiceError, Where
from routercfg.net import NOBODY, PrefixSet
from routercfg.services.profile import Service


def prefixes_for(
    services: Iterable[Service], given: Mapping[str, PrefixSet], where: Where | None = None
) -> PrefixSet:
    """All prefixes of these services. Raises ServiceError for the first service without any."""
    found = NOBODY
    for service in services:
        prefixes = given.get(service.name, NOBODY)
        if not prefixes:
            raise ServiceError(
                f"the prefixes of {service.title} are not known",
                where=where,
                hint=f"They are not public: ask the provider, and set them in the inventory as "
                f"provider_prefixes: {{{service.name}: [...]}}",
            )
        found |= prefixes
    return found
