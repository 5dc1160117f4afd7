"""The KV reads of a plan request that are not logging, in cold and warm isolates."""

from __future__ import annotations

import pytest

from worker_port.config_reads import CONFIG_KEYS, FOOD_LIST_KEYS, PROMPT_KEYS

from .hosted import HostedWorker


def _reads(variant: str, *, stored: bool, plans: int) -> list[int]:
    """KV reads that are not of the log, of plans one after the other in one isolate."""
    hosted = HostedWorker(variant, PLAN_CONFIG_READS="true")

    async def run() -> list[int]:
        if stored:
            for key in (*CONFIG_KEYS, *FOOD_LIST_KEYS, *PROMPT_KEYS.values()):
                await hosted.kv.put(key, f"stored {key}")
        counts: list[int] = []
        for _ in range(plans):
            hosted.forget()
            assert (await hosted.plan()).status == 200
            reads = [
                operation.key
                for operation in hosted.operations
                if (operation.service, operation.op) == ("kv", "get")
            ]
            counts.append(sum(not key.startswith("ai_") for key in reads))
        return counts

    return hosted.run(run)


@pytest.mark.parametrize("variant", ["kv_only", "cache_only", "hybrid", "hybrid_batched"])
@pytest.mark.parametrize(("stored", "counts"), [(False, [11, 7, 7]), (True, [8, 0, 0])])
def test_a_cold_isolate_reads_more_than_a_warm_one(variant, stored, counts):
    assert _reads(variant, stored=stored, plans=3) == counts


@pytest.mark.parametrize("stored", [False, True])
def test_the_first_form_reads_food_lists_for_each_chunk_and_remembers_little(stored):
    assert _reads("kv_only_v1", stored=stored, plans=2) == [17, 15]


def test_unless_asked_for_no_configuration_is_read():
    hosted = HostedWorker("hybrid")
    hosted.run(hosted.plan)
    assert hosted.count("kv", "get") == 0


def test_what_is_stored_is_used():
    hosted = HostedWorker("hybrid", PLAN_CONFIG_READS=True)

    async def plan_and_list() -> dict:
        await hosted.kv.put(CONFIG_KEYS[1], "gpt-5")
        await hosted.kv.put(PROMPT_KEYS[3], "Cook well. ")
        await hosted.kv.put(FOOD_LIST_KEYS[0], "oats")
        await hosted.plan()
        return (await hosted.logs())["logs"][2]

    log = hosted.run(plan_and_list)
    assert log["modelName"] == "gpt-5"
    assert log["prompt"].startswith("Cook well. oats")
    assert hosted.provider.bodies[0]["model"] == "gpt-5"


def test_a_new_isolate_reads_again():
    hosted = HostedWorker("hybrid", PLAN_CONFIG_READS="on")

    async def two_isolates() -> list[int]:
        counts: list[int] = []
        for _ in range(2):
            hosted.forget()
            await hosted.plan()
            counts.append(hosted.count("kv", "get"))
            hosted.edge.new_isolate()
        return counts

    assert hosted.run(two_isolates) == [11, 11]


def test_without_kv_plans_are_made_from_the_defaults():
    hosted = HostedWorker("hybrid", kv=False, PLAN_CONFIG_READS="on")
    assert hosted.run(hosted.plan).status == 200
