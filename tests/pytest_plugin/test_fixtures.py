"""The fixtures and their marker, as a project that uses them sees them."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

STATE_IS_FRESH = """
import pytest

async def use(edge, kv, caches, clock, ledger):
    from edgeday.ledger import Op
    from edgeday.web import Response

    kept = Response("x", headers={"Cache-Control": "max-age=9999"})
    assert await kv.get("left") is None
    assert await caches.default.match("https://a.example/left") is None
    assert ledger.usage(Op.WRITE).asked == 0
    assert clock.now() == 1771200000.0  # 2026-02-16T00:00:00Z
    async with edge.invocation("GET /") as invocation:
        assert invocation.number == 1
        assert invocation.isolate == {}
        invocation.isolate["left"] = True
    await kv.put("left", "behind")
    await caches.default.put("https://a.example/left", kept)
    clock.advance(hours=1)
"""


def test_every_test_gets_a_fresh_account_in_auto_mode(project):
    project.makepyfile(
        STATE_IS_FRESH
        + """
async def test_one(edge, kv, caches, clock, ledger):
    await use(edge, kv, caches, clock, ledger)

async def test_two(edge, kv, caches, clock, ledger):
    await use(edge, kv, caches, clock, ledger)
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


def test_every_test_gets_a_fresh_account_in_strict_mode(strict_project):
    strict_project.makepyfile(
        STATE_IS_FRESH
        + """
@pytest.mark.asyncio
@pytest.mark.parametrize("turn", [1, 2])
async def test_strict(edge, kv, caches, clock, ledger, turn):
    await use(edge, kv, caches, clock, ledger)
"""
    )
    strict_project.runpytest_inprocess().assert_outcomes(passed=2)


