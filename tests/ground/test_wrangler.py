"""What is taken from a user's wrangler configuration, and what is said about one that is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.wrangler import Binding, load_wrangler_config
from edgeday.wrangler.source import plain_json

NOT_A_LIST = "kv_namespaces is not a list of tables with binding and id"
TOML = """
name = "aidiet"
account_id = "023e105f4ecef8ad9ca31a8372d0c353"
kv_namespaces = [{ binding = "page_content", id = "81fc0991b2764918b682f9ca170abd4b" }]

[vars]
MODEL = "gpt"
RETRIES = 3

[env.staging]
kv_namespaces = [{ binding = "page_content", id = "00000000000000000000000000000001" }]

[env.bare]
"""


@pytest.fixture
def write(tmp_path):
    def write_file(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


def problems_of(path, environment=None):
    with pytest.raises(BadInput) as bad:
        load_wrangler_config(path, environment)
    return [str(problem) for problem in bad.value.problems]


def test_bindings_and_vars_come_from_the_top_level(write):
    config = load_wrangler_config(write("wrangler.toml", TOML))
    assert config.name == "aidiet"
    assert config.account_id == "023e105f4ecef8ad9ca31a8372d0c353"
    assert config.bindings == (
        Binding("page_content", "81fc0991b2764918b682f9ca170abd4b", "aidiet-page_content"),
    )
    assert config.vars == {"MODEL": "gpt", "RETRIES": 3}


def test_an_environment_has_its_own_bindings_and_inherits_the_account(write):
    path = write("wrangler.toml", TOML)
    config = load_wrangler_config(path, "staging")
    assert config.name == "aidiet-staging"
    assert config.account_id == "023e105f4ecef8ad9ca31a8372d0c353"
    assert [binding.namespace_id for binding in config.bindings] == ["00000000000000000000000000000001"]


def test_vars_and_bindings_are_not_inherited_and_that_is_warned_of(write):
    path = write("wrangler.toml", TOML)
    config = load_wrangler_config(path, "bare")
    assert (config.bindings, config.vars) == ((), {})
    assert config.warnings == tuple(
        f'{path}:{line}: "{key}" exists at the top level, but not on "env.bare", which does not inherit it'
        for line, key in ((6, "vars"), (4, "kv_namespaces"))
    )


def test_an_environment_may_have_a_name_of_its_own(write):
    config = load_wrangler_config(write("wrangler.toml", 'name = "a"\n[env.x]\nname = "other"\n'), "x")
    assert config.name == "other"


def test_jsonc_may_have_comments_and_trailing_commas(write):
    text = """{
      // the worker
      "name": "a", /* its
      name */
      "kv_namespaces": [{"binding": "KV", "id": "1,]",}, ],
      "vars": {"SITE": "https://example.com/*,}*/",},
    }"""
    config = load_wrangler_config(write("wrangler.jsonc", text))
    assert (config.bindings[0].namespace_id, config.vars) == ("1,]", {"SITE": "https://example.com/*,}*/"})


def test_a_binding_without_an_id_gets_one_that_stays(write):
    path = write("wrangler.json", '{"name": "a", "kv_namespaces": [{"binding": "KV"}, {"binding": "KV2"}]}')
    first, second = load_wrangler_config(path).bindings
    assert load_wrangler_config(path).bindings == (first, second)
    assert first.namespace_id != second.namespace_id
    assert len(first.namespace_id) == 32


def test_a_configuration_without_a_name_is_called_after_its_folder(write, tmp_path):
    assert load_wrangler_config(write("wrangler.toml", "")).name == tmp_path.name


def test_every_problem_is_told_with_its_line(write):
    path = write(
        "wrangler.toml",
        'name = 5\n[[kv_namespaces]]\nbinding = 1\n[[kv_namespaces]]\nbinding = "KV"\nid = 7\n'
        '[[kv_namespaces]]\nbinding = "B"\nid = "1"\n[[kv_namespaces]]\nbinding = "B"\n[vars]\nB = 1\n',
    )
    assert problems_of(path) == [
        f"{path}:1: name is not text",
        f"{path}:2: kv_namespaces[0] needs a binding, the name that code reads it by",
        f'{path}:5: the id of "KV" is not an id',
        f'{path}:11: two namespaces are bound as "B"',
        f'{path}:13: "B" is a variable and a binding',
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("wrangler.toml", "name = \n", ":1:8: not TOML: Invalid value"),
        ("wrangler.toml", 'a = "', ":1:1: not TOML: Unterminated string"),
        ("wrangler.toml", b"name = '\xff'", ":1: byte 0xff is not UTF-8"),
        ("wrangler.json", '{"a": }', ":1:7: not JSON: Expecting value"),
        ("wrangler.jsonc", '{\n  // one\n  "a": 1 "b"\n}', ":3:10: not JSON: Expecting ',' delimiter"),
        ("wrangler.json", "[]", ":1: a configuration is an object"),
        ("wrangler.json", "[" * 100_000, ": is nested too deeply"),
        ("wrangler.yaml", "a: b", ": is neither .toml nor .json nor .jsonc"),
        (
            "wrangler.toml",
            "kv_namespaces = 5",
            ":1: kv_namespaces is not a list of tables with binding and id",
        ),
        ("wrangler.toml", "vars = 5", ":1: vars is not a table"),
    ],
)
def test_a_file_that_is_wrong_is_refused_at_its_place(write, name, text, problem):
    path = write(name, text)
    assert problems_of(path) == [f"{path}{problem}"]


def test_a_missing_file_is_refused(tmp_path):
    assert "no such file" in problems_of(tmp_path / "wrangler.toml")[0]


def test_an_unknown_environment_is_refused_with_the_nearest_one(write):
    path = write("wrangler.toml", TOML)
    assert problems_of(path, "stagin") == [
        f'{path}: there is no environment "stagin"\n  did you mean "staging"?'
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.slow
@given(JSON)
def test_plain_json_stays_what_it_was(value):
    text = json.dumps(value, ensure_ascii=False)
    assert plain_json(text) == text


@given(st.lists(st.text(alphabet='a"\\/*,]} \n'), max_size=5), st.text(alphabet="ab ,]}\"'\t"))
def test_comments_and_trailing_commas_change_nothing(strings, comment):
    items = ", ".join(json.dumps(item) for item in strings)
    comma = "," if strings else ""
    text = f"[{items} /*{comment}*/ {comma} // {comment}\n ]"
    assert json.loads(plain_json(text)) == strings
    assert len(plain_json(text)) == len(text)
