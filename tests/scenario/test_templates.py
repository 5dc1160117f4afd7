from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.scenario.templates import Template, as_text, fill, names_in

VALUES = {"user": "ann", "n": 5, "half": 0.5, "none": None, "yes": True, "list": [1, "a"], "a.b-c": "x"}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,5}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def filled(value):
    return fill(value, VALUES.__getitem__)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("/item/{user}", "/item/ann"),
        ("{user}{user}-{n}", "annann-5"),
        ("${user}", "$ann"),
        ("{a.b-c}!", "x!"),
        ("a {half} {none} {yes} {list}", 'a 0.5 null true [1,"a"]'),
        ("{{user}}", "{user}"),
        ("{{user}} is {user}", "{user} is ann"),
        ("{{{user}}}", "{{user}}"),
        ("{ user }", "{ user }"),
        ("{}", "{}"),
        ("{1}", "{1}"),
        ("a { b } c {", "a { b } c {"),
        ('{"a":{"b":{n}}}', '{"a":{"b":5}}'),
        ('{"user": "user"}', '{"user": "user"}'),
        ("{ü}", "{ü}"),
    ],
)
def test_a_text_is_filled_where_a_placeholder_stands_and_nowhere_else(written, means):
    assert filled(written) == means


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"user", "a.b-c"}))
def test_a_text_that_is_one_placeholder_alone_keeps_the_type_and_a_longer_one_is_text(name):
    assert filled(f"{{{name}}}") is VALUES[name]
    assert filled(f"{{{name}}} ") == as_text(VALUES[name]) + " "
    assert Template(f"{{{name}}}", typed=False).fill(VALUES.__getitem__) == as_text(VALUES[name])


def test_placeholders_are_filled_at_any_depth_and_in_keys_which_stay_text():
    value = {"{n}": [{"who": "{user}", "n": "{n}"}, "{list}"], "same": 1}
    assert filled(value) == {"5": [{"who": "ann", "n": 5}, [1, "a"]], "same": 1}
    assert list(names_in(value)) == ["n", "user", "n", "list"]


def test_what_encodes_values_leaves_the_text_around_them_alone():
    template = Template("A{user}b{{n}}{n}", encode=str.upper)
    assert template.fill(VALUES.__getitem__) == "AANNb{n}5"
    assert template.names == {"user", "n"}


def test_a_value_is_not_looked_through_for_placeholders_itself():
    assert fill("{a}/{a}", {"a": "{b} {{c}}"}.__getitem__) == "{b} {{c}}/{b} {{c}}"


def test_what_has_no_placeholder_is_made_once():
    template = Template({"a": ["{{b}}", 1]})
    first = template.fill({}.__getitem__)
    assert first == {"a": ["{b}", 1]}
    assert template.fill({}.__getitem__) is first


@given(JSON)
def test_json_text_without_names_in_braces_is_filled_with_itself(value):
    text = json.dumps(value)
    if not list(names_in(text)) and "{{" not in text:
        assert fill(text, {}.__getitem__) == text


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="{}")), NAMES)), st.text(), st.booleans())
def test_every_name_in_single_braces_is_found_and_in_double_braces_is_text(pieces, value, doubled):
    around = "{{%s}}" if doubled else "{%s}"
    text = "".join(literal + around % name for literal, name in pieces) + "."
    expected = "".join(literal + (f"{{{name}}}" if doubled else value) for literal, name in pieces) + "."
    assert list(names_in(text)) == ([] if doubled else [name for _, name in pieces])
    assert fill(text, lambda _: value) == expected


@given(st.text("{}ab."), st.text())
def test_any_run_of_braces_can_be_filled_and_nothing_but_whole_placeholders_changes(text, value):
    names = list(names_in(text))
    made = fill(text, lambda _: value)
    if not names:
        assert isinstance(made, str)
        assert made.count("a") + made.count("b") == text.count("a") + text.count("b")
    else:
        assert value in made
