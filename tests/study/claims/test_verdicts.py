"""The verdicts on the design document's claims, and the numbers behind them."""

from __future__ import annotations

from collections import Counter

import pytest

from worker_port.study.claims.all_claims import CLAIMS, OF_THE_DOCUMENT, check_claims
from worker_port.study.claims.measurements import Measurements
from worker_port.study.claims.model import Consequence, Verdict

CONDITIONAL = {2, 8, 23, 30, 33, 34, 40, 41, 44, 46, 48}
MODEL = {17, 21, 22, 27, 28, 29}
UNCHECKABLE = {10, 20, 49, 53}
TRUE = set(range(59, 72))
VERDICTS = {
    **dict.fromkeys(CONDITIONAL, Verdict.CONDITIONAL),
    **dict.fromkeys(MODEL, Verdict.MODEL),
    **dict.fromkeys(UNCHECKABLE, Verdict.UNCHECKABLE),
    **dict.fromkeys(TRUE, Verdict.HOLDS),
}
"""The others do not hold."""
OF_OTHER_DOCUMENTS = {51, 52, 53}

MEASURED = [
    (1, "hybrid", 7),
    (2, "kv_only.9", 46),
    (2, "kv_only.7", 36),
    (2, "kv_only_v1.9", 9 + 27 + 16),
    (3, "kv_only_v1.9", 37),
    (3, "kv_only_v1.7", 47),
    (3, "kv_only.9", 35),
    (3, "kv_only.7", 45),
    (4, "kv_only_v1, cold", 62.22),
    (4, "kv_only, cold", 76.6),
    (4, "kv_only, warm", 83.72),
    (5, "reads", 4),
    (5, "writes", 3),
    (6, "in_kv", 5),
    (6, "entries", 1760),
    (7, "subrequests.9", 55),
    (7, "subrequests.7", 43),
    (9, "everything fails that can", 6),
    (9, "stopped by a failed call", 1),
    (9, "stopped by an answer that cannot be parsed", 0),
    (11, "operations", 6),
    (11, "shown", 2),
    (12, "of_requests", 0),
    (12, "set_by_hand", 1),
    (13, "writes", 1),
    (14, "most", 1),
    (14, "in_the_model", 3),
    (15, "status.9", 500),
    (16, "every plan fails", 1000),
    (16, "5 % fail", 20_009),
    (16, "of_nine", 0),
    (17, "by_the_code", 20_009),
    (17, "in_the_model", 6666),
    (18, "in_the_model", 247),
    (19, "stopped_at_1", 6),
    (19, "stopped_at_6", 31),
    (21, "by_the_code", 5),
    (21, "in_the_model", 20),
    (22, "in_the_model", 15),
    (23, "reads", 11 + 99 * 7 + 2 * (18 + 9)),  # configuration and food lists, forgotten meanwhile
    (23, "writes", 0),
    (24, "kv_only_v1, 9 calls", 24_300),
    (24, "kv_only, 9 calls", 25_200),
    (24, "kv_only_v1, 7 calls", 18_900),
    (24, "kv_only, 7 calls", 19_800),
    (25, "kv_only, 9 calls", 840),
    (26, "by_the_code", 45),
    (26, "premises_most", 180),
    (26, "replayed", 48),
    (27, "by_the_code", 2),
    (27, "in_the_model", 6),
    (28, "by_the_code", 10),
    (28, "in_the_model", 30),
    (29, "by_the_code", 10),
    (29, "in_the_model", 30),
    (32, "writes", 0),
    (33, "429 once, then an answer", 0),
    (33, "429 at every attempt", 1),
    (34, "failed", 1),
    (35, "digits", 13),
    (35, "responses", 7),
    (35, "digits_in_example", 10),
    (36, "hybrid", 5),
    (36, "hybrid_designed", 0),
    (37, "shown", 0),
    (37, "in_kv", 1),
    (38, "flagged", 0),
    (39, "counted", 10),
    (39, "exported", 8),
    (40, "full_page", 20),
    (41, "kv_only_v1", 1),
    (41, "kv_only", 70),
    (41, "stored", 84),
    (42, "cache_only", "0 of 7"),
    (43, "missed_families", 2),
    (44, "writes", 0),
    (44, "reads", 7),
    (45, "after", 1),
    (46, "worst_plan", 0.8333),
    (47, "premises", 0.9958),
    (47, "by_the_code", 0.9981),
    (48, "failed_summary", 1),
    (50, "after", 1),
    (51, "status", 200),
    (51, "origin", "*"),
    (51, "designed_status", 401),
    (52, "first_call", 6),
    (52, "later_calls", 5),
    (54, "in_the_model", 50 * 46),
    (54, "by_the_code", 50 * 36),  # the two failed calls are summaries, so that no plan is stopped
    (55, "in_the_model", 200 * 46),
    (55, "by_the_code", 7025),
    (56, "in_the_model", 100 * 46),
    (56, "by_the_code", 3465),
    (57, "normal-day", 50),
    (57, "high-load-day", 200),
    (57, "system-issues-day", 100),
    (58, "completed", 0),
    (58, "completed_in_a_week", 0),
    (58, "corrected", 2 * 43),
    (58, "corrected_status", 400),
    (59, "found", 0),
    (60, "entries", 14),
    (61, "in_cache", 1),
    (61, "in_kv", 1),
    (62, "before", 0),
    (62, "after", 1),
    (63, "panel", 0),
    (64, "much_later", 1),
    (65, "calls.9", 0),
    (66, "accepted", 1000),
    (67, "ai_error_log:{logId}", 1),
    (67, "ai_error_log:{logId}_response", 2),
    (68, "writes", 1),
    (69, "failed", 0),
    (70, "kept", 10),
    (71, "entries", 14),
]


