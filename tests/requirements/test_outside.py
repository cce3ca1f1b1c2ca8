"""What several requirements ask alike: where outside is, and what leads in from there."""

from __future__ import annotations

import pytest

from routercfg.model.finding import Status
from routercfg.model.state import Interface, RouterState, Wan

from .build import SSH, UNREADABLE, check, intent, state


@pytest.mark.parametrize("name", ["sip-forwards", "management"])
def test_unread_forwards_are_unknown(name: str) -> None:
    assert check(name, forwards=UNREADABLE).status is Status.UNKNOWN


NEED_WAN = ("sip-forwards", "management", "ipv6", "provider-access")


@pytest.mark.parametrize("name", NEED_WAN)
@pytest.mark.parametrize(
    "changes",
    [
        {"wans": UNREADABLE},
        {"wans": ()},
        {"wans": (Wan("gone0", "default route"),)},
        {"interfaces": (Interface("wan0", ("198.51.100.2/24",), up=False),)},
    ],
)
def test_without_a_wan_that_is_there_nothing_outside_is_known(
    name: str, changes: dict[str, object]
) -> None:
    assert check(name, **changes).status is Status.UNKNOWN


def test_the_inventorys_wan_counts_before_what_the_router_shows() -> None:
    asked = intent(wan_interfaces=("lan0",))
    found = check("management", asked, wans=UNREADABLE, listeners=(SSH,))
    assert found.status is not Status.UNKNOWN


def test_a_state_without_interfaces_has_no_addresses() -> None:
    blind: RouterState = state(interfaces=UNREADABLE)
    assert not blind.own_addresses
    assert not blind.addresses_of("wan0")
