"""Secrets: written as `!env`, `!keyring` or `!vault`, read only when needed, never printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from routercfg.documents import TagReader
from routercfg.errors import SecretError, Where
from routercfg.inventory import vault
from routercfg.redaction import remember

#: Gives the password of a vault; the argument is the vault's label (None for format 1.1).
VaultPassword = Callable[[str | None], str]


class SecretSource(Protocol):
    """Where a secret's text comes from. Picklable, so that worker processes can read it too."""

    def read(self) -> str:
        """The text. Raises SecretError, which names the source and never the text."""
        ...


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is shown as `***` everywhere but where `reveal` is called."""

    source: SecretSource = field(repr=False)
    where: Where = field(default_factory=Where, compare=False, repr=False)

    @classmethod
    def of(cls, text: str) -> Secret:
        """A secret whose text is at hand."""
        return cls(GivenText(text))

    def reveal(self) -> str:
        """The text. Raises SecretError with the place it was written where it cannot be had."""
        try:
            text = self.source.read()
        except SecretError as problem:
            raise SecretError(problem.message, where=self.where, hint=problem.hint) from None
        remember(text)
        return text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret(***)"

    def __format__(self, spec: str) -> str:
        return format("***", spec)


@dataclass(frozen=True, slots=True)
class GivenText:
    """Text that stood in the inventory itself."""

    text: str = field(repr=False)

    def read(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """`!env NAME`: an environment variable of the process that asks."""

    name: str

    def read(self) -> str:
        text = os.environ.get(self.name)
        if not text:
            raise SecretError(
                f"the environment variable {self.name} is not set or empty",
                hint=f"export {self.name}=... before running",
            )
        return text


@dataclass(frozen=True, slots=True)
class FromKeyring:
    """`!keyring service/user`: the key ring of the operating system."""

    service: str
    user: str

    def read(self) -> str:
        import keyring  # noqa: PLC0415 - slow to import, and seldom used
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            text: str | None = keyring.get_password(self.service, self.user)
        except KeyringError as problem:
            raise SecretError(
                f"the key ring cannot be asked for {self.service}/{self.user}: {problem}",
                hint="Without a key ring, use !env or !vault",
            ) from None
        if not text:
            raise SecretError(
                f"the key ring holds nothing for {self.service}/{self.user}",
                hint=f"keyring set {self.service} {self.user}",
            )
        return text


@dataclass(frozen=True, slots=True)
class FromVault:
    """`!vault |`: a value encrypted with Ansible Vault."""

    envelope: vault.Envelope = field(repr=False)
    password: VaultPassword | None = field(default=None, repr=False)

    def read(self) -> str:
        return vault.decrypt(self.envelope, vault_password(self.password, self.envelope.label))


def vault_password(password: VaultPassword | None, label: str | None) -> str:
    """Ask for a vault's password. Raises SecretError where there is nobody to ask."""
    if password is None:
        raise SecretError(
            "this value is in a vault and no vault password was given",
            hint="Give --vault-password-file, or set ROUTERCFG_VAULT_PASSWORD_FILE",
        )
    return password(label)


def secret_tags(password: VaultPassword | None) -> Mapping[str, TagReader]:
    """The tags an inventory file may use for secrets."""

    def read_vault(text: str, where: Where) -> Secret:
        try:
            envelope = vault.parse(text)
        except SecretError as problem:
            raise SecretError(problem.message, where=where, hint=problem.hint) from None
        return Secret(FromVault(envelope, password), where)

    return {
        "!env": _read_environment,
        "!keyring": _read_keyring,
        "!vault": read_vault,
        "!vault-encrypted": read_vault,
    }


def _read_environment(text: str, where: Where) -> Secret:
    name = text.strip()
    if not name.isidentifier() or not name.isascii():
        raise SecretError("!env takes the name of one environment variable", where=where)
    return Secret(FromEnvironment(name), where)


def _read_keyring(text: str, where: Where) -> Secret:
    service, slash, user = text.strip().rpartition("/")
    if not slash or not service or not user:
        raise SecretError("!keyring takes service/user", where=where)
    return Secret(FromKeyring(service, user), where)
