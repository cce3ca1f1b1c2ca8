"""The backup command: each router's configuration in a file that only its owner can read."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from routercfg.batch import run
from routercfg.batch.playbook_work import Talk, backed_up
from routercfg.cli import output
from routercfg.cli.progress import watched
from routercfg.cli.targets import Source, targets
from routercfg.errors import InputError, TransportError, Where
from routercfg.redaction import redacted_message
from routercfg.report.console import clean
from routercfg.report.contract import error_data
from routercfg.report.hiding import hidden
from routercfg.transport import Target


def kept(source: Source, folder: Path, workers: int, *, redact: bool, as_json: bool) -> int:
    """Keep the configurations. 2 if a file cannot be written, 3 if a router was not read whole."""
    found = targets(source)
    _prepare(folder)
    work = partial(_keep, folder=folder, redact=redact)
    answers = list(watched(run(work, found, workers=workers), len(found)))
    _print(answers, as_json=as_json)
    return max((_status(one) for one in answers), default=0)


def _keep(target: Target, folder: Path, *, redact: bool) -> Talk:
    change = partial(hidden, platform=target.platform) if redact else None
    return backed_up(target, folder, change=change)


def _prepare(folder: Path) -> None:
    """Nobody else may look into a new folder. One that is there is not ours to close to others."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"no backups can be kept here: {problem.strerror}", where=Where(file=folder)
        ) from problem


def _status(answer: Talk) -> int:
    if answer.error is None:
        return 0
    return 3 if isinstance(answer.error, TransportError) else 2


def _print(answers: Sequence[Talk], *, as_json: bool) -> None:
    if as_json:
        data = {"schema": 1, "backups": [_data(one) for one in answers]}
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        return
    rows = [[clean(one.router), clean(_said(one))] for one in answers]
    output.table([["router", "backup"], *rows])


def _said(answer: Talk) -> str:
    return answer.detail if answer.error is None else redacted_message(str(answer.error))


def _data(answer: Talk) -> dict[str, object]:
    if answer.error is None:
        return {"router": answer.router, "file": answer.detail}
    return {"router": answer.router, "error": error_data(answer.error)}
