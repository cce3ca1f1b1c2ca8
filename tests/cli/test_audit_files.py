from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from routercfg.requirements import REQUIREMENTS

from .conftest import ROOT, Command, Ended

PLATFORM = "mikrotik_routeros"
FACTORY = ROOT / "vendors" / PLATFORM / "samples" / "factory"
TOLD = ("--service", "xelion", "--management-source", "192.0.2.0/28")


def audit(routercfg: Command, *files: object) -> Ended:
    return routercfg("audit", *files, "--platform", PLATFORM, *TOLD, "--json")


def test_a_file_is_one_router_named_by_its_stem(routercfg: Command) -> None:
    ended = audit(routercfg, FACTORY / "export.txt")
    assert ended.data["schema"] == 1
    [router] = ended.data["routers"]
    assert router["router"] == "export"
    assert router["platform"] == PLATFORM
    assert [one["requirement"] for one in router["findings"]] == list(REQUIREMENTS)


def test_the_contract_holds_for_every_finding_of_a_factory_router(routercfg: Command) -> None:
    ended = audit(routercfg, FACTORY)
    assert ended.status == 1
    [router] = ended.data["routers"]
    assert set(router) == {"router", "platform", "model", "version", "status", "findings"}
    for finding in router["findings"]:
        assert set(finding) == {
            "requirement",
            "status",
            "summary",
            "evidence",
            "items",
            "changes",
            "commands",
        }
        assert all(set(one) == {"command", "line", "text"} for one in finding["evidence"])
        assert all("verdict" in item for item in finding["items"])
        assert all(set(one) == {"change", "summary"} for one in finding["changes"])


def test_a_sip_alg_that_is_on_is_a_violation_with_the_command_that_ends_it(
    routercfg: Command,
) -> None:
    [router] = audit(routercfg, FACTORY).data["routers"]
    [finding] = [one for one in router["findings"] if one["requirement"] == "sip-alg"]
    assert finding["status"] == "violation"
    assert finding["changes"][0]["change"] == "disable_sip_alg"
    assert "/ip firewall service-port set sip disabled=yes" in finding["commands"]


def test_only_and_skip_choose_requirements(routercfg: Command) -> None:
    ended = routercfg(
        "audit", FACTORY, "-p", PLATFORM, "--only", "sip-alg", "--only", "upnp", "--skip", "upnp",
        "--json",
    )  # fmt: skip
    [router] = ended.data["routers"]
    assert [one["requirement"] for one in router["findings"]] == ["sip-alg"]


def test_standard_input_is_read_for_a_dash(
    routercfg: Command, stdin: Callable[[bytes], None]
) -> None:
    stdin((FACTORY / "export.txt").read_bytes())
    [router] = audit(routercfg, "-").data["routers"]
    assert router["router"] == "stdin"
    assert router["status"] == "violation"


def test_a_pipe_gets_plain_aligned_text_with_evidence(routercfg: Command) -> None:
    ended = routercfg("audit", FACTORY, "-p", PLATFORM, *TOLD)
    heading, row = ended.out.splitlines()[:2]
    assert heading.index("status") == row.index("violation")
    assert "\x1b" not in ended.out
    assert "violation: sip-alg" in ended.out


def test_escape_sequences_in_an_output_do_not_reach_the_terminal(
    routercfg: Command, tmp_path: Path
) -> None:
    file = tmp_path / "evil\x1b[31m.txt"
    file.write_text("\x1b]0;owned\x07" + (FACTORY / "export.txt").read_text())
    assert "\x1b" not in routercfg("audit", file, "-p", PLATFORM).out


@pytest.mark.parametrize("text", ["", "\n\n", "hostname r1\n!\nend\n", "bad command name export\n"])
def test_what_is_no_export_is_unknown_and_never_ok(
    routercfg: Command, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "r1.txt"
    file.write_text(text)
    ended = audit(routercfg, file)
    assert ended.status == 1
    [router] = ended.data["routers"]
    assert router["status"] == "unknown"
    assert {one["status"] for one in router["findings"]} <= {"unknown", "not_applicable"}


def test_half_an_export_is_not_ok(routercfg: Command, tmp_path: Path) -> None:
    whole = (FACTORY / "export.txt").read_text()
    file = tmp_path / "r1.txt"
    file.write_text(whole[: len(whole) // 2])
    assert audit(routercfg, file).status == 1


def test_fifty_megabytes_of_junk_are_one_quick_error(routercfg: Command, tmp_path: Path) -> None:
    file = tmp_path / "junk.txt"
    file.write_bytes(b"junk and more of it\n" * 2_500_000)
    begun = time.monotonic()
    ended = audit(routercfg, file)
    assert time.monotonic() - begun < 5
    assert ended.status == 2
    assert "larger than" in ended.data["error"]["message"]


def test_binary_data_is_one_error(routercfg: Command, tmp_path: Path) -> None:
    file = tmp_path / "router.backup"
    file.write_bytes(bytes(range(256)) * 100)
    ended = audit(routercfg, file)
    assert ended.status == 2
    assert ended.data["error"]["where"] == str(file)
    assert len(ended.err.splitlines()) == 1


def test_utf_16_from_powershell_is_text(routercfg: Command, tmp_path: Path) -> None:
    file = tmp_path / "r1.txt"
    file.write_text((FACTORY / "export.txt").read_text(), encoding="utf-16")
    [router] = audit(routercfg, file).data["routers"]
    assert router["status"] == "violation"


def test_a_folder_without_outputs_names_the_files_it_needs(
    routercfg: Command, tmp_path: Path
) -> None:
    ended = audit(routercfg, tmp_path)
    assert ended.status == 2
    assert "export.txt" in ended.data["error"]["hint"]


def test_an_intent_file_says_what_must_hold(routercfg: Command, tmp_path: Path) -> None:
    intent = tmp_path / "intent.yml"
    intent.write_text("udp_timeout: 60\nprovider: [198.51.100.0/24]\nwan_interfaces: [ether1]\n")
    ended = routercfg(
        "audit", FACTORY, "-p", PLATFORM, "--intent", intent, "--only", "udp-timeouts", "--json"
    )
    [router] = ended.data["routers"]
    assert "60" in router["findings"][0]["summary"]


def test_a_mistake_in_an_intent_file_is_named_with_its_line(
    routercfg: Command, tmp_path: Path
) -> None:
    intent = tmp_path / "intent.yml"
    intent.write_text("tftp: true\nprovider: [198.51.100.0/33]\n")
    ended = routercfg("audit", FACTORY, "-p", PLATFORM, "--intent", intent)
    assert ended.status == 2
    assert f"{intent}:2" in ended.err


def test_plan_shows_the_commands_in_the_order_of_a_push(routercfg: Command) -> None:
    ended = routercfg("plan", FACTORY, "-p", PLATFORM, *TOLD, "--only", "sip-alg")
    assert ended.status == 1
    assert "\n/ip firewall service-port set sip disabled=yes" in ended.out
