"""The KV reads of a plan request that are not logging, in cold and warm isolates."""

from __future__ import annotations

import pytest

from worker_port.config_reads import CONFIG_KEYS, FOOD_LIST_KEYS, PROMPT_KEYS

from .site import Site


def _reads(variant: str, *, stored: bool, plans: int) -> list[int]:
    """KV reads that are not of the log, of plans one after the other in one isolate."""
    site = Site(variant, PLAN_CONFIG_READS="true")

    async def run() -> list[int]:
        if stored:
            for key in (*CONFIG_KEYS, *FOOD_LIST_KEYS, *PROMPT_KEYS.values()):
                await site.kv.put(key, f"stored {key}")
        counts: list[int] = []
        for _ in range(plans):
            site.forget()
            assert (await site.plan()).status == 200
            reads = [seen.key for seen in site.operations if (seen.service, seen.op) == ("kv", "get")]
            counts.append(sum(not key.startswith("ai_") for key in reads))
        return counts

    return site.run(run)


@pytest.mark.parametrize("variant", ["kv_only", "cache_only", "hybrid", "hybrid_batched"])
@pytest.mark.parametrize(("stored", "counts"), [(False, [11, 7, 7]), (True, [8, 0, 0])])
def test_a_cold_isolate_reads_more_than_a_warm_one(variant, stored, counts):
    assert _reads(variant, stored=stored, plans=3) == counts


@pytest.mark.parametrize("stored", [False, True])
def test_the_first_form_reads_food_lists_for_each_chunk_and_remembers_little(stored):
    assert _reads("kv_only_v1", stored=stored, plans=2) == [17, 15]


def test_unless_asked_for_no_configuration_is_read():
    site = Site("hybrid")
    site.run(site.plan)
    assert site.count("kv", "get") == 0


def test_what_is_stored_is_used():
    site = Site("hybrid", PLAN_CONFIG_READS=True)

    async def plan_and_list() -> dict:
        await site.kv.put(CONFIG_KEYS[1], "gpt-5")
        await site.kv.put(PROMPT_KEYS[3], "Cook well. ")
        await site.kv.put(FOOD_LIST_KEYS[0], "oats")
        await site.plan()
        return (await site.logs())["logs"][2]

    log = site.run(plan_and_list)
    assert log["modelName"] == "gpt-5"
    assert log["prompt"].startswith("Cook well. oats")
    assert site.provider.bodies[0]["model"] == "gpt-5"


def test_a_new_isolate_reads_again():
    site = Site("hybrid", PLAN_CONFIG_READS="on")

    async def two_isolates() -> list[int]:
        counts: list[int] = []
        for _ in range(2):
            site.forget()
            await site.plan()
            counts.append(site.count("kv", "get"))
            site.edge.new_isolate()
        return counts

    assert site.run(two_isolates) == [11, 11]


def test_without_kv_plans_are_made_from_the_defaults():
    site = Site("hybrid", kv=False, PLAN_CONFIG_READS="on")
    assert site.run(site.plan).status == 200
