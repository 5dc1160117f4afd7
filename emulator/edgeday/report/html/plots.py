"""From a timeline to plots: what is drawn, what it says in one sentence, and the same numbers as a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from edgeday.clock import DAY_S, utc, utc_day
from edgeday.ledger import QUOTAS, Op, Quota
from edgeday.measure.results import ScenarioResult
from edgeday.replay.timeline import OTHER_FAMILIES, Timeline
from edgeday.report.html.plot import Mark, Plot, Series, Table
from edgeday.report.html.storage_plot import storage
from edgeday.report.wording import instant, number, plural

_SHOWN_FAMILIES = 7
_MAX_BINS = 120
_MAX_ROWS = 48
_STORES = {"cache": "Cache API", "kv": "Workers KV"}


def plots_of(timeline: Timeline) -> list[Plot]:
    """The plots of one run."""
    return [
        quota(timeline),
        operations(timeline),
        subrequests(timeline),
        entries(timeline),
        storage(timeline),
    ]


def _time(at: float, whole_s: float) -> str:
    """An instant in a table, as short as the length of the run allows."""
    return utc(at).strftime("%d %b %H:%M" if whole_s > DAY_S else "%H:%M")


def _midnights(timeline: Timeline) -> range:
    """The resets of the quota within the run."""
    first = (utc_day(timeline.start.starts_at) + 1) * DAY_S
    return range(first, int(timeline.ended_at), DAY_S)


# quota


def quota(timeline: Timeline) -> Plot:
    """KV units accepted since 00:00 UTC, by class, against the daily limits; refusals as points."""
    title, x_label = "Quota used over the day", "UTC"
    counted = {op for op, _ in timeline.used.keys() | timeline.refused.keys()}
    quotas = [row for row in QUOTAS if row.op in counted]
    if not quotas:
        return Plot(title, "No KV operation was asked for, so no quota was used.", x_label, "")
    limits: dict[Op, int | None] = {row.op: getattr(timeline.start.limits, row.limit) for row in quotas}
    percent = all(limits.values())
    levels = {row.op: _levels(timeline, row.op) for row in quotas}
    x = _instants(timeline, {at for level in levels.values() for at in level})
    series = [
        _used_series(row, x, levels[row.op], limits[row.op], percent, f"c{place}", alone=len(quotas) == 1)
        for place, row in enumerate(quotas, 1)
    ]
    series += [
        _refusals(timeline, row, x, base)
        for row, base in zip(quotas, list(series), strict=True)
        if any(op == row.op for op, _ in timeline.refused)
    ]
    marks = [Mark("x", at, "reset", "muted") for at in _midnights(timeline)]
    marks += [Mark("x", at, f"{row.name} spent", "bad") for row in quotas if (at := _spent_at(timeline, row))]
    if percent:
        marks.append(Mark("y", 100, "daily limit", "bad"))
    says = " ".join(_quota_sentence(timeline, row, levels[row.op], limits[row.op]) for row in quotas)
    y_label = "% of the daily limit" if percent else "units since 00:00 UTC"
    tables = [_quota_table(timeline, quotas, levels)]
    return Plot(title, says, x_label, y_label, x, series, marks, time=True, tables=tables)


def _used_series(
    row: Quota,
    x: Sequence[float],
    levels: dict[float, int],
    limit: int | None,
    percent: bool,
    tone: str,
    *,
    alone: bool,
) -> Series:
    """The units of one class, or its share of the limit. alone: no other class is drawn beside it."""
    units = _carried(x, levels)
    return Series(
        row.label,
        [_share(used, limit) for used in units] if percent and limit else [*units],
        "step",
        tone,
        fill=alone,
        texts=[_used(used, limit) for used in units],
    )


def _levels(timeline: Timeline, op: Op) -> dict[float, int]:
    """Units used since 00:00 UTC from each instant of change on."""
    width = timeline.quota_width_s
    levels: dict[float, int] = dict.fromkeys(map(float, _midnights(timeline)), 0)
    day, used = -1, 0
    for bucket in sorted(bucket for of, bucket in timeline.used if of == op):
        at = bucket * width
        if utc_day(at) != day:
            day, used = utc_day(at), 0
        used += timeline.used[op, bucket]
        levels[max(float(at), timeline.start.starts_at)] = used
    return dict(sorted(levels.items()))


def _instants(timeline: Timeline, changes: Iterable[float]) -> list[float]:
    width = timeline.quota_width_s
    refused = {max(float(bucket * width), timeline.start.starts_at) for _, bucket in timeline.refused}
    return sorted({timeline.start.starts_at, timeline.ended_at, *changes, *refused})


def _carried(x: Sequence[float], levels: dict[float, int]) -> list[int]:
    instants, used = list(levels), list(levels.values())
    places = (bisect_right(instants, at) for at in x)
    return [used[place - 1] if place else 0 for place in places]


def _share(used: int, limit: int) -> float:
    return round(100 * used / limit, 4)


def _used(used: int, limit: int | None) -> str:
    return f"{used:,}" if not limit else f"{used:,} of {limit:,} ({number(_share(used, limit))} %)"


def _refusals(timeline: Timeline, quota: Quota, x: Sequence[float], base: Series) -> Series:
    width, starts_at = timeline.quota_width_s, timeline.start.starts_at
    refused: dict[float, int] = {}
    for (op, bucket), units in timeline.refused.items():
        if op == quota.op:
            refused[max(float(bucket * width), starts_at)] = units
    return Series(
        f"refused {quota.name}",
        [level if at in refused else None for at, level in zip(x, base.values, strict=True)],
        "points",
        "bad",
        texts=[f"{refused[at]:,}" if at in refused else None for at in x],
    )


def _quota_sentence(timeline: Timeline, quota: Quota, levels: dict[float, int], limit: int | None) -> str:
    most = max(levels.values(), default=0)
    refused = sum(units for (op, _), units in timeline.refused.items() if op == quota.op)
    lost = f", {refused:,} refused" if refused else ""
    at = _spent_at(timeline, quota)
    spent = "" if at is None else f"; the last of them was spent at {instant(at)}"
    return f"{quota.label}: {_used(most, limit)} on the busiest day{lost}{spent}."


def _spent_at(timeline: Timeline, quota: Quota) -> float | None:
    """When the last unit of a quota was first spent."""
    days = timeline.quota_days.of(quota.limit)
    return next((day.spent_at for day in days if day.spent_at is not None), None)


def _quota_table(timeline: Timeline, quotas: Sequence[Quota], levels: dict[Op, dict[float, int]]) -> Table:
    starts_at, whole_s = timeline.start.starts_at, timeline.ended_at - timeline.start.starts_at
    step_s = max(3600, -(-int(whole_s) // _MAX_ROWS // 3600) * 3600)
    width = timeline.quota_width_s
    rows: list[list[str]] = []
    at = starts_at
    while at < timeline.ended_at:
        until = min(at + step_s, timeline.ended_at)
        cells: list[str] = []
        for row in quotas:
            refused = sum(
                units
                for (op, bucket), units in timeline.refused.items()
                if op == row.op and at <= max(bucket * width, starts_at) < until
            )
            cells += [f"{_carried([until - 0.001], levels[row.op])[0]:,}", f"{refused:,}"]
        rows.append([_time(until, whole_s), *cells])
        at = until
    head = ["until (UTC)"]
    for row in quotas:
        head += [f"{row.name} since 00:00", f"{row.name} refused"]
    return Table("Units of the daily quotas that were used and refused", head, rows)


# operations


def operations(timeline: Timeline) -> Plot:
    """Operations of each key family by hour (by day in a long run)."""
    width = timeline.operations_width_s
    title = (
        f"Operations by {'day' if width == DAY_S else 'hour' if width == 3600 else f'{width // 3600} hours'}"
    )
    title += " and key family"
    if not timeline.operations:
        return Plot(title, "No operation reached KV, a cache or another host.", "UTC", "operations")
    order = sorted(timeline.operations.items(), key=lambda item: (-item[1].total(), item[0]))
    drawn = [
        (f"{'hosts' if service == 'fetch' else service} · {family}", counts)
        for (service, family), counts in order[:_SHOWN_FAMILIES]
    ]
    rest = order[_SHOWN_FAMILIES:]
    if rest:
        both = sum((counts for _, counts in rest), start=type(rest[0][1])())
        drawn.append((f"{OTHER_FAMILIES[1:-1]} ({len(rest)} families)", both))
    first = int(timeline.start.starts_at // width)
    last = max(int((timeline.ended_at - 0.001) // width), *(max(counts) for _, counts in drawn))
    buckets = range(first, last + 1)
    x = [float(bucket * width) for bucket in buckets]
    series = [
        Series(label, [counts[bucket] for bucket in buckets], "bars", f"c{place + 1}")
        for place, (label, counts) in enumerate(drawn)
    ]
    whole_s = timeline.ended_at - timeline.start.starts_at
    table = Table(
        "Operations by time and key family",
        ["from (UTC)", *(label for label, _ in drawn)],
        [
            [_time(at, whole_s), *(f"{counts[bucket]:,}" for _, counts in drawn)]
            for at, bucket in zip(x, buckets, strict=True)
        ],
    )
    (service, family), most = order[0]
    total = sum(counts.total() for counts in timeline.operations.values())
    says = (
        f"{total:,} operations in {plural(len(order), 'key family').replace('familys', 'families')}; "
        f"{service} {family} has the most, {most.total():,}."
    )
    return Plot(
        title, says, "UTC", "operations", x, series, time=True, width=width, stacked=True, tables=[table]
    )


# subrequests


def subrequests(timeline: Timeline) -> Plot:
    """How many invocations asked for how many subrequests of each kind, against the external limit."""
    title, x_label = "Subrequests per invocation", "subrequests"
    limit = timeline.start.limits.external_subrequests
    if not timeline.external:
        return Plot(title, "No invocation was over before the run ended.", x_label, "invocations")
    most = max(*timeline.external, *timeline.internal)
    in_sight = limit <= max(2 * most, 200)
    end = max(most, limit if in_sight else 0) + 1
    width = -(-(end + 1) // _MAX_BINS)
    starts = list(range(0, end + 1, width))
    kinds = [("external: fetches and caches", timeline.external, "c1")]
    if any(timeline.internal):
        kinds.append(("internal: KV", timeline.internal, "c2"))
    binned = [[0] * len(starts) for _ in kinds]
    for row, (_, counter, _tone) in zip(binned, kinds, strict=True):
        for count, invocations in counter.items():
            row[count // width] += invocations
    series = [
        Series(label, [*row], "bars", tone) for row, (label, _, tone) in zip(binned, kinds, strict=True)
    ]
    marks = [Mark("x", limit + 0.5, f"limit {limit:,}", "bad")] if in_sight else []
    over = sum(invocations for count, invocations in timeline.external.items() if count > limit)
    invocations = timeline.external.total()
    says = (
        f"{over:,} of {plural(invocations, 'invocation')} asked for more than the {limit:,} external "
        f"subrequests allowed; the most was {max(timeline.external):,}."
    )
    labels = [f"{at:,}" if width == 1 else f"{at:,}-{at + width - 1:,}" for at in starts]
    table = Table(
        "Invocations by the number of subrequests they asked for",
        ["subrequests", *(label for label, _, _ in kinds)],
        [
            [label, *(f"{row[place]:,}" for row in binned)]
            for place, label in enumerate(labels)
            if any(row[place] for row in binned)
        ],
    )
    x = [float(at) for at in starts]
    return Plot(title, says, x_label, "invocations", x, series, marks, width=float(width), tables=[table])


# entries


def entries(timeline: Timeline) -> Plot:
    """Entries stored so far beside those still readable in each store, until after the end of the run."""
    title, x_label, y_label = "Entries stored and readable", "UTC", "entries"
    starts_at, ended_at = timeline.start.starts_at, timeline.ended_at
    stores = {store: levels for store in _STORES if (levels := timeline.entries.levels(store))}
    if not stores:
        return Plot(title, "Nothing was stored.", x_label, y_label)
    after_s = max(2 * DAY_S, ended_at - starts_at)
    last = max(levels[-1][0] for levels in stores.values())
    horizon = min(max(last, ended_at) + 3600, ended_at + after_s)
    changes = {row[0] for levels in stores.values() for row in levels if row[0] < horizon}
    x = sorted({starts_at, ended_at, horizon, *changes})
    series = [
        Series(
            f"readable in {_STORES[store]}",
            [*_carried(x, {at: readable for at, _, readable in levels})],
            "step",
            "c1" if store == "cache" else "c2",
            fill=True,
        )
        for store, levels in stores.items()
    ]
    stored = [_carried(x, {at: count for at, count, _ in levels}) for levels in stores.values()]
    series.append(
        Series(
            "stored so far, in all",
            [sum(counts) for counts in zip(*stored, strict=True)],
            "step",
            "muted",
            True,
        )
    )
    marks = [Mark("x", ended_at, "end of the run", "muted")]
    later = ended_at + DAY_S
    families = timeline.entries.families(ended_at, later)
    total, left = sum(row.stored for row in families), sum(row.readable_later for row in families)
    readable = sum(row.readable for row in families)
    are = "is" if readable == 1 else "are"
    says = (
        f"Of {plural(total, 'entry').replace('entrys', 'entries')} stored, "
        f"{readable:,} {are} readable when the run ends and {left:,} a day later."
    )
    tables = [_entry_families(families, later), _entry_table(x, series, horizon - starts_at)]
    return Plot(title, says, x_label, y_label, x, series, marks, time=True, tables=tables)


def _entry_families(families: Sequence[Any], later: float) -> Table:
    return Table(
        "Entries by store and key family",
        ["key family", "store", "stored", "readable at the end", f"readable at {instant(later)}"],
        [[row.family, _STORES.get(row.store, row.store), *map(number, row[2:])] for row in families],
    )


def _entry_table(x: Sequence[float], series: Sequence[Series], whole_s: float) -> Table:
    step = max(1, int(whole_s / 24 // 3600)) * 3600
    rows: list[list[str]] = []
    at = x[0]
    while at <= x[-1]:
        place = bisect_right(x, at) - 1
        rows.append([_time(at, whole_s), *(number(one.values[place]) for one in series)])
        at += step
    return Table("Entries over time", ["at (UTC)", *(one.label for one in series)], rows)


# scenarios beside one another


def metrics_beside(results: Sequence[ScenarioResult]) -> tuple[dict[str, Any], Table]:
    """Every metric of every scenario: for the plot, and as a table."""
    names = [_name(result) for result in results]
    metrics = {name: metric for result in results for name, metric in result.metrics.metrics.items()}
    rows = [
        {
            "name": name,
            "unit": metric.unit,
            "meaning": metric.meaning,
            "values": [result.metrics.value_of(name) for result in results],
        }
        for name, metric in metrics.items()
        if any(result.metrics.value_of(name) for result in results)
    ]
    table = Table(
        "All metrics of all scenarios",
        ["metric", *names],
        [[name, *(number(result.metrics.value_of(name)) for result in results)] for name in metrics],
    )
    return {"names": names, "metrics": rows}, table


def _name(result: ScenarioResult) -> str:
    return result.name if not result.variant else f"{result.name} ({result.variant})"
