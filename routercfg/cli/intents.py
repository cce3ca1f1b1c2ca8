"""What must hold on a router: from the inventory, from a YAML file, or from options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from routercfg.documents import FrozenMapping, plain, read_text, read_yaml, reported
from routercfg.errors import InputError, UnsafeValueError, Where
from routercfg.inventory import RouterVars
from routercfg.inventory.fields import (
    Interfaces,
    Ipv6,
    Partial,
    Ports,
    Prefixes,
    UnsafeTextError,
)
from routercfg.model.intent import RTP_PORTS, SIP_PORTS, Intent, Ipv6Mode, OnPartial
from routercfg.net import NO_PORTS, NOBODY, PortSet, PrefixSet
from routercfg.services import Service, load_services, named_services, prefixes_for


class _IntentText(BaseModel):
    """An intent as people write it: prefixes and ports as text."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    services: tuple[str, ...] = ()
    sip_ports: Ports = SIP_PORTS
    rtp_ports: Ports = RTP_PORTS
    udp_timeout: int = Field(default=300, ge=30, le=86_400)
    tftp: bool = True
    provider: Prefixes = NOBODY
    management_sources: Prefixes = NOBODY
    wan_interfaces: Interfaces = ()
    voice_subnets: Prefixes = NOBODY
    pbx: Prefixes = NOBODY
    pbx_web_ports: Ports = NO_PORTS
    ipv6: Ipv6 = Ipv6Mode.FIREWALL
    on_partial: Partial = OnPartial.DECISION
    egress: bool = False


def intent_of(
    values: RouterVars, services: Mapping[str, Service], where: Where | None = None
) -> Intent:
    """A router's intent from its variables. Raises ServiceError where a service or its provider's
    prefixes are not known.
    """
    named = named_services(values.service, dict(services))
    needs = _needs(named)
    return replace(
        needs,
        sip_ports=needs.sip_ports if values.sip_ports is None else values.sip_ports,
        rtp_ports=needs.rtp_ports if values.rtp_ports is None else values.rtp_ports,
        udp_timeout=values.udp_timeout or needs.udp_timeout,
        provider=prefixes_for(named, values.provider_prefixes, where),
        management_sources=values.management_sources,
        wan_interfaces=values.wan_interfaces,
        voice_subnets=values.voice_subnets,
        pbx=NOBODY if values.pbx is None else PrefixSet.of(str(values.pbx.address)),
        pbx_web_ports=NO_PORTS if values.pbx is None else values.pbx.web_ports,
        ipv6=values.ipv6,
        on_partial=values.on_partial,
        egress=values.egress,
    )


def read_intent(file: Path) -> Intent:
    """An intent from a YAML file. Raises InputError with file, line and field."""
    document = read_yaml(read_text(file, InputError), file, InputError)
    if document is None:
        return Intent()
    if not isinstance(document, FrozenMapping):
        raise InputError("an intent is a mapping of settings", where=Where(file=file))
    values = {str(key): plain(item) for key, item in document.items()}
    try:
        return _intent({name: value for name, value in values.items() if value is not None})
    except ValidationError as problem:
        field, message, hint = reported(problem, _IntentText)
        line = document.line(field.split(".")[0])
        raise InputError(
            message, where=Where(file=file, line=line, field=field), hint=hint
        ) from None


def told_intent(
    services: Sequence[str] = (),
    intent_file: Path | None = None,
    wans: Sequence[str] = (),
    management_sources: Sequence[str] = (),
    provider_prefixes: Sequence[str] = (),
) -> Intent:
    """An intent from the options of a command; each option overrides the file."""
    intent = Intent() if intent_file is None else read_intent(intent_file)
    if services:
        needs = _needs(named_services(services, load_services(Path("services"))))
        intent = replace(
            intent,
            services=needs.services,
            sip_ports=needs.sip_ports,
            rtp_ports=needs.rtp_ports,
            udp_timeout=needs.udp_timeout,
            tftp=needs.tftp,
        )
    given: dict[str, Any] = {
        "wan_interfaces": list(wans),
        "management_sources": list(management_sources),
        "provider": list(provider_prefixes),
    }
    given = {name: value for name, value in given.items() if value}
    try:
        told = _intent(given)
    except ValidationError as problem:
        field, message, hint = reported(problem, _IntentText)
        options = {
            "wan_interfaces": "--wan",
            "management_sources": "--management-source",
            "provider": "--provider-prefix",
        }
        name = options.get(field.split(".")[0], field)
        raise InputError(message, where=Where(field=name), hint=hint) from None
    return replace(intent, **{name: getattr(told, name) for name in given})


def _needs(services: Sequence[Service]) -> Intent:
    """What these services need together."""
    sip = rtp = PortSet.of()
    for service in services:
        sip |= service.sip_ports
        rtp |= service.rtp_ports
    return Intent(
        services=tuple(service.name for service in services),
        sip_ports=sip,
        rtp_ports=rtp,
        udp_timeout=max(service.udp_timeout for service in services),
        tftp=any(service.provisions_by_tftp for service in services),
    )


def _intent(values: Mapping[str, Any]) -> Intent:
    try:
        read = _IntentText.model_validate(values)
    except UnsafeTextError as problem:
        raise UnsafeValueError(str(problem)) from None
    return Intent(**{name: getattr(read, name) for name in _IntentText.model_fields})
