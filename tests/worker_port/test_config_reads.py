"""The KV reads of a request that are not logging: which, in which order, and how long each is remembered."""

from __future__ import annotations

import json

import pytest

from edgeday.ledger import Op
from worker_port.config_reads import CHAT_PROMPT_KEYS, CONFIG_KEYS, FOOD_LIST_KEYS, PROMPT_KEYS

from .hosted import CLIENT, HostedWorker

CONFIG, FOODS, CHAT = list(CONFIG_KEYS), list(FOOD_LIST_KEYS), list(CHAT_PROMPT_KEYS.values())
ANALYSIS, STRATEGY, DAYS, SUMMARY = PROMPT_KEYS.values()
LATER_FORMS = ["kv_only", "cache_only", "hybrid", "hybrid_batched"]


def _hosted(variant: str, **vars) -> HostedWorker:
    return HostedWorker(variant, PLAN_CONFIG_READS="true", **vars)


async def _store_all(hosted: HostedWorker) -> None:
    for key in (*CONFIG, ANALYSIS, STRATEGY, DAYS, SUMMARY, *CHAT):
        await hosted.kv.put(key, f"stored {key}")
    for key in FOODS:
        await hosted.kv.put(key, json.dumps([f"stored {key}"]))


def _reads(hosted: HostedWorker) -> list[str]:
    """The keys read since `forget`, less those of the log."""
    keys = [seen.key for seen in hosted.operations if (seen.service, seen.op) == ("kv", "get")]
    return [key for key in keys if not key.startswith("ai_")]


async def _reads_of_plan(hosted: HostedWorker) -> list[str]:
    hosted.forget()
    assert (await hosted.plan()).status == 200
    return _reads(hosted)


@pytest.mark.parametrize("variant", LATER_FORMS)
def test_a_cold_isolate_reads_in_the_order_of_the_worker(variant):
    hosted = _hosted(variant)
    assert hosted.run(lambda: _reads_of_plan(hosted)) == [
        ANALYSIS, *CONFIG, STRATEGY, *FOODS, *[DAYS] * 4, SUMMARY
    ]  # fmt: skip


@pytest.mark.parametrize("variant", LATER_FORMS)
@pytest.mark.parametrize(
    ("stored", "again"), [(True, []), (False, [ANALYSIS, STRATEGY, *[DAYS] * 4, SUMMARY])]
)
def test_a_warm_isolate_reads_only_instructions_that_are_not_there(variant, stored, again):
    hosted = _hosted(variant)

    async def three_plans() -> list[list[str]]:
        if stored:
            await _store_all(hosted)
        return [await _reads_of_plan(hosted) for _ in range(3)]

    cold, *warm = hosted.run(three_plans)
    assert len(cold) == (8 if stored else 11)
    assert warm == [again, again]


@pytest.mark.parametrize("stored", [False, True])
def test_the_first_form_reads_food_lists_for_each_chunk_and_remembers_the_configuration_only(stored):
    hosted = _hosted("kv_only_v1")

    async def two_plans() -> list[list[str]]:
        if stored:
            await _store_all(hosted)
        return [await _reads_of_plan(hosted) for _ in range(2)]

    chunk = [DAYS, *FOODS]
    warm = [ANALYSIS, STRATEGY, *chunk * 4, SUMMARY]
    assert hosted.run(two_plans) == [[ANALYSIS, *CONFIG, *warm[1:]], warm]


@pytest.mark.parametrize(
    ("waited_s", "read_again"),
    [
        (299.999, []),
        (300, CONFIG),
        (599.999, CONFIG),
        (600, CONFIG + FOODS),
        (1799.999, CONFIG + FOODS),
        (1800, [ANALYSIS, *CONFIG, STRATEGY, *FOODS, DAYS, SUMMARY]),
    ],
)
@pytest.mark.parametrize("variant", LATER_FORMS)
def test_an_isolate_forgets_what_it_read_after_5_10_and_30_minutes(variant, waited_s, read_again):
    hosted = _hosted(variant)

    async def two_plans() -> list[str]:
        await _store_all(hosted)
        await _reads_of_plan(hosted)
        hosted.clock.advance(seconds=waited_s)
        return await _reads_of_plan(hosted)

    assert hosted.run(two_plans) == read_again


