"""What a variant of the worker can do, found out by doing it: plans are made, time passes, routes are asked.

Each feature is so many of so many: logs, errors or fields that were there to be found, and how many of them
the worker's own admin routes show (or, where it says so, KV holds).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from edgeday import DAY_S, Mode
from worker_port.study.testbed import AI_SECONDS, Answered, Testbed

CALLS = 7
FAILING_CALL = 3
DEBUG_FIELDS = ("prompt", "sessionId", "modelName", "userData")
"""What the design document says is there to debug an error with."""
_STEP_LINE = "СТЪПКА "
_ANSWER_LINE = "--- AI ОТГОВОР ---"
_PLANS_OF_A_FULL_PANEL = 10
_PAGE = 50
_PLANS_OF_HISTORY = 12


class Share(NamedTuple):
    """So many of so many."""

    found: int
    of: int

    @property
    def all(self) -> bool:
        return self.found == self.of

    def __str__(self) -> str:
        return f"{self.found} of {self.of}"


TestbedMaker = Callable[[Mode], Testbed]
"""Makes a new testbed of the variant; what happens at the subrequest limit is said."""


class Feature(NamedTuple):
    """name: short enough for the head of a column. meaning: what was done and looked for."""

    name: str
    meaning: str
    measure: Callable[[TestbedMaker], Share]


def listed(answer: Answered) -> list[dict[str, Any]]:
    """The logs of an answer of `get-ai-logs`; none where it is no success."""
    return list(answer.json().get("logs", ())) if answer.status == 200 else []


def error_of(log: Mapping[str, Any]) -> Any:
    """The error of a listed log, None if its call succeeded or has no response."""
    return (log.get("response") or {}).get("error")


def _normal_logs(make: TestbedMaker) -> Share:
    testbed = make("observe")
    testbed.plan()
    return Share(sum(bool(log["response"]) for log in listed(testbed.logs())), CALLS)


def _error_logs(make: TestbedMaker) -> Share:
    testbed = make("observe")
    testbed.plan(fails=[FAILING_CALL])
    return Share(sum(bool(error_of(log)) for log in listed(testbed.logs())), 1)


def _listed_later(make: TestbedMaker, *, after_s: float, since_end: bool) -> Share:
    testbed = make("observe")
    testbed.plan()
    testbed.wait(seconds=after_s - (0 if since_end else CALLS * AI_SECONDS))
    return Share(len(listed(testbed.logs())), CALLS)


def _before_a_day(make: TestbedMaker) -> Share:
    return _listed_later(make, after_s=DAY_S - 1, since_end=False)


def _after_a_day(make: TestbedMaker) -> Share:
    return _listed_later(make, after_s=DAY_S, since_end=True)


def a_bug_of_three_days_ago(make: TestbedMaker) -> Testbed:
    """A testbed on which a call failed; a good plan followed a day later, and two more days have passed."""
    testbed = make("observe")
    testbed.plan(fails=[FAILING_CALL])
    testbed.wait(days=1)
    testbed.plan()
    testbed.wait(days=2)
    return testbed


def _after_three_days(make: TestbedMaker) -> Share:
    testbed = a_bug_of_three_days_ago(make)
    return Share(sum(bool(error_of(log)) for log in listed(testbed.logs())), 1)


def _in_kv(make: TestbedMaker) -> Share:
    return Share(len(a_bug_of_three_days_ago(make).kv_errors()), 1)


def _enough(make: TestbedMaker) -> Share:
    testbed = a_bug_of_three_days_ago(make)
    known = [log for log in listed(testbed.logs()) if error_of(log)] + list(testbed.kv_errors().values())
    fields = {field for entry in known for field in DEBUG_FIELDS if entry.get(field)}
    return Share(len(fields), len(DEBUG_FIELDS))


def _full_panel(make: TestbedMaker) -> Share:
    testbed = make("enforce")
    for _ in range(_PLANS_OF_A_FULL_PANEL):
        testbed.plan()
    return Share(len(listed(testbed.logs())), _PAGE)


def _export(make: TestbedMaker) -> Share:
    testbed = make("observe")
    testbed.plan()
    exported = testbed.admin("export-ai-logs")
    return Share(min(exported.body.count(_STEP_LINE), exported.body.count(_ANSWER_LINE)), CALLS)


def _history(make: TestbedMaker) -> Share:
    testbed = make("observe")
    for _ in range(_PLANS_OF_HISTORY):
        testbed.plan()
    return Share(testbed.logs().json()["total"], _PLANS_OF_HISTORY * CALLS)


def _other_city(make: TestbedMaker) -> Share:
    testbed = make("observe")
    testbed.plan()
    return Share(len(listed(testbed.logs(colo="FRA"))), CALLS)


def _guarded(make: TestbedMaker) -> Share:
    testbed = make("observe")
    testbed.plan()
    return Share(int(testbed.admin("export-ai-logs", token=False).status == 401), 1)


FEATURES: tuple[Feature, ...] = (
    Feature("normal logs", "A good plan of 7 calls; logs in the panel, with their answers.", _normal_logs),
    Feature("error logs", "The third call of a plan fails; errors in the panel at once.", _error_logs),
    Feature(
        "23:59:59", "A good plan; its logs in the panel a second before the first is 24 h old.", _before_a_day
    ),
    Feature("24:00:00", "The same once all of them are 24 h old.", _after_a_day),
    Feature(
        "error, 3 days",
        "A failed call, a good plan a day later; the error in the panel on day 3.",
        _after_three_days,
    ),
    Feature("in KV, 3 days", "The same error under `ai_error_log:` in KV.", _in_kv),
    Feature("enough", "What panel and KV still tell of it: prompt, session, model, user data.", _enough),
    Feature(
        "admin",
        "Ten plans, the limit of 50 subrequests enforced; logs on the panel's first page.",
        _full_panel,
    ),
    Feature("export", "A good plan; steps with their answers in the exported file.", _export),
    Feature("history", "Twelve plans; calls that the panel counts.", _history),
    Feature("other city", "A good plan; its logs in the panel of another data centre.", _other_city),
    Feature("token", "Whether the export is refused without the admin token.", _guarded),
)
"""The design document's features, and what it did not ask: enough to debug, another city, a token."""


def features_of(make: TestbedMaker) -> dict[str, Share]:
    """Every feature of a variant, by name."""
    return {feature.name: feature.measure(make) for feature in FEATURES}
