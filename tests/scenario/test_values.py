from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.scenario.errors_in_words import validate
from edgeday.scenario.loader import load_one
from edgeday.scenario.model import Scenario
from edgeday.scenario.values import Draws

GOOD = {"name": "good", "start": "2026-02-16T00:00:00Z"}


def pools(**values):
    return Scenario.model_validate({**GOOD, "values": values}).pools


def drawn(value, count, seed="s"):
    """The value of each of so many requests."""
    pool = pools(v=value)
    return [Draws(pool, f"{seed}/{number}", number)["v"] for number in range(1, count + 1)]


def said(value):
    """What is wrong with a value, each after its place below it."""
    scenario, errors = validate({**GOOD, "values": {"v": value}})
    assert scenario is None
    return [
        ".".join(map(str, error.at[2:])) + ": " + f"{error.what} {error.hint}".strip() for error in errors
    ]


@pytest.mark.parametrize(("count", "exponent"), [(1, 1.0), (7, 1.0), (100, 1.1), (1000, 0.5), (3, 3.0)])
def test_zipf_draws_each_number_as_often_as_its_probability_says(count, exponent):
    found = Counter(drawn({"zipf": count, "exponent": exponent}, 20_000))
    weights = [number**-exponent for number in range(1, count + 1)]
    assert set(found) <= set(range(1, count + 1))
    for number, weight in enumerate(weights, start=1):
        chance = weight / sum(weights)
        expected, spread = 20_000 * chance, math.sqrt(20_000 * chance * (1 - chance))
        assert abs(found[number] - expected) <= 4.5 * spread + 1e-9, number


def test_zipf_knows_pools_of_a_million():
    found = drawn({"zipf": 1_000_000}, 2_000)
    assert min(found) == 1
    assert 500_000 < max(found) <= 1_000_000


@given(st.integers(-(2**53) + 1, 2**53 - 1), st.integers(0, 2**54), st.text())
def test_whole_numbers_lie_between_their_ends(least, more, seed):
    most = min(least + more, 2**53 - 1)
    number = Draws(pools(v={"uniform": [least, most]}), seed, 1)["v"]
    assert least <= number <= most


def test_whole_numbers_come_alike_with_both_ends():
    found = Counter(drawn({"uniform": [-1, 2]}, 4_000))
    assert set(found) == {-1, 0, 1, 2}
    assert all(850 < often < 1150 for often in found.values())


@pytest.mark.parametrize(
    ("value", "first"),
    [
        ({"sequence": 1}, [1, 2, 3, 4, 5]),
        ({"sequence": -1}, [-1, 0, 1, 2, 3]),
        ({"sequence": {"from": 7, "to": 8}}, [7, 8, 7, 8, 7]),
        ({"sequence": {"to": 3}}, [1, 2, 3, 1, 2]),
    ],
)
def test_a_sequence_goes_by_the_number_of_the_request_and_begins_again(value, first):
    assert drawn(value, 5) == first


def test_choices_keep_their_types_and_come_as_their_weights_say():
    assert {repr(value) for value in drawn(["S", 1, None, [2]], 100)} == {"'S'", "1", "None", "[2]"}
    found = Counter(drawn({"choice": {"S": 70, "M": 30, "L": 0}}, 10_000))
    assert set(found) == {"S", "M"}
    assert 6_800 < found["S"] < 7_200
    assert set(drawn("always", 3)) == {"always"}
    assert set(drawn(5, 3)) == {5}


def test_a_value_is_the_same_within_one_request_until_it_is_drawn_again():
    draws = Draws(pools(v={"uniform": [1, 10**9]}, n={"sequence": 1}), "s", 3)
    first = draws["v"]
    assert draws["v"] == first
    draws.again("v")
    assert draws["v"] != first
    assert draws["n"] == 3


def test_another_value_or_another_order_leaves_the_draws_as_they_were():
    one = Draws(pools(v={"zipf": 1000}), "s", 1)
    two = Draws(pools(a={"zipf": 1000}, v={"zipf": 1000}, b=[1, 2]), "s", 1)
    _ = two["b"], two["a"]
    assert one["v"] == two["v"]
    many = [Draws(pools(a={"zipf": 1000}, v={"zipf": 1000}), str(seed), 1) for seed in range(50)]
    assert any(draws["a"] != draws["v"] for draws in many)


