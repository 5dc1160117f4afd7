from __future__ import annotations

import copy
import json
import pickle
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import localtime
from zoneinfo import ZoneInfo

import orjson
import pytest
from pydantic import BaseModel, Field, TypeAdapter

from edgeday.ambient import installed
from tests.ambient.conftest import START_S
from tests.ambient.test_time import sofia

assert sofia
NOW = datetime(2026, 2, 16, 10, 0, 0, 123_000)
SOFIA = ZoneInfo("Europe/Sofia")


def test_now_is_the_invocations_instant_in_utc_wherever_the_machine_is(sofia, within):
    assert within(datetime.now) == NOW
    assert within(datetime.today) == NOW
    assert within(datetime.now, UTC) == NOW.replace(tzinfo=UTC)
    assert within(lambda: datetime.now(tz=None)) == NOW
    assert within(lambda: datetime.now(tz=SOFIA)).isoformat() == "2026-02-16T12:00:00.123000+02:00"
    assert within(date.today) == NOW.date()


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
def test_the_old_way_to_ask_for_utc_has_it_too(within):
    assert within(datetime.utcnow) == NOW


def test_an_instant_has_its_date_in_utc_wherever_the_machine_is(sofia, within):
    late = 1_771_280_000  # 22:13:20 UTC, after midnight in Sofia
    assert within(datetime.fromtimestamp, late) == datetime(2026, 2, 16, 22, 13, 20)
    assert within(date.fromtimestamp, late) == date(2026, 2, 16)
    assert within(lambda: datetime.fromtimestamp(late, tz=SOFIA)).day == 17
    assert date.fromtimestamp(late) == date(2026, 2, 17)


def test_a_time_without_a_zone_is_utc_wherever_the_machine_is(sofia, within):
    assert within(NOW.timestamp) == START_S
    assert within(NOW.replace(tzinfo=SOFIA).timestamp) == START_S - 7200
    assert within(lambda: NOW.astimezone(SOFIA)).hour == 12
    assert within(lambda: NOW.astimezone()).isoformat() == "2026-02-16T10:00:00.123000+00:00"
    assert within(lambda: NOW.replace(tzinfo=SOFIA).astimezone()).hour == 8
    assert within(localtime).tzinfo == UTC
    assert NOW.timestamp() == START_S - 7200
    assert NOW.astimezone(UTC).hour == 8


def test_outside_an_invocation_now_is_the_machines(within):
    assert abs(datetime.now(UTC) - datetime.now().astimezone()) < timedelta(minutes=1)
    assert datetime.now(UTC).year > 2000
    assert within(datetime.now) != datetime.now()


class Instant(datetime):
    """A class of a library, built on the real one."""


def test_a_class_built_on_the_real_one_gives_its_own_instances(within):
    for made in (within(Instant.now), within(Instant.today), within(Instant.now, SOFIA)):
        assert type(made) is Instant
    assert type(Instant.now()) is Instant
    assert type(within(lambda: Instant.fromtimestamp(0))) is Instant


def test_the_classes_are_the_real_ones():
    real = datetime, date
    with installed():
        import datetime as module

        assert (module.datetime, module.date) == real
        assert type(module.datetime.now()) is datetime


def test_instants_of_an_invocation_go_everywhere(within):
    inside = within(datetime.now, UTC)
    outside = datetime(2026, 2, 16, tzinfo=timezone(timedelta(hours=2)))
    assert inside - outside == timedelta(hours=12, milliseconds=123)
    assert outside < inside
    assert type(inside) is datetime
    assert isinstance(inside, date)
    assert pickle.loads(pickle.dumps(inside)) == inside == copy.deepcopy(inside)
    assert orjson.dumps(inside) == b'"2026-02-16T10:00:00.123000+00:00"'
    assert json.dumps(inside.isoformat()) == '"2026-02-16T10:00:00.123000+00:00"'
    assert TypeAdapter(datetime).validate_python(inside) == inside


def models():
    """Classes as a worker declares them; what they hold is looked up when they are made."""

    class Order(BaseModel):
        at: datetime = Field(default_factory=datetime.now)
        seconds: float = Field(default_factory=time.time)

    @dataclass
    class Sale:
        at: datetime = field(default_factory=datetime.now)
        seconds: float = field(default_factory=time.time)

    return Order, Sale


def test_defaults_of_a_worker_that_is_imported_where_this_is_installed_are_the_invocations(within):
    for kind in models():
        made = within(kind)
        assert (made.at, made.seconds) == (NOW, START_S)
        assert kind().at != NOW


def test_such_defaults_are_the_machines_once_nothing_is_installed():
    with installed():
        kinds = models()
    for kind in kinds:
        made = kind()
        assert abs(made.at.timestamp() - made.seconds) < 60


@pytest.mark.parametrize("wrong", [("UTC",), (UTC, UTC)])
def test_a_wrong_zone_is_refused_as_by_the_real_one(within, wrong):
    with pytest.raises(TypeError):
        within(datetime.now, *wrong)
    with pytest.raises(TypeError):
        datetime.now(*wrong)
