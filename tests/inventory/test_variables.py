"""Router variables: what they mean, and which values never reach a router."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from routercfg.errors import InputError, UnsafeValueError, VariableError
from routercfg.inventory import Connection, Inventory, RouterVars, load_inventory, router_vars
from routercfg.inventory.fields import UnsafeTextError
from routercfg.inventory.variables import NAMES
from routercfg.model.intent import Ipv6Mode, OnPartial
from routercfg.net import NOBODY, PortSet, PrefixSet

HOSTS = "all: {hosts: {r1: }}\n"


def values(load, text: str) -> RouterVars:
    inventory: Inventory = load(HOSTS, **{"host_vars/r1.yml": text})
    return router_vars(inventory.hosts["r1"])


def test_a_router_with_a_service_alone_has_the_defaults(load) -> None:
    found = values(load, "service: xelion\n")
    assert found.service == ("xelion",)
    assert found.management_sources == NOBODY
    assert found.ipv6 is Ipv6Mode.FIREWALL
    assert found.on_partial is OnPartial.DECISION
    assert found.egress is False
    assert found.pbx is None
    assert found.udp_timeout is None


def test_every_variable_is_read(load) -> None:
    text = """
service: [xelion, voipspot]
provider_prefixes: {xelion: [198.51.100.0/24, "2001:db8::/48"], voipspot: 203.0.113.7}
management_sources: [192.0.2.0/28, 192.0.2.100-192.0.2.120]
wan_interfaces: [ether1, "GigabitEthernet0/0/0", ge-0/0/0.0]
voice_subnets: 192.168.20.0/24
pbx: {address: 192.168.20.5, web_ports: [9443, 5001-5002]}
ipv6: off
on_partial: split
egress: true
sip_ports: 5060
rtp_ports: 16384-32767
udp_timeout: 240
whitelist_name: VOIP-PROVIDER
customer: Bakkerij Jansen
platform: mikrotik_routeros
model: RB4011iGS+
site: Zürich
connection: napalm
"""
    found = values(load, text)
    assert found.model_fields_set == NAMES
    assert found.provider_prefixes["voipspot"] == PrefixSet.of("203.0.113.7")
    assert "192.0.2.110" in found.management_sources
    assert found.wan_interfaces[2] == "ge-0/0/0.0"
    assert found.pbx is not None
    assert found.pbx.web_ports == PortSet.of(9443, "5001-5002")
    assert found.ipv6 is Ipv6Mode.OFF
    assert found.rtp_ports == PortSet.of("16384-32767")


def test_the_prefixed_name_wins(load) -> None:
    text = "service: nginx\nroutercfg_service: xelion\n"
    assert values(load, text).service == ("xelion",)


def test_a_plain_list_of_prefixes_belongs_to_the_only_service(load) -> None:
    text = "service: xelion\nprovider_prefixes: [198.51.100.0/24]\n"
    assert values(load, text).provider_prefixes == {"xelion": PrefixSet.of("198.51.100.0/24")}
    with pytest.raises(VariableError, match="does not say which of the services"):
        values(load, text.replace("xelion", "[xelion, voipspot]"))


def test_a_template_is_filled_in_before_the_value_is_judged(load) -> None:
    text = 'service: xelion\nn: 7\nvoice_subnets: ["192.168.{{ n }}.0/24"]\n'
    assert values(load, text).voice_subnets == PrefixSet.of("192.168.7.0/24")


def test_the_values_are_frozen(load) -> None:
    with pytest.raises(ValidationError):
        values(load, "service: xelion\n").egress = True  # type: ignore[misc]


def test_every_variable_says_what_it_means() -> None:
    assert all(field.description for field in RouterVars.model_fields.values())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("service: 5", "field service: this must be text; put it in quotes"),
        ("service: [xelion, xelion]", "named twice"),
        ("service: []", "at least one service"),
        ("service: Xelion!", "cannot be the name of a service"),
        ("management_sources: [192.0.2.1/24]", "did you mean 192.0.2.0/24"),
        ("management_sources: [office]", "'office' is not an address or a prefix"),
        ("management_sources: [192.0.2.300]", "is not an address or a prefix"),
        ("management_sources: {a: b}", "field management_sources"),
        ("management_sources: [192.0.2.9-192.0.2.1]", "is not a range of addresses"),
        ("provider_prefixes: {xelion: [1.2.3]}", "field provider_prefixes.xelion"),
        ("provider_prefixes: 7", "field provider_prefixes: this must be a mapping"),
        ("pbx: 192.168.1.5", "field pbx: this must be a mapping"),
        ("pbx: {adress: 192.168.1.5}", "field pbx.adress: there is no such field. Did you mean"),
        ("pbx: {address: 192.168.1.0/24}", "field pbx.address: this must be one IP address"),
        ("pbx: {address: 192.168.1.5, web_ports: 0}", "between 1 and 65535"),
        ("ipv6: maybe", "firewall or off"),
        ("ipv6: on", "firewall or off"),
        ("on_partial: [split]", "decision, split or remove"),
        ("egress: perhaps", "true or false"),
        ("sip_ports: 5060-5059", "is not a range of ports"),
        ("sip_ports: yes", "ports are numbers"),
        ("rtp_ports: 70000", "between 0 and 65535"),
        ("udp_timeout: 5 minutes", "whole number"),
        ("udp_timeout: true", "whole number"),
        ("udp_timeout: 1", "greater than or equal to 30"),
        ("site: 0123", "field site: this must be text; put it in quotes"),
        ("site: no", "field site: this must be text; put it in quotes"),
        ("customer: !env NAME", "a secret cannot be used here"),
        ("connection: paramiko", "field connection"),
        ("whitelist_name: two words", "a list is named with"),
    ],
)
def test_a_wrong_value_is_one_error_with_file_line_router_and_field(
    load, line: str, message: str
) -> None:
    text = f"# comment\n{line}\n" if line.startswith("service") else f"service: x\n{line}\n"
    with pytest.raises(VariableError, match=re.escape(message)) as caught:
        values(load, text)
    where = caught.value.where
    assert where.file is not None
    assert (where.file.name, where.line, where.router) == ("r1.yml", 2, "r1")
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("name", ["wan_interfaces", "customer", "model", "site", "platform"])
@pytest.mark.parametrize(
    "value",
    [
        "ether1\n/user add name=evil group=full",
        "ether1\r/system reboot",
        "ether1\t",
        'ether1" disabled=yes comment="',
        "ether1'",
        "ether1`id`",
        "$(id)",
        "ether1; reload",
        "ether1 | reload",
        "ether1\x00",
        "ether1\x1b[2J",
        "ether1\u202e",
        "ether1\u2028",
        "ether1\\",
        "ether1?",
        "[/system reboot]",
    ],
)
def test_a_value_that_would_leave_its_argument_is_refused(load, name: str, value: str) -> None:
    with pytest.raises(UnsafeValueError) as caught:
        values(load, yaml.safe_dump({"service": "x", name: value}))
    assert caught.value.where.router == "r1"
    assert caught.value.where.field == name
    assert str(caught.value).isprintable()


@given(st.text(max_size=40))
def test_whatever_passes_is_printable_and_has_no_quotes(text: str) -> None:
    try:
        found = RouterVars.model_validate({"service": "x", "customer": text})
    except (ValidationError, UnsafeTextError):
        return
    assert found.customer is not None
    assert not set(found.customer) & set("\"'`\\$;|\n\r\t\0")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ansible_host: '-oProxyCommand=id'", UnsafeValueError),
        ("ansible_host: 'r1 r2'", UnsafeValueError),
        ('ansible_host: "r1\\n"', UnsafeValueError),
        ("ansible_host: 'fe80::1%$(id)'", UnsafeValueError),
        ("ansible_host: 192.0.2.1/24", UnsafeValueError),
        ("ansible_host: 5", UnsafeValueError),
        ("ansible_port: 70000", VariableError),
        ("ansible_port: ssh", VariableError),
        ("ansible_port: yes", VariableError),
        ("ansible_user: 'a b'", UnsafeValueError),
        ("ansible_user: '-l'", UnsafeValueError),
        ('ansible_user: "admin\\n"', UnsafeValueError),
        ("ansible_password: 0123", VariableError),
        ("ansible_password: [a]", VariableError),
        ("platform: [a]", VariableError),
        ("ansible_connection: 7", VariableError),
    ],
)
def test_a_connection_variable_that_cannot_be_used_is_one_error(
    load, line: str, error: type[InputError]
) -> None:
    inventory = load(HOSTS, **{"host_vars/r1.yml": f"\n{line}\n"})
    with pytest.raises(error) as caught:
        _ = inventory.hosts["r1"].connection
    assert caught.value.where.line == 2


def test_ansible_s_connection_variables_are_honoured(load) -> None:
    text = """
