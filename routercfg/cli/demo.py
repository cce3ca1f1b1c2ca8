"""The demo: four simulated routers behind a real SSH server, from audit to proof."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any

from routercfg.cli import output
from routercfg.cli.live import inspected_targets, pushed_targets
from routercfg.errors import PackError
from routercfg.inventory import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_pack
from routercfg.platforms.registry import load_simulator
from routercfg.report import console, contract
from routercfg.report.entry import Entry
from routercfg.requirements import choose
from routercfg.transport.target import Target

if TYPE_CHECKING:
    from routercfg.lab import Lab

_PLATFORM = "mikrotik_routeros"
_USER, _PASSWORD = "admin", "demo"
#: Where the routers see us come from: our own office. A router as it leaves the factory lets
#: nobody in from outside, so that one is prepared on the workbench, from its LAN.
_OFFICE, _WORKBENCH = "192.0.2.10", "192.168.88.10"
_INTENT = Intent(
    services=("xelion",),
    provider=PrefixSet.of("198.51.100.128/26"),
    management_sources=PrefixSet.of("192.0.2.0/28"),
    wan_interfaces=("ether1",),
)
#: Name, configuration (None: as it leaves the factory), version.
_ROUTERS = (
    ("branch-v6", "branch_v6.rsc", "6.49.17"),
    ("branch-v7", "branch_v7.rsc", "7.18.2"),
    ("messy", "messy.rsc", "7.12.2"),
    ("factory", None, "7.18.2"),
)


def demonstrate(*, as_json: bool) -> int:
    """Run the demo; 0 if every router ends compliant. Raises PackError where asyncssh is absent."""
    lab_package = _lab_package()
    ids = choose()
    with TemporaryDirectory(prefix="routercfg-demo-") as name, _lab(lab_package) as lab:
        folder = Path(name)
        found = _targets(lab, folder / "known_hosts")
        say = _silent if as_json else _say
        say("1. Audit: what is wrong with these four routers?")
        before = list(inspected_targets(found, ids, len(found)))
        if not as_json:
            output.show(before, as_json=False)
        say("2. Plan: what a push would change, and nothing more")
        say(console.planned(before))
        say("3. Push: each router inside a revert of its own, proved by a new login")
        pushed = pushed_targets(found, ids, len(found), backup_folder=folder / "backups")
        say(_steps(pushed))
        say("4. Verify: read again; nothing may be left to do")
        after = list(inspected_targets(found, ids, len(found)))
    if as_json:
        sys.stdout.write(contract.as_text(pushed) + "\n")
        return output.exit_status([*pushed, *after])
    output.show(after, as_json=False)
    return output.exit_status([*pushed, *after])


def imported_lab() -> ModuleType:
    """The lab, which needs the extra `lab`."""
    from routercfg import lab  # noqa: PLC0415 - asyncssh may not be there

    return lab


def _lab_package() -> ModuleType:
    try:
        return imported_lab()
    except ModuleNotFoundError as error:
        if error.name != "asyncssh":
            raise
        raise PackError("the demo needs asyncssh", hint="pip install routercfg[lab]") from error


def _lab(package: ModuleType) -> Lab:
    create = load_simulator(_PLATFORM).create
    routers = {name: create(**_options(name, file, version)) for name, file, version in _ROUTERS}
    seen = {name: _OFFICE if file else _WORKBENCH for name, file, _ in _ROUTERS}
    lab: Lab = package.Lab(routers, users={_USER: _PASSWORD}, seen_from=seen)
    return lab


def _options(name: str, file: str | None, version: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hostname": name, "version": version}
    if file is not None:
        folder = Path(__file__).parents[1] / "lab" / "demo"
        options["configuration"] = (folder / file).read_text(encoding="utf-8")
    return options


def _targets(lab: Lab, known_hosts: Path) -> tuple[Target, ...]:
    addresses = {name: lab.address(name) for name, _, _ in _ROUTERS}
    lines = [f"[{host}]:{port} {lab.host_key}\n" for host, port in addresses.values()]
    known_hosts.write_text("".join(lines), encoding="utf-8")
    return tuple(
        Target(
            router=name,
            platform=load_pack(_PLATFORM).platform,
            intent=_INTENT,
            host=host,
            port=port,
            user=_USER,
            password=Secret.of(_PASSWORD),
            known_hosts=known_hosts,
        )
        for name, (host, port) in addresses.items()
    )


def _steps(entries: Sequence[Entry]) -> str:
    lines = []
    for entry in entries:
        steps = " > ".join(step for step, _ in entry.steps)
        lines.append(f"{entry.router}: {entry.outcome} ({steps})")
        if entry.error is not None:
            lines.append(f"  {console.clean(str(entry.error))}")
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(f"\n{text}\n\n")


def _silent(_text: str) -> None:
    pass
