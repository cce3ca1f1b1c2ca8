"""From what the files say to an `Inventory`: depth of groups, order of precedence, merging."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routercfg.documents import FrozenMapping
from routercfg.errors import VariableError
from routercfg.inventory.layers import Layer, merged
from routercfg.inventory.model import Group, Host, Inventory
from routercfg.inventory.tree import GroupDraft, HostDraft, Tree

_PRIORITY = "ansible_group_priority"

#: Layers from `group_vars` or `host_vars`, by the name of the group or router.
FileLayers = Mapping[str, tuple[Layer, ...]]


def resolve_tree(
    tree: Tree,
    group_files: FileLayers,
    host_files: FileLayers,
    unused_files: tuple[Path, ...] = (),
) -> Inventory:
    """Merge every router's variables in Ansible's order of precedence.

    Weakest first: `vars` of `all` in the hosts file, `vars` of the other groups there,
    `group_vars/all`, the other `group_vars`, the router in the hosts file, `host_vars`. Groups
    among themselves go by depth, `ansible_group_priority`, name.
    """
    depths = _depths(tree)
    groups = {name: _group(draft, depths[name]) for name, draft in tree.groups.items()}
    bases = _Bases(tree, groups, group_files)
    hosts = {
        name: _host(draft, bases, host_files.get(name, ())) for name, draft in tree.hosts.items()
    }
    return Inventory(
        file=tree.file,
        hosts=FrozenMapping.owning(hosts, {}),
        groups=FrozenMapping.owning(groups, {}),
        unused_files=unused_files,
    )


class _Bases:
    """Merged group variables, kept for the next router of the same groups."""

    def __init__(self, tree: Tree, groups: Mapping[str, Group], group_files: FileLayers) -> None:
        self._tree = tree
        self._groups = groups
        self._files = group_files
        self._known: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[Layer, ...]]] = {}
        self._merged: dict[tuple[str, ...], dict[str, object]] = {}

    def of(
        self, direct: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[Layer, ...], dict[str, object]]:
        """All groups above, their layers weakest first, and those merged."""
        if direct not in self._known:
            names = self._above(direct)
            layers = self._layers(names)
            self._known[direct] = tuple(sorted(names)), layers
            self._merged[direct] = merged(layers)
        names, layers = self._known[direct]
        return names, layers, self._merged[direct]

    def _above(self, direct: tuple[str, ...]) -> tuple[str, ...]:
        found: set[str] = set()
        todo = list(direct)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self._tree.groups[name].parents
        return tuple(found - {"all"})

    def _layers(self, names: tuple[str, ...]) -> tuple[Layer, ...]:
        ordered = sorted((self._groups[name] for name in names), key=_rank)
        everybody = self._groups["all"]
        return (
            *everybody.layers,
            *(layer for group in ordered for layer in group.layers),
            *self._files.get("all", ()),
            *(layer for group in ordered for layer in self._files.get(group.name, ())),
        )


def _rank(group: Group) -> tuple[int, int, str]:
    return group.depth, group.priority, group.name


def _host(draft: HostDraft, bases: _Bases, files: tuple[Layer, ...]) -> Host:
    names, layers, base = bases.of(tuple(draft.groups))
    own = (*draft.layers, *files)
    return Host(
        name=draft.name,
        groups=names,
        variables=FrozenMapping.owning({**base, **merged(own)}, {}),
        layers=(*layers, *own),
        written=draft.where,
    )


def _group(draft: GroupDraft, depth: int) -> Group:
    priority = 1
    layers = []
    for layer in draft.layers:
        if _PRIORITY in layer.variables:
            priority = _priority(layer)
            layer = _without_priority(layer)  # noqa: PLW2901  # the same layer, less one variable
        layers.append(layer)
    return Group(
        name=draft.name,
        hosts=tuple(draft.hosts),
        children=tuple(draft.children),
        depth=depth,
        priority=priority,
        layers=tuple(layers),
    )


def _priority(layer: Layer) -> int:
    value = layer.variables[_PRIORITY]
    try:
        return int(value) if isinstance(value, int | str) else int(str(value))
    except ValueError:
        raise VariableError(
            f"{_PRIORITY} must be a whole number", where=layer.where(_PRIORITY)
        ) from None


def _without_priority(layer: Layer) -> Layer:
    kept = {name: value for name, value in layer.variables.items() if name != _PRIORITY}
    lines = {name: layer.variables.line(name) or 0 for name in kept}
    return Layer(layer.owner, layer.file, FrozenMapping.owning(kept, lines))


def _depths(tree: Tree) -> dict[str, int]:
    """The longest way from `all` to each group; the tree has no circles."""
    depths: dict[str, int] = {}
    for start in tree.groups:
        todo = [start]
        while todo:
            parents = tree.groups[todo[-1]].parents
            waiting = [name for name in parents if name not in depths]
            if waiting:
                todo += waiting
            else:
                name = todo.pop()
                depths[name] = 1 + max((depths[parent] for parent in parents), default=-1)
    return depths
