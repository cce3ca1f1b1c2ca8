"""Ten recorded configurations of others, against what was worked out by hand beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack
from routercfg.requirements.sip_forwards import protocol_text

CAPTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "captures.yml").read_text(encoding="utf-8")
)
INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24", "2001:db8:500::/48"),
    management_sources=PrefixSet.of("198.51.100.0/24"),
)

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no ../shared/captures here")


def plan(capture: str) -> Plan:
    pack = load_pack(capture.partition("/")[0])
    text = (CAPTURES / capture).read_text(encoding="utf-8", errors="replace")
    return make_plan("r1", pack, pack.state({pack.manifest.main_read.id: text}), INTENT)


@pytest.mark.parametrize("capture", EXPECTED)
def test_the_findings_are_those_worked_out_by_hand(capture: str) -> None:
    expected = EXPECTED[capture]
    mended = {name: one["is"] for name, one in expected.get("mistaken", {}).items()}
    wanted = {**expected["findings"], **mended}
    found = {f.requirement: f.status.value for f in plan(capture).findings}
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("capture", EXPECTED)
def test_the_wan_interfaces_are_those_seen_by_eye(capture: str) -> None:
    found = plan(capture).state.wans
    names = "unknown" if isinstance(found, Unknown) else [wan.name for wan in found]
    assert names == EXPECTED[capture]["wan"]


@pytest.mark.parametrize("capture", [c for c, one in EXPECTED.items() if "forwards" in one])
def test_the_forwards_are_those_seen_by_eye(capture: str) -> None:
    found = plan(capture).state.forwards
    assert not isinstance(found, Unknown)
    texts = [f"{protocol_text(one)} {one.ports} to {one.to}" for one in found]
    assert texts == EXPECTED[capture]["forwards"]
