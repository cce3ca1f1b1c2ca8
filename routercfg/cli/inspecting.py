"""Looking at routers: in files, or live. Nothing here changes one."""

from __future__ import annotations

from collections.abc import Sequence

from routercfg.cli.progress import watched
from routercfg.model.intent import Intent
from routercfg.planning import make_plan
from routercfg.platforms import load_pack
from routercfg.report.entry import Entry


def offline(
    files: Sequence[str], platform: str, intent: Intent, ids: tuple[str, ...]
) -> list[Entry]:
    """Judge the outputs in files. Raises InputError on a file that cannot be read."""
    from routercfg.cli.texts import recorded  # noqa: PLC0415 - not needed live

    pack = load_pack(platform)
    routers = [recorded(name, pack) for name in files]
    return [
        Entry(
            one.router,
            pack.platform,
            make_plan(one.router, pack, pack.state(one.texts), intent, ids),
        )
        for one in watched(routers, len(routers))
    ]
