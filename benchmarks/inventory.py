"""How long an inventory of many routers takes to load, check and select from, and its memory.

Run as `python benchmarks/inventory.py [ROUTERS]` (default 10000). Prints one line for each layout:
all variables in the hosts file, and one `host_vars` file for each router.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from routercfg.inventory import check, load_inventory
from routercfg.services import load_services

GROUPS = """all:
  vars:
    management_sources: [192.0.2.0/28]
    provider_prefixes: {{xelion: [198.51.100.0/24], voipspot: [203.0.113.0/24]}}
  children:
    xelion:
      vars: {{service: xelion, platform: mikrotik_routeros}}
      hosts:
{0}    voipspot:
      vars: {{service: voipspot, platform: linux_nftables}}
      hosts:
{1}"""


def host_variables(number: int, indent: str) -> str:
    lines = (
        f"ansible_host: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        f"customer: Klant {number}",
        f"site: site-{number // 3}",
        "voice_subnets: [192.168.20.0/24]",
        "wan_interfaces: [ether1]",
    )
    return "".join(f"{indent}{line}\n" for line in lines)


def write_inventory(folder: Path, routers: int, *, files: bool) -> None:
    names = [f"r{number:05}" for number in range(routers)]
    blocks = [
        f"        {name}:\n" + ("" if files else host_variables(number, " " * 10))
        for number, name in enumerate(names)
    ]
    half = routers // 2
    text = GROUPS.format("".join(blocks[:half]), "".join(blocks[half:]))
    (folder / "hosts.yml").write_text(text)
    if files:
        (folder / "host_vars").mkdir()
        for number, name in enumerate(names):
            (folder / "host_vars" / f"{name}.yml").write_text(host_variables(number, ""))


def measure(folder: Path, label: str) -> None:
    begin = time.perf_counter()
    inventory = load_inventory(folder)
    loaded = time.perf_counter()
    chosen = inventory.select("xelion:!r0000[1-3]")
    selected = time.perf_counter()
    load_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    problems = check(inventory, load_services())
    checked = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{label}: {len(inventory.hosts)} routers, load {loaded - begin:.2f} s, "
        f"select {len(chosen)} in {(selected - loaded) * 1000:.1f} ms, peak {load_peak:.0f} MB; "
        f"check {checked - selected:.2f} s ({len(problems)} problems), peak {peak:.0f} MB"
    )


def main() -> None:
    routers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as place:
        for label, files in (("hosts file", False), ("host_vars files", True)):
            folder = Path(place) / label.replace(" ", "-")
            folder.mkdir()
            write_inventory(folder, routers, files=files)
            # A process each, so that one layout's memory does not count for the other.
            worker = multiprocessing.get_context("spawn").Process(
                target=measure, args=(folder, label)
            )
            worker.start()
            worker.join()


if __name__ == "__main__":
    main()
