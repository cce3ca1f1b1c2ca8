"""No secret in what people and programs are shown."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routercfg.cli.inspecting import offline
from routercfg.errors import RefusedLineError, RoutercfgError, TransportError, Where
from routercfg.inventory.secret import Secret
from routercfg.model.evidence import Evidence
from routercfg.model.finding import Finding, Status
from routercfg.model.intent import Intent
from routercfg.redaction import redacted, redacted_message, scrubbed, without
from routercfg.report import console, contract
from routercfg.report.entry import Entry
from routercfg.report.hiding import hidden

from .conftest import Command

PASSWORD = 'Wintertijd "2031" \\o/'


def revealed() -> str:
    return Secret.of(PASSWORD).reveal()


def fail() -> None:
    raise ValueError(f"login {revealed()} failed")


def broken() -> RoutercfgError:
    """An error with the password in its message, its hint, and what it was raised from."""
    error = TransportError(
        f"the router printed {PASSWORD}", where=Where(router="r1"), hint=f"Not {PASSWORD}"
    )
    try:
        fail()
    except ValueError as cause:
        error.__cause__ = cause
    return error


def test_an_error_shows_no_secret_however_it_is_printed() -> None:
    error = scrubbed(broken())
    for text in (str(error), repr(error), "".join(traceback.format_exception(error))):
        assert "Wintertijd" not in text
        assert "***" in text


def test_console_and_json_show_no_secret_of_an_error() -> None:
    entry = Entry("r1", "mikrotik_routeros", error=broken())
    for text in (console.details([entry]), contract.as_text([entry])):
        assert "Wintertijd" not in text
        assert "***" in text


def test_debug_prints_a_traceback_without_the_secret(
    routercfg: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise broken()

    monkeypatch.setattr("routercfg.cli.judging.source_of", fails)
    with pytest.raises(TransportError) as raised:
        routercfg("check", "--debug")
    assert "Wintertijd" not in "".join(traceback.format_exception(raised.value))
    ended = routercfg("check", "--json")
    assert "Wintertijd" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("mikrotik_routeros", "/user add name=a password=S3cr3t-x group=full"),
        ("mikrotik_routeros", 'set wpa-pre-shared-key="S3cr3t-x" mode=dynamic-keys'),
        ("mikrotik_routeros", "set ipsec-secret=S3cr3t-x use-ipsec=yes"),
        ("mikrotik_routeros", "/snmp community add addresses=::/0 name=S3cr3t-x"),
        ("mikrotik_routeros", "/snmp community\nset [ find default=yes ] name=S3cr3t-x\n/user"),
        ("mikrotik_routeros", "add addresses=192.0.2.0/28 name=S3cr3t-x"),
        ("cisco_ios", "enable secret 5 $1$abcd$S3cr3t-x"),
        ("cisco_ios", "username a privilege 15 password 7 S3cr3t-x"),
        ("cisco_ios", "snmp-server community S3cr3t-x RO"),
        ("cisco_ios", "snmp-server host 192.0.2.1 version 2c S3cr3t-x"),
        ("cisco_ios", "crypto isakmp key S3cr3t-x address 192.0.2.1"),
        ("cisco_ios", "crypto isakmp key 6 S3cr3t-x address 192.0.2.1"),
        ("cisco_ios", " key 7 S3cr3t-x"),
        ("cisco_ios", " wpa-psk ascii 7 S3cr3t-x"),
        ("vyos", "set vpn ipsec authentication psk a secret 'S3cr3t-x'"),
        ("vyos", "set service snmp community S3cr3t-x"),
        ("cisco_ios", "client 192.0.2.1 server-key 7 S3cr3t-x"),
        ("cisco_ios", "ip ospf message-digest-key 1 md5 7 S3cr3t-x"),
        ("cisco_ios", "ip ospf authentication-key S3cr3t-x"),
        ("cisco_ios", "ntp authentication-key 1 md5 S3cr3t-x 7"),
        ("cisco_ios", "snmp-server user u g v3 auth sha S3cr3t-x priv aes 128 S3cr3t-x"),
        ("cisco_ios", "snmp-server mib community-map S3cr3t-x context a"),
        ("cisco_ios", " key S3cr3t-x"),
        ("cisco_ios", "tacacs-server host 192.0.2.1 key S3cr3t-x"),
        ("cisco_ios", " pre-shared-key address 192.0.2.1 key S3cr3t-x"),
        ("cisco_ios", " pre-shared-key remote 6 S3cr3t-x"),
        ("cisco_ios", " standby 1 authentication S3cr3t-x"),
        ("cisco_ios", " ip nhrp authentication S3cr3t-x"),
        ("cisco_ios", " path ftp://user:S3cr3t-x@192.0.2.1/a"),
        ("mikrotik_routeros", "add authentication-key=S3cr3t-x interface=ether1"),
        ("mikrotik_routeros", "set static-key-0=S3cr3t-x mode=static-keys-required"),
        ("mikrotik_routeros", '/tool fetch url="https://user:S3cr3t-x@example.net/a"'),
        ("vyos", "set system login radius server 192.0.2.1 key 'S3cr3t-x'"),
        ("vyos", "set pki certificate a private key 'S3cr3t-x'"),
        ("vyos", "set pki openvpn shared-secret a key 'S3cr3t-x'"),
        ("vyos", "set service snmp v3 user a privacy plaintext-key 'S3cr3t-x'"),
        ("vyos", "set protocols isis area-password plaintext-password 'S3cr3t-x'"),
        ("vyos", "server 192.0.2.1 {\n    key S3cr3t-x\n}"),
        ("ubiquiti_edgeos", "radius-server 192.0.2.1 {\n    key S3cr3t-x\n}"),
        ("ubiquiti_edgeos", "set service unms connection 'wss://a.example:443+S3cr3t-x+b'"),
    ],
)
def test_a_line_of_a_configuration_loses_its_secret_and_keeps_its_sense(
    platform: str, line: str
) -> None:
    text = hidden(line, platform)
    assert "S3cr3t-x" not in text
    assert "***" in text
    assert text.split()[0].split("=")[0] == line.split(maxsplit=1)[0].split("=", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("mikrotik_routeros", "add chain=input action=accept protocol=udp dst-port=5060"),
        ("mikrotik_routeros", "/ip firewall service-port set sip disabled=yes"),
        ("cisco_ios", "no ip nat service sip udp port 5060"),
        ("cisco_ios", "service password-encryption"),
        ("cisco_ios", " key 1"),
        ("cisco_ios", "key chain of-ours"),
        ("cisco_ios", "copy https://192.0.2.1:8443/a flash:"),
        ("vyos", "set system conntrack modules sip disable"),
    ],
)
def test_a_line_without_a_secret_stays_as_it_is(platform: str, line: str) -> None:
    assert hidden(line, platform) == line


def test_a_sentence_about_passwords_stays_a_sentence() -> None:
    text = "the router refused the login of 'admin'. Check user, password or key"
    assert redacted_message(text) == text


def test_a_refused_line_is_quoted_without_its_secret() -> None:
    error = scrubbed(RefusedLineError("the router refused 'user a password 7 S3cr3t-x': invalid"))
    assert "S3cr3t-x" not in str(error)
    assert "invalid" in str(error)


def test_evidence_shows_no_secret(routercfg: Command, tmp_path: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "vendors/mikrotik_routeros/samples/factory"
    [entry] = offline([str(sample)], "mikrotik_routeros", Intent(), ())
    assert entry.plan is not None
    finding = Finding(
        "management",
        Status.VIOLATION,
        f"open with {revealed()}",
        evidence=(Evidence("/export", 7, "set ipsec-secret=S3cr3t-x"),),
    )
    shown = replace(entry, plan=replace(entry.plan, findings=(finding,)))
    for text in (console.details([shown]), contract.as_text([shown])):
        assert "S3cr3t-x" not in text
        assert "Wintertijd" not in text
        assert "ipsec-secret=***" in text


@pytest.mark.parametrize("password", ["secret", "password", "community", "5", "enable"])
def test_a_password_that_is_a_word_of_configurations_lets_no_other_secret_through(
    password: str,
) -> None:
    Secret.of(password).reveal()
    for line in ("enable secret 5 hunter2", "snmp-server community hunter2 RO", "password hunter2"):
        assert "hunter2" not in redacted(line)
        assert password not in redacted(line).split()
    assert "hunter2" not in redacted_message("the router refused 'enable secret 5 hunter2'")


@given(st.text(min_size=8, max_size=30).filter(str.strip), st.text(), st.text())
def test_no_given_secret_survives(secret: str, before: str, after: str) -> None:
    text = redacted(before + secret + after, [secret])
    assert secret not in text or secret in before + "***" + after


@given(
    st.lists(st.text(min_size=8, max_size=12).filter(str.strip), min_size=1, max_size=40),
    st.data(),
)
def test_no_revealed_secret_survives_however_many_there_are(
    secrets: list[str], data: st.DataObject
) -> None:
    for secret in secrets:
        Secret.of(secret).reveal()
    one = data.draw(st.sampled_from(secrets))
    before, after = data.draw(st.text(max_size=200)), data.draw(st.text(max_size=20))
    text = without(before + one + after)
    assert one not in text or one in before + "***" + after


@given(
    st.from_regex(
        r"(?i)[a-z-]{0,3}(password|passwd|passphrase|passwort|secret|psk|pre-?shared-?key"
        r"|private-?key|community|token|auth-?key|key-string|wpa-key|md5-key|encryption-key"
        r"|api-?key)",
        fullmatch=True,
    )
)
@example("\u017fecret")
@example("api-\u212aey")
@example("commun\u0131ty")
def test_a_secret_is_hidden_however_its_name_is_written(name: str) -> None:
    assert redacted(f"a {name}=S3cr3t-x", ()) == f"a {name}=***"


def test_a_short_word_that_is_a_password_too_leaves_names_alone() -> None:
    Secret.of("cisco").reveal()
    assert redacted_message("cisco_ios: cisco") == "cisco_ios: ***"
    assert (
        json.loads(contract.as_text([Entry("gw", "cisco_ios")]))["routers"][0]["platform"]
        == "cisco_ios"
    )


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What one test reveals is no secret of the next."""
    monkeypatch.setattr("routercfg.redaction._revealed", {})
