"""The variables people set for a router, and their meaning.

Every variable may also be written with the prefix `routercfg_` (`routercfg_service`), which wins:
an inventory shared with Ansible may use the short name for something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from routercfg.documents import plain, reported
from routercfg.errors import UnsafeValueError, VariableError
from routercfg.inventory.fields import (
    ByService,
    Interfaces,
    Ipv6,
    ListName,
    OneAddress,
    Partial,
    Ports,
    Prefixes,
    Services,
    Text,
    UnsafeTextError,
    WholeNumber,
)
from routercfg.inventory.model import Host
from routercfg.model.intent import Ipv6Mode, OnPartial
from routercfg.net import NO_PORTS, NOBODY

PREFIX = "routercfg_"


class Pbx(BaseModel):
    """A telephone exchange on the customer's LAN."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    address: OneAddress = Field(description="Its address on the LAN.")
    web_ports: Ports = Field(
        default=NO_PORTS, description="TCP ports of its web interface, besides the usual ones."
    )


class RouterVars(BaseModel):
    """What people say of one router, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    service: Services = Field(
        description="The VoIP service behind this router, or a list of services."
    )
    provider_prefixes: Annotated[Mapping[str, Prefixes], ByService] = Field(
        default={},
        description="The provider's prefixes by service; a plain list where there is one service.",
    )
    management_sources: Prefixes = Field(
        default=NOBODY, description="Prefixes from which this router may be managed."
    )
    wan_interfaces: Interfaces = Field(
        default=(), description="Interfaces towards the internet; empty: those the router shows."
    )
    voice_subnets: Prefixes = Field(default=NOBODY, description="LAN prefixes of the telephones.")
    pbx: Pbx | None = Field(default=None, description="The telephone exchange on the LAN, if any.")
    ipv6: Ipv6 = Field(
        default=Ipv6Mode.FIREWALL,
        description="`firewall`: IPv6 is filtered. `off`: IPv6 is removed from the router.",
    )
    on_partial: Partial = Field(
        default=OnPartial.DECISION,
        description="What happens to a forward that only partly overlaps SIP or RTP: `decision`, "
        "`split` or `remove`.",
    )
    egress: bool = Field(
        default=False,
        description="Let SIP and RTP out only from the telephones, and only to the provider.",
    )
    sip_ports: Ports | None = Field(
        default=None, description="SIP ports, UDP and TCP; default: the service's."
    )
    rtp_ports: Ports | None = Field(
        default=None, description="RTP ports, UDP; default: the service's."
    )
    udp_timeout: WholeNumber | None = Field(
        default=None,
        ge=30,
        le=86_400,
        description="Least UDP timeout of the NAT, in seconds; default: the service's.",
    )
    whitelist_name: ListName | None = Field(
        default=None, description="Name of the list of provider prefixes on the router."
    )
    customer: Text | None = Field(
        default=None, description="The customer's name, as in the provisioning address."
    )
    platform: Text | None = Field(
        default=None, description="The router's platform; default: ansible_network_os."
    )
    model: Text | None = Field(default=None, description="The router's model, for the manual.")
    site: Text | None = Field(default=None, description="The site this router is at.")
    connection: Literal["netmiko", "napalm"] | None = Field(
        default=None, description="The library that talks to this router."
    )


#: The short names of all variables.
NAMES = frozenset(RouterVars.model_fields)


def router_vars(host: Host) -> RouterVars:
    """Check one router's variables. Raises VariableError or UnsafeValueError with file and line."""
    written = {name: _written_as(name, host) for name in NAMES}
    values = {name: plain(host.value(key)) for name, key in written.items() if key is not None}
    values = {name: value for name, value in values.items() if value is not None}
    try:
        return _with_named_prefixes(RouterVars.model_validate(values))
    except ValidationError as problem:
        raise _variable_error(host, written, problem) from None
    except UnsafeTextError:
        raise _unsafe_error(host, written, values) from None
    except _PrefixesError as problem:
        raise VariableError(
            str(problem),
            where=host.where(written["provider_prefixes"] or "provider_prefixes"),
            hint="Write provider_prefixes as a mapping from service to prefixes",
        ) from None


class _PrefixesError(Exception):
    """`provider_prefixes` does not fit the services."""


def _with_named_prefixes(found: RouterVars) -> RouterVars:
    given = found.provider_prefixes
    if "" not in given:
        return found
    if len(found.service) > 1:
        raise _PrefixesError("a plain list does not say which of the services it belongs to")
    return found.model_copy(update={"provider_prefixes": {found.service[0]: given[""]}})


def _written_as(name: str, host: Host) -> str | None:
    for key in (PREFIX + name, name):
        if host.variables.get(key) is not None:
            return key
    return None


def _variable_error(
    host: Host, written: Mapping[str, str | None], problem: ValidationError
) -> VariableError:
    field, message, hint = reported(problem, RouterVars)
    first, _, rest = field.partition(".")
    key = written.get(first) or first
    place = host.where(key)
    where = type(place)(
        file=place.file, line=place.line, router=host.name, field=f"{key}.{rest}" if rest else key
    )
    return VariableError(message, where=where, hint=hint)


def _unsafe_error(
    host: Host, written: Mapping[str, str | None], values: Mapping[str, object]
) -> UnsafeValueError:
    """Find the variable again by checking each alone: pydantic does not say where it stopped."""
    for name, value in values.items():
        try:
            RouterVars.model_validate({"service": "any", name: value})
        except UnsafeTextError as problem:
            return UnsafeValueError(str(problem), where=host.where(written[name] or name))
        except ValidationError:
            continue
    return UnsafeValueError("a value has characters that cannot be used", where=host.where(""))
