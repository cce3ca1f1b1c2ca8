"""Text without its secrets. It takes out too much rather than too little.

Two kinds: every text that a `Secret` gave in this process, wherever it turns up again; and what
stands where configurations hold passwords, keys, communities and hashes. A pack adds its platform's
own patterns (`secrets:` in platform.yml).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from routercfg.errors import RoutercfgError

HIDDEN = "***"

#: A revealed secret of fewer characters is hidden where it stands alone: not in `cisco_ios`.
_SHORT = 8

_NAMES = (
    r"[\w.-]*(?:password|passwd|passphrase|passwort|secret|psk|pre-?shared-?key|private-?key"
    r"|community|token|auth-?key|key-string|wpa-key|md5-key|encryption-key|api-?key"
    r"|(?:authentication|server|encrypted|plaintext)-key|static-key-\d)"
)
#: One of these is in every one of the names; to look for them costs a hundredth.
_STEMS = ("pass", "secret", "psk", "key", "commun", "token")
_VALUE = r"""(?P<secret> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"',;}]+ )"""
#: `password=x`, `password "x"`, `secret 5 $1$x`, `set psksecret ENC x`, `community: x`.
_ASSIGNED = re.compile(
    rf"""(?ix) \b(?P<name>{_NAMES})
    (?P<between> ["']? (?:\s*[=:]\s*|[ \t]+) (?:(?:enc|\d{{1,2}}|hash|plaintext|encrypted)[ \t]+)? )
    {_VALUE}"""
)
#: Only with `=`: in a sentence, what follows the word "password" is the next word.
_EQUATED = re.compile(rf"(?ix) \b(?P<name>{_NAMES}) (?P<between> = ) {_VALUE}")
_QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")
#: Hashes of crypt(3) and of Cisco and Juniper, wherever they stand.
_HASHES = re.compile(r"\$(?:1|2[aby]|5|6|8|9|14|y)\$[^\s\"';]+")
#: `scheme://user:password@host`, in whatever text.
_URLS = re.compile(r"""://[^\s/:@'"]*:(?P<secret>[^\s/@'"]+)@""")
_KEYS = re.compile(
    r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----(?P<secret>.*?(?:-----END \1-----|\Z))", re.DOTALL
)

#: What was revealed in this process, in each of its forms, by the first characters of the form: a
#: run over ten thousand routers knows as many passwords, and no text can be asked for each of them.
_revealed: dict[str, set[str]] = {}
_START = 3
#: Longest text that counts as a line.
_LINE = 400

_WORD = re.compile(r"\w")

#: Where a stretch of text begins and ends.
Span = tuple[int, int]
Failure = TypeVar("Failure", bound=BaseException | None)


def remember(secret: str) -> None:
    """Hide this text from now on in everything this process shows."""
    if not secret.strip():
        return
    for form in _forms(secret):
        _revealed.setdefault(form[:_START], set()).add(form)


def redacted(
    text: str,
    secrets: Iterable[str] | None = None,
    patterns: Iterable[re.Pattern[str]] = (),
) -> str:
    """A configuration or a command with `***` for every secret in it.

    `secrets`: by default every text that was revealed in this process. `patterns`: a platform's
    own; their group `secret` is hidden, or all that they match.
    """
    return _covered(text, [*_known(text, secrets), *_in_place(text, tuple(patterns))])


def redacted_message(text: str) -> str:
    """A sentence without secrets; what it quotes is treated as a command."""
    return _covered(text, [*_known(text, None), *_in_message(text)])


def without(text: str, secrets: Iterable[str] | None = None) -> str:
    """The text with `***` for each of these secrets, in each way in which a text may carry them.

    Without `secrets`: those that were revealed in this process. A short one of them may be a common
    word, and is hidden where it stands alone.
    """
    return _covered(text, _known(text, secrets))


def scrubbed(error: Failure) -> Failure:
    """The same error, with the secrets taken out of it and of everything it was raised from."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        _scrub(one)
        waiting += [one.__cause__, one.__context__]
    return error


def _scrub(error: BaseException) -> None:
    error.args = tuple(redacted_message(one) if isinstance(one, str) else one for one in error.args)
    if isinstance(error, RoutercfgError):
        error.message = redacted_message(error.message)
        error.hint = redacted_message(error.hint)


def _may_assign(text: str) -> bool:
    """False only where no name of a secret can be in the text."""
    # Not `lower`: a pattern that ignores case takes the long s for an s, as this does.
    folded = text.casefold()
    return any(stem in folded for stem in _STEMS)


def _perhaps_in(text: str) -> set[str]:
    """The forms of revealed secrets of which the text holds the first characters."""
    # Other threads may be remembering theirs: nothing of it is walked through but a copy.
    starts = list(_revealed)
    if len(starts) > _START * len(text):
        starts = [text[i : i + n] for i in range(len(text)) for n in range(1, _START + 1)]
    return {form for start in starts if start in text for form in tuple(_revealed.get(start, ()))}


@lru_cache(maxsize=1024)
def _forms(secret: str) -> frozenset[str]:
    """Each way in which a text may carry the secret."""
    coded = base64.b64encode(secret.encode("utf-8", "replace")).decode()
    written = (json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe=""), coded)
    return frozenset((secret, *written))


def _known(text: str, secrets: Iterable[str] | None) -> Iterator[Span]:
    """Where secrets stand that are known by their text."""
    if secrets is None:
        forms = _perhaps_in(text)
    else:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in forms:
        anywhere = secrets is not None or len(form) >= _SHORT
        start = text.find(form)
        while start >= 0:
            end = start + len(form)
            if anywhere or not (_WORD.match(text, end) or (start and _WORD.match(text, start - 1))):
                yield start, end
            start = text.find(form, start + 1)


def _placed(
    text: str, patterns: Iterable[re.Pattern[str]], start: int = 0, end: int | None = None
) -> Iterator[Span]:
    """Where secrets stand that are known by their place in a configuration.

    All are looked for in the text as it is. In one from which known secrets had been taken first,
    a router whose password is `secret` would show what follows that word in `enable secret 5 …`.
    """
    end = len(text) if end is None else end
    for pattern in (_KEYS, _HASHES, _URLS, *patterns, *([_ASSIGNED] if _may_assign(text) else [])):
        yield from _places(pattern, text, start, end)


def _in_place(text: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[Span, ...]:
    """As `_placed`, for a whole text."""
    if len(text) <= _LINE:
        return _in_line(text, patterns)
    return tuple(_placed(text, patterns))


# A run shows and keeps the same few hundred lines for router after router.
@lru_cache(maxsize=4096)
def _in_line(text: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[Span, ...]:
    return tuple(_placed(text, patterns))


@lru_cache(maxsize=4096)
def _in_message(text: str) -> tuple[Span, ...]:
    """Where secrets stand in a sentence, besides those that are known by their text."""
    spans = [*_places(_HASHES, text), *_places(_URLS, text)]
    for quoted in _QUOTED.finditer(text):
        spans += _placed(text, (), *quoted.span())
    if _may_assign(text):
        spans += _places(_EQUATED, text)
    return tuple(spans)


def _places(
    pattern: re.Pattern[str], text: str, start: int = 0, end: int | None = None
) -> Iterator[Span]:
    """Where a pattern says that a secret is: its group `secret`, or all that it matches."""
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        found = "secret" in pattern.groupindex and match["secret"] is not None
        yield match.span("secret") if found else match.span()


def _covered(text: str, spans: Iterable[Span]) -> str:
    """The text with one `***` for each stretch of it that spans cover."""
    parts: list[str] = []
    shown = 0
    hidden_to = -1
    for start, end in sorted(spans):
        if start == end:
            continue
        if start >= hidden_to or hidden_to < 0:
            parts += (text[shown:start], HIDDEN)
        hidden_to = max(hidden_to, end)
        shown = hidden_to
    return "".join((*parts, text[shown:])) if parts else text
