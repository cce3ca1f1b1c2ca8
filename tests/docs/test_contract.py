from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from routercfg.cli.intents import read_intent
from routercfg.cli.texts import recorded
from routercfg.planning import make_plan
from routercfg.platforms import load_pack, pack_folders
from routercfg.report.contract import as_data
from routercfg.report.entry import Entry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"


def printed() -> dict[str, set[str]]:
    """The keys of items by requirement, over every sample of every pack."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for name, folder in pack_folders().items():
        pack = load_pack(name)
        for case in folder.glob("samples/*/intent.yml"):
            state = pack.state(recorded(str(case.parent), pack).texts)
            plan = make_plan("office", pack, state, read_intent(case))
            [router] = as_data([Entry("office", name, plan)])["routers"]
            for finding in router["findings"]:
                for item in finding["items"]:
                    keys[finding["requirement"]] |= set(item) - {"verdict", "note"}
    return dict(keys)


def test_the_page_names_the_keys_that_items_have() -> None:
    table = PAGE.read_text().split("| requirement | keys of an item |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", table, re.MULTILINE)
    # What stands in brackets explains a key.
    said = {name: set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", keys))) for name, keys in rows}
    assert said == printed()
