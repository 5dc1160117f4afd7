from __future__ import annotations

import datetime
import os
import random
import sys
import threading
import time
import types
import uuid

from freezegun import freeze_time

from edgeday.ambient import installed
from tests.ambient import workers
from tests.ambient.conftest import START_S, Invocations

PLACES = (time, os, random, uuid, workers)
CLASSES = (datetime.date, datetime.datetime, random.Random)


def state():
    """All that might be changed by it."""
    return [dict(vars(one)) for one in (*PLACES, *CLASSES)]


def test_everything_is_as_it_was_afterwards():
    before = state()
    with installed():
        assert [mine == real for mine, real in zip(state(), before, strict=True)].count(True) == 0
    assert state() == before


def test_of_blocks_within_each_other_the_outermost_undoes_it():
    before = state()
    with installed():
        changed = state()
        with installed():
            assert state() == changed
        assert state() == changed
    assert state() == before


def test_of_overlapping_blocks_the_last_one_undoes_it():
    before = state()
    first, second = installed(), installed()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert workers.seconds is time.time is not before[0]["time"]
    second.__exit__(None, None, None)
    assert state() == before


def test_threads_may_enter_and_leave_at_the_same_time():
    before = state()

    def often():
        for _ in range(50):
            with installed():
                assert Invocations()(time.time) == START_S

    threads = [threading.Thread(target=often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state() == before


def test_a_module_that_is_imported_meanwhile_is_given_the_real_names_afterwards(monkeypatch):
    module = types.ModuleType("imported_meanwhile")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for _ in range(2):
        with installed():
            exec("from time import time\nfrom random import randint", vars(module))
            assert Invocations()(module.time) == START_S
        assert module.time is time.time
        assert module.randint is random.randint


def test_a_module_that_gets_a_name_later_is_looked_at_again(monkeypatch):
    module = types.ModuleType("grows")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with installed():
        pass
    exec("from time import time", vars(module))
    with installed():
        assert Invocations()(module.time) == START_S


def test_what_is_held_from_then_still_works_afterwards():
    with installed():
        held = time.time
    assert held is not time.time
    assert abs(held() - time.time()) < 60


def test_another_ones_patch_on_top_stays_and_may_ask_what_was_there(monkeypatch):
    with installed():
        below = time.time
        monkeypatch.setattr(time, "time", lambda: below() + 100)
        assert Invocations()(lambda: time.time()) == START_S + 100
    assert time.time() > below() + 99
    monkeypatch.undo()
    with installed():
        pass
    assert type(time.time) is types.BuiltinFunctionType


def test_what_a_test_has_put_there_before_stays(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 5)
    with installed():
        assert Invocations()(lambda: time.time()) == 5
        assert Invocations()(lambda: time.monotonic()) == START_S
    assert time.time() == 5


def test_a_function_that_a_test_spies_on_may_have_time_frozen_around_it(monkeypatch):
    calls = []
    with installed():
        below = time.sleep
        monkeypatch.setattr(time, "sleep", lambda seconds: (calls.append(seconds), below(seconds)))
        with freeze_time("2031-07-01", real_asyncio=True):
            time.sleep(0)
        time.sleep(0)
    with installed():
        time.sleep(0)
    assert calls == [0, 0, 0]


def test_modules_that_are_no_modules_are_left_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "odd", object())
    monkeypatch.setitem(sys.modules, "gone", None)
    with installed():
        assert sys.modules["gone"] is None
