"""Text without its secrets. It takes out too much rather than too little.

Two kinds: every text that a `Secret` gave in this process, wherever it turns up again; and what
stands where configurations hold passwords, keys, communities and hashes. A pack adds its platform's
own patterns (`secrets:` in platform.yml).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from routercfg.errors import RoutercfgError

HIDDEN = "***"

#: A revealed secret of fewer characters is hidden where it stands alone: not in `cisco_ios`.
_SHORT = 8

_NAMES = (
    r"[\w.-]*(?:password|passwd|passphrase|passwort|secret|psk|pre-?shared-?key|private-?key"
    r"|community|token|auth-?key|key-string|wpa-key|md5-key|encryption-key|api-?key)"
)
#: One of these is in every one of the names; to look for them costs a hundredth.
_STEMS = ("pass", "secret", "psk", "key", "commun", "token")
_VALUE = r"""(?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"',;}]+ )"""
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
_KEYS = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)

#: What was revealed in this process, in each of its forms, by the first characters of the form: a
#: run over ten thousand routers knows as many passwords, and no text can be asked for each of them.
_revealed: dict[str, set[str]] = {}
_START = 3

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
    text = without(text, secrets)
    text = _KEYS.sub(rf"-----BEGIN \1-----{HIDDEN}", text)
    text = _HASHES.sub(HIDDEN, text)
    for pattern in patterns:
        text = pattern.sub(_hide_group, text)
    return _ASSIGNED.sub(rf"\g<name>\g<between>{HIDDEN}", text) if _may_assign(text) else text


def redacted_message(text: str) -> str:
    """A sentence without secrets; what it quotes is treated as a command."""
    text = _HASHES.sub(HIDDEN, without(text))
    text = _QUOTED.sub(lambda match: redacted(match[0], ()), text)
    return _EQUATED.sub(rf"\g<name>\g<between>{HIDDEN}", text) if _may_assign(text) else text


def without(text: str, secrets: Iterable[str] | None = None) -> str:
    """The text with `***` for each of these secrets, in each way in which a text may carry them.

    Without `secrets`: those that were revealed in this process. A short one of them may be a common
    word, and is hidden where it stands alone.
    """
    if secrets is None:
        forms = _perhaps_in(text)
    else:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        if form not in text:
            continue
        if secrets is not None or len(form) >= _SHORT:
            text = text.replace(form, HIDDEN)
        else:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", HIDDEN, text)
    return text


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
    written = (json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe=""))
    return frozenset((secret, *written))


def _hide_group(match: re.Match[str]) -> str:
    if "secret" not in match.re.groupindex or match["secret"] is None:
        return HIDDEN
    start, end = match.span("secret")
    offset = match.start()
    return match[0][: start - offset] + HIDDEN + match[0][end - offset :]
