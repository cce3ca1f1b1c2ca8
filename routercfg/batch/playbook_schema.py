"""The JSON Schema of a playbook, for editors: made from the models that read it.

It takes what they take, but for what only vendor packs and the inventory know: which commands show,
and what a variable may hold. `routercfg playbook check` finds these.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from routercfg.batch.playbook import PlayHead, TaskHead
from routercfg.batch.playbook_actions import ACTIONS
from routercfg.inventory.variables import NAMES, PREFIX
from routercfg.requirements import REQUIREMENTS

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
#: One line of text that says something. (Python's `$` also stands before the last line's end.)
_LINE = {
    "type": "string",
    "pattern": rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$(?!\n)",
}
_ONE_OR_MORE = {"anyOf": [_LINE, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_SIZE = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 9_999_999},
        {"type": "string", "pattern": r"^\s*(?=\d*[1-9])(?:\d{1,7}|0{0,5}(?:100|\d{1,2})%)\s*$"},
    ]
}
_ID = {"enum": list(REQUIREMENTS)}
_IDS = {"anyOf": [{"const": "all"}, _ID, {"type": "array", "items": _ID}]}
_LINES = {
    "anyOf": [
        _LINE,
        {"type": "array", "items": _LINE, "minItems": 1, "maxItems": 50},
    ]
}
#: What may be written instead of the mapping.
_SHORT: dict[str, list[dict[str, Any]]] = {
    "backup": [{"type": "null"}, _LINE],
    "require": [{"type": "null"}, _IDS],
    "verify": [{"type": "null"}, _IDS],
    "report": [{"type": "null"}, {"enum": ["console", "json"]}],
    # A text that looks like a time is no question: seconds are a number.
    "pause": [
        {"type": "integer", "minimum": 1, "maximum": 86_400},
        {**_LINE, "not": {"pattern": r"^\s*\d+(?:\.\d+)?\s*[a-zA-Z]{0,7}\s*$"}},
    ],
    "whitelist": [{"type": "null"}, {"enum": ["console", "csv", "json"]}],
}


def schema() -> dict[str, Any]:
    """The schema as plain values (JSON Schema 2020-12)."""
    models: list[type[BaseModel]] = [PlayHead, TaskHead, *ACTIONS.values()]
    _, whole = models_json_schema([(model, "validation") for model in models])
    found: dict[str, Any] = whole["$defs"]
    _line_everywhere(found)
    found["Pause"]["oneOf"] = [_given("seconds"), _given("prompt")]
    for word in ("require", "verify"):
        for field in ("only", "skip"):
            found[ACTIONS[word].__name__]["properties"][field].update(_plain(_IDS))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A playbook of routercfg",
        "type": "array",
        "minItems": 1,
        "items": _play(found["PlayHead"]),
        "$defs": {"Task": _task(found)},
    }


def as_text() -> str:
    """The schema as the file in the documentation holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _play(head: dict[str, Any]) -> dict[str, Any]:
    fields = head["properties"]
    fields["hosts"] = {**_ONE_OR_MORE, "description": fields["hosts"]["description"]}
    fields["serial"] = {
        "anyOf": [*_SIZE["anyOf"], {"type": "array", "items": _SIZE, "minItems": 1}],
        "description": fields["serial"]["description"],
    }
    names = sorted(NAMES | {PREFIX + name for name in NAMES})
    fields["vars"] = {
        "type": "object",
        "propertyNames": {"enum": names},
        "description": fields["vars"]["description"],
    }
    fields["tags"] = _tags(fields["tags"])
    fields["tasks"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Task"}}
    return {**head, "properties": fields, "required": ["hosts", "tasks"]}


def _task(found: dict[str, Any]) -> dict[str, Any]:
    head = found["TaskHead"]
    head["properties"]["tags"] = _tags(head["properties"]["tags"])
    words = {word: _action(word, found[model.__name__]) for word, model in ACTIONS.items()}
    return {
        **head,
        "properties": {**head["properties"], **words},
        "oneOf": [{"required": [word]} for word in ACTIONS],
    }


def _action(word: str, full: dict[str, Any]) -> dict[str, Any]:
    if word == "command":
        by_platform = {"type": "object", "additionalProperties": _LINES, "minProperties": 1}
        forms = [*_LINES["anyOf"], by_platform]
    else:
        forms = [*_SHORT[word], full]
    return {"description": full["description"], "anyOf": forms}


def _line_everywhere(found: dict[str, Any]) -> None:
    """Every text of the models is one line."""
    for model in found.values():
        for field in model["properties"].values():
            for form in (field, *field.get("anyOf", ())):
                if form.get("type") == "string" and "enum" not in form:
                    form["pattern"] = _LINE["pattern"]


def _given(field: str) -> dict[str, Any]:
    return {"required": [field], "properties": {field: {"not": {"type": "null"}}}}


def _tags(field: dict[str, Any]) -> dict[str, Any]:
    tag = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$(?!\\n)"}
    return {
        "anyOf": [tag, {"type": "array", "items": tag}],
        "description": field.get("description", "Tags of all its tasks."),
    }


def _plain(forms: dict[str, Any]) -> dict[str, Any]:
    return {**forms, "type": ["string", "array"]}


if __name__ == "__main__":
    sys.stdout.write(as_text())
