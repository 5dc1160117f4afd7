from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.scenario.loader import load_one, load_text
from edgeday.storage.json_lines import header_line, kv_line
from edgeday.storage.records import KVEntry
from edgeday.storage.sqlite import SqliteStore

START = 1771200000  # 2026-02-16T00:00:00Z
DAY = """\
name: day
start: 2026-02-16T00:00:00Z
namespaces: {MENU: menu, ORDERS: orders}
state: %s
"""


@pytest.fixture
def place(tmp_path):
    return tmp_path


def loaded(place, state):
    return load_text(DAY % state, place / "day.yaml")


def held(place, state):
    """What KV holds at the start, by namespace: key -> (value, metadata, expires at, written at)."""
    entries = loaded(place, state).scenario.initial_entries
    return {
        namespace: {key: tuple(entry) for key, entry in own.items()} for namespace, own in entries.items()
    }


def problems_of(place, state):
    with pytest.raises(BadInput) as raised:
        loaded(place, state)
    return [str(problem).replace(f"{place}/", "") for problem in raised.value.problems]


def bulk(place, *entries, name="bulk.json"):
    (place / name).write_text(json.dumps(list(entries), indent=0))
    return name


def exported(place, *records, name="export.jsonl"):
    lines = [header_line(len(records)), *(kv_line(*record) for record in records)]
    (place / name).write_bytes(b"".join(lines))
    return name


async def state_file(place, *records, name="day.sqlite"):
    store = await SqliteStore.open(place / name)
    for namespace, key, entry in records:
        await store.kv_put(None, namespace, [(key, entry)], 0)
    await store.close()
    return name


def test_a_bulk_file_is_held_in_the_namespace_of_its_binding(place):
    bulk(place, {"key": "today", "value": "soup", "metadata": {"by": "ann"}, "expiration": START + 1})
    entry = (b"soup", '{"by":"ann"}', START + 1, START - 1)
    assert held(place, "{MENU: bulk.json}") == {"menu": {"today": entry}}


def test_a_namespace_may_be_named_by_its_id_too(place):
    bulk(place, {"key": "today", "value": "soup"})
    assert held(place, "{menu: bulk.json}") == held(place, "{MENU: bulk.json}")


def test_a_ttl_counts_from_the_start(place):
    bulk(place, {"key": "today", "value": "soup", "expiration_ttl": 60})
    assert held(place, "{MENU: bulk.json}")["menu"]["today"][2] == START + 60


def test_a_ttl_of_less_than_a_minute_is_a_problem_with_its_line(place):
    bulk(place, {"key": "today", "value": "soup", "expiration_ttl": 59})
    problem = 'bulk.json:2: "today": Invalid expiration_ttl of 59. Expiration TTL must be at least 60.'
    assert problems_of(place, "{MENU: bulk.json}") == [problem]


@pytest.mark.parametrize(("expiration", "is_held"), [(START, False), (START + 1, True)])
def test_what_has_expired_by_the_start_is_left_out_with_a_word(place, expiration, is_held):
    bulk(place, {"key": "today", "value": "soup", "expiration": expiration})
    day = loaded(place, "{MENU: bulk.json}")
    assert ("today" in day.scenario.initial_entries["menu"]) is is_held
    assert [text.rpartition("/")[2] for text in day.warnings] == (
        [] if is_held else ["bulk.json: 1 entry has expired by 2026-02-16T00:00:00Z, and is left out"]
    )


def test_of_a_key_that_comes_twice_the_last_entry_is_held(place):
    bulk(place, {"key": "today", "value": "soup"}, {"key": "today", "value": "stew"})
    assert held(place, "{MENU: bulk.json}")["menu"]["today"][0] == b"stew"


def test_fields_unknown_to_wrangler_are_a_warning(place):
    bulk(place, {"key": "today", "value": "soup", "ttl": 60})
    (warning,) = loaded(place, "{MENU: bulk.json}").warnings
    assert warning.endswith("bulk.json: means nothing to wrangler, and is left out: ttl")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"key": ""}, "Key names must not be empty"),
        ({"key": ".."}, 'Illegal key name "..". Please use a different name.'),
        ({"key": "k" * 513}, "UTF-8 encoded length of 513 exceeds key length limit of 512."),
        ({"metadata": "m" * 1023}, "Metadata length of 1025 exceeds limit of 1024."),
        ({"value": "x" * 26_214_401}, "Value length of 26214401 exceeds limit of 26214400."),
    ],
)
def test_what_kv_could_not_hold_is_a_problem_with_its_line(place, entry, reason):
    bulk(place, {"key": "today", "value": "soup", **entry})
    (problem,) = problems_of(place, "{MENU: bulk.json}")
    assert problem.startswith("bulk.json:2: ")
    assert problem.endswith(reason)


