from __future__ import annotations

import json
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.scenario.yaml_source import MAX_BYTES, parse_yaml, read_yaml


def value_of(text):
    return parse_yaml(dedent(text).encode(), "day.yaml").value


def problems_of(data):
    if isinstance(data, str):
        data = dedent(data).encode()
    with pytest.raises(BadInput) as raised:
        parse_yaml(data, "day.yaml")
    return [(problem.where.removeprefix("day.yaml:"), problem.what) for problem in raised.value.problems]


# values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("-.5e2", -50.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-02-16T00:00:00Z", "2026-02-16T00:00:00Z"),
        ("2026-02-16", "2026-02-16"),
        (".inf", ".inf"),
        ("== 6", "== 6"),
        ("10..30", "10..30"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("[1, a, {b: 2}]", [1, "a", {"b": 2}]),
    ],
)
def test_plain_scalars_are_read_as_yaml_1_2_has_them(text, value):
    scalar = value_of(f"key: {text}\n")["key"]
    assert scalar == value
    assert type(scalar) is type(value)


def test_keys_are_always_text():
    assert value_of("1: a\ntrue: b\nnull: c\n") == {"1": "a", "true": "b", "null": "c"}


def test_a_byte_order_mark_at_the_beginning_is_no_part_of_the_text():
    assert parse_yaml("\ufeffkey: é".encode(), "x").value == {"key": "é"}


def test_aliases_and_merge_keys_bring_in_what_they_name_and_own_keys_win():
    values = value_of("""
        base: &base {plans: 1, calls: 7}
        other: &other {calls: 9, name: x}
        same: *base
        one: {<<: *base, plans: 5}
        both: {<<: [*base, *other]}
    """)
    assert values["same"] == {"plans": 1, "calls": 7}
    assert values["one"] == {"plans": 5, "calls": 7}
    assert values["both"] == {"plans": 1, "calls": 7, "name": "x"}


printable = st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"], exclude_characters="\u2028\u2029")
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(printable, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(printable, max_size=4), plain, max_size=4), st.sampled_from([None, 2]))
def test_json_is_yaml_and_is_read_as_json_is(value, indent):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assert parse_yaml(text.encode(), "x").value == value


# places


def test_every_key_and_value_knows_its_place():
    source = parse_yaml(b"name: x\ntraffic:\n  - plans: 5\n    errors: {rate: 0.5}\n", "day.yaml")
    rate = ("traffic", 0, "errors", "rate")
    assert source.places["traffic", 0, "plans"] == (3, 12)
    assert (source.key_places[rate], source.places[rate]) == ((4, 14), (4, 20))
    assert source.problem(rate, "wrong").where == "day.yaml:4:20"
    assert source.problem(rate, "wrong", at_key=True).where == "day.yaml:4:14"
    assert source.problem((*rate, "deeper"), "wrong").where == "day.yaml:4:20"
    assert source.problem(("missing",), "wrong").where == "day.yaml:1:1"


def test_a_value_that_replaces_a_merged_one_is_placed_where_it_stands():
    source = parse_yaml(b"a: &a {x: 1}\nb: {<<: *a,\n  x: 2}\n", "day.yaml")
    assert source.places["b", "x"] == (3, 6)


def test_a_problem_shows_its_line_with_a_marker_below_and_the_hint_beside_it():
    source = parse_yaml(b"name: x\nacount: free\n", "day.yaml")
    problem = source.problem(("acount",), 'unknown key "acount"', hint='did you mean "account"?', at_key=True)
    assert str(problem).splitlines() == [
        'day.yaml:2:1: unknown key "acount"',
        "     2 | acount: free",
        '       | ^^^^^^ did you mean "account"?',
    ]


def test_a_long_line_is_cut_so_that_the_place_stays_in_sight():
    text = f"a: {{x: '{'y' * 300}', here: 1}}\n"
    source = parse_yaml(text.encode(), "day.yaml")
    line, marker = source.problem(("a", "here"), "wrong", at_key=True).excerpt.splitlines()
    assert len(line) < 110
    assert line[marker.index("^") :].startswith("here: 1")


def test_what_cannot_be_printed_is_blank_in_the_excerpt():
    with pytest.raises(BadInput) as raised:
        parse_yaml(b"a: b\nc: \x1b[31m\n", "day.yaml")
    assert "\x1b" not in str(raised.value)


# bad input


