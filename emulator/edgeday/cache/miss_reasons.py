"""Why something is not in a cache although it was put there: it was not stored, or evicted since."""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 1024


class MissReasons:
    """The newest puts that were not stored and the newest evictions; read only when a match has missed."""

    __slots__ = ("_reasons", "any")

    any: bool
    """Whether there ever was one; most caches never refuse a put."""

    def __init__(self) -> None:
        self._reasons: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.any = False

    def remember(self, cache: str, key: str, reason: str) -> None:
        """Note that the newest put under a key was not stored, or that what it stored was evicted."""
        self.any = True
        self._reasons[cache, key] = reason
        self._reasons.move_to_end((cache, key))
        if len(self._reasons) > _REMEMBERED:
            self._reasons.popitem(last=False)

    def forget(self, cache: str, key: str) -> None:
        """Note that a put under a key was stored, or that the key was deleted."""
        self._reasons.pop((cache, key), None)

    def reason(self, cache: str, key: str) -> str | None:
        """Why what was put last under a key is not there, if that is known."""
        return self._reasons.get((cache, key))

    def clear(self) -> None:
        """Forget everything."""
        self._reasons.clear()
