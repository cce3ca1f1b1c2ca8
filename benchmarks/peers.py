"""Nornir + netmiko at the same work: `peers.py JOB`. Prints one JSON line.

The same logins, reads and lines under the same safe mode. It compares nothing and proves nothing:
what is measured is only the way to the routers and back.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

from netmiko import ConnectHandler
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result, Task
from nornir.plugins.runners import ThreadedRunner

SAFE_MODE = "\x18"


def work(task: Task, job: dict[str, Any]) -> Result:
    _, lan = job["routers"][task.host.name]
    login = {
        "device_type": "mikrotik_routeros",
        "host": task.host.hostname,
        "port": task.host.port,
        "username": job["user"],
        "password": job["password"],
        "conn_timeout": 60,
        "banner_timeout": 60,
        "auth_timeout": 60,
    }
    with ConnectHandler(**login) as first:
        read(first, job["reads"])
        first.write_channel(SAFE_MODE)
        first.read_until_pattern(r"Success|Safe Mode taken", read_timeout=60)
        first.read_until_pattern(r"<SAFE>", read_timeout=60)
        for line in job["lines"]:
            own = line.replace(job["lan"], lan)
            first.send_command(own, expect_string=r"<SAFE> ?$", read_timeout=60)
        with ConnectHandler(**login) as second:
            read(second, job["reads"])
        first.write_channel(SAFE_MODE)
        first.read_until_pattern(r"Success|Safe Mode released", read_timeout=60)
    return Result(host=task.host)


def read(connection: Any, reads: list[str]) -> None:
    for command in reads:
        connection.send_command(command, read_timeout=60)


def main() -> None:
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    job = json.loads(Path(sys.argv[1]).read_text())
    hosts = Hosts(
        {
            name: Host(name=name, hostname=host, port=job["port"])
            for name, (host, _) in job["routers"].items()
        }
    )
    nornir = Nornir(
        inventory=Inventory(hosts=hosts, groups=Groups(), defaults=Defaults()),
        runner=ThreadedRunner(num_workers=job["workers"]),
    )
    results = nornir.run(task=work, job=job)
    failed = [f"{name}: {one[0].exception}" for name, one in results.items() if one.failed]
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "good": len(results) - len(failed),
                "problems": failed[:5],
                "cpu": used.ru_utime + used.ru_stime,
            }
        )
    )


if __name__ == "__main__":
    main()