def test_what_is_dumped_draws_the_same():
    values = {
        "z": {"zipf": 9, "exponent": 2},
        "s": {"sequence": {"from": 2, "to": 9}},
        "u": {"uniform": [1, 9]},
        "w": {"choice": {"a": 1, "b": 2}},
        "l": ["x", 1.5],
    }
    scenario = Scenario.model_validate({**GOOD, "values": values})
    again = Scenario.model_validate(scenario.model_dump(mode="json"))
    assert again == scenario
    for name in values:
        assert Draws(again.pools, "s", 4)[name] == Draws(scenario.pools, "s", 4)[name]


def test_a_name_that_nothing_defines_is_an_error_that_names_it():
    with pytest.raises(BadInput, match=r"nothing defines \{usr\}"):
        Draws(pools(user=5), "s", 1)["usr"]


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ({"zipf": 0}, ['zipf: "zipf" must be at least 1; this is 0']),
        ({"zipf": 1_000_001}, ['zipf: "zipf" must be at most 1000000; this is 1000001']),
        ({"zipf": 5, "exponent": 0}, ['exponent: "exponent" must be more than 0; this is 0']),
        ({"zipf": 5, "exponnt": 1}, ['exponnt: unknown key "exponnt" did you mean "exponent"?']),
        ({"uniform": [2, 1]}, ["uniform: least 2 is more than most 1"]),
        ({"uniform": [1]}, ["uniform: write two whole numbers: [least, most]"]),
        ({"uniform": [1, 1.5]}, ['uniform.1: item 2 of "uniform" must be a whole number; this is 1.5']),
        ({"sequence": "x"}, ['sequence: "sequence" must be a whole number; this is "x"']),
        ({"sequence": {"from": 3, "to": 2}}, ["sequence.to: it goes from 3 to 2, which is less"]),
        ({"sequence": {"form": 3}}, ['sequence.form: unknown key "form" did you mean "from"?']),
        ({"choice": {"a": 0, "b": 0}}, ["choice: the weights are all 0: none of them could come"]),
        ({"choice": {"a": -1}}, ['choice.a: "a" must be at least 0; this is -1']),
        ({"choice": {}}, ["choice: there is nothing to choose from"]),
        ([], [": the list is empty"]),
        ({"file": "a.csv", "order": "any"},
         ['order: "order" must be "random" or "sequence"; this is "any"']),
        ({"zip": 5},
         [(': "v" must be a list, one value, or a mapping with zipf, uniform, sequence, file or choice: '
           '{zipf: 10000}, {uniform: [1, 100]}, {file: items.csv, column: slug}; this is {"zip": 5} '
           'did you mean "zipf"?')]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value_is_said_in_words_at_its_place(value, messages):
    assert [message.replace("choice: the list", ": the list") for message in said(value)] == messages


def test_a_name_that_no_placeholder_can_have_is_a_problem():
    _, errors = validate({**GOOD, "values": {"1st": 5}})
    assert [(error.at, error.at_key) for error in errors] == [(("values", "1st"), True)]
    assert errors[0].what == '"1st" is no name of a value: a letter or _, then letters, digits and _ - .'


@pytest.mark.parametrize("value", [5, [5], {"choice": [5]}, None])
def test_a_wrong_name_is_a_problem_at_the_name_whatever_its_value_is(value):
    _, errors = validate({**GOOD, "values": {"1st": value}})
    assert (("values", "1st"), True) in [(error.at, error.at_key) for error in errors]


@pytest.mark.parametrize("value", [5, "S", None, True])
def test_a_choice_is_a_list_or_has_weights(value):
    _, errors = validate({**GOOD, "values": {"size": {"choice": value}}})
    assert [(error.at, error.what) for error in errors] == [
        (("values", "size", "choice"), "write a list, or texts with weights: {S: 70, M: 30}")
    ]


# files


def scenario_with(tmp_path, value):
    path = tmp_path / "day.yaml"
    path.write_text(f"name: day\nstart: 2026-02-16T00:00:00Z\nvalues:\n  v: {value}\n", encoding="utf-8")
    return path


def rows(tmp_path, value):
    scenario = load_one(scenario_with(tmp_path, value)).scenario
    return [Draws(scenario.pools, f"s/{number}", number)["v"] for number in range(1, 6)]


def problems(tmp_path, value):
    with pytest.raises(BadInput) as raised:
        load_one(scenario_with(tmp_path, value))
    return [str(one).replace(f"{tmp_path}/", "") for one in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "text", "value", "first"),
    [
        ("a.csv", "id,slug\n1,tea\n2,\"a, b\"\n", "{file: a.csv, column: slug, order: sequence}",
         ["tea", "a, b", "tea", "a, b", "tea"]),
        ("a.csv", "\ufeffslug\r\ntea\r\n\r\njam\r\n", "{file: a.csv, order: sequence}",
         ["tea", "jam", "tea", "jam", "tea"]),
        ("a.tsv", "id\tslug\n1\ttea\n", "{file: a.tsv, column: id, order: sequence}", ["1"] * 5),
        ("a.jsonl", '{"n": 1, "x": "ü"}\n\n{"n": [2]}\n', "{file: a.jsonl, column: n, order: sequence}",
         [1, [2], 1, [2], 1]),
        ("a.jsonl", '1\n"two"\n', "{file: a.jsonl, order: sequence}", [1, "two", 1, "two", 1]),
        ("a.txt", "one\n\ntwo words\n", "{file: a.txt, order: sequence}",
         ["one", "two words", "one", "two words", "one"]),
        ("a.txt", "a\u2028b\r\nc\x0cd\re", "{file: a.txt, order: sequence}",
         ["a\u2028b", "c\x0cd", "e", "a\u2028b", "c\x0cd"]),
    ],
)  # fmt: skip
def test_values_come_from_files_beside_the_scenario(tmp_path, name, text, value, first):
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert rows(tmp_path, value) == first


