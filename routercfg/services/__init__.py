"""VoIP service profiles: what a provider's telephony asks of a router."""

from routercfg.services.loader import load_services, named_services, parse_service
from routercfg.services.profile import (
    AppRequirements,
    CallRecording,
    Language,
    Provisioning,
    Service,
    Whitelisting,
)
from routercfg.services.provider import prefixes_for

__all__ = [
    "AppRequirements",
    "CallRecording",
    "Language",
    "Provisioning",
    "Service",
    "Whitelisting",
    "load_services",
    "named_services",
    "parse_service",
    "prefixes_for",
]
