"""The plot of how much KV held over a run."""

from __future__ import annotations

from edgeday.clock import DAY_S, utc
from edgeday.measure.kv_storage import in_words
from edgeday.replay.timeline import Timeline
from edgeday.report.html.plot import Mark, Plot, Series, Table

_MAX_ROWS = 24
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "bytes"))


def storage(timeline: Timeline) -> Plot:
    """What all entries of KV held together, keys and metadata among them, against the account's storage."""
    title, x_label = "KV storage", "UTC"
    levels = _levels(timeline)
    most = max(levels.values(), default=0)
    if not most:
        return Plot(title, "Nothing was stored in KV.", x_label, "")
    limit = timeline.start.limits.kv_storage_bytes
    unit, name = next((unit, name) for unit, name in _UNITS if most >= unit)
    title += f" in {name}"
    x = sorted({timeline.start.starts_at, timeline.ended_at, *levels})
    held: list[int] = []
    for at in x:
        held.append(levels.get(at, held[-1] if held else 0))
    series = Series(
        "held in KV",
        [round(size / unit, 4) for size in held],
        "step",
        "c2",
        fill=True,
        texts=[in_words(size) for size in held],
    )
    in_sight = limit is not None and limit <= 2 * most
    marks = [Mark("y", limit / unit, "limit", "bad")] if in_sight and limit is not None else []
    says = f"The most that KV held was {in_words(most)}"
    says += "." if limit is None else f", {_share(most, limit)} of {in_words(limit)}."
    whole_s = timeline.ended_at - timeline.start.starts_at
    shown = "%d %b %H:%M" if whole_s > DAY_S else "%H:%M"
    step = max(1, -(-len(x) // _MAX_ROWS))
    rows = [[utc(at).strftime(shown), in_words(size)] for at, size in list(zip(x, held, strict=True))[::step]]
    tables = [Table("What KV held over time", ["at (UTC)", "held in KV"], rows)]
    return Plot(title, says, x_label, name, x, [series], marks, time=True, tables=tables)


def _share(size: int, limit: int) -> str:
    percent = 100 * size / limit
    return "less than 0.01 %" if 0 < percent < 0.01 else f"{percent:.3g} %"


def _levels(timeline: Timeline) -> dict[float, int]:
    """Bytes from each instant of change on: the most of a bucket, and then what was left at its end."""
    width, starts_at = timeline.quota_width_s, timeline.start.starts_at
    levels: dict[float, int] = {}
    for bucket, most in sorted(timeline.stored_most.items()):
        levels[max(float(bucket * width), starts_at)] = most
        after = float((bucket + 1) * width)
        if bucket + 1 not in timeline.stored_most and after < timeline.ended_at:
            levels[after] = timeline.stored_last[bucket]
    return {at: size for at, size in sorted(levels.items()) if at <= timeline.ended_at}
