from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache"}
PACKS = [file.parent.name for file in sorted((ROOT / "vendors").glob("*/platform.yml"))]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel of this checkout installs, in a folder far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = (folder / "dist").iterdir()
    with ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not set(path.parts) & CACHES
    }


def printed(installed: Path, folder: Path, *arguments: str) -> str:
    """What the installed command line prints, run in an empty folder."""
    done = subprocess.run(
        [sys.executable, "-m", "routercfg", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed), "HOME": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_holds_the_package_and_its_packs_and_no_cases_of_tests(installed: Path) -> None:
    ours = {f"routercfg/{name}" for name in files(ROOT / "routercfg")}
    theirs = {f"routercfg/_vendors/{name}" for name in files(ROOT / "vendors")}
    wanted = ours | {name for name in theirs if "/samples/" not in name or "/factory/" in name}
    found = {name for name in files(installed) if ".dist-info/" not in name}
    assert found == wanted
    assert all(f"routercfg/_vendors/{pack}/driver.py" in found for pack in PACKS)


def test_an_installed_wheel_finds_its_packs(installed: Path, tmp_path: Path) -> None:
    text = printed(installed, tmp_path, "vendors")
    assert all(pack in text for pack in PACKS)


def test_an_installed_wheel_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    assert "4. Verify" in printed(installed, tmp_path, "demo")


def test_an_installed_wheel_renders_for_a_router_fresh_from_the_factory(
    installed: Path, tmp_path: Path
) -> None:
    example = str(ROOT / "inventories" / "example")
    text = printed(installed, tmp_path, "render", "-i", example, "--limit", "jansen-01")
    assert "/ip firewall service-port set sip disabled=yes" in text
