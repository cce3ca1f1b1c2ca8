"""How long the plans of many routers take on one core, without reaching any of them.

    python benchmarks/rendering.py [ROUTERS]      (default 10000)

Each router's recorded outputs, with addresses and names of its own, are parsed, judged by every
requirement, and what it lacks is rendered into commands.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

import client

from routercfg.net import PrefixSet
from routercfg.platforms import load_pack, load_simulator
from routercfg.requirements import judge

VERSION = "7.12.2"
#: The LAN of the lab's messy router, which becomes another one for each router.
LAN = "192.168.30."


def recorded() -> dict[str, str]:
    """What a simulated router prints for every read of the pack."""
    router = load_simulator(client.PLATFORM).create(
        client.MESSY.read_text(encoding="utf-8"), hostname="gw", version=VERSION
    )
    return {
        read.id: router.execute(read.command, client.USER, client.ENGINEER)[0].replace("\r\n", "\n")
        for read in load_pack(client.PLATFORM).manifest.reads
    }


def main() -> None:
    routers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    texts = recorded()
    pack = load_pack(client.PLATFORM)
    parsing = judging = rendering = 0.0
    commands = 0
    for number in range(routers):
        lan = f"10.{number >> 8 & 255}.{number & 255}."
        own = {key: text.replace(LAN, lan) for key, text in texts.items()}
        intent = replace(client.INTENT, pbx=PrefixSet.of(f"{lan}20"))
        begin = time.process_time()
        state = pack.state(own)
        parsed = time.process_time()
        findings = judge(intent, state)
        judged = time.process_time()
        for finding in findings:
            for change in finding.changes:
                commands += len(pack.render(change, state, intent))
        rendering += time.process_time() - judged
        judging += judged - parsed
        parsing += parsed - begin
    assert commands
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = parsing + judging + rendering
    print(
        f"{routers} routers, {commands} commands, seconds of one core: parse {parsing:.1f}, "
        f"judge {judging:.1f}, render {rendering:.1f}, together {whole:.1f} "
        f"({whole / routers * 1000:.2f} ms a router); peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
