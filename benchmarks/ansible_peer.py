"""Ansible at the same logins, reads and lines, run as the program that it is, never imported.

`network_cli` with the RouterOS collection, as its manual says. Without safe mode, which it has no
task for; reads of before and after in two logins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def prepared(
    program: Path,
) -> Callable[[Path, dict[str, Any]], tuple[list[str], dict[str, str]]]:
    """What makes a command and its environment of a job, in the job's folder."""

    def prepare(folder: Path, job: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
        (folder / "hosts.json").write_text(json.dumps(_inventory(job)))
        (folder / "play.json").write_text(json.dumps(_play(job)))
        home = folder / "home"
        home.mkdir()
        environment = {
            **os.environ,
            "HOME": str(home),
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_FORKS": str(job["workers"]),
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_GATHERING": "explicit",
            "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "120",
            "ANSIBLE_PERSISTENT_COMMAND_TIMEOUT": "100",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_PYTHON_INTERPRETER": str(program.with_name("python")),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
        }
        command = [str(program), "-i", str(folder / "hosts.json"), str(folder / "play.json")]
        return command, environment

    return prepare


def _inventory(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "all": {
            "hosts": {
                name: {"ansible_host": host, "lan": lan}
                for name, (host, lan) in job["routers"].items()
            },
            "vars": {
                "ansible_connection": "ansible.netcommon.network_cli",
                "ansible_network_os": "community.routeros.routeros",
                "ansible_network_cli_ssh_type": "paramiko",
                "ansible_user": f"{job['user']}+cet511w4098h",
                "ansible_password": job["password"],
                "ansible_port": job["port"],
            },
        }
    }


def _play(job: dict[str, Any]) -> list[dict[str, Any]]:
    reads = {"community.routeros.command": {"commands": job["reads"]}}
    lines = [_templated(line, job["lan"]) for line in job["lines"]]
    return [
        {
            "hosts": "all",
            "gather_facts": False,
            "strategy": "free",
            "tasks": [
                {"name": "read", **reads},
                {"name": "send", "community.routeros.command": {"commands": lines}},
                {"meta": "reset_connection"},
                {"name": "read again", **reads},
            ],
        }
    ]


def _templated(line: str, lan: str) -> str:
    """The line for any router. What RouterOS writes in braces is no template."""
    parts = ["{% raw %}" + part + "{% endraw %}" for part in line.split(lan)]
    return "{{ lan }}".join(parts)
