"""Questionnaires that are sent in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeday.ledger import Op

from .hosted import CLIENT, HostedWorker

FORMS = ["kv_only", "cache_only", "hybrid", "hybrid_batched"]


async def _save(hosted: HostedWorker, **data: Any) -> int:
    sent = {"id": "client_1", "timestamp": "2026-02-16T10:00:00Z", "answers": CLIENT, **data}
    return (await hosted.send("POST", "/api/save-client-data", sent)).status


@pytest.mark.parametrize("variant", FORMS)
def test_a_questionnaire_costs_two_writes_and_a_read_and_comes_first_in_the_list(variant):
    hosted = HostedWorker(variant)

    async def two() -> tuple[dict[str, int], str, str]:
        await _save(hosted, id="client_0")
        hosted.forget()
        await _save(hosted)
        counts = hosted.counts()
        return counts, await hosted.kv.get("clients_list"), await hosted.kv.get("client:client_1")

    counts, clients, stored = hosted.run(two)
    assert counts == {"kv put": 2, "kv get": 1}
    assert clients == '["client_1","client_0"]'
    assert list(json.loads(stored)) == ["id", "timestamp", "answers", "files", "submittedAt"]


@pytest.mark.parametrize(("before", "kept"), [(499, 500), (500, 500)])
def test_the_list_names_the_newest_500(before, kept):
    hosted = HostedWorker("hybrid")

    async def clients() -> list[str]:
        await hosted.kv.put("clients_list", json.dumps([f"old {number}" for number in range(before)]))
        await _save(hosted)
        return json.loads(await hosted.kv.get("clients_list"))

    listed = hosted.run(clients)
    assert (len(listed), listed[0], listed[-1]) == (kept, "client_1", f"old {kept - 2}")


@pytest.mark.parametrize("missing", ["id", "timestamp", "answers"])
def test_one_that_lacks_something_is_refused(missing):
    hosted = HostedWorker("hybrid")
    assert hosted.run(lambda: _save(hosted, **{missing: None})) == 400
    assert hosted.operations == []


def test_the_first_form_has_no_such_route():
    hosted = HostedWorker("kv_only_v1")
    assert hosted.run(lambda: _save(hosted)) == 404


@pytest.mark.parametrize(
    ("spent", "status", "stored"), [(998, 200, True), (999, 500, True), (1000, 500, False)]
)
def test_what_the_days_writes_allow_is_stored_and_stays(spent, status, stored):
    hosted = HostedWorker("hybrid")

    async def save() -> tuple[int, bool]:
        await hosted.edge.store.charge(hosted.edge.ledger.spend(Op.WRITE, spent))
        return await _save(hosted), await hosted.kv.get("client:client_1") is not None

    assert hosted.run(save) == (status, stored)
