"""What a hosted telephony service asks of a router, and what its customers are told."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from routercfg.errors import ServiceError
from routercfg.net import PortSet

#: The languages customers are written to in.
Language = Literal["nl", "en"]

_URL = re.compile(r"^(tftp|https?|ftp)://(?:[A-Za-z0-9._~-]+@)?[A-Za-z0-9.-]+(?:/[\w./~-]*)?$")


def _ports(value: object) -> PortSet:
    if isinstance(value, PortSet):
        return value
    items = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(item, bool) or not isinstance(item, int | str) for item in items):
        raise ValueError("ports are numbers and ranges such as 5060-5061")
    found = PortSet.of(*items)
    if not found or 0 in found:
        raise ValueError("ports are numbers between 1 and 65535")
    return found


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("this must be one line of text")
    return text


Ports = Annotated[PortSet, BeforeValidator(_ports)]
Line = Annotated[str, AfterValidator(_one_line)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class _Spoken(_Part):
    """A part with a text for customers."""

    nl: Line
    en: Line

    def text(self, language: Language) -> str:
        """What customers read."""
        return self.nl if language == "nl" else self.en


class Provisioning(_Part):
    """Where telephones fetch their settings. `placeholder` in the URL is the customer's name."""

    protocol: Literal["tftp", "http", "https", "ftp"]
    url: str
    placeholder: str | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        matched = _URL.match(self.url)
        if matched is None:
            raise ValueError(f"{self.url!r} is not an address telephones can fetch from")
        if matched[1] != self.protocol:
            raise ValueError(f"the address begins with {matched[1]}://, not {self.protocol}://")
        if self.placeholder is not None and self.placeholder not in self.url:
            raise ValueError(f"the address does not hold {self.placeholder!r}")
        return self

    def url_for(self, customer: str | None) -> str:
        """The address for one customer. Raises ServiceError where it needs a name and has none."""
        if self.placeholder is None:
            return self.url
        if not customer:
            raise ServiceError(
                "the provisioning address needs the customer's name",
                hint="Set `customer` in the inventory",
            )
        return self.url.replace(self.placeholder, quote(customer, safe=""))


class Whitelisting(_Spoken):
    """Where in the provider's portal a customer's own address is admitted."""

    portal: Line


class CallRecording(_Spoken):
    """How long recordings are kept, in days. Recording is off until somebody orders it."""

    free_days: tuple[int, ...] = ()
    paid_days: tuple[int, ...] = ()
    export: bool = False


class AppRequirements(_Part):
    """The oldest telephone systems the provider's app runs on."""

    android: str | None = None
    ios: str | None = None


class Service(_Part):
    """One VoIP service. The provider's prefixes are not part of it: see `provider.prefixes_for`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    title: Line
    sip_ports: Ports
    rtp_ports: Ports
    udp_timeout: int = Field(ge=30, le=86_400, strict=True)
    transports: tuple[Literal["udp", "tcp", "tls"], ...] = Field(min_length=1)
    provisioning: Provisioning | None = None
    whitelisting: Whitelisting | None = None
    call_recording: CallRecording | None = None
    app: AppRequirements | None = None

    @field_validator("transports")
    @classmethod
    def _has_each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("a transport is named twice")
        return value

    @property
    def provisions_by_tftp(self) -> bool:
        """Must TFTP work through this router's NAT?"""
        return self.provisioning is not None and self.provisioning.protocol == "tftp"

    @property
    def needs_customer(self) -> bool:
        """Does the provisioning address hold the customer's name?"""
        return self.provisioning is not None and self.provisioning.placeholder is not None
