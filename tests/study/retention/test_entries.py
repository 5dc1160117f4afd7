"""What an error entry says, in each form that the worker has left in KV, and how old it is."""

from __future__ import annotations

import json

import pytest

from edgeday.clock import DAY_S
from edgeday.runtime.entry import import_worker
from worker_port.study.features import a_bug_of_three_days_ago
from worker_port.study.retention.entries import UNREADABLE, id_time, is_old, logged_at, parse_entry
from worker_port.study.testbed import Testbed

WORKER = import_worker("worker_port:AiDietWorker")
MESSAGE = "OpenAI API failed: OpenAI API error: 400 Bad Request"
LOGGED_AT = 1771236000.0 + 24  # the third call, eight seconds a call
KEY = "ai_error_log:ai_log_1771236000123_0a1b2c3d"


@pytest.mark.parametrize("variant", ["hybrid", "hybrid_batched", "hybrid_designed"])
def test_the_entries_of_every_form_tell_step_message_and_time(variant):
    testbed = a_bug_of_three_days_ago(lambda mode: Testbed(WORKER, variant, subrequests=mode))
    ((key, fields),) = testbed.kv_errors().items()
    error = parse_entry(key, json.dumps(fields).encode())
    assert (error.step, error.message) == ("step3_meal_plan_chunk_1", MESSAGE)
    assert LOGGED_AT - 9 < error.logged_at <= LOGGED_AT


def test_the_request_half_of_an_error_in_the_design_documents_model_tells_its_error():
    testbed = Testbed(WORKER, "hybrid")
    testbed.plan(calls=9, request_errors=[2], goes_on=True)
    ((key, fields),) = testbed.kv_errors().items()
    assert fields["type"] == "request"
    assert parse_entry(key, json.dumps(fields).encode()).message == "request error simulated for call 2"


def test_a_request_error_of_the_designed_form_is_its_message_where_the_call_succeeded():
    testbed = Testbed(WORKER, "hybrid_designed")
    testbed.plan(calls=9, request_errors=[2], goes_on=True)
    ((key, fields),) = testbed.kv_errors().items()
    assert parse_entry(key, json.dumps(fields).encode()).message == "request error simulated for call 2"


def test_an_age_comes_from_the_id_to_the_millisecond():
    assert id_time(KEY) == id_time(f"{KEY}_response") == 1771236000.123


def test_an_id_without_a_time_leaves_it_to_the_timestamp():
    value = json.dumps({"timestamp": "2026-02-16T10:00:00.000Z"}).encode()
    assert logged_at("ai_error_log:other", value) == 1771236000


@pytest.mark.parametrize(
    "value",
    [b"{}", b"", b"[]", b"no json", b"\xff", b'{"timestamp": 5}', b'{"timestamp": "yesterday"}',
     b'{"timestamp": "2026-02-16T10:00:00"}', b"[" * 100_000],
)  # fmt: skip
def test_an_entry_that_tells_no_time_has_no_age_and_is_never_old(value):
    at = logged_at("ai_error_log:other", value)
    assert at is None
    assert not is_old(at, 1e12, 0)


@pytest.mark.parametrize("value", [b"", b"no json", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_kept_as_unreadable(value):
    error = parse_entry(KEY, value)
    assert (error.step, error.message) == (UNREADABLE, UNREADABLE)
    assert error.logged_at == 1771236000.123


def test_control_characters_of_a_message_do_not_reach_a_terminal():
    value = json.dumps({"stepName": "a\nb", "error": "red \x1b[31m\x07 and\r\nmore"}).encode()
    error = parse_entry(KEY, value)
    assert (error.step, error.message) == ("a b", "red [31m and more")


def test_a_message_that_is_no_text_is_shown_as_json():
    assert parse_entry(KEY, b'{"error": {"code": 5}}').message == '{"code": 5}'


@pytest.mark.parametrize(("age_s", "old"), [(30 * DAY_S - 0.001, False), (30 * DAY_S, True)])
def test_an_entry_is_old_once_it_has_reached_the_age(age_s, old):
    assert is_old(1_000_000.0, 1_000_000.0 + age_s, 30 * DAY_S) is old