@pytest.mark.parametrize(("waited_s", "read_again"), [(299.999, []), (300, [*CHAT, *CONFIG])])
@pytest.mark.parametrize("variant", ["kv_only_v1", *LATER_FORMS])
def test_a_chat_reads_its_instructions_and_the_configuration_and_forgets_both(variant, waited_s, read_again):
    hosted = _hosted(variant)

    async def two_messages() -> list[list[str]]:
        seen = []
        for wait_s in (0, waited_s):
            hosted.clock.advance(seconds=wait_s)
            hosted.forget()
            assert (await hosted.chat()).status == 200
            seen.append(_reads(hosted))
        return seen

    assert hosted.run(two_messages) == [[*CHAT, *CONFIG], read_again]


@pytest.mark.parametrize(("seconds", "times"), [(49.999, 1), (50, 2)])
def test_the_configuration_can_become_too_old_between_two_calls_of_a_plan(seconds, times):
    hosted = _hosted("hybrid")
    hosted.provider.seconds = seconds
    reads = hosted.run(lambda: _reads_of_plan(hosted))  # the seventh call comes after six answers
    assert [key for key in reads if key in CONFIG] == CONFIG * times


def test_unless_asked_for_no_configuration_is_read():
    hosted = HostedWorker("hybrid")

    async def plan_and_chat() -> None:
        await hosted.plan()
        await hosted.chat()

    hosted.run(plan_and_chat)
    assert hosted.count("kv", "get") == 0


def test_what_is_stored_is_used():
    hosted = HostedWorker("hybrid", PLAN_CONFIG_READS=True)

    async def plan_and_list() -> list[dict]:
        await hosted.kv.put(CONFIG_KEYS[1], "gpt-5")
        await hosted.kv.put(SUMMARY, "JSON формат за {userData}")
        await hosted.kv.put(FOOD_LIST_KEYS[0], '["oats"]')
        await hosted.plan()
        return (await hosted.logs())["logs"]

    logs = hosted.run(plan_and_list)
    assert {log["modelName"] for log in logs} == {"gpt-5"}
    assert logs[2]["prompt"].startswith("oats\n")
    assert logs[6]["prompt"] == f"JSON формат за {json.dumps(CLIENT, indent=2, ensure_ascii=False)}"
    assert hosted.provider.bodies[0]["model"] == "gpt-5"


@pytest.mark.parametrize(("words", "added"), [("Върни JSON", False), ("Answer in prose.", True)])
def test_stored_instructions_that_do_not_ask_for_json_are_made_to(words, added):
    hosted = _hosted("hybrid")

    async def prompt() -> str:
        await hosted.kv.put(ANALYSIS, words)
        await hosted.plan()
        return (await hosted.logs())["logs"][0]["prompt"]

    assert (hosted.run(prompt) != words) is added


def test_a_list_that_cannot_be_read_ends_the_reading_and_is_remembered_as_empty():
    hosted = _hosted("hybrid")

    async def two_plans() -> list[list[str]]:
        await _store_all(hosted)
        await hosted.kv.put(FOOD_LIST_KEYS[0], "no JSON")
        return [await _reads_of_plan(hosted) for _ in range(2)]

    cold, warm = hosted.run(two_plans)
    assert [key for key in cold if key in FOODS] == FOODS[:1]
    assert warm == []


def test_a_plan_whose_configuration_cannot_be_read_fails_before_anything_is_logged():
    hosted = _hosted("hybrid")

    async def plan() -> str:
        await hosted.edge.store.charge(hosted.edge.ledger.spend(Op.READ, 100_000))
        hosted.forget()
        return await (await hosted.plan()).text()

    body = hosted.run(plan)
    assert "Стъпка 1 (Анализ): KV get() limit exceeded for the day." in body
    assert hosted.counts() == {"kv get": 3}


def test_a_new_isolate_reads_again():
    hosted = _hosted("hybrid")

    async def two_isolates() -> list[int]:
        counts: list[int] = []
        for _ in range(2):
            counts.append(len(await _reads_of_plan(hosted)))
            hosted.edge.new_isolate()
        return counts

    assert hosted.run(two_isolates) == [11, 11]


def test_without_kv_plans_are_made_from_the_defaults():
    hosted = HostedWorker("hybrid", kv=False, PLAN_CONFIG_READS="on")
    assert hosted.run(hosted.plan).status == 200
