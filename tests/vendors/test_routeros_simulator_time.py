"""What outlives a session of the simulated RouterOS: files, backups, schedulers, scripts."""

from __future__ import annotations

from tests.vendors.routeros_bench import LAN, Bench


def test_an_export_file_is_imported_statement_by_statement():
    bench = Bench()
    bench("/ip firewall service-port export file=pre")
    assert "pre.rsc" in bench("/file print")
    bench("/ip firewall service-port set tftp disabled=no")
    assert "executed successfully" in bench("/import file-name=pre.rsc")
    assert bench(":put [/ip firewall service-port get tftp disabled]") == "true"


def _saved() -> tuple[Bench, str]:
    """A router with a backup, and another configuration since."""
    bench = Bench(options={"device_mode": "advanced"})
    before = bench.router.configuration()
    bench("/system backup save name=pre dont-encrypt=yes")
    bench("/ip firewall nat remove [find]; /system identity set name=other")
    return bench, before


def test_a_backup_brings_everything_back_and_the_router_reboots():
    bench, before = _saved()
    mine, other = bench.terminal(), bench.terminal()
    assert "missing value(s)" in mine.feed("/system backup load name=pre\r")
    load = '/system backup load name=pre password=""\r'
    assert mine.feed(load).endswith("Restore and reboot? [y/N]: ")
    assert mine.feed("n").endswith("[admin@other] > ")
    mine.feed(load)
    assert mine.feed("y").endswith("System configuration restored, rebooting now\r\n")
    other.feed("\r")
    assert mine.closed
    assert other.closed
    assert bench.router.configuration() == before
    assert not bench.router.may_connect(LAN, 22)
    bench.clock.now += 15
    assert bench.router.may_connect(LAN, 22)
    assert "pre.backup" in bench("/file print")


def test_without_a_terminal_nobody_answers_whether_to_reboot():
    bench, before = _saved()
    assert bench('/system backup load name=pre password=""') == "Restore and reboot? [y/N]: "
    assert bench.router.configuration() != before


def test_a_backup_that_was_removed_cannot_be_loaded():
    bench, _ = _saved()
    bench("/file remove [find where name=pre.backup]")
    assert bench('/system backup load name=pre password=""').startswith("failure:")


def test_a_scheduler_restores_a_backup_unasked_and_is_gone_with_it():
    bench, before = _saved()
    event = '/system backup load name=pre password=\\"\\"'
    bench(f'/system scheduler add name=revert interval=5m on-event="{event}"')
    shell = bench.terminal()
    shell.feed("\x18/system identity set name=third\r")
    bench.clock.now += 299
    assert bench.router.hostname == "third"
    bench.clock.now += 2
    assert bench.router.configuration() == before
    shell.feed("\r")
    assert shell.closed
    bench.clock.now += 3600
    assert bench.router.configuration() == before
    assert bench(":put [:len [/system scheduler find]]") == "0"


def test_a_scheduler_reverts_when_its_time_has_come():
    bench = Bench(options={"device_mode": "advanced"})
    before = bench.router.configuration()
    event = r"/system scheduler remove revert; /ip service set ssh disabled=no"
    bench(f'/system scheduler add name=revert interval=5m on-event="{event}"')
    bench("/ip service set ssh disabled=yes")
    bench.clock.now += 299
    assert not bench.router.may_connect(LAN, 22)
    bench.clock.now += 2
    assert bench.router.may_connect(LAN, 22)
    assert bench.router.configuration() == before


def test_an_executed_script_waits_in_the_background():
    bench = Bench()
    bench(':execute script=":delay 60s; /system identity set name=later"')
    bench.clock.now += 59
    assert bench.router.hostname == "klant-router"
    bench.clock.now += 2
    assert bench("/system identity print") == "  name: later"
