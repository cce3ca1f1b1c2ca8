"""Every pack's samples: what a recorded router is, what it lacks, and that the plan closes it."""

from __future__ import annotations

import re

import pytest

from routercfg.model.finding import Status
from routercfg.platforms import pack_folders
from routercfg.requirements import REQUIREMENTS

from .cases import Case, cases

CASES = cases()
PLATFORMS = sorted({case.platform for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sample_gives_its_findings(case: Case) -> None:
    found = {finding.requirement: finding for finding in case.plan().findings}
    for requirement, wanted in case.expected.items():
        status = wanted["status"] if isinstance(wanted, dict) else wanted
        finding = found[requirement]
        assert finding.status.value == status, (requirement, finding.summary)
        if isinstance(wanted, dict) and "items" in wanted:
            items = [dict(item.facts) | {"verdict": item.verdict.value} for item in finding.items]
            for item in wanted["items"]:
                assert any(item.items() <= have.items() for have in items), (item, items)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_evidence_of_a_sample_exists_in_its_outputs(case: Case) -> None:
    texts = case.texts()
    commands = {read.command: read.id for read in case.pack.manifest.reads}
    for finding in case.plan().findings:
        for line in finding.evidence:
            if line.line == 0:
                continue
            text = texts[commands.get(line.command, line.command)]
            assert line.line <= len(text.splitlines()), (finding.requirement, line)


@pytest.mark.parametrize("case", [c for c in CASES if c.commands is not None], ids=str)
def test_a_sample_gives_its_commands(case: Case) -> None:
    assert case.plan().commands == case.commands


@pytest.mark.parametrize("case", [c for c in CASES if c.after is not None], ids=str)
def test_after_its_commands_a_sample_lacks_nothing(case: Case) -> None:
    plan = case.plan(case.after)
    assert plan.commands == ()
    bad = {
        f.requirement: f.summary
        for f in plan.findings
        if f.status in (Status.VIOLATION, Status.UNKNOWN)
    }
    assert bad == {}


def test_every_shipped_pack_has_samples() -> None:
    assert set(pack_folders()) == set(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_every_pack_shows_each_requirement_violated_met_and_unknown(
    platform: str, requirement: str
) -> None:
    mine = [case for case in CASES if case.platform == platform]
    seen = {
        finding.status
        for case in mine
        for finding in case.plan().findings
        if finding.requirement == requirement
    }
    good = {Status.OK, Status.NOT_APPLICABLE}
    bad = {Status.VIOLATION, Status.DECISION}
    assert seen & good, "no compliant case"
    # A platform that has no such thing at all cannot break the rule.
    nothing = seen - {Status.UNKNOWN} == {Status.NOT_APPLICABLE}
    assert seen & bad or (nothing and requirement == "upnp"), "no violating case"
    assert Status.UNKNOWN in seen, "no unknown case"


@pytest.mark.parametrize("case", [c for c in CASES if c.folder.name == "snmp"], ids=str)
def test_a_community_that_a_command_must_name_is_in_no_repr(case: Case) -> None:
    plan = case.plan()
    assert any("op3n" in command for command in plan.commands)
    for name in ("op3n", "wr1te", "inside"):
        assert not re.search(rf"community {name}|'{name}'", repr(plan))
