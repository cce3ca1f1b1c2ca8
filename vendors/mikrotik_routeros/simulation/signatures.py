"""What commands take that are not about the fields of a menu."""

from __future__ import annotations

# Global commands: the unnamed arguments and the named ones they take.
BUILTINS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "put": (("message",), ()),
    "len": (("value",), ()),
    "delay": (("delay-time",), ()),
    "error": (("error",), ()),
    "local": (("name", "value"), ("do",)),
    "global": (("name", "value"), ("do",)),
    "set": (("name", "value"), ()),
    "if": (("condition",), ("do", "else")),
    "do": (("command",), ("while", "on-error")),
    "while": (("condition",), ("do",)),
    "foreach": (("counter",), ("in", "do")),
    "for": (("counter",), ("from", "to", "step", "do")),
    "execute": (("script",), ("file", "script", "as-string")),
    "typeof": (("value",), ()),
    "tostr": (("value",), ()),
    "tonum": (("value",), ()),
    "toarray": (("value",), ()),
    "pick": (("counter", "begin", "end"), ()),
    "find": (("where", "what", "from"), ()),
    "nothing": ((), ()),
    "return": (("value",), ()),
    "log": (("topic", "message"), ("message",)),
}
ROOT = {
    "export": ((), ()),
    "import": (("file-name",), ("file-name", "verbose", "dry-run")),
    "quit": ((), ()),
    "undo": ((), ()),
    "redo": ((), ()),
}
PRINT_FLAGS = (
    "as-value", "append", "brief", "count-only", "detail", "follow", "follow-only", "show-ids",
    "terse", "value-list", "without-paging", "all", "dynamic", "static", "stats",
)  # fmt: skip
PRINT_NAMED = ("file", "from", "interval", "proplist", "chain")
RULE_ONLY = frozenset({"all", "dynamic", "static", "stats", "chain"})

OWN: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    ("system backup", "save"): ((), ("name", "dont-encrypt", "encryption", "password"), ()),
    ("system backup", "load"): ((), ("name", "password"), ()),
    ("system script", "run"): (("number",), ("number", "use-script-permissions"), ()),
    ("safe-mode", "take"): ((), ("on-error",), ()),
    ("safe-mode", "release"): ((), (), ()),
    ("safe-mode", "unroll"): ((), (), ()),
    ("system device-mode", "update"): (
        (), ("mode", "scheduler", "fetch", "socks", "proxy", "romon", "activation-timeout"), ()
    ),
    ("log", "info"): (("message",), ("message",), ()),
    ("log", "warning"): (("message",), ("message",), ()),
    ("log", "error"): (("message",), ("message",), ()),
    ("log", "debug"): (("message",), ("message",), ()),
}  # fmt: skip
