"""A bug is reported three days after it happened: what can still be seen of it, in each variant."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.worker_port.time_travel.conftest import START

ERROR = "OpenAI API failed: OpenAI API error: 400 Bad Request"
PROMPT_FIELDS = {"prompt", "sessionId", "modelName", "userData"}


class Seen(NamedTuple):
    """listed: logs in the admin panel. bugs: those of them that show the error.
    in_kv: entries under `ai_error_log:`. enough: whether such an entry tells prompt, session and model."""

    listed: int
    bugs: int
    in_kv: int
    enough: bool = False


AFTER_THREE_DAYS = {
    "kv_only_v1": Seen(listed=1, bugs=0, in_kv=0),
    "kv_only": Seen(listed=10, bugs=1, in_kv=0),
    "cache_only": Seen(listed=0, bugs=0, in_kv=0),
    "hybrid": Seen(listed=0, bugs=0, in_kv=1, enough=False),
    "hybrid_batched": Seen(listed=0, bugs=0, in_kv=1, enough=True),
    "hybrid_designed": Seen(listed=1, bugs=1, in_kv=1, enough=True),
}


async def a_bug_and_a_good_plan_later(worker) -> None:
    """The third call of a plan fails; a good plan follows a day later; two more days pass."""
    assert await worker.plan(3) == 500
    worker.after(START, days=1)
    assert await worker.plan() == 200
    worker.after(START, days=3)


@pytest.mark.parametrize(("variant", "findings"), AFTER_THREE_DAYS.items())
async def test_what_is_seen_of_a_bug_three_days_later(deployed, variant, findings):
    worker = deployed(variant, takes_s=10)
    await a_bug_and_a_good_plan_later(worker)
    logs = (await worker.logs())["logs"]
    errors = await worker.kv_entries("ai_error_log:")
    assert len(logs) == findings.listed
    assert sum(log["response"]["error"] == ERROR for log in logs) == findings.bugs
    assert [entry["error"] for entry in errors] == [ERROR] * findings.in_kv
    assert all((entry.keys() >= PROMPT_FIELDS) is findings.enough for entry in errors)


@pytest.mark.parametrize("variant", AFTER_THREE_DAYS)
async def test_every_variant_shows_the_bug_at_once(deployed, variant):
    worker = deployed(variant, takes_s=10)
    await worker.plan(3)
    logs = (await worker.logs())["logs"]
    assert [log["response"]["error"] for log in logs if log["response"]["error"]] == [ERROR]


@pytest.mark.parametrize(("variant", "findings"), AFTER_THREE_DAYS.items())
async def test_the_export_of_three_days_later_has_the_bug_where_the_list_has_it(deployed, variant, findings):
    worker = deployed(variant, takes_s=10)
    await a_bug_and_a_good_plan_later(worker)
    assert (await worker.export()).count(f"Грешка: {ERROR}") == findings.bugs


async def test_the_designed_form_names_the_store_and_filters_by_outcome(deployed):
    worker = deployed("hybrid_designed", takes_s=10)
    await a_bug_and_a_good_plan_later(worker)
    (bug,) = (await worker.logs("?hasError=true"))["logs"]
    assert bug["storedIn"] == ["kv"]
    assert bug["stepName"] == "step3_meal_plan_chunk_1"
    assert (await worker.logs("?hasError=false"))["logs"] == []


async def test_a_bug_within_the_day_is_known_from_both_stores_in_the_designed_form(deployed):
    worker = deployed("hybrid_designed", takes_s=10)
    await worker.plan(3)
    worker.after(START, hours=23)
    listing = await worker.logs()
    assert [log["storedIn"] for log in listing["logs"]] == [["cache"], ["cache"], ["cache", "kv"]]
