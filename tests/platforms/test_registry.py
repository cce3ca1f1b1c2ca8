from __future__ import annotations

import os

import pytest

from routercfg.errors import InputError, PackError, UnknownPlatformError
from routercfg.platforms import load_pack, load_simulator, manifest, pack_folders, resolve

from .conftest import forget


def test_a_users_pack_is_found_through_the_environment(build_pack, tmp_path):
    name = build_pack()
    assert pack_folders()[name] == tmp_path / name
    assert manifest(name).title == "Tiny OS"
    assert load_pack(name).platform == name


def test_several_folders_may_be_named_and_absent_ones_do_no_harm(build_pack, tmp_path, monkeypatch):
    first = build_pack(root=tmp_path / "a")
    second = build_pack(root=tmp_path / "b")
    parts = (tmp_path / "a", tmp_path / "absent", "", tmp_path / "b")
    monkeypatch.setenv("ROUTERCFG_VENDORS", os.pathsep.join(map(str, parts)))
    forget()
    assert {first, second} <= set(pack_folders())


def test_folders_without_a_manifest_and_loose_files_are_no_packs(build_pack, tmp_path):
    name = build_pack()
    (tmp_path / "notes").mkdir()
    (tmp_path / "README").write_text("x", encoding="utf-8")
    forget()
    assert name in pack_folders()
    assert not {"notes", "README"} & set(pack_folders())


@pytest.mark.parametrize("alias", ["tiny_netmiko", "tiny_napalm", "tiny.os", "tiny.community.os"])
def test_a_platform_goes_by_the_names_other_tools_give_it(build_pack, alias):
    name = build_pack()
    assert resolve(alias) == name
    assert load_pack(alias).platform == name
    assert resolve(name) == name


def test_an_unknown_platform_gets_a_suggestion(build_pack):
    name = build_pack(platform="tiny_gateway")
    with pytest.raises(UnknownPlatformError) as caught:
        resolve("tiny_gatway")
    assert f"Did you mean {name!r}?" in str(caught.value)
    assert caught.value.code == "RC131"
    assert isinstance(caught.value, InputError)


def test_where_nothing_is_close_the_known_platforms_are_listed(build_pack):
    name = build_pack()
    with pytest.raises(UnknownPlatformError, match="no vendor pack for 'qqqq'") as caught:
        load_pack("qqqq")
    assert caught.value.hint.startswith("Known: ")
    assert name in caught.value.hint


def test_a_pack_whose_manifest_says_another_name_is_refused(build_pack):
    text = "platform: other\n"
    name = build_pack()
    path = pack_folders()[name] / "platform.yml"
    path.write_text(text + path.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")
    forget()
    with pytest.raises(PackError, match="says it is 'other'") as caught:
        load_pack(name)
    assert caught.value.where.file == path


def test_a_pack_without_a_driver_or_simulator_is_named(build_pack):
    name = build_pack(driver=None)
    with pytest.raises(PackError, match=r"no driver\.py") as caught:
        load_pack(name)
    assert caught.value.where.file == pack_folders()[name]
    with pytest.raises(PackError, match=r"no simulator\.py"):
        load_simulator(name)


def test_a_simulator_is_a_module_of_the_pack(build_pack, tmp_path):
    name = build_pack()
    (tmp_path / name / "simulator.py").write_text("from . import words\n", encoding="utf-8")
    assert load_simulator(name).words.HOST == "gw"


def test_a_users_pack_overrides_another_of_its_name_whatever_was_loaded_before(
    build_pack, tmp_path, monkeypatch
):
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    monkeypatch.setenv("ROUTERCFG_VENDORS", f"{shipped}{os.pathsep}{own}")
    build_pack(root=shipped, platform="tiny_overridden", driver="WHOSE = 'shipped'\n")
    mine = build_pack(root=own, platform="tiny_own", driver="WHOSE = 'own'\n")
    other = build_pack(root=shipped, platform="tiny_shipped", driver="WHOSE = 'shipped'\n")
    build_pack(root=own, platform="tiny_overridden", driver="WHOSE = 'own'\n")
    assert load_pack(mine).driver.WHOSE == "own"
    assert load_pack(other).driver.WHOSE == "shipped"
    assert pack_folders()["tiny_overridden"] == own / "tiny_overridden"
    assert load_pack("tiny_overridden").driver.WHOSE == "own"


def test_every_pack_that_is_found_has_a_valid_manifest_of_its_own_name():
    forget()
    for platform in pack_folders():
        assert manifest(platform).platform == platform
    forget()
