"""Storage of Workers KV that is full or fills up: what fills it, and when it would be full."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from edgeday.clock import DAY_S, iso_seconds
from edgeday.limits import NEARLY_PERCENT
from edgeday.measure.findings.rule import FindingRule
from edgeday.measure.kv_storage import in_words
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_SOON_DAYS = 100
"""Storage that would be full within so many days is worth a word."""
_FAMILIES_SHOWN = 3


class StorageUsed(FindingRule):
    """How much of the account's storage KV used, where that is most of it or more than all; else how soon
    entries that never expire would fill it. Nothing is refused: what Cloudflare answers then is unknown."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        stored, limit = self.stored, self.run.limits.kv_storage_bytes
        if limit is None:
            return
        most, room = snapshot.values["kv.storage_bytes"], in_words(limit)
        pace = stored.kept_since(self.run.starts_at + (self.run.length - 1) * DAY_S)
        grows = f"entries without a TTL grow by {in_words(pace)} a day{self._most()}" if pace > 0 else ""
        if stored.over_at is not None:
            yield Finding(
                "kv-storage-over-limit",
                f"KV held {in_words(most)}, the {self.run.limits.account.capitalize()} limit is {room}: more "
                f"than that from {iso_seconds(stored.over_at)} on, most of it {_families(stored.at_limit)}"
                + (f"; {grows}" if grows else "")
                + "; nothing was refused, as what Cloudflare answers then is not known",
                weight="loss",
                headline=f"KV held {in_words(most)}, {room} are allowed",
                of_account=True,
            )
            return
        left_days = math.ceil((limit - stored.kept) / pace) if pace > 0 else math.inf
        full = f"{grows}: {room} in {left_days:,} {'day' if left_days == 1 else 'days'}"
        if 100 * most >= NEARLY_PERCENT * limit:
            text = headline = f"KV held {in_words(most)}, {100 * most / limit:.3g} % of its {room}"
            families = stored.families()
            text += f", most of it {_families(families)}" if families else ""
            text += f"; {full}" if grows else ""
            yield Finding("kv-storage-nearly-full", text, weight="risk", headline=headline)
        elif left_days <= _SOON_DAYS:
            headline = f"KV is full in {left_days:,} days at this pace"
            yield Finding("kv-storage-fills-up", full, weight="risk", headline=headline)

    def _most(self) -> str:
        families = self.stored.families(kept=True).most_common(1)
        return f", most of it {families[0][0]}" if families else ""


def _families(families: Counter[str]) -> str:
    return ", ".join(f"{family} ({in_words(size)})" for family, size in families.most_common(_FAMILIES_SHOWN))