def test_all_claims_are_there_once_and_in_order():
    assert [claim.number for claim in CLAIMS] == list(range(1, 72))


def test_those_of_other_documents_are_not_counted_and_the_others_have_their_lines():
    assert {claim.number for claim in CLAIMS if claim not in OF_THE_DOCUMENT} == OF_OTHER_DOCUMENTS
    for claim in OF_THE_DOCUMENT:
        assert claim.lines, claim.number
        assert all(1 <= line <= 465 for line in claim.lines)
        assert list(claim.lines) == sorted(set(claim.lines))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"claim {claim.number}")
def test_a_claim_gets_the_verdict_that_reading_the_code_leads_to(outcomes, claim):
    assert outcomes[claim.number].verdict == VERDICTS.get(claim.number, Verdict.FALSE)


def test_what_is_fatal_is_said_to_break_production(checked):
    fatal = {one.claim.number for one in checked if one.consequence is Consequence.BREAKS}
    assert fatal == {7, 15, 57, 58}


def test_a_claim_that_holds_or_cannot_be_checked_has_no_other_consequence(checked):
    for one in checked:
        assert (one.consequence is Consequence.HARMLESS) == (one.outcome.verdict is Verdict.HOLDS)
        assert (one.consequence is Consequence.UNKNOWN) == (one.outcome.verdict is Verdict.UNCHECKABLE)


@pytest.mark.parametrize(("number", "name", "value"), MEASURED)
def test_what_a_claim_is_judged_by_is_what_the_code_gives(outcomes, number, name, value):
    assert outcomes[number].values[name] == value


def test_every_claim_that_is_judged_shows_the_values_it_is_judged_by(outcomes):
    judged = [outcome for number, outcome in outcomes.items() if number not in UNCHECKABLE]
    assert all(outcome.values and outcome.measured for outcome in judged)


def test_a_condition_or_a_reason_stands_where_the_verdict_needs_one(outcomes):
    without = {number for number, outcome in outcomes.items() if not outcome.condition}
    assert not without & (CONDITIONAL | MODEL | UNCHECKABLE)


def test_a_worker_that_keeps_the_promises_gets_other_verdicts():
    measurements = Measurements("tests.study.claims.promised:Promised")
    promised = check_claims([31, 36, 37, 38, 39, 40, 51], measurements=measurements)
    verdicts = {claim.number: outcome.verdict for claim, outcome in promised}
    assert {number for number, verdict in verdicts.items() if verdict is Verdict.HOLDS} == {36, 37, 38, 39}
    assert verdicts[31] is Verdict.FALSE  # nothing logs what is parsed later


def test_a_measurement_that_several_claims_share_is_made_once(monkeypatch):
    measurements = Measurements()
    made = Counter()
    testbed = measurements.testbed

    def counted(variant, **options):
        made[variant] += 1
        return testbed(variant, **options)

    monkeypatch.setattr(measurements, "testbed", counted)
    check_claims([1, 2, 24], measurements=measurements)
    check_claims([1, 2, 24], measurements=measurements)
    assert made["kv_only"] == 2  # a plan of seven calls, and one of nine
