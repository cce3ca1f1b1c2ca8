"""Text without its secrets. It takes out too much rather than too little."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "***"

_NAMES = (
    r"[\w.-]*(?:password|passwd|passphrase|passwort|secret|psk|pre-?shared-?key|private-?key"
    r"|community|token|auth-?key|key-string|wpa-key|md5-key|encryption-key|api-?key)"
)
#: `password=x`, `password "x"`, `secret 5 $1$x`, `set psksecret ENC x`, `community: x`.
_ASSIGNED = re.compile(
    rf"""(?ix) \b(?P<name>{_NAMES})
    (?P<between> ["']? (?:\s*[=:]\s*|[ \t]+) (?:(?:enc|\d{{1,2}}|hash|plaintext|encrypted)[ \t]+)? )
    (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"',;}}]+ )"""
)
#: Hashes of crypt(3) and of Cisco and Juniper, wherever they stand.
_HASHES = re.compile(r"\$(?:1|2[aby]|5|6|8|9|14|y)\$[^\s\"';]+")
_KEYS = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with `***` for passwords, keys, hashes, and each of `secrets`."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _KEYS.sub(rf"-----BEGIN \1-----{HIDDEN}", text)
    text = _HASHES.sub(HIDDEN, text)
    return _ASSIGNED.sub(rf"\g<name>\g<between>{HIDDEN}", text)
