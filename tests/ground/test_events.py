from __future__ import annotations

import pytest

from edgeday.events import EventStream, InvocationEnded, InvocationStarted, Operation, key_family


def operation(**changes):
    event = Operation(0.0, "kv", "get", "page_content", "a:b", "hit", "", 1, 3, 0, "", "")
    return event._replace(**changes)


@pytest.mark.parametrize(
    ("key", "family"),
    [
        ("ai_log:1771203201000_1dc261a2", "ai_log:*"),
        ("a:b:c", "a:*"),
        ("ai_session_index", "ai_session_index"),
        ("", ""),
        (":x", ":*"),
        ("https://ai-logs-cache.internal/ai_session_logs:s1", "ai_session_logs:*"),
        ("https://ai-logs-cache.internal/ai_session_index", "ai_session_index"),
        ("https://host:8443/plain", "plain"),
        ("https://host/", ""),
    ],
)
def test_a_key_belongs_to_the_family_of_its_text_up_to_the_first_colon(key, family):
    assert key_family(key) == operation(key=key).key_family == family


def test_an_event_reaches_those_who_asked_for_its_kind_in_the_order_they_asked():
    stream, calls = EventStream(), []
    stream.subscribe(Operation, lambda event: calls.append(("first", event.op)))
    stream.subscribe(Operation, lambda event: calls.append(("second", event.op)))
    stream.subscribe(InvocationStarted, lambda event: calls.append(("started", event.invocation)))
    stream.emit(operation(op="put"))
    stream.emit(InvocationStarted(0.0, 7, "GET /", "SOF"))
    stream.emit(InvocationEnded(1.0, 7, "GET /", "SOF", 0.0, "ok", 200, 0, 0, 0, 0, ""))
    assert calls == [("first", "put"), ("second", "put"), ("started", 7)]


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        ({}, ["a", "b", "c"]),
        ({"services": ("kv",)}, ["a", "b"]),
        ({"outcomes": ("stored",)}, ["a", "c"]),
        ({"services": ("kv",), "outcomes": ("stored",)}, ["a"]),
    ],
)
def test_operations_reach_those_who_asked_for_their_outcome_and_their_service(wanted, heard):
    stream, keys = EventStream(), []
    stream.subscribe(Operation, lambda event: keys.append(event.key), **wanted)
    stream.emit(operation(service="kv", key="a", outcome="stored"))
    stream.emit(operation(service="kv", key="b", outcome="hit"))
    stream.emit(operation(service="cache", key="c", outcome="stored"))
    assert keys == heard


def test_who_unsubscribed_hears_nothing_more_and_the_others_do():
    stream, first, second = EventStream(), [], []
    stop = stream.subscribe(Operation, first.append)
    stream.subscribe(Operation, second.append)
    stream.emit(operation(op="get"))
    stop()
    stream.emit(operation(op="put"))
    assert [event.op for event in first] == ["get"]
    assert [event.op for event in second] == ["get", "put"]
