from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from routercfg.errors import PackError
from routercfg.platforms.manifest import Manifest, Step, load_manifest

from .conftest import MANIFEST


def good() -> dict:
    return yaml.safe_load(MANIFEST.format(platform="tiny"))


def load(folder: Path, data: object) -> Manifest:
    (folder / "platform.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_manifest(folder)


def refused(folder: Path, data: object) -> PackError:
    with pytest.raises(PackError) as caught:
        load(folder, data)
    assert caught.value.where.file == folder / "platform.yml"
    assert str(folder / "platform.yml") in str(caught.value)
    return caught.value


def test_a_manifest_is_read(tmp_path):
    manifest = load(tmp_path, good())
    assert manifest.platform == "tiny"
    assert manifest.main_read.command == "show config"
    assert manifest.aliases.ansible == ("tiny.os", "tiny.community.os")
    assert manifest.commands == "lines"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("platform",), None, "platform"),
        (("title",), 7, "title"),
        (("vendors",), "x", "vendors"),
        (("aliases", "napalmm"), "x", "aliases.napalmm"),
        (("session", "prompt"), "(", "session.prompt"),
        (("session", "prmpt"), ">", "session.prmpt"),
        (("session", "framing"), "luck", "session.framing"),
        (("session", "noise"), ["ok", "*"], "session.noise.1"),
        (("errors",), ["fine", "[a"], "errors.1"),
        (("harmless",), ["+"], "harmless.0"),
        (("commands",), "words", "commands"),
        (("reads", 1, "required"), "perhaps", "reads.1.required"),
        (("reads", 1, "comand"), "x", "reads.1.comand"),
        (("reads", 1, "id"), "config", "reads"),
        (("reads", 0, "main"), False, "reads"),
        (("reads", 1, "main"), True, "reads"),
        (("certified", 0, "versions"), None, "certified.0.versions"),
        (("certified", 1, "versions"), ">=5,", "certified.1.versions"),
        (("certified", 1, "versions"), "<1,=>5", "certified.1.versions"),
        (("dialogues",), [{"prompt": "ok?"}], "dialogues.0.answer"),
        (("reverts",), [{"id": "r", "title": "R", "within": "soon"}], "reverts.0.within"),
        (
            ("reverts",),
            [{"id": "r", "title": "R", "within": 1, "begin": [{"send": "x", "expect": "("}]}],
            "reverts.0.begin.0.expect",
        ),
        (("save",), [{"sned": "x"}], "save.0.send"),
    ],
)
def test_an_error_names_the_file_and_the_field(tmp_path, path, value, field):
    data = good()
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    error = refused(tmp_path, data)
    assert error.where.field == field
    assert f"field {field}" in str(error)
    assert error.code == "RC130"


@pytest.mark.parametrize(
    "field", ["platform", "title", "vendor", "certified", "reads", "session", "errors"]
)
def test_a_field_that_is_lacking_is_named(tmp_path, field):
    data = good()
    del data[field]
    assert refused(tmp_path, data).where.field == field


@pytest.mark.parametrize("data", [None, [], "text"])
def test_what_is_no_mapping_is_refused_without_naming_a_field(tmp_path, data):
    error = refused(tmp_path, data)
    assert error.where.field is None
    assert "field" not in str(error.where)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackError, match="cannot read it: No such file"):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"platform: [", "not YAML"), (b"platform: \xff\xfe", "not UTF-8"), (b"a: \x00", "not YAML")],
)
def test_a_file_that_is_not_yaml_is_named(tmp_path, content, message):
    (tmp_path / "platform.yml").write_bytes(content)
    with pytest.raises(PackError, match=message) as caught:
        load_manifest(tmp_path)
    assert caught.value.where.file == tmp_path / "platform.yml"


def test_yaml_that_would_run_code_is_not_run(tmp_path):
    mark = tmp_path / "mark"
    path = tmp_path / "platform.yml"
    path.write_text(f"!!python/object/apply:pathlib.Path.touch ['{mark}']", encoding="utf-8")
    with pytest.raises(PackError, match="not YAML"):
        load_manifest(tmp_path)
    assert not mark.exists()


def test_a_step_may_be_written_as_bare_text(tmp_path):
    data = good()
    data["save"] = ["write memory", {"send": "\x18", "raw": True, "expect": "Safe"}]
    assert load(tmp_path, data).save == (
        Step(send="write memory"),
        Step(send="\x18", raw=True, expect="Safe"),
    )


def test_a_manifest_cannot_be_changed(tmp_path):
    manifest = load(tmp_path, good())
    with pytest.raises(ValueError, match="frozen"):
        manifest.platform = "other"
