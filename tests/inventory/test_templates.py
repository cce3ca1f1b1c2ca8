"""References between variables: what they give, and what they are never allowed to do."""

from __future__ import annotations

import pytest

from routercfg.errors import VariableError
from routercfg.inventory import Secret

ONE = """
all:
  hosts:
    r1.example.net:
      n: 7
      net: {lan: 192.168.7.0/24}
      list: [a, b]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ n }}", 7),
        ("site-{{ n }}", "site-7"),
        ("{{ net.lan }}", "192.168.7.0/24"),
        ("{{ net['lan'] }}", "192.168.7.0/24"),
        ("{{ list[1] }}", "b"),
        ("{{ list }}", ("a", "b")),
        ("{{ inventory_hostname_short | upper }}", "R1"),
        ("{{ nothing | default('x') }}", "x"),
        ("{{ 'a' ~ n }}", "a7"),
        ("{# comment #}x", "x"),
    ],
)
def test_a_reference_gives_the_other_variable(load, text: str, expected: object) -> None:
    inventory = load(ONE, **{"group_vars/all.yml": f'x: "{text}"\n'})
    assert inventory.host("r1.example.net").value("x") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ nn }}", "the variable nn is not defined.*Did you mean n?"),
        ("{{ x }}", "in a circle: x → x"),
        ("{{ y }}", "in a circle"),
        ("{{ net.wan }}", "there is no 'wan'"),
        ("{% for a in list %}{{ a }}{% endfor %}", "uses a Jinja statement"),
        ("{{ lookup('env', 'HOME') }}", "more than a reference"),
        ("{{ 'a' * 1000000000 }}", "more than a reference"),
        ("{{ n.__class__.__mro__ }}", "there is no '__class__'"),
        ("{{ list | map('upper') }}", "filter map cannot"),
        ("{{ 'x' | replace('x', list) }}", "cannot become part of a text"),
        ("a {{ list }}", "cannot become part of a text"),
        ("{{ n ", "is not a template"),
        ("a{{ secret }}", "a secret cannot become part"),
        ("{{ secret | upper }}", "a secret cannot become part"),
    ],
)
def test_a_bad_reference_is_one_error_with_its_line(load, text: str, message: str) -> None:
    files = {"group_vars/all.yml": f'y: "{{{{ x }}}}"\nsecret: !env NOT_SET\nx: "{text}"\n'}
    inventory = load(ONE, **files)
    with pytest.raises(VariableError, match=message) as caught:
        inventory.host("r1.example.net").value("x")
    assert caught.value.where.line == 3


def test_a_secret_may_be_referred_to_alone(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", "geheim")
    inventory = load(
        ONE, **{"group_vars/all.yml": 'login: !env LOGIN\nansible_password: "{{ login }}"\n'}
    )
    password = inventory.host("r1.example.net").connection.password
    assert isinstance(password, Secret)
    assert password.reveal() == "geheim"


def test_a_value_marked_unsafe_is_no_template(load) -> None:
    inventory = load(ONE, **{"group_vars/all.yml": 'x: !unsafe "{{ n }}"\n'})
    assert inventory.host("r1.example.net").value("x") == "{{ n }}"
