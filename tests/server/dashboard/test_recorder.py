"""What the pages remember of the event stream."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgeday.events import EventStream, InvocationEnded, InvocationStarted, Operation
from edgeday.server.dashboard.recorder import Recorder


def operation(key="k", outcome="ok", service="kv", at=0.0):
    return Operation(at, service, "put", "b", key, outcome, "why", 1, 0, 0, "", "SOF")


def ended(number):
    return InvocationEnded(0.0, number, "GET /", "SOF", 0.0, "ok", 200, 0, 0, 0, 0, "")


@given(st.integers(0, 40), st.integers(0, 45), st.integers(1, 12))
def test_a_reader_gets_what_is_newer_and_is_told_how_much_was_forgotten(emitted, position, room):
    events = EventStream()
    recorder = Recorder(events, max_events=room)
    for number in range(1, emitted + 1):
        events.emit(operation(str(number)))
    since = recorder.since(position)
    newer = [number for number in range(1, emitted + 1) if number > position]
    assert [numbered.number for numbered in since.events] == newer[-room:]
    assert [numbered.event.key for numbered in since.events] == [str(number) for number in newer[-room:]]
    assert since.missed == max(0, len(newer) - room)
    assert recorder.newest == emitted


def test_events_of_all_kinds_are_kept_in_their_order():
    events = EventStream()
    recorder = Recorder(events)
    sequence = [InvocationStarted(0.0, 1, "GET /", "SOF"), operation(), ended(1)]
    for event in sequence:
        events.emit(event)
    assert [numbered.event for numbered in recorder.since(0).events] == sequence


def test_invocations_are_kept_newest_first_and_bounded():
    events = EventStream()
    recorder = Recorder(events, max_invocations=2)
    for number in (1, 2, 3):
        events.emit(ended(number))
    assert [row.invocation for row in recorder.invocations] == [3, 2]


def test_a_key_is_not_stored_until_a_later_put_of_it_is_or_it_is_deleted():
    events = EventStream()
    recorder = Recorder(events)
    for key in ("a", "b", "c"):
        events.emit(operation(key, "not-stored", "cache"))
    events.emit(operation("a", "stored", "cache"))
    events.emit(operation("b", "deleted", "cache"))
    assert [event.key for event in recorder.unstored] == ["c"]


def test_a_kv_put_says_nothing_about_a_cache():
    events = EventStream()
    recorder = Recorder(events)
    events.emit(operation("a", "not-stored", "cache"))
    events.emit(operation("a", "stored", "kv"))
    assert [event.key for event in recorder.unstored] == ["a"]


def test_of_too_many_puts_that_were_not_stored_the_oldest_is_forgotten():
    events = EventStream()
    recorder = Recorder(events, max_unstored=2)
    for key in ("a", "b", "a", "c"):
        events.emit(operation(key, "not-stored", "cache"))
    assert [event.key for event in recorder.unstored] == ["c", "a"]


def test_whoever_waits_for_news_is_told_and_then_forgotten():
    events = EventStream()
    recorder = Recorder(events)
    with recorder.news() as news:
        assert not news.is_set()
        events.emit(operation())
        assert news.is_set()
        news.clear()
    events.emit(operation())
    assert not news.is_set()
