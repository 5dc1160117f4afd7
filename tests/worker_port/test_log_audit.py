"""The audit: which logs each form of the worker stores, and which of them its lists lead to."""

from __future__ import annotations

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import BadInput
from edgeday.events import Operation
from edgeday.ledger import Op
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Response
from tests.scenario_days import loaded
from worker_port import VARIANTS
from worker_port.audit import LogAudit
from worker_port.calls import AiClient
from worker_port.profile.log_book import OUTCOMES, LogBook
from worker_port.variants import variant_named

LOG = "https://ai-logs-cache.internal/ai_communication_log:"


def account(variant, clock=None, **parts):
    """An edge, the worker's audit of one form, and what the audit reports at the end."""
    clock = clock or VirtualClock("2026-03-01T12:00:00Z")
    edge = Edge(
        clock=clock,
        namespaces={"page_content": "pages"},
        switches=Switches(key_write_rate="off", subrequests="off"),
        vars={"OPENAI_API_KEY": "sk", "AI_LOG_VARIANT": variant},
        outbound={"api.openai.com": answer},
        **parts,
    )
    return edge, LogBook(edge, LogAudit({"AI_LOG_VARIANT": variant}), "SOF")


async def answer(request, invocation):
    if invocation.context == "fails":
        return Response("", status=500)
    return Response('{"choices": [{"message": {"content": "fine"}}]}')


async def session(edge, variant, name, calls=2, colo="SOF", fails=False):
    """Log a session of so many calls, as a plan would; its last one fails if asked for."""
    for number in range(calls):
        context = "fails" if fails and number == calls - 1 else None
        async with edge.invocation(colo=colo, context=context):
            client = AiClient(edge.env, variant_named(variant))
            try:
                await client.call("prompt", 100, f"step{number}", name)
            except Exception:
                assert context == "fails"
            if number == calls - 1:
                await variant_named(variant).log.finalize(edge.env, name)


async def report_of(edge, book):
    report = {}
    edge.events.subscribe(
        Operation, lambda event: report.__setitem__((event.outcome, event.reason), event.units)
    )
    await book.report()
    assert [outcome for outcome, _ in report if outcome != "never-stored"] == list(OUTCOMES)
    return {outcome: sum(n for (name, _), n in report.items() if name == outcome) for outcome, _ in report}


@pytest.mark.parametrize(
    ("variant", "entries", "calls"),
    [
        ("kv_only", 4, 2),
        ("cache_only", 4, 2),
        ("hybrid", 4, 2),
        ("hybrid_batched", 2, 2),
        ("hybrid_designed", 1, 2),
    ],
)
async def test_a_session_is_readable_where_it_was_logged(variant, entries, calls):
    edge, book = account(variant)
    await session(edge, variant, "s1")
    report = await report_of(edge, book)
    assert (report["written"], report["readable"], report["calls-readable"]) == (entries, entries, calls)
    assert report["orphaned"] == report["elsewhere"] == 0


async def test_the_first_form_lists_only_its_newest_call():
    edge, book = account("kv_only_v1")
    await session(edge, "kv_only_v1", "", calls=3)
    report = await report_of(edge, book)
    assert (report["written"], report["deleted"], report["readable"], report["calls-readable"]) == (
        6,
        4,
        2,
        1,
    )


@pytest.mark.parametrize("variant", ["cache_only", "hybrid", "hybrid_batched", "hybrid_designed"])
async def test_what_another_data_centre_logged_is_elsewhere(variant):
    edge, book = account(variant)
    await session(edge, variant, "s1", colo="FRA")
    report = await report_of(edge, book)
    assert report["elsewhere"] == report["written"] > 0
    assert report["readable"] == report["calls-readable"] == 0


@pytest.mark.parametrize("variant", ["kv_only", "hybrid", "hybrid_batched"])
async def test_what_falls_out_of_the_index_of_ten_is_orphaned(variant):
    edge, book = account(variant)
    for number in range(11):
        await session(edge, variant, f"s{number}")
    report = await report_of(edge, book)
    assert report["orphaned"] == report["written"] / 11
    assert report["calls-readable"] == 20


async def test_a_log_that_has_expired_is_counted_once():
    edge, book = account("hybrid")
    await session(edge, "hybrid", "s1")
    edge.clock.advance(days=1)
    report = await report_of(edge, book)
    assert (report["written"], report["expired"], report["readable"]) == (4, 4, 0)


@pytest.mark.parametrize(
    ("variant", "useful", "orphaned"),
    [("hybrid", 0, 1), ("hybrid_batched", 1, 1), ("hybrid_designed", 1, 0)],
)
async def test_only_whole_error_entries_can_be_debugged_and_only_the_promised_form_shows_them(
    variant, useful, orphaned
):
    edge, book = account(variant)
    await session(edge, variant, "s1", fails=True)
    report = await report_of(edge, book)
    assert (report["errors"], report["errors-debuggable"], report["orphaned"]) == (1, useful, orphaned)


async def test_puts_that_store_nothing_are_counted_with_their_reason():
    edge, book = account("kv_only")
    for number in range(1000):
        await edge.env.page_content.put(f"other{number}", "x")
    heard = []
    edge.events.subscribe(Operation, heard.append, outcomes=("never-stored",))
    await session(edge, "kv_only", "s1")
    await book.report()
    assert [(event.units, event.reason) for event in heard] == [(2, "KV put() limit exceeded for the day.")]


async def test_an_audit_spends_nothing():
    edge, book = account("hybrid_designed")
    await session(edge, "hybrid_designed", "s1", fails=True)
    before = [edge.ledger.usage(op) for op in Op]
    at = edge.clock.now()
    await book.report()
    assert [edge.ledger.usage(op) for op in Op] == before
    assert edge.clock.now() == at


async def test_a_log_that_is_purged_is_deleted_and_one_that_was_lost_in_a_move_is_evicted():
    edge, book = account("hybrid")
    await session(edge, "hybrid", "s1")
    await session(edge, "hybrid", "s2", colo="FRA")
    await edge.caches.lose("FRA")
    await edge.caches.purge(everything=True)
    report = await report_of(edge, book)
    assert (report["written"], report["deleted"], report["evicted"]) == (8, 4, 4)


@pytest.mark.parametrize("variant", VARIANTS)
async def test_every_form_of_the_worker_can_be_audited(variant):
    edge, book = account(variant)
    await session(edge, variant, "s1")
    report = await report_of(edge, book)
    assert report["readable"] == report["written"] - report["deleted"] > 0
    audit = LogAudit({"AI_LOG_VARIANT": variant})
    assert audit.is_log(f"{LOG}ai_log_1")
    assert not audit.is_log("ai_communication_session_index")


async def test_a_form_that_there_is_not_is_named_beside_those_there_are():
    _, book = account("hybird")
    with pytest.raises(ValueError, match="unknown variant 'hybird'; there are kv_only_v1, kv_only, "):
        await book.report()


def test_a_worker_that_has_no_logs_to_audit_is_refused_before_anything_runs():
    with pytest.raises(BadInput, match="Shop cannot be audited: it has no `log_audit`"):
        loaded('worker: {entry: "tests.scenario_days:Shop", profile: diet}\nplatform: {audit: true}\n')
