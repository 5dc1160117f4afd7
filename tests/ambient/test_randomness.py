from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import uuid

import pytest

from edgeday.web import random_uuid
from tests.ambient.workers import randint, uuid4

DRAWS = {
    "random": lambda: random.random(),
    "randint": lambda: random.randint(1, 10**12),
    "randint by name": lambda: randint(1, 10**12),
    "choice": lambda: random.choice(range(10**12)),
    "gauss": lambda: random.gauss(),
    "shuffle": lambda: random.sample(range(10**6), 3),
    "a new generator": lambda: random.Random().random(),
    "a generator seeded anew": lambda: _seeded_anew(random.Random(1)).random(),
    "all seeded anew": lambda: _seeded_anew(random).random(),
    "SystemRandom": lambda: random.SystemRandom().random(),
    "uuid1": lambda: uuid.uuid1(),
    "uuid4": uuid.uuid4,
    "uuid4 by name": uuid4,
    "getnode": lambda: uuid.getnode(),
    "token_hex": secrets.token_hex,
    "token_urlsafe": secrets.token_urlsafe,
    "randbelow": lambda: secrets.randbelow(10**12),
    "randbits": lambda: secrets.randbits(64),
    "secrets.choice": lambda: secrets.choice(range(10**12)),
    "urandom": lambda: os.urandom(16),
    "getrandom": lambda: os.getrandom(16),
}
if sys.version_info >= (3, 14):
    DRAWS |= {"uuid6": lambda: uuid.uuid6(), "uuid7": lambda: uuid.uuid7(), "uuid8": lambda: uuid.uuid8()}


def _seeded_anew(generator):
    generator.seed()
    return generator


@pytest.mark.parametrize("name", DRAWS)
def test_what_is_drawn_in_an_invocation_comes_from_its_seed(within, name):
    draw = DRAWS[name]
    assert within(draw) == within(draw)
    assert within(draw) != within(draw, seed=1)
    assert within(lambda: [draw(), draw()]) != within(lambda: [draw()] * 2)


@pytest.mark.parametrize("name", sorted(DRAWS.keys() - {"getnode"}))
def test_what_is_drawn_outside_an_invocation_comes_from_nowhere_known(within, name):
    draw = DRAWS[name]
    assert draw() != draw()


async def test_two_invocations_beside_each_other_draw_their_own_numbers(within):
    async def drawn(seed):
        async with within.new_edge(seed=seed).invocation("GET /"):
            numbers = []
            for name in DRAWS:
                numbers.append(repr(DRAWS[name]()))
                await asyncio.sleep(0)
            return numbers

    alone = [await drawn(1), await drawn(2)]
    assert await asyncio.gather(drawn(1), drawn(2)) == alone
    assert set(alone[0]).isdisjoint(alone[1])


def test_a_task_of_an_invocation_draws_from_the_same_numbers(within):
    async def drawn():
        async with within.new_edge().invocation("GET /"):
            random.seed(5)

            async def part():
                return random.random()

            return [await asyncio.ensure_future(part()), random.random()]

    numbers = random.Random(5)
    assert asyncio.run(drawn()) == [numbers.random(), numbers.random()]


def test_a_worker_that_seeds_the_module_has_the_numbers_of_that_seed(within):
    def code():
        random.seed("shop")
        return random.randrange(100), random.getstate()

    assert within(code)[0] == within(code, seed=1)[0] == random.Random("shop").randrange(100)
    assert random.getstate() != within(code)[1]


def test_seeding_the_module_leaves_ids_as_they_are(within):
    def code():
        random.seed(5)
        return uuid.uuid4()

    assert within(code) != within(code, seed=1)


def test_a_random_uuid_of_the_library_is_the_one_of_the_platform(within):
    assert str(within(uuid.uuid4)) == within(random_uuid)


def test_a_uuid_of_the_time_has_the_invocations(within):
    made = within(uuid.uuid1)
    seconds = (made.time - 0x01B21DD213814000) / 10**7
    assert seconds == pytest.approx(1_771_236_000.123, abs=1e-6)
    assert within(lambda: uuid.uuid1(node=1, clock_seq=2)).node == 1


def test_bytes_are_as_many_as_asked_for(within):
    assert [len(within(os.urandom, size)) for size in (0, 1, 1000)] == [0, 1, 1000]
    with pytest.raises(ValueError, match="negative"):
        within(os.urandom, -1)


def test_a_generator_with_a_seed_has_the_numbers_of_that_seed(within):
    assert within(lambda: random.Random(5).random()) == random.Random(5).random()
