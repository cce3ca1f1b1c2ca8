"""Reading an inventory from disk: the only module of this package that opens files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from routercfg.documents import FrozenMapping, read_text, read_yaml
from routercfg.errors import InventoryError, PatternError, SecretError, Where
from routercfg.inventory import vault
from routercfg.inventory.ini import read_ini_hosts
from routercfg.inventory.layers import Layer, named_variables
from routercfg.inventory.model import Inventory
from routercfg.inventory.resolution import FileLayers, resolve_tree
from routercfg.inventory.secret import Secret, VaultPassword, secret_tags, vault_password
from routercfg.inventory.templating import Verbatim
from routercfg.inventory.tree import Tree, read_yaml_hosts

_HOSTS_FILES = ("hosts.yml", "hosts.yaml", "hosts", "hosts.ini")
_ENDINGS = ("", ".yml", ".yaml", ".json")
_YAML_ENDINGS = (".yml", ".yaml", ".json")


def load_inventory(path: Path, vault_password: VaultPassword | None = None) -> Inventory:
    """Read a hosts file, or the folder it is in, with the `group_vars` and `host_vars` beside it.

    Raises InventoryError, VariableError, SecretError or UnsafeValueError, each with file and line.
    """
    file = hosts_file(path)
    tree = Tree(file)
    text = read_text(file, InventoryError)
    if file.suffix in _YAML_ENDINGS or (not file.suffix and _looks_like_yaml(text)):
        read_yaml_hosts(tree, _document(text, file, vault_password))
    else:
        read_ini_hosts(tree, text)
    tree.finish()
    if not tree.hosts:
        raise InventoryError("the hosts file names no router", where=Where(file=file))
    group_files = _files_by_name(file.parent / "group_vars")
    host_files = _files_by_name(file.parent / "host_vars")
    return resolve_tree(
        tree,
        _file_layers("group_vars", group_files, tree.groups, vault_password),
        _file_layers("host_vars", host_files, tree.hosts, vault_password),
        (*_unused(group_files, tree.groups), *_unused(host_files, tree.hosts)),
    )


def hosts_file(path: Path) -> Path:
    """The hosts file a path means. Raises InventoryError where there is none, or more than one."""
    if not path.is_dir():
        return path
    found = [path / name for name in _HOSTS_FILES if (path / name).is_file()]
    if not found:
        raise InventoryError(
            f"no hosts file here; one of {', '.join(_HOSTS_FILES)} is needed",
            where=Where(file=path),
        )
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise InventoryError(
            f"{names} are both here",
            where=Where(file=path),
            hint="Keep one, or name the file itself",
        )
    return found[0]


def read_pattern(text: str) -> str:
    """A pattern with every `@file` replaced by the names in that file, one a line.

    `#` begins a comment there. Raises PatternError on a file that cannot be read or is empty.
    """
    if "@" not in text:
        return text
    parts = [part.strip() for part in text.split(",")]
    return ",".join(_listed(part) if part.startswith("@") else part for part in parts)


def _listed(part: str) -> str:
    file = Path(part[1:]).expanduser()
    lines = (line.split("#", 1)[0].strip() for line in read_text(file, PatternError).splitlines())
    names = [line for line in lines if line]
    if not names:
        raise PatternError("the file names no router", where=Where(file=file))
    return ",".join(names)


def _looks_like_yaml(text: str) -> bool:
    """Ansible tries both; a hosts file without an ending is INI unless it opens like YAML."""
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("#", ";")):
            return bare.startswith(("---", "{")) or bare.split("#")[0].rstrip().endswith(":")
    return False


def _document(text: str, file: Path, password: VaultPassword | None) -> object:
    tags = {**secret_tags(password), "!unsafe": lambda value, _: Verbatim(value)}
    return read_yaml(text, file, InventoryError, tags)


def _file_layers(
    kind: str,
    files: Mapping[str, tuple[Path, ...]],
    known: Iterable[str],
    password: VaultPassword | None,
) -> FileLayers:
    """Only files of groups and routers that exist are read, as Ansible does."""
    return {
        name: tuple(_layer(file, kind, name, password) for file in _single(name, files[name]))
        for name in known
        if name in files
    }


def _files_by_name(folder: Path) -> dict[str, tuple[Path, ...]]:
    """`NAME`, `NAME.yml`, `NAME.yaml`, `NAME.json` or a folder `NAME`, by name."""
    found: dict[str, tuple[Path, ...]] = {}
    if not folder.is_dir():
        return found
    for entry in _entries(folder):
        # A router's name may have dots itself: host_vars/r1.example.net
        is_plain = entry.suffix not in _YAML_ENDINGS or entry.is_dir()
        name = entry.name if is_plain else entry.stem
        found[name] = (*found.get(name, ()), entry)
    return found


def _single(name: str, entries: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files of one name. Ansible would take the first entry and drop the others in silence."""
    if len(entries) > 1:
        raise InventoryError(
            f"there are two files or folders for {name}, of which Ansible reads only one",
            where=Where(file=entries[1]),
            hint="Put both inside one folder of that name",
        )
    return tuple(_files_below(entries[0])) if entries[0].is_dir() else entries


def _unused(files: Mapping[str, tuple[Path, ...]], known: Mapping[str, object]) -> Iterator[Path]:
    """Files and folders for nobody; a README beside them is not meant for anybody."""
    for name, entries in files.items():
        if name not in known:
            yield from (e for e in entries if e.suffix in _YAML_ENDINGS or e.is_dir())


def _files_below(folder: Path) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.is_dir():
            if not entry.suffix:
                yield from _files_below(entry)
        elif entry.suffix in _ENDINGS:
            yield entry


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, in order, without hidden files and editors' backups."""
    try:
        found = sorted(folder.iterdir())
    except OSError as problem:
        raise InventoryError(
            f"cannot be read: {problem.strerror}", where=Where(file=folder)
        ) from problem
    return [entry for entry in found if entry.name[0] != "." and entry.name[-1] != "~"]


def _layer(file: Path, folder: str, name: str, password: VaultPassword | None) -> Layer:
    text = read_text(file, InventoryError)
    encrypted = vault.is_vault(text)
    if encrypted:
        text = _opened(text, file, password)
    document = _document(text, file, password)
    if document is None:
        document = FrozenMapping[object, object]({})
    if not isinstance(document, FrozenMapping):
        raise InventoryError("this file must be a mapping of variables", where=Where(file=file))
    variables = named_variables(document, file)
    if encrypted:
        variables = _hidden(variables)
    return Layer(f"{folder}/{name}", file, variables)


def _opened(text: str, file: Path, password: VaultPassword | None) -> str:
    try:
        envelope = vault.parse(text)
        return vault.decrypt(envelope, vault_password(password, envelope.label))
    except SecretError as problem:
        raise SecretError(problem.message, where=Where(file=file), hint=problem.hint) from None


def _hidden(variables: FrozenMapping[str, object]) -> FrozenMapping[str, object]:
    """Every text of a wholly encrypted file is a secret."""
    return FrozenMapping(
        {
            name: Secret.of(value) if isinstance(value, str) else value
            for name, value in variables.items()
        }
    )