ansible_host: 2001:db8::7
ansible_port: "2222"
ansible_user: voip+ct
ansible_ssh_private_key_file: ~/.ssh/routers
ansible_network_os: community.routeros.routeros
ansible_connection: ansible.netcommon.network_cli
"""
    assert load(HOSTS, **{"host_vars/r1.yml": text}).hosts["r1"].connection == Connection(
        address="2001:db8::7",
        port=2222,
        user="voip+ct",
        private_key_file="~/.ssh/routers",
        platform="community.routeros.routeros",
        transport="ansible.netcommon.network_cli",
    )


def test_our_platform_variable_wins_over_ansible_s(load) -> None:
    text = "ansible_network_os: a\nplatform: b\n"
    assert load(HOSTS, **{"host_vars/r1.yml": text}).hosts["r1"].platform == "b"


YAML_WORDS = st.sampled_from(
    ["all:", "hosts:", "children:", "vars:", "r[1:2]:", "g:", "a: 1", "\n", "\n  ", "\n    ",
     "\n      ", "- ", "{", "}", "&x ", "*x", "<<: *x", "!env A", "!vault x", "'", '"', "\t", "~",
     "7:"]
)  # fmt: skip


@given(
    st.binary(max_size=80) | st.lists(YAML_WORDS, max_size=16).map(lambda w: "".join(w).encode())
)
def test_any_bytes_as_a_hosts_file_are_an_inventory_or_one_error(tmp_path_factory, data) -> None:
    folder: Path = tmp_path_factory.mktemp("any")
    (folder / "hosts.yml").write_bytes(data)
    try:
        inventory = load_inventory(folder)
    except InputError:
        return
    json.dumps(inventory.to_ansible())


@given(st.text(alphabet="[]:=, \n#-'\"{}ab1r!&*", max_size=80))
def test_any_text_as_an_ini_file_is_an_inventory_or_one_error(tmp_path_factory, text) -> None:
    folder: Path = tmp_path_factory.mktemp("ini")
    (folder / "hosts.ini").write_text(text)
    try:
        inventory = load_inventory(folder)
    except InputError:
        return
    json.dumps(inventory.to_ansible())
