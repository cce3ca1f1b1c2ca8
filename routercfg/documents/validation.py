"""Pydantic's findings in one sentence for the person who wrote the YAML."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

_PLAIN_WORDS = {
    "extra_forbidden": "there is no such field",
    "missing": "this field is missing",
    "string_type": "this must be text; put it in quotes",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
    "dict_type": "this must be a mapping",
    "model_type": "this must be a mapping",
    "tuple_type": "this must be a list",
    "string_pattern_mismatch": "this text has characters that cannot be used here",
}


def reported(problem: ValidationError, model: type[BaseModel]) -> tuple[str, str, str]:
    """Field (dotted), message and hint of the first finding; the value itself is left out."""
    findings = problem.errors(include_url=False, include_input=False)
    # A mistyped name is reported twice, as unknown and as missing; the former can be mended.
    first = min(findings, key=lambda finding: finding["type"] != "extra_forbidden")
    place = first["loc"]
    field = ".".join(str(part) for part in place)
    message = _PLAIN_WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
    if first["type"] != "extra_forbidden":
        return field, message, ""
    close = get_close_matches(str(place[-1]), _fields(model, place[:-1]), n=1)
    return field, message, f"Did you mean {close[0]}?" if close else ""


def _fields(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Names of the fields the model at this place has."""
    for part in place:
        annotation = (
            model.model_fields[str(part)].annotation if part in model.model_fields else None
        )
        inner = [annotation, *getattr(annotation, "__args__", ())]
        models = [kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)
