"""Commands that only one menu has: import, backup, scripts, safe mode, device-mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .interpreter import Interpreter, Stop
from .refusals import failure
from .resolving import Call, require
from .runtime import Ask, Result, text_of, truth
from .tree import Literal, Value

if TYPE_CHECKING:
    from .commands import Commands


def import_file(commands: Commands, call: Call, run: Interpreter) -> Result:
    require(call, "file-name")
    name = text_of(run.value(call.named["file-name"]))
    if name not in commands.machine.store.files:
        raise failure("file does not exist")  # UNVERIFIED wording
    inner = Interpreter(run.resolver, commands, scope=run.scope, printed=run.printed)
    inner.run_by_statement(commands.machine.store.files[name])
    run.print("")
    run.print("Script file loaded and executed successfully")
    return None


def backup_save(commands: Commands, call: Call, run: Interpreter) -> Result:
    name = _named(call, run, "name") or commands.machine.plate.software_id
    store = commands.machine.store
    store.backups[name.removesuffix(".backup")] = store.config.copy()
    store.files[f"{name.removesuffix('.backup')}.backup"] = ""
    run.print("Saving system configuration")
    run.print("Configuration backup saved")
    return None


def backup_load(commands: Commands, call: Call, run: Interpreter) -> Result:
    require(call, "name", "password")
    name = text_of(run.value(call.named["name"])).removesuffix(".backup")
    saved = commands.machine.store.backups.get(name)
    if saved is None:
        raise failure("file does not exist")  # UNVERIFIED wording

    def restore() -> str:
        commands.machine.store.config = saved.copy()
        commands.machine.reboot()
        return "Restoring system configuration\r\nSystem configuration restored, rebooting now"

    if commands.session.via != "script":
        raise Ask("Restore and reboot? [y/N]: ", restore)
    restore()  # a scheduler is not asked (measured on 7.24.4)
    raise Stop(None)


def _named(call: Call, run: Interpreter, name: str) -> str:
    value: Value = call.named.get(name) or Literal("", call.spot)
    return text_of(run.value(value))


def script_run(commands: Commands, call: Call, run: Interpreter) -> Result:
    for item in commands.targets(call, run, "number"):
        inner = Interpreter(run.resolver, commands, printed=run.printed)
        inner.run(item.values.get("source", ""))
    return None


def safe_take(commands: Commands, call: Call, run: Interpreter) -> Result:
    del call
    if commands.machine.safe is not None:
        raise failure("safe mode is already taken")  # UNVERIFIED wording
    commands.machine.take(commands.session)
    run.print("Safe mode taken")  # UNVERIFIED wording
    return None


def safe_release(commands: Commands, call: Call, run: Interpreter) -> Result:
    del call
    _held(commands)
    commands.machine.release()
    run.print("Safe mode released")
    return None


def safe_unroll(commands: Commands, call: Call, run: Interpreter) -> Result:
    del call
    _held(commands)
    commands.machine.unroll()
    run.print("Safe mode unrolled")  # UNVERIFIED wording
    return None


def _held(commands: Commands) -> None:
    if commands.machine.safe is None or commands.machine.safe.owner is not commands.session:
        raise failure("safe mode is not taken")  # UNVERIFIED wording


def device_mode(commands: Commands, call: Call, run: Interpreter) -> Result:
    del commands, call
    run.print("update: please activate by turning power off or pressing reset or mode button")
    run.print("        in 5m00s")
    return None


def quietly(commands: Commands, call: Call, run: Interpreter) -> Result:
    """Commands without a visible effect on the configuration."""
    del commands
    for value in call.named.values():
        truth(run.value(value))
    return None


SINGLE: dict[str, Callable[[Commands, Call, Interpreter], Result]] = {
    "import": import_file, "system backup save": backup_save, "system backup load": backup_load,
    "system script run": script_run, "safe-mode take": safe_take,
    "safe-mode release": safe_release, "safe-mode unroll": safe_unroll,
    "system device-mode update": device_mode, "reset-counters": quietly,
    "reset-counters-all": quietly, "log info": quietly, "log warning": quietly,
    "log error": quietly, "log debug": quietly,
}  # fmt: skip