@pytest.mark.parametrize(
    ("data", "where", "what"),
    [
        (b"", "1:1", "the file is empty"),
        (b"# only a comment\n", "1:1", "the file is empty"),
        (b"a: 1\nb: \xff\n", "2:4", "byte 0xff is not UTF-8"),
        ("a: é".encode("latin-1"), "1:4", "byte 0xe9 is not UTF-8"),
        ("é: 1\nьь: ".encode() + b"\xe9", "2:5", "byte 0xe9 is not UTF-8"),
        ("a: 1".encode("utf-16"), "1:1", "byte 0xff is not UTF-8"),
        (b"a: 1\nb: \x00", "2:4", "the character U+0000 may not stand in YAML"),
        (b"a: [1, 2", "1:9",
         "not YAML: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"),
        (b"a: b: c", "1:5", "not YAML: mapping values are not allowed here"),
        (b"a: *x", "1:4", "not YAML: found undefined alias 'x'"),
        (b'a: "\\UFFFFFFFF"', "1:7", "not YAML: an escape stands for no character"),
        (b"a: 1\n---\nb: 2", "2:1",
         "not YAML: expected a single document in the stream, but found another document"),
        (b"a: 1\nb: 2\na: 3", "3:1", '"a" stands twice (first in line 1)'),
        (b"? [x]\n: 1", "1:3", "a key must be a word"),
        (b"a: 123456789012345678901", "1:4", "the number is too long"),
        (b"a: {<<: 5}", "1:9", "<< takes a mapping, or a list of them"),
        (b'a: "\\ud800"', "1:4", "an escape here is half of a character (a surrogate)"),
        (b"a: !!int abc", "1:4", "the tag !!int means nothing here; leave it out"),
        (b"a: !mine {b: 1}", "1:4", "the tag !mine means nothing here; leave it out"),
        (b"a: !!python/object/apply:os.system [x]", "1:4",
         "the tag !!python/object/apply:os.system means nothing here; leave it out"),
        (b"a: &a [*a]", "1:4", "an alias here contains itself"),
        (b"a: &a {b: {c: *a}}", "1:4", "an alias here contains itself"),
        (b"a: &a {<<: *a}", "1:4", "an alias here contains itself"),
        (b"[" * 100_000, "1:1", "is nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_its_place(data, where, what):
    assert problems_of(data) == [(where, what)]


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"a:\n\tb: 1", "indent with blanks, not with tabs"),
        (b"a: b: c", "quote text that has a colon in it"),
        (b"a: %x", "quote text that begins with a special character"),
    ],
)
def test_the_usual_mistakes_get_a_hint(data, hint):
    with pytest.raises(BadInput, match=hint):
        parse_yaml(data, "day.yaml")


def test_every_problem_of_a_file_that_is_yaml_is_named_in_one_go():
    assert [where for where, _ in problems_of("a: !t 1\na: 2\nb: {c: 1, c: 2}\n? [x]\n: 1\n")] == [
        "1:4",
        "2:1",
        "3:11",
        "4:3",
    ]


@pytest.mark.parametrize("width", [9])
@pytest.mark.parametrize(
    ("first", "repeat"),
    [
        ("[x]", lambda name, width: f"[{', '.join([f'*{name}'] * width)}]"),
        ("{k: 1}", lambda name, width: f"{{<<: [{', '.join([f'*{name}'] * width)}]}}"),
        ("{}", lambda name, width: f"{{<<: [{', '.join([f'*{name}'] * width)}]}}"),
    ],
    ids=["aliases", "merges", "merges of nothing"],
)
def test_an_alias_bomb_is_refused_before_it_goes_off(first, repeat, width):
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{level}: &a{level} {repeat(f'a{level - 1}', width)}" for level in range(1, 12)]
    (problem,) = problems_of("\n".join(lines).encode())
    assert problem[1] == "more than 20,000 values, those that aliases repeat included"


@pytest.mark.parametrize(("count", "fits"), [(19_998, True), (19_999, False)])
def test_a_file_may_have_twenty_thousand_values(count, fits):
    data = f"a: [{','.join(['1'] * (count - 1))}]".encode()  # and the mapping, its key and the list
    if fits:
        assert len(parse_yaml(data, "x").value["a"]) == count - 1
    else:
        assert problems_of(data)[0][1].startswith("more than 20,000 values")


def refusals(data):
    """The problems of data; none if it can be read."""
    try:
        parse_yaml(data, "x")
    except BadInput as bad:
        return bad.problems
    return ()


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused_as_bad_input(data):
    assert all(problem.where.startswith("x:") for problem in refusals(data))


yaml_like = st.text(st.sampled_from("ab1:-?[]{},&*!|>'\"%@`#<~. \n\t\\uU0dx\ufeff\u2028é"), max_size=40)


@settings(max_examples=400, deadline=None)
@given(yaml_like)
def test_text_that_looks_like_yaml_is_read_or_refused_as_bad_input(text):
    assert all(problem.where.startswith("x:") for problem in refusals(text.encode()))


# files


def test_a_missing_file_is_named_with_its_nearest_neighbour(tmp_path):
    (tmp_path / "normal-day.yaml").write_text("name: x")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput) as raised:
        read_yaml(tmp_path / "normal-dya.yaml")
    assert str(raised.value).endswith(f"no such file\n  did you mean {tmp_path / 'normal-day.yaml'}?")


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"no such file\n  there is no directory .*nowhere either"):
        read_yaml(tmp_path / "nowhere" / "day.yaml")


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(BadInput, match="is a directory\n  name the scenario files in it"):
        read_yaml(tmp_path)


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_a_file_may_have_one_mebibyte(tmp_path, extra, fits):
    path = tmp_path / "day.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 5 + extra))
    if fits:
        assert read_yaml(path).value == {"a": 1}
    else:
        with pytest.raises(BadInput, match="is larger than the 1,048,576 bytes"):
            read_yaml(path)