@pytest.mark.parametrize(
    "entry",
    [{"key": "k" * 512}, {"metadata": "m" * 1022}, {"value": "x" * 26_214_400}],
    ids=lambda one: next(iter(one)),
)
def test_what_is_just_small_enough_is_held(place, entry):
    bulk(place, {"key": "today", "value": "soup", **entry})
    assert len(held(place, "{MENU: bulk.json}")["menu"]) == 1


def test_all_problems_of_all_files_are_told_in_one_go(place):
    bulk(place, {"key": "", "value": ""}, {"key": "a"})
    (place / "cut.jsonl").write_bytes(header_line(2) + kv_line("orders", "o", KVEntry(b"1", None, None, 5.0)))
    state = "{MENU: bulk.json, ORDERS: cut.jsonl, MENUE: bulk.json, orders: gone.json}"
    assert sorted(problem.splitlines()[0] for problem in problems_of(place, state)) == [
        'bulk.json:2: "": Key names must not be empty',
        'bulk.json:6: has no "value"',
        "cut.jsonl: has 1 records, where its header says 2",
        'day.yaml:4:45: "MENUE" is no KV binding of the worker, nor the id of one',
        "day.yaml:4:63: gone.json cannot be read: No such file or directory",
    ]


def test_json_lines_have_an_entry_each(place):
    (place / "menu.jsonl").write_text(
        '{"key": "a", "value": "1", "metadata": {"by": "ann"}}\n\n{"key": "b", "value": {"c": [1, null]}}\n'
    )
    entries = held(place, "{MENU: menu.jsonl}")["menu"]
    assert entries["a"][:2] == (b"1", '{"by":"ann"}')
    assert entries["b"][:2] == (b'{"c":[1,null]}', None)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"key": "b"}', 'menu.jsonl:2: has no "value"'),
        ('{"key": "b", "value": "1"', "menu.jsonl:2: is not JSON: Expecting ',' delimiter"),
        ("[1]", "menu.jsonl:2: is no entry: [1]; write an object with key and value"),
        ('{"key": "b", "value": NaN}', "menu.jsonl:2: is not JSON: NaN"),
    ],
)
def test_a_bad_line_is_a_problem_at_its_place(place, line, what):
    (place / "menu.jsonl").write_text(f'{{"key": "a", "value": "1"}}\n{line}\n')
    assert problems_of(place, "{MENU: menu.jsonl}") == [what]


def test_json_lines_belong_to_one_namespace(place):
    (place / "menu.jsonl").write_text('{"key": "a", "value": "1"}\n')
    (problem,) = problems_of(place, "menu.jsonl")
    assert "menu.jsonl has entries without a namespace: it belongs to one namespace" in problem
    assert "write state: {BINDING: menu.jsonl}" in problem


