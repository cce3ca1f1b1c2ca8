"""The JSON of `audit` is a contract: the very keys, in every sample of every vendor pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from routercfg.cli import run
from routercfg.net import PortSet
from routercfg.requirements import REQUIREMENTS

from .conftest import ROOT

STATUSES = {"ok", "violation", "decision", "unknown", "not_applicable"}
VERDICTS = STATUSES - {"not_applicable"}

#: What each item of a requirement tells, beside `verdict`; `note` says it in words and may lack.
ITEMS: dict[str, tuple[set[str], ...]] = {
    "sip-alg": ({"helper", "ports", "live"},),
    "sip-forwards": ({"protocol", "ports", "to", "id"},),
    "management": ({"service", "port", "family", "from"}, {"port", "to", "from"}),
    "ipv6": ({"target", "wan"}, {"target"}),
    "udp-timeouts": ({"timer", "seconds", "wanted"},),
    "provider-access": ({"family", "prefixes"},),
    "tftp": ({"helper"},),
    "upnp": ({"service"},),
    "egress": ({"family"},),
    "firmware": ({"model", "version", "certified"},),
}

#: Every sample, as an engineer would give it: a folder with one file per show command.
SAMPLES = sorted(
    folder.relative_to(ROOT)
    for folder in (ROOT / "vendors").glob("*/samples/*")
    if (folder / "intent.yml").is_file()
)


#: What was printed of each sample so far: three tests read the same.
_PRINTED: dict[Path, str] = {}


def audited(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    if folder not in _PRINTED:
        intent = str(ROOT / folder / "intent.yml")
        platform = folder.parts[1]
        capsys.readouterr()
        status = run(["audit", str(ROOT / folder), "-p", platform, "--intent", intent, "--json"])
        printed = capsys.readouterr().out
        fine = json.loads(printed)["routers"][0]["status"] in ("ok", "not_applicable")
        assert status == (0 if fine else 1)
        _PRINTED[folder] = printed
    report: dict[str, Any] = json.loads(_PRINTED[folder])
    return report


def findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[dict[str, Any]]:
    for router in audited(folder, capsys)["routers"]:
        yield from router["findings"]


@pytest.mark.parametrize("folder", SAMPLES, ids=str)
def test_a_report_has_exactly_the_keys_of_the_contract(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = audited(folder, capsys)
    assert set(report) == {"schema", "routers"}
    assert report["schema"] == 1
    [router] = report["routers"]
    assert set(router) == {"router", "platform", "model", "version", "status", "findings"}
    assert router["router"] == folder.name
    assert router["platform"] == folder.parts[1]
    assert all(isinstance(router[key], str) for key in router if key != "findings")
    assert router["status"] in STATUSES
    assert [one["requirement"] for one in router["findings"]] == list(REQUIREMENTS)
    for finding in router["findings"]:
        _is_a_finding(finding)


def _is_a_finding(finding: dict[str, Any]) -> None:
    assert set(finding) == {
        "requirement", "status", "summary", "evidence", "items", "changes", "commands",
    }  # fmt: skip
    assert finding["status"] in STATUSES
    assert finding["summary"]
    for evidence in finding["evidence"]:
        assert set(evidence) == {"command", "line", "text"}
        assert isinstance(evidence["line"], int)
        assert evidence["line"] >= 0
    for change in finding["changes"]:
        assert set(change) == {"change", "summary"}
    assert all(isinstance(command, str) and command for command in finding["commands"])
    assert finding["changes"] or not finding["commands"]
    if finding["status"] in ("ok", "not_applicable", "unknown"):
        assert not finding["changes"]


@pytest.mark.parametrize("folder", SAMPLES, ids=str)
def test_an_item_has_exactly_the_keys_of_its_requirement(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for finding in findings(folder, capsys):
        for item in finding["items"]:
            assert item["verdict"] in VERDICTS
            keys = set(item) - {"verdict", "note"}
            assert keys in ITEMS[finding["requirement"]], (finding["requirement"], item)
            assert isinstance(item.get("note", ""), str)


def test_every_kind_of_item_is_in_some_sample(capsys: pytest.CaptureFixture[str]) -> None:
    seen = {
        (finding["requirement"], frozenset(set(item) - {"verdict", "note"}))
        for folder in SAMPLES
        for finding in findings(folder, capsys)
        for item in finding["items"]
    }
    for requirement in ("sip-forwards", "management"):
        for keys in ITEMS[requirement]:
            assert (requirement, frozenset(keys)) in seen


@pytest.mark.parametrize("folder", SAMPLES, ids=str)
def test_the_values_of_items_are_what_programs_can_use(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for finding in findings(folder, capsys):
        for item in finding["items"]:
            if finding["requirement"] == "sip-forwards":
                assert set(item["protocol"].split("+")) <= {"tcp", "udp", "sctp", "any"}
                assert item["ports"] == "all" or PortSet.of(item["ports"])
                assert [ip_network(one) for one in item["to"].split(", ") if one] or not item["to"]
                assert item["id"]
            if finding["requirement"] == "management":
                assert item["port"] == "all" or PortSet.of(item["port"])
                assert isinstance(item["from"], str)
                assert item["from"]
                assert item.get("family", 4) in (4, 6)


@pytest.mark.parametrize("folder", SAMPLES, ids=str)
def test_the_worst_item_decides_the_status(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["violation", "unknown", "decision", "ok", "not_applicable"]
    for finding in findings(folder, capsys):
        worst = min((order.index(one["verdict"]) for one in finding["items"]), default=4)
        # What could not be read at all has no item of its own, and is unknown.
        assert order.index(finding["status"]) <= worst
        if finding["items"] and finding["status"] != "unknown":
            assert order.index(finding["status"]) == worst
