"""What the requests of a run are called in findings and reports, and which of them are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edgeday.measure.metrics import Number


class Noun(NamedTuple):
    """The word for what a run is about.

    routes: of the requests that are meant, None for all. started, failed: the metrics that count them.
    completed: the metric of those that went well, "": all that started and did not fail.
    fetch: what one loses that goes over the subrequest limit with a fetch; loses: after its last fetch.
    fails_from: the status from which on one that was answered has failed.
    """

    singular: str
    plural: str
    routes: frozenset[str] | None
    started: str
    failed: str
    completed: str = ""
    fetch: str = "a fetch"
    loses: str = "cache operations"
    fails_from: int = 400

    def counts(self, route: str) -> bool:
        """Whether requests of a route are meant."""
        return self.routes is None or route in self.routes

    def completed_in(self, values: Mapping[str, Number]) -> Number:
        """How many went well."""
        if self.completed:
            return values[self.completed]
        return values[self.started] - values[self.failed]


REQUESTS = Noun("request", "requests", None, "requests.started", "requests.failed", fails_from=500)
"""The word where no worker profile has a better one."""