def test_a_file_with_twenty_problems_is_read_no_further(place):
    bulk(place, *({"key": "", "value": ""} for _ in range(30)))
    problems = problems_of(place, "{MENU: bulk.json}")
    assert len(problems) == 21
    assert "there may be more; the rest was not read" in problems[0]


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("{MENUE: bulk.json}", 'day.yaml:4:9: "MENUE" is no KV binding of the worker, nor the id of one'),
        ("{MENU: gone.json}", "day.yaml:4:9: gone.json cannot be read: No such file or directory"),
        ("{MENU: .}", "day.yaml:4:9: . cannot be read: Is a directory"),
        ('{MENU: " "}', "day.yaml:4:9: ' ' cannot be read: No such file or directory"),
        ('{MENU: "a\\0"}', "day.yaml:4:9: 'a\\x00' cannot be read: embedded null byte"),
        (f"{{MENU: {'x' * 300}}}", f"day.yaml:4:9: {'x' * 300} cannot be read: File name too long"),
        ("bulk.json", "day.yaml:4:8: bulk.json is a bulk file, which belongs to one namespace"),
        (
            "{MENU: prose.txt}",
            "day.yaml:4:9: prose.txt is neither JSON lines, nor a bulk file of wrangler, nor a state file",
        ),
        ("{MENU: 5}", 'day.yaml:4:15: "MENU" must be text; this is 5'),
        ("[bulk.json]", 'day.yaml:4:8: "state" must be a mapping; this is ["bulk.json"]'),
        ('""', "day.yaml:4:8: names no file"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem_at_the_place_that_names_it(place, state, what):
    bulk(place, {"key": "today", "value": "soup"})
    (place / "prose.txt").write_text("once upon a time")
    (problem,) = problems_of(place, state)
    assert problem.splitlines()[0] == what


def test_an_export_is_held_whatever_the_namespace_was_called_if_it_is_the_only_one(place):
    exported(place, ("elsewhere", "today", KVEntry(b"\xff", "[1]", START + 9, START - 50.5)))
    assert held(place, "{MENU: export.jsonl}") == {
        "menu": {"today": (b"\xff", "[1]", START + 9, START - 50.5)}
    }


def test_of_an_export_with_several_namespaces_the_bindings_own_is_held(place):
    soup, order = KVEntry(b"soup", None, None, 5.0), KVEntry(b"1", None, None, 5.0)
    exported(place, ("menu", "today", soup), ("orders", "o:1", order))
    assert held(place, "{ORDERS: export.jsonl}") == {"orders": {"o:1": tuple(order)}}


def test_an_export_with_several_namespaces_and_none_of_the_binding_is_a_problem(place):
    exported(place, ("a", "k", KVEntry(b"", None, None, 5.0)), ("b", "k", KVEntry(b"", None, None, 5.0)))
    (problem,) = problems_of(place, "{MENU: export.jsonl}")
    assert "export.jsonl holds several namespaces, none of them this one: a, b" in problem


def test_records_of_other_kinds_are_left_out_with_a_word(place):
    counter = b'{"type":"counters","day":"2026-02-16","op":"write","asked":9,"accepted":9,"refused":0}\n'
    (place / "export.jsonl").write_bytes(
        header_line(2) + kv_line("menu", "today", KVEntry(b"soup", None, None, 5.0)) + counter
    )
    (warning,) = loaded(place, "{MENU: export.jsonl}").warnings
    assert warning.endswith("export.jsonl: of its records those of KV are taken over, not the 1 others")


def test_an_entry_written_after_the_start_counts_as_written_a_second_before_it(place):
    exported(place, ("menu", "today", KVEntry(b"soup", None, None, START + 1000.0)))
    assert held(place, "{MENU: export.jsonl}")["menu"]["today"][3] == START - 1


async def test_a_state_file_is_held_under_its_own_namespaces_and_left_as_it_is(place):
    soup, order = KVEntry(b"soup", "[1]", None, 5.0), KVEntry(b"1", None, START + 5, 6.0)
    await state_file(place, ("menu", "today", soup), ("orders", "o:1", order))
    before = (place / "day.sqlite").read_bytes()
    expected = {"menu": {"today": tuple(soup)}, "orders": {"o:1": tuple(order)}}
    assert held(place, "day.sqlite") == expected
    assert held(place, "{file: day.sqlite}") == expected
    assert (place / "day.sqlite").read_bytes() == before
    assert sorted(file.name for file in place.glob("*")) == ["day.sqlite"]


async def test_what_a_binding_names_stands_over_the_state_file(place):
    await state_file(
        place,
        ("menu", "today", KVEntry(b"soup", None, None, 5.0)),
        ("menu", "tomorrow", KVEntry(b"fish", None, None, 5.0)),
    )
    bulk(place, {"key": "today", "value": "stew"})
    own = held(place, "{MENU: bulk.json, file: day.sqlite}")["menu"]
    assert {key: entry[0] for key, entry in own.items()} == {"today": b"stew", "tomorrow": b"fish"}


async def test_a_state_file_of_another_worker_is_a_problem(place):
    await state_file(place, ("elsewhere", "today", KVEntry(b"soup", None, None, 5.0)))
    (problem,) = problems_of(place, "day.sqlite")
    assert "day.sqlite holds no namespace of the worker's bindings; it has: elsewhere" in problem
    assert "the ids of the bindings are: menu, orders" in problem


async def test_a_state_file_under_a_binding_is_a_problem(place):
    await state_file(place, ("menu", "today", KVEntry(b"soup", None, None, 5.0)))
    (problem,) = problems_of(place, "{MENU: day.sqlite}")
    assert "day.sqlite is a state file, which has namespaces of its own" in problem
    assert "write state: day.sqlite" in problem


def test_a_damaged_state_file_is_named(place):
    (place / "day.sqlite").write_bytes(b"SQLite format 3\0" + bytes(5000))
    (problem,) = problems_of(place, "day.sqlite")
    assert problem.startswith("day.sqlite: ")


def test_files_are_looked_for_beside_the_scenario(place, monkeypatch):
    folder = place / "scenarios"
    folder.mkdir()
    bulk(folder, {"key": "today", "value": "soup"})
    (folder / "day.yaml").write_text(DAY % "{MENU: bulk.json}")
    monkeypatch.chdir(place)
    assert load_one(Path("scenarios/day.yaml")).scenario.initial_entries["menu"]


def test_what_is_wrong_with_it_is_said_together_with_what_else_is_wrong(place):
    bulk(place, {"key": "", "value": ""})
    text = DAY % "{MENU: bulk.json, MENUE: bulk.json}" + "days: 0\n"
    with pytest.raises(BadInput) as raised:
        load_text(text, place / "day.yaml")
    assert sorted(problem.what for problem in raised.value.problems) == [
        '"": Key names must not be empty',
        '"MENUE" is no KV binding of the worker, nor the id of one',
        '"days" must be at least 1; this is 0',
    ]


def test_without_a_known_binding_nothing_is_said_of_it_beside_other_problems(place):
    text = "name: day\nstart: 2026-02-16T00:00:00Z\ndays: 0\nstate: {MENU: gone.json}\n"
    with pytest.raises(BadInput) as raised:
        load_text(text, place / "day.yaml")
    assert [problem.what for problem in raised.value.problems] == ['"days" must be at least 1; this is 0']
