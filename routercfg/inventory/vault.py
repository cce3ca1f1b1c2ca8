"""Ansible Vault, formats 1.1 and 1.2 with AES256: reading only.

The envelope is hexadecimal twice over; inside are a salt, an HMAC-SHA256 and AES-256-CTR text with
PKCS#7 padding. Keys and counter come from PBKDF2-HMAC-SHA256 with 10,000 rounds (80 bytes: 32 for
the cipher, 32 for the HMAC, 16 for the counter). Source: Ansible documentation, "Ansible Vault
payload format 1.1 - 1.2".
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import unhexlify
from dataclasses import dataclass, field
from functools import lru_cache

from routercfg.errors import SecretError

MARKER = "$ANSIBLE_VAULT"
_ROUNDS = 10_000
_KEY, _MAC, _COUNTER = 32, 32, 16


@dataclass(frozen=True, slots=True)
class Envelope:
    """An encrypted text, checked for form only."""

    salt: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    cipher: bytes = field(repr=False)
    label: str | None = None
    text: str = field(default="", repr=False)


def is_vault(text: str) -> bool:
    """Is this whole text one vault?"""
    return text.startswith(MARKER + ";")


def parse(text: str) -> Envelope:
    """Take an envelope apart. Raises SecretError where it is not one or is cut."""
    lines = text.strip().split("\n")
    header = [part.strip() for part in lines[0].split(";")]
    if header[0] != MARKER or len(header) < 3:
        raise SecretError(
            "this is not an Ansible Vault text", hint="It begins with $ANSIBLE_VAULT;1.1;AES256"
        )
    if header[1] not in ("1.1", "1.2") or header[2] != "AES256":
        raise SecretError(
            f"vault format {header[1]} with {header[2]} cannot be read",
            hint="Encrypt it again with a current ansible-vault",
        )
    try:
        inner = unhexlify("".join(line.strip() for line in lines[1:]))
        salt, mac, cipher = (unhexlify(part) for part in inner.split(b"\n", 2))
    except ValueError:
        raise SecretError("the vault text is cut or damaged") from None
    if not salt or len(mac) != _MAC or not cipher or len(cipher) % 16:
        raise SecretError("the vault text is cut or damaged")
    label = header[3] if header[1] == "1.2" and len(header) > 3 else None
    return Envelope(salt, mac, cipher, label, text.strip() + "\n")


# One password in `group_vars` serves every router and is asked for at each login; the rounds are
# there to be slow. Whoever reads our memory finds what was revealed anyway.
@lru_cache(maxsize=256)
def decrypt(envelope: Envelope, password: str) -> str:
    """The text inside. Raises SecretError on a wrong password or a changed envelope."""
    # Loading the cipher library takes longer than reading an inventory; most have no vault.
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415  # see the line above
        Cipher,
        algorithms,
        modes,
    )

    keys = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), envelope.salt, _ROUNDS, _KEY + _MAC + _COUNTER
    )
    expected = hmac.new(keys[_KEY : _KEY + _MAC], envelope.cipher, hashlib.sha256).digest()
    if not hmac.compare_digest(expected, envelope.mac):
        raise SecretError(
            "the vault does not open with this password",
            hint="Check the password, or that the vault text is whole",
        )
    cipher = Cipher(algorithms.AES(keys[:_KEY]), modes.CTR(keys[_KEY + _MAC :])).decryptor()
    padded = cipher.update(envelope.cipher) + cipher.finalize()
    padding = padded[-1]
    if not 1 <= padding <= 16 or padded[-padding:] != bytes([padding]) * padding:
        raise SecretError("the vault text is cut or damaged")
    try:
        return padded[:-padding].decode()
    except UnicodeDecodeError:
        raise SecretError("the vault does not hold text") from None
