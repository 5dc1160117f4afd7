"""While a worker is imported its clock is at 0, and what is drawn is the same each time, or refused."""

from __future__ import annotations

import os
import random
import secrets
import time
import uuid
from datetime import UTC, date, datetime

import pytest

from edgeday.ambient import installed
from edgeday.runtime.import_scope import import_scope

DRAWS = {
    "random()": lambda: random.random(),
    "randint()": lambda: random.randint(1, 10**9),
    "seed()": lambda: random.seed(5),
    "Random()": lambda: random.Random().random(),
    "SystemRandom": lambda: random.SystemRandom().random(),
    "uuid4": lambda: uuid.uuid4(),
    "uuid1": lambda: uuid.uuid1(),
    "token_hex": lambda: secrets.token_hex(),
    "urandom": lambda: os.urandom(8),
}


def at_import(function, *, refuses=False):
    with installed(), import_scope() as scope:
        scope.refuses_entropy = refuses
        return function()


def test_the_clock_is_at_zero():
    assert at_import(lambda: time.time()) == 0
    assert at_import(lambda: datetime.now(UTC)) == datetime(1970, 1, 1, tzinfo=UTC)
    assert at_import(date.today) == date(1970, 1, 1)
    assert at_import(lambda: time.sleep(5)) is None


@pytest.mark.parametrize("name", DRAWS)
def test_a_plain_worker_draws_the_same_each_time(name):
    assert at_import(DRAWS[name]) == at_import(DRAWS[name])


@pytest.mark.parametrize("name", DRAWS)
def test_a_python_workers_own_code_may_draw_nothing(name):
    with pytest.raises((OSError, RuntimeError), match=r"while a Worker is starting|outside of request"):
        at_import(DRAWS[name], refuses=True)


def test_the_refusals_are_those_of_the_platform():
    with pytest.raises(RuntimeError, match=r"^Cannot use random\.choice\(\) outside of request context$"):
        at_import(lambda: random.choice("ab"), refuses=True)
    with pytest.raises(OSError, match=r"^.Errno 29. Randomness is not allowed while a Worker is starting"):
        at_import(uuid.uuid4, refuses=True)


def test_a_generator_with_a_seed_may_be_made():
    assert at_import(lambda: random.Random(5).random(), refuses=True) == random.Random(5).random()


PACKAGE = """
import os, random, secrets, uuid
def drawn():
    return random.random(), random.Random().random(), os.urandom(8), secrets.token_hex(), uuid.uuid4()
"""


def test_a_package_may_draw_and_has_the_same_each_time(tmp_path):
    names = {}
    exec(compile(PACKAGE, str(tmp_path / "site-packages" / "package.py"), "exec"), names)
    assert at_import(names["drawn"], refuses=True) == at_import(names["drawn"], refuses=True)
