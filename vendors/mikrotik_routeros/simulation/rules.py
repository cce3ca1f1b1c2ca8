"""What RouterOS checks across the fields of one item, after each field has been checked alone."""

from __future__ import annotations

import ipaddress

from .menus import Menu
from .refusals import failure
from .store import Item, Store
from .values import PORTED

_PORT_FIELDS = ("src-port", "dst-port", "port")
_ENTERS = frozenset({"input", "prerouting"})
_LEAVES = frozenset({"output", "postrouting"})
_DESTINATION_ACTIONS = frozenset({"dst-nat", "redirect"})
_SOURCE_ACTIONS = frozenset({"masquerade", "src-nat"})


def check_item(store: Store, menu: Menu, values: dict[str, str], itself: Item | None) -> None:
    """Raise the refusal for a combination of values that RouterOS does not accept."""
    if menu.rules:
        _check_rule(menu, values)
    if menu.path == "ip address" and values.get("address"):
        values["network"] = values.get("network") or _network_of(values["address"])
    if menu.unique and not _is_unique(store, menu, values, itself):
        raise failure(_DUPLICATES.get(menu.path, "already have such entry"))


_DUPLICATES = {
    "interface bridge": "already have interface with such name",
    "interface vlan": "already have interface with such name",
    "interface pppoe-client": "already have interface with such name",
}


def _check_rule(menu: Menu, values: dict[str, str]) -> None:
    chain, action = values.get("chain", ""), values.get("action", "accept")
    if any(name in values for name in _PORT_FIELDS) and values.get("protocol") not in PORTED:
        raise failure("ports can be specified if proto is tcp,udp,udp-lite,dccp,sctp")
    if chain in _ENTERS and _any(values, "out-interface", "out-interface-list"):
        # UNVERIFIED wording; that it is refused is known.
        raise failure("outgoing interface matching not possible in input and prerouting chains")
    if chain in _LEAVES and _any(values, "in-interface", "in-interface-list"):
        # UNVERIFIED wording; that it is refused is known.
        raise failure("incoming interface matching not possible in output and postrouting chains")
    if chain in {*_LEAVES, "srcnat"} and "src-mac-address" in values:
        raise failure("source mac address matching not possible in output and postrouting chains")
    if action == "jump" and "jump-target" not in values:
        raise failure("jump target not specified")  # UNVERIFIED wording
    if menu.path.endswith("nat"):
        wrong = (chain == "srcnat" and action in _DESTINATION_ACTIONS) or (
            chain == "dstnat" and action in _SOURCE_ACTIONS
        )
        if wrong:
            raise failure(f"{action} action is not possible in {chain} chain")  # UNVERIFIED wording


def _any(values: dict[str, str], *names: str) -> bool:
    return any(name in values for name in names)


def _network_of(address: str) -> str:
    return str(ipaddress.ip_interface(address).network.network_address)


def _is_unique(store: Store, menu: Menu, values: dict[str, str], itself: Item | None) -> bool:
    key = tuple(values.get(name) for name in menu.unique)
    if all(part is None for part in key):
        return True
    if (
        menu.unique == ("name",)
        and menu.path.startswith("interface ")
        and menu.path != "interface list"
    ):
        named = [i for i in store.links() if i is not itself and i.values.get("name") == key[0]]
        return not named
    return not any(
        item is not itself and not item.dynamic
        and tuple(item.values.get(name) for name in menu.unique) == key
        for item in store.rows(menu.path)
    )  # fmt: skip