def test_a_file_gives_its_lines_at_random_unless_they_are_to_come_in_turn(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"{number}\n" for number in range(1000)), encoding="utf-8")
    found = rows(tmp_path, "{file: a.txt}")
    assert len(set(found)) > 1
    assert found != ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("name", "data", "value", "message"),
    [
        ("b.csv", b"", "{file: a.csv, column: x}", "day.yaml:4:13: a.csv: no such file"),
        ("a.csv", b"id,slug\n1,2\n", "{file: a.csv, column: slog}",
         'day.yaml:4:28: a.csv has no column "slog"'),
        ("a.csv", b"id,slug\n1,2\n", "{file: a.csv}", "day.yaml:4:13: a.csv has several columns"),
        ("a.csv", b"id,slug\n", "{file: a.csv, column: id}", "day.yaml:4:13: a.csv holds no values"),
        ("a.csv", b"", "{file: a.csv, column: id}",
         "day.yaml:4:13: a.csv is empty: its first line has the columns' names"),
        ("a.csv", b"id,slug\n1\n", "{file: a.csv, column: slug}",
         'a.csv:2: there is no value in the column "slug", the 2nd'),
        ("a.csv", b'id\n"1\n', "{file: a.csv, column: id}", "a.csv:2: not CSV: unexpected end of data"),
        ("a.jsonl", b'{"n": 1}\n{"m": 1}\n', "{file: a.jsonl, column: n}",
         'a.jsonl:2: there is no field "n"'),
        ("a.jsonl", b'{"slug": 1}\n', "{file: a.jsonl, column: slog}",
         'day.yaml:4:30: a.jsonl has no field "slog"'),
        ("a.jsonl", b"1\nNaN\n", "{file: a.jsonl}", "a.jsonl:2: not JSON: NaN is not JSON"),
        ("a.jsonl", b'"\\ud800"\n', "{file: a.jsonl}",
         "a.jsonl:1: an escape here is half of a character (a surrogate)"),
        ("a.txt", b"\n \n", "{file: a.txt}", "day.yaml:4:13: a.txt holds no values"),
        ("a.txt", b"a\n\xff\n", "{file: a.txt}", "a.txt:2: byte 0xff is not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_of_values_is_said_at_its_place(tmp_path, name, data, value, message):
    (tmp_path / name).write_bytes(data)
    found = problems(tmp_path, value)
    assert len(found) == 1
    assert found[0].splitlines()[0] == message


def test_every_file_is_looked_at_in_one_go(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"{\n}\n")
    path = tmp_path / "day.yaml"
    path.write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\nvalues: {a: {file: a.jsonl}, b: {file: b.csv}}\nfoo: 1\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as raised:
        load_one(path)
    places = [problem.where.removeprefix(f"{tmp_path}/") for problem in raised.value.problems]
    assert sorted(places) == ["a.jsonl:1", "a.jsonl:2", "day.yaml:3:40", "day.yaml:4:1"]


def test_other_seeds_draw_other_values():
    found = [Draws(pools(v={"zipf": 10**6}), f"{seed}/x", 1)["v"] for seed in range(20)]
    assert len(set(found)) > 5
