from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
import textfsm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routercfg.errors import PackError, ParseError
from routercfg.platforms.table import Row, rows

SERVICES = """\
Value Required NAME (\\w+)
Value PORT (\\d+)
Value Filldown ZONE (\\w+)
Value List TAGS (\\w+)

Start
  ^zone ${ZONE}\\s*$$
  ^service ${NAME}\\s*$$
  ^ port ${PORT}\\s*$$
  ^ tag ${TAGS}\\s*$$
  ^end\\s*$$ -> Record
  ^stop\\s*$$ -> End
  ^\\s*$$
  ^. -> Error "foreign line"
"""

TEXT = """\
zone wan

service ssh
 port 22
 tag a
 tag b
end
service www
end
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "services.textfsm"
    path.write_text(SERVICES, encoding="utf-8")
    return path


def test_rows_bear_the_line_at_which_their_record_ended(template):
    assert rows(template, TEXT) == [
        Row({"NAME": "ssh", "PORT": "22", "ZONE": "wan", "TAGS": ["a", "b"]}, 7),
        Row({"NAME": "www", "PORT": "", "ZONE": "wan", "TAGS": []}, 9),
    ]
    assert rows(template, TEXT)[0]["NAME"] == "ssh"


def test_a_record_that_only_the_end_of_the_text_ends_bears_the_last_line(template):
    assert [(row["NAME"], row.line) for row in rows(template, "service ssh\n port 22")] == [
        ("ssh", 2)
    ]


def test_a_line_the_template_does_not_know_is_an_error_that_names_its_number(template):
    with pytest.raises(ParseError, match=r"line 3 is not what services\.textfsm knows"):
        rows(template, "zone wan\n\n% Invalid input detected\n")


def test_after_an_error_the_template_starts_afresh(template):
    with pytest.raises(ParseError):
        rows(template, "zone wan\nservice lost\n???")
    assert [row.values["NAME"] for row in rows(template, "service ssh\nend\n")] == ["ssh"]
    assert rows(template, "service ssh\nend\n")[0]["ZONE"] == ""


def test_nothing_after_the_state_end_is_read(template):
    assert [row["NAME"] for row in rows(template, "service a\nend\nstop\nservice b\nend\n?")] == [
        "a"
    ]


def test_empty_text_has_no_rows(template):
    assert rows(template, "") == []


lines = st.sampled_from(
    ["zone wan", "zone lan", "service a", "service b", " port 1", " tag x", "end", "", "stop"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(found=st.lists(lines, max_size=15))
def test_rows_hold_what_textfsm_itself_finds(template, found):
    text = "\n".join(found)
    plain = textfsm.TextFSM(io.StringIO(SERVICES)).ParseTextToDicts(text)
    result = rows(template, text)
    assert [row.values for row in result] == plain
    # "end" writes a record where there is one to write; the last may be ended by the text.
    for row in result[:-1]:
        assert found[row.line - 1] == "end"
    assert [row.line for row in result] == sorted({row.line for row in result})


def test_each_thread_parses_with_a_machine_of_its_own(template):
    wrong: list[object] = []

    def work(number: int) -> None:
        for _ in range(50):
            text = f"zone z{number}\nservice s{number}\nend\n"
            (row,) = rows(template, text)
            if row.values["NAME"] != f"s{number}" or row.values["ZONE"] != f"z{number}":
                wrong.append(row)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_template_that_is_absent_or_broken_is_the_packs_error(tmp_path):
    with pytest.raises(PackError, match=r"absent\.textfsm"):
        rows(tmp_path / "absent.textfsm", "")
    broken = tmp_path / "broken.textfsm"
    broken.write_text("Value X (\\d+)\n\nStart\n  ^${Y}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"broken\.textfsm"):
        rows(broken, "")
