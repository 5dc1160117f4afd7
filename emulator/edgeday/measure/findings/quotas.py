"""Daily limits that were spent, passed or nearly spent: those of KV's classes of operations, and requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgeday.clock import iso_seconds
from edgeday.events import Operation
from edgeday.ledger import QUOTAS
from edgeday.limits import NEARLY_PERCENT, Mode, Switches
from edgeday.measure.findings.rule import FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.quota_days import REQUESTS, QuotaDay
from edgeday.measure.results import Finding

_FAMILIES_SHOWN = 3
_SOFT = "; its band is the scenario's, as Cloudflare promises no exact unit"


class _Row(NamedTuple):
    """A daily limit in words. limit: its name. id: what the ids of its findings begin with; nearly: that of
    one that is nearly spent. metric: what the names of its metrics begin with. label: of many units; a quota
    or not: whether it is called so."""

    limit: str
    id: str
    nearly: str
    metric: str
    label: str
    is_quota: bool

    def mode(self, switches: Switches) -> Mode:
        """What happens at it."""
        return switches.daily_kv if self.is_quota else switches.requests

    def is_soft(self, switches: Switches) -> bool:
        """Whether it is cut somewhere above its number."""
        return self.is_quota and not switches.cut_off.is_hard

    @property
    def subject(self) -> str:
        """With its verb: the daily quota of KV writes was."""
        return f"the daily quota of {self.label} was" if self.is_quota else "the requests of the day were"

    def headline(self, units: int, verb: str) -> str:
        """For instance: 102 KV writes beyond the quota of a day were refused."""
        label = self.label.removesuffix("s") if units == 1 else self.label
        if verb in {"refused", "accepted"}:
            verb = f"was {verb}" if units == 1 else f"were {verb}"
        return (
            f"{units:,} {label} beyond {'the quota of a day' if self.is_quota else 'those of a day'} {verb}"
        )


_ROWS = (
    *(
        _Row(
            quota.limit,
            f"{quota.service}-{quota.op}-quota",
            f"{quota.service}-{quota.name}",
            quota.metric,
            quota.label,
            True,
        )
        for quota in QUOTAS
    ),
    _Row(REQUESTS, "requests", "requests", "requests", "requests", False),
)


class QuotaSpent(FindingRule):
    """When the last unit of each daily limit was spent, when it first refused something, and how much."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for row in _ROWS:
            days = [day for day in self.days.of(row.limit) if day.first is not None]
            if days:
                refused = sum(day.refused for day in days)
                text = _spent(days, row.subject, soft=row.is_soft(self.run.switches))
                headline = row.headline(refused, "refused")
                yield Finding(f"{row.id}-spent", text, weight="loss", headline=headline, of_account=True)


class QuotaPassed(FindingRule):
    """What a daily quota would refuse that is only observed, or that was let through above its number."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for row in _ROWS:
            days = [day for day in self.days.of(row.limit) if day.beyond]
            mode, soft = row.mode(self.run.switches), row.is_soft(self.run.switches)
            if not days or not row.is_quota or any(day.first is not None for day in days):
                continue
            beyond = sum(day.beyond for day in days)
            label = f"daily quota of {days[0].limit:,} {row.label}"
            spent_at = days[0].spent_at
            assert spent_at is not None
            if mode == "observe":
                text = f"with the {label} enforced, {beyond:,} would be refused"
                text += f": the last unit would have been spent at {iso_seconds(spent_at)}"
                headline = row.headline(beyond, "would be refused")
            elif soft:
                text = f"{beyond:,} beyond the {label} were accepted after {iso_seconds(spent_at)}{_SOFT}"
                headline = row.headline(beyond, "accepted")
            else:
                continue
            text += f"; more than allowed on {len(days):,} days" if len(days) > 1 else ""
            yield Finding(f"{row.id}-over", text, weight="loss", headline=headline, of_account=True)


class QuotaNearlySpent(FindingRule):
    """Daily limits of which a day used most, and that refused nothing; also one that was used to its end."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for row in _ROWS:
            percent = snapshot.values.get(f"{row.metric}.used_percent", 0)
            if row.mode(self.run.switches) == "off" or not NEARLY_PERCENT <= percent <= 100:
                continue
            if not snapshot.values[f"{row.metric}.refused"]:
                text = headline = f"{percent:g} % of a day's {row.label} were used"
                spent = [day.spent_at for day in self.days.of(row.limit) if day.spent_at is not None]
                if spent:
                    text += f", the last one at {iso_seconds(spent[0])}; none was refused"
                yield Finding(f"{row.nearly}-nearly-spent", text, weight="risk", headline=headline)


def _spent(days: Sequence[QuotaDay], what: str, *, soft: bool) -> str:
    """The first day on which a limit refused something in full, the others counted."""
    day = days[0]
    first = day.first
    assert first is not None
    refused = f"{day.refused:,} refused"
    if len(days) > 1:
        refused += f" on that day, {sum(one.refused for one in days):,} on {len(days):,} days"
    text = f'{what} {_since(day, soft=soft)}: {refused} ("{first.reason}"), the first was {_in_words(first)}'
    if len(day.families) > 1:
        text += f"; refused most: {_most(day.families)}"
    return text + (_SOFT if soft else "")


def _in_words(first: Operation) -> str:
    if first.service == "request":
        return first.route
    return f"{first.op} {first.key_family} in {first.route or 'no invocation'}"


def _most(families: Counter[str]) -> str:
    return ", ".join(f"{count:,} of {family}" for family, count in families.most_common(_FAMILIES_SHOWN))


def _since(day: QuotaDay, *, soft: bool) -> str:
    """When a limit was spent, and when it first refused something."""
    first = day.first
    assert first is not None
    refused = f"first refused at {iso_seconds(first.at)}"
    if day.spent_at is not None and day.spent_at <= first.at:
        above = f" ({day.beyond:,} more were accepted)" if soft and day.beyond else ""
        return f"spent at {iso_seconds(day.spent_at)}{above} and {refused}"
    if day.left < first.units:
        return f"nearly spent, with {day.left:,} left where {first.units:,} were asked for, and {refused}"
    if day.spent_at is not None:  # the last units were still under way
        return f"spent and {refused}"
    if day.last_at is None:
        return f"spent before this run and {refused}"
    before = f"{'at least ' if soft else ''}{day.left:,} of {day.limit:,} units"
    return f"spent at {iso_seconds(day.last_at)}, {before} before this run, and {refused}"