def test_synchronous_tests_run_coroutines_with_the_run_fixture(project):
    project.makepyfile(
        STATE_IS_FRESH
        + """
@pytest.mark.parametrize("turn", [1, 2])
def test_plain(run, edge, kv, caches, clock, ledger, turn):
    run(use(edge, kv, caches, clock, ledger))
    assert run(kv.get("left")) == "behind"
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


def test_synchronous_tests_need_no_pytest_asyncio(pytester):
    pytester.makepyfile(
        """
async def save(kv):
    await kv.put("a", "1")

def test_plain(edgeday_run, edgeday_kv):
    edgeday_run(save(edgeday_kv))
    assert edgeday_run(edgeday_kv.get("a")) == "1"
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:hypothesispytest", "-W", "error")
    result.assert_outcomes(passed=1)


@pytest.mark.slow
def test_the_fixtures_work_under_xdist(project):
    project.makepyfile(
        STATE_IS_FRESH
        + """
@pytest.mark.parametrize("turn", range(4))
async def test_spread(edge, kv, caches, clock, ledger, turn):
    await use(edge, kv, caches, clock, ledger)

@pytest.mark.quota_budget(writes=0)
async def test_too_dear(kv):
    await kv.put("a", "1")
"""
    )
    result = project.runpytest_subprocess("-n", "2", "-p", "xdist")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*1 x kv put a  test_the_fixtures_work_under_xdist.py:* in test_too_dear"])


def test_a_sleeping_coroutine_moves_the_clock_instead_of_taking_time(project):
    project.makepyfile(
        """
import time
from edgeday.web import sleep

def test_a_day_passes_at_once(run, clock):
    began, before = time.monotonic(), clock.now()
    run(sleep(86_400))
    assert clock.now() == before + 86_400
    assert time.monotonic() - began < 60
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_run_with_a_route_gives_worker_code_its_global_names(project):
    project.makepyfile(
        """
import pytest
from edgeday.web import caches, now_ms

async def code_of_a_worker():
    assert await caches.default.match("https://a.example/") is None
    return now_ms()

def test_inside(run, clock):
    assert run(code_of_a_worker(), "GET /") == clock.now_ms()

def test_outside(run):
    with pytest.raises(RuntimeError, match="only inside an invocation"):
        run(code_of_a_worker())
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


def test_run_waits_for_the_work_after_the_response(project):
    project.makepyfile(
        """
import pytest
from edgeday.web import Response, sleep

class Worker:
    async def fetch(self, request):
        self.ctx.waitUntil(self.later())
        return Response("early")

    async def later(self):
        await sleep(10)
        await self.env.KV.put("done", "yes")

@pytest.mark.edgeday(worker=Worker)
def test_later(run, edge, kv):
    from edgeday.web import Request

    response = run(edge.dispatch(Request("https://a.example/")))
    assert run(response.text()) == "early"
    assert run(kv.get("done")) == "yes"
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_what_a_test_caches_is_there_for_its_worker_and_the_other_way_round(project):
    project.makepyfile(
        """
import pytest
from edgeday.web import Request, Response, caches as global_caches

URL = "https://a.example/menu"

def minute(text):
    return Response(text, headers={"Cache-Control": "max-age=60"})

class Worker:
    async def fetch(self, request):
        if request.method == "PUT":
            await global_caches.default.put(URL, minute("by worker"))
        return await global_caches.default.match(URL) or Response("nothing", status=404)

@pytest.mark.edgeday(worker=Worker, colo="FRA")
def test_both_ways(run, edge, caches):
    run(caches.default.put(URL, minute("by test")))
    assert run(run(edge.dispatch(Request("https://a.example/"))).text()) == "by test"
    run(edge.dispatch(Request("https://a.example/", method="PUT")))
    assert run(run(caches.default.match(URL)).text()) == "by worker"
    assert run(edge.dispatch(Request("https://a.example/"), colo="LHR")).status == 404
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_marker_nearest_to_the_test_wins_name_by_name(project):
    project.makepyfile(
        my_worker="""
from edgeday.web import Response

class Hello:
    async def fetch(self, request):
        return Response(self.env.GREETING)
""",
        test_marker="""
import pytest
from edgeday.clock import iso_seconds
from edgeday.web import Request

pytestmark = pytest.mark.edgeday(
    account="paid", start="2026-03-01T10:00:00+02:00", worker="my_worker:Hello", vars={"GREETING": "hi"}
)

def test_of_the_module(run, edge, clock):
    assert edge.limits.account == "paid"
    assert iso_seconds(clock.now()) == "2026-03-01T08:00:00Z"
    assert run(run(edge.dispatch(Request("https://a.example/"))).text()) == "hi"

@pytest.mark.edgeday(account="free", namespaces={"pages": "shared", "logs": "shared"}, colo="FRA", seed=7)
class TestOfAClass:
    @pytest.mark.edgeday(limits={"subrequests": "observe"})
    def test_merged(self, run, edge, clock, kv):
        assert (edge.limits.account, edge.colo, edge.seed) == ("free", "FRA", 7)
        assert edge.switches.subrequests == "observe"
        assert edge.switches.daily_kv == "enforce"
        assert iso_seconds(clock.now()) == "2026-03-01T08:00:00Z"
        assert kv is edge.env.pages
        run(kv.put("a", "1"))
        assert run(edge.env.logs.get("a")) == "1"
""",
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


def test_the_platform_of_a_marker_is_what_the_edge_does_of_production(project):
    project.makepyfile(
        """
import pytest

async def read(edge, colo):
    async with edge.invocation(colo=colo):
        return await edge.env.S.get("session")

@pytest.mark.edgeday(namespaces=["S"], platform={"propagation": True, "isolates": {"per_colo": 1}})
async def test_a_copy_is_a_minute_old(edge, kv, clock):
    await kv.put("session", "in")
    assert await read(edge, "IAD") == "in"
    await kv.delete("session")
    assert await read(edge, edge.colo) is None
    clock.advance(seconds=59)
    assert await read(edge, "IAD") == "in"
    clock.advance(seconds=1)
    assert await read(edge, "IAD") is None

@pytest.mark.edgeday(platform={})
def test_nothing_is_on_unless_it_is_said(edge):
    assert edge.production.copying is None

@pytest.mark.edgeday(platform={"list_tombstones": True})
async def test_a_page_without_keys_need_not_be_the_last(kv, clock):
    for number in range(30):
        await kv.put(f"a:{number:02}", "x", expirationTtl=60)
    await kv.put("a:99", "x")
    clock.advance(seconds=61)
    page = await kv.list(prefix="a:", limit=10)
    assert page["keys"] == [] and page["list_complete"] is False
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'free'", "*it takes names only, as in edgeday(account='free')*"),
        ("acount='free'", "*unknown 'acount'; known are account, start,*"),
        ("account='gratis'", "*account='gratis' is neither 'free' nor 'paid'*"),
        ("start='2026-02-16'", "*start: '2026-02-16' has no time zone*"),
        ("start='soon'", "*start: *'soon'*"),
        ("namespaces='KV'", "*namespaces='KV' is no list of bindings*"),
        ("namespaces=[]", "*namespaces=[[]] is no list of bindings*"),
        ("limits={'subrequest': 'off'}", "*unknown limit 'subrequest'; known are daily_kv,*"),
        ("limits={'subrequests': 'no'}", "*'no' is none of enforce, observe, off*"),
        ("limits='off'", "*limits='off' is no mapping*"),
        ("limits={'cut_off': {'soft': '37..0%'}}", "*cut_off={'soft': '37..0%'} is no band, as in*0..37%*"),
        ("limits={'cut_off': 'soft'}", "*cut_off='soft' is no band*"),
        ("platform='yes'", "*platform='yes' is no mapping, as in platform={'propagation': True}*"),
        (
            "platform={'propagaton': True}",
            '*platform.propagaton: unknown key "propagaton" (did you mean "propagation"[?])*',
        ),
        (
            "platform={'propagation': 'yes'}",
            '*platform.propagation: "propagation" must be true or false; this is "yes"*',
        ),
        (
            "platform={'faults': [{'service': 'kv', 'at': '2h', 'lasts': '1h'}]}",
            '*platform.faults.0.at: "2h" is no offset; write +3d,*',
        ),
        (
            "platform={'colos': {'SOF': 1}}",
            "*platform.colos is of a scenario's traffic; known here are propagation, isolates,*",
        ),
        ("worker='worker_port:AiDiet'", '*"AiDiet" in worker_port is no worker:*'),
        ("worker='nowhere:Worker'", '*"nowhere:Worker" cannot be imported:*'),
    ],
)
def test_a_marker_that_is_wrong_says_what_is_right(project, arguments, message):
    project.makepyfile(
        f"""
import pytest

@pytest.mark.edgeday({arguments})
def test_never_run(edge):
    raise AssertionError
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"@pytest.mark.edgeday: {message}"])


def test_all_problems_of_a_marker_are_said_in_one_go(project):
    project.makepyfile(
        """
import pytest

@pytest.mark.edgeday(account="gratis", start="2026-02-16")
def test_never_run(clock):
    raise AssertionError
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'gratis' is neither 'free' nor 'paid'; start: * has no time zone*"])


def test_freezegun_moves_the_frozen_edge_in_all_kinds_of_tests(project):
    project.makepyfile(
        """
from datetime import timedelta
import asyncio
from freezegun import freeze_time

@freeze_time("2026-02-16T10:00:00Z", real_asyncio=True)
async def test_by_decorator(frozen_edge, kv):
    await kv.put("token", "on", expirationTtl=60)
    assert await kv.get("token") == "on"
    with freeze_time("2026-02-16T10:01:00Z", real_asyncio=True):
        await asyncio.sleep(0.001)
        assert await kv.get("token") is None

async def test_by_block(frozen_edge, edge, kv, caches, ledger, clock):
    assert edge is frozen_edge
    with freeze_time("2026-02-16T23:59:59Z", real_asyncio=True) as now:
        await kv.put("a", "1")
        today = ledger.today
        now.tick(timedelta(seconds=1))
        assert ledger.today == today + 1
        assert clock.now_ms() == 1771286400000

def test_without_asyncio_mode(frozen_edge, run, kv):
    with freeze_time("2026-02-16T10:00:00Z", real_asyncio=True) as now:
        run(kv.put("token", "on", expirationTtl=60))
        now.tick(59)
        assert run(kv.get("token")) == "on"
        now.tick(1)
        assert run(kv.get("token")) is None
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


def test_a_frozen_edge_that_is_asked_for_too_late_is_refused(project):
    project.makepyfile(
        """
def test_too_late(edge, request):
    request.getfixturevalue("frozen_edge")
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*frozen_edge has to be an argument of the test*"])


def test_fixtures_of_the_same_name_in_a_project_come_first(project):
    project.makeconftest(
        """
import pytest
from edgeday.clock import VirtualClock

@pytest.fixture
def clock():
    return VirtualClock("2030-01-01T00:00:00Z")
"""
    )
    project.makepyfile(
        """
from edgeday.clock import iso_seconds

async def test_own_clock(edge, clock):
    assert edge.clock is clock
    assert iso_seconds(edge.clock.now()) == "2030-01-01T00:00:00Z"
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


PLAIN = "[pytest]\naddopts = -p no:cacheprovider -p no:asyncio -p no:hypothesispytest -p no:anyio\n"
NAMES = ("edge", "kv", "caches", "clock", "ledger", "run")


@pytest.mark.parametrize("short", [True, False])
def test_fixtures_have_short_names_only_where_the_configuration_says_so(pytester, short):
    pytester.makeini(f"{PLAIN}edgeday_short_names = {str(short).lower()}\n")
    pytester.makepyfile(
        "def test_long({}): ...\ndef test_short({}): ...\n".format(
            ", ".join(f"edgeday_{name}" for name in NAMES), ", ".join(NAMES)
        )
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=2) if short else result.assert_outcomes(passed=1, errors=1)


def test_without_short_names_a_project_may_have_fixtures_of_the_same_names(pytester):
    pytester.makeini(PLAIN)
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef clock():\n    return 'on the wall'\n")
    pytester.makepyfile(
        "def test_both(clock, edgeday_edge, edgeday_clock):\n"
        "    assert clock == 'on the wall'\n"
        "    assert edgeday_edge.clock is edgeday_clock\n"
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_package_called_emulator_of_the_project_s_own_breaks_nothing(pytester):
    pytester.makeini(PLAIN)
    pytester.mkpydir("emulator").joinpath("chip.py").write_text("SPEED = 8\n")
    pytester.makepyfile(
        "from emulator.chip import SPEED\n"
        "def test_own(edgeday_edge):\n    assert SPEED == 8\n    assert edgeday_edge.ledger\n"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_worker_has_the_tests_clock_and_seed_by_the_standard_library(project):
    project.makepyfile(
        """
import random
import time
from datetime import datetime
from uuid import uuid4

import pytest
from edgeday.web import Request, Response

class Clock:
    async def fetch(self, request):
        return Response(f"{datetime.now():%d %H:%M} {time.time():.0f} {uuid4()} {random.random()}")

async def said(edge):
    return await (await edge.dispatch(Request("https://shop.example/"))).text()

IDS = []

@pytest.mark.edgeday(worker=Clock, start="2026-02-16T10:00:00Z")
@pytest.mark.parametrize("_", range(2))
async def test_that_moves_the_clock(edge, clock, _):
    assert datetime.now().year > 2000 and time.time() != clock.now()
    first = await said(edge)
    assert first.startswith("16 10:00 1771236000 ")
    clock.advance(hours=1)
    assert (await said(edge)).startswith("16 11:00 1771239600 ")
    IDS.append(first)

def test_that_the_seed_was_the_same():
    assert IDS[0] == IDS[1]

@pytest.mark.edgeday(start="2026-02-16T10:00:00Z")
def test_in_an_invocation_alone(run, clock):
    async def code():
        clock.advance(minutes=5)
        return time.time()
    assert run(code(), route="GET /") == 1771236300
    assert run(code()) > 1771236600

def test_that_it_is_over():
    assert type(time.time).__name__ == "builtin_function_or_method"
"""
    )
    project.runpytest_inprocess().assert_outcomes(passed=5)


def test_a_worker_on_a_virtual_clock_has_it_where_a_test_freezes_the_machines(project):
    project.makepyfile(
        shop="""
from time import time
from edgeday.web import Response

class Clock:
    async def fetch(self, request):
        return Response(f"{time():.0f}")
""",
        test_shop="""
import time
import pytest
from edgeday.web import Request

@pytest.mark.edgeday(worker="shop:Clock", start="2026-02-16T10:00:00Z")
async def test_the_time(edge, clock):
    from freezegun import freeze_time

    async def said():
        return await (await edge.dispatch(Request("https://shop.example/"))).text()

    for _ in range(2):
        with freeze_time("2031-01-01", real_asyncio=True):
            assert time.time() == 1924992000
            assert await said() == "1771236000"
        assert await said() == "1771236000"
""",
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)
