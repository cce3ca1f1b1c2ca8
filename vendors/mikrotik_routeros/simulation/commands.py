"""The commands of menus: add, set, remove, find, print, export and the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .exporting import Form, export, header
from .interpreter import Interpreter
from .machine import Machine, Session
from .menu_table import MENUS
from .menus import Kind, Menu
from .printing import detail, settings, table, terse, value_list
from .readings import facts_of, items_of
from .refusals import ambiguous, failure, missing, no_item, no_match
from .resolving import Call, require
from .rules import check_item
from .runtime import Result, Rows, record, scripted, text_of
from .single_commands import SINGLE
from .store import Item
from .tree import Statement

_WIDTH_WITHOUT_TERMINAL = 80


@dataclass(slots=True)
class Commands:
    """Carries out menu commands for one session on one machine."""

    machine: Machine
    session: Session
    width: int = _WIDTH_WITHOUT_TERMINAL
    home_checks: bool = True  # off while a saved configuration is loaded

    def menu_command(self, call: Call, run: Interpreter) -> Result:
        own = SINGLE.get(f"{call.path} {call.command}".strip())
        method = own or _METHODS.get(call.command) or SINGLE.get(call.command)
        if method is None:
            # A command the router has and the simulator does not: better refused than pretended.
            raise failure("not simulated")
        return method(self, call, run)

    def later(self, seconds: int, statements: tuple[Statement, ...], menu: str) -> None:
        self.machine.later(seconds, statements, menu)

    # -- items ---------------------------------------------------------------------------------

    def items(self, path: str) -> list[Item]:
        found = items_of(self.machine, path)
        return self.machine.store.rows(path) if found is None else found

    def targets(self, call: Call, run: Interpreter, name: str = "numbers") -> list[Item]:
        """The items that a command's first argument names."""
        require(call, name)
        value = run.value(call.named[name], path=call.path)
        wanted = value if isinstance(value, list) else text_of(value).split(",")
        return [self._item(call.path, word) for word in wanted if word]

    def _item(self, path: str, word: str) -> Item:
        rows = self.items(path)
        menu = MENUS[path]
        if word.startswith("*"):
            found = [item for item in rows if item.id == word.upper()]
        elif menu.key and (named := [i for i in rows if i.get(menu.key) == word]):
            found = named
        elif word.isdigit():
            numbers = self.session.numbering.get(path) or [item.number for item in rows]
            index = int(word)
            wanted = numbers[index] if index < len(numbers) else None
            found = [item for item in rows if item.number == wanted]
        else:
            found = []
        if not found:
            raise no_item()
        return found[0]

    def field_values(self, call: Call, run: Interpreter, menu: Menu) -> dict[str, str | None]:
        """The fields a command sets, checked; None unsets."""
        store = self.machine.store
        found: dict[str, str | None] = dict.fromkeys(call.unset)
        found |= dict.fromkeys(call.flags, "yes")
        for name, value in call.named.items():
            entry = menu.field(name, store.release)
            if entry is None:
                continue
            result = run.value(value, path=call.path)
            text = ",".join(result) if isinstance(result, list) else text_of(result)
            if text == "" and entry.default is None and not entry.required:
                found[name] = None
            else:
                found[name] = entry.type.check(name, text, store)
        return found

    # -- commands ------------------------------------------------------------------------------

    def add(self, call: Call, run: Interpreter) -> Result:
        menu, store = MENUS[call.path], self.machine.store
        if call.path == "system scheduler" and self.machine.home and self.home_checks:
            raise failure("not allowed by device-mode")
        values = {n: v for n, v in self.field_values(call, run, menu).items() if v is not None}
        if "copy-from" in call.named:
            values = {**self.targets(call, run, "copy-from")[0].values, **values}
        present = [f for f in menu.fields if f.in_release(store.release)]
        absent = [f.name for f in present if f.required and f.name not in values]
        if absent:
            raise missing(*absent)
        if call.path == "system scheduler":
            values.setdefault("start-date", self._today())
            values.setdefault("start-time", self.machine.now().strftime("%H:%M:%S"))
        if menu.key == "name" and "name" not in values:
            values["name"] = _free_name(menu, self.items(call.path))
        check_item(store, menu, {**store.defaults(menu), **values}, None)
        if menu.path == "ip address":
            check_item(store, menu, values, None)
        position = self._position(call, run)
        facts = {}
        if call.path.endswith("address-list"):
            facts["creation-time"] = f"{self._today()} {self.machine.now():%H:%M:%S}"
            if "timeout" in values:
                facts["dynamic"] = "yes"
        item = store.add(call.path, values, facts, position)
        self.machine.changed(f"{_noun(menu)} added", self.session)
        return item.id

    def _today(self) -> str:
        iso = self.machine.store.release.dates_are_iso
        return self.machine.now().strftime("%Y-%m-%d" if iso else "%b/%d/%Y").lower()

    def _position(self, call: Call, run: Interpreter) -> int | None:
        if "place-before" not in call.named:
            return None
        found = self.targets(call, run, "place-before")
        if not found:
            raise no_item()
        if len(found) > 1:
            raise ambiguous("place-before")
        return self.machine.store.rows(call.path).index(found[0])

    def set(self, call: Call, run: Interpreter) -> Result:
        menu, store = MENUS[call.path], self.machine.store
        if menu.kind is Kind.SETTINGS:
            for name, value in self.field_values(call, run, menu).items():
                store.settings(call.path).pop(name, None)
                if value is not None:
                    store.settings(call.path)[name] = value
            self.machine.changed(f"{_noun(menu)} changed", self.session)
            return None
        targets = self.targets(call, run)
        changes = self.field_values(call, run, menu)
        for item in targets:
            self._change(menu, item, changes)
        if targets:
            self.machine.changed(f"{_noun(menu)} changed", self.session)
        return None

    def _change(self, menu: Menu, item: Item, changes: dict[str, str | None]) -> None:
        if item.dynamic:
            raise failure("can not change dynamic item")  # UNVERIFIED wording
        values = {**item.values, **{k: v for k, v in changes.items() if v is not None}}
        for name in (name for name, value in changes.items() if value is None):
            values.pop(name, None)
        if menu.path == "ip address" and "address" in changes and "network" not in changes:
            values.pop("network", None)
        check_item(self.machine.store, menu, values, item)
        if menu.path == "interface":
            self._link(item, values)
            return
        old, new = item.values.get("name"), values.get("name")
        item.values = values
        if menu.path.startswith("interface ") and old != new and old and new:
            self._rename(old, new, menu.path == "interface list")

    def _link(self, item: Item, values: dict[str, str]) -> None:
        for link in self.machine.store.links():
            if link.values["name"] == item.values["name"]:
                link.values |= {k: values[k] for k in ("disabled", "comment") if k in values}

    def _rename(self, old: str, new: str, lists: bool) -> None:
        names = (
            ("list", "in-interface-list", "out-interface-list", "allowed-interface-list")
            if lists
            else ("interface", "in-interface", "out-interface", "bridge")
        )
        for rows in self.machine.store.config.items.values():
            for item in rows:
                for name in names:
                    value = item.values.get(name, "")
                    if value.lstrip("!") == old:
                        item.values[name] = value.replace(old, new)

    def remove(self, call: Call, run: Interpreter) -> Result:
        menu, rows = MENUS[call.path], self.machine.store.rows(call.path)
        targets = self.targets(call, run)
        for item in targets:
            kept = item.facts.keys() & {"default", "builtin"}
            if (item.dynamic and not call.path.endswith(("address-list", "connection"))) or kept:
                raise failure(
                    "can not remove dynamic item" if item.dynamic else "can not remove builtin"
                )  # UNVERIFIED wordings
            if call.path == "file":
                self.machine.store.files.pop(item.values["name"], None)
                self.machine.store.backups.pop(item.values["name"].removesuffix(".backup"), None)
                continue
            rows.remove(item)
        if targets and call.path != "ip firewall connection":
            self.machine.changed(f"{_noun(menu)} removed", self.session)
        return None

    def enable(self, call: Call, run: Interpreter) -> Result:
        return self._switch(call, run, "no")

    def disable(self, call: Call, run: Interpreter) -> Result:
        return self._switch(call, run, "yes")

    def _switch(self, call: Call, run: Interpreter, value: str) -> Result:
        menu = MENUS[call.path]
        targets = self.targets(call, run)
        for item in targets:
            self._change(menu, item, {"disabled": value})
        if targets:
            self.machine.changed(f"{_noun(menu)} changed", self.session)
        return None

    def comment(self, call: Call, run: Interpreter) -> Result:
        require(call, "comment")
        text = text_of(run.value(call.named["comment"]))
        for item in self.targets(call, run):
            self._change(MENUS[call.path], item, {"comment": text})
        self.machine.changed(f"{_noun(MENUS[call.path])} changed", self.session)
        return None

    def unset(self, call: Call, run: Interpreter) -> Result:
        require(call, "numbers", "value-name")
        name = text_of(run.value(call.named["value-name"]))
        if MENUS[call.path].field(name) is None:
            raise no_match("value-name")
        for item in self.targets(call, run):
            self._change(MENUS[call.path], item, {name: None})
        self.machine.changed(f"{_noun(MENUS[call.path])} changed", self.session)
        return None

    def move(self, call: Call, run: Interpreter) -> Result:
        rows = self.machine.store.rows(call.path)
        moving = self.targets(call, run)
        before = self.targets(call, run, "destination") if "destination" in call.named else []
        if len(before) > 1:
            raise ambiguous("destination")
        staying = [item for item in rows if item not in moving]
        if before and before[0] in moving:
            return None
        at = staying.index(before[0]) if before else len(staying)
        rows[:] = [*staying[:at], *moving, *staying[at:]]
        self.machine.changed(f"{_noun(MENUS[call.path])} moved", self.session)
        return None

    def find(self, call: Call, run: Interpreter) -> Result:
        return [i.id for i in self.items(call.path) if run.matches(i, call.condition)]

    def get(self, call: Call, run: Interpreter) -> Result:
        menu = MENUS[call.path]
        kinds = {f.name: f.type.name for f in menu.fields}
        if "number" not in call.named and not menu.has_items:
            return self._get_setting(call, run, menu, kinds)
        found = self.targets(call, run, "number")
        if not found:
            raise no_item()
        if len(found) > 1:
            raise ambiguous("number")
        if "value-name" not in call.named:
            return Rows((record(found[0], [*kinds, *menu.read_only], kinds),))
        name = text_of(run.value(call.named["value-name"]))
        if name not in kinds and name not in menu.read_only and name != ".id":
            raise no_match("value-name")
        value = found[0].get(name)
        return None if value is None else scripted(value, kinds.get(name, "text"))

    def _get_setting(
        self, call: Call, run: Interpreter, menu: Menu, kinds: dict[str, str]
    ) -> Result:
        values = self._setting_values(menu)
        if "value-name" not in call.named:
            return Rows(
                ({n: scripted(v, kinds.get(n, "text")) for n, v in sorted(values.items())},)
            )
        name = text_of(run.value(call.named["value-name"]))
        if name not in kinds and name not in menu.read_only:
            raise no_match("value-name")
        return scripted(values[name], kinds.get(name, "text")) if name in values else None

    def _setting_values(self, menu: Menu) -> dict[str, str]:
        store = self.machine.store
        own = {**store.defaults(menu), **store.settings(menu.path)}
        return {**(own if menu.kind is Kind.SETTINGS else {}), **facts_of(self.machine, menu.path)}

    def print(self, call: Call, run: Interpreter) -> Result:
        menu, flags = MENUS[call.path], call.flags
        if not menu.has_items:
            return self._print_settings(call, run, menu)
        chosen = [
            (number, item)
            for number, item in enumerate(self.items(call.path))
            if run.matches(item, call.condition) and self._in_view(item, call, run)
        ]
        items = [item for _, item in chosen]
        if "count-only" in flags:
            if "as-value" not in flags:
                run.print(str(len(items)))
            return str(len(items))
        if "as-value" in flags:
            kinds = {f.name: f.type.name for f in menu.fields}
            names: Sequence[str] = [*kinds, *menu.read_only]
            if "detail" not in flags and not menu.rules:
                names = menu.columns
            return Rows(tuple(record(item, names, kinds) for item in items))
        # Numbers are those of the last print of this session, even of a filtered one.
        self.session.numbering[call.path] = [item.number for item in self.items(call.path)]
        for line in self._printed(menu, chosen, flags):
            run.print(line)
        return None

    def _in_view(self, item: Item, call: Call, run: Interpreter) -> bool:
        if "chain" in call.named and item.get("chain") != text_of(run.value(call.named["chain"])):
            return False
        if "dynamic" in call.flags:
            return item.dynamic
        return not ("static" in call.flags and item.dynamic)

    def _printed(
        self, menu: Menu, chosen: list[tuple[int, Item]], flags: frozenset[str]
    ) -> list[str]:
        store = self.machine.store
        if "value-list" in flags:
            return value_list(store, menu, [item for _, item in chosen])
        if "terse" in flags:
            return terse(store, menu, chosen)
        if "detail" in flags or menu.rules:
            return detail(store, menu, chosen, self.width, brief="detail" not in flags)
        return table(store, menu, chosen)

    def _print_settings(self, call: Call, run: Interpreter, menu: Menu) -> Result:
        if "as-value" in call.flags:
            kinds = {f.name: f.type.name for f in menu.fields}
            values = self._setting_values(menu)
            return Rows(
                ({n: scripted(v, kinds.get(n, "text")) for n, v in sorted(values.items())},)
            )
        for line in settings(self.machine.store, menu, facts_of(self.machine, menu.path)):
            run.print(line)
        return None

    def export(self, call: Call, run: Interpreter) -> Result:
        machine = self.machine
        hides = machine.store.release.hides_secrets
        secrets = "show-sensitive" in call.flags if hides else "hide-sensitive" not in call.flags
        form = Form("terse" in call.flags, "verbose" in call.flags, secrets)
        numbers = None
        if call.condition is not None and call.path in MENUS:
            rows = self.items(call.path)
            numbers = frozenset(i.number for i in rows if run.matches(i, call.condition))
        lines = header(machine.store, machine.plate, machine.now())
        lines += export(machine.store, form, call.path, numbers, home=machine.home)
        if "file" in call.named:
            name = text_of(run.value(call.named["file"]))
            machine.store.files[f"{name.removesuffix('.rsc')}.rsc"] = "\n".join(lines) + "\n"
            return None
        for line in lines:
            run.print(line)
        return None


def _noun(menu: Menu) -> str:
    return menu.path.rpartition(" ")[2]


def _free_name(menu: Menu, rows: list[Item]) -> str:
    stem = menu.path.rpartition(" ")[2].removesuffix("-client").removesuffix("-server")
    taken = {item.values.get("name") for item in rows}
    return next(f"{stem}{n}" for n in range(1, len(rows) + 2) if f"{stem}{n}" not in taken)


_METHODS: dict[str, Callable[[Commands, Call, Interpreter], Result]] = {
    "add": Commands.add, "set": Commands.set, "remove": Commands.remove, "find": Commands.find,
    "enable": Commands.enable, "disable": Commands.disable, "comment": Commands.comment,
    "unset": Commands.unset, "move": Commands.move, "get": Commands.get, "print": Commands.print,
    "export": Commands.export,
}  # fmt: skip
