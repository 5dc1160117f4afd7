"""The routes that were seen, and which of them a person wants: each once, none only to stand above others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from edgeday.source.model import Route


class _Seen(NamedTuple):
    """A route, and whether it is only what others stand below."""

    route: Route
    is_prefix: bool


class Collected:
    """Routes in the order of the source."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []
        self._guarded: list[tuple[str, Mapping[str, str]]] = []

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, route: Route, *, is_prefix: bool = False, at: int | None = None) -> int:
        """Add a route, at a place among the others or behind them. Returns the place behind it."""
        place = len(self._seen) if at is None else at
        self._seen.insert(place, _Seen(route, is_prefix))
        return place + 1

    def since(self, start: int) -> list[Route]:
        """The routes from a place on, but those that others stand below."""
        return [one.route for one in self._seen[start:] if not one.is_prefix]

    def has(self, method: str) -> bool:
        """Whether a route of a method was seen."""
        return any(one.route.method == method for one in self._seen)

    def guard(self, prefix: str, headers: Mapping[str, str]) -> None:
        """Say that nobody gets to what begins with a path without some headers."""
        self._guarded.append((prefix, headers))

    def routes(self) -> list[Route]:
        """Each method and path once, with its headers; a HEAD beside a GET is none of its own."""
        paths = {one.route.path for one in self._seen}
        routes: dict[tuple[str, str], Route] = {}
        for route, is_prefix in self._seen:
            stem = route.path[:-1] if route.path.endswith("/1") else route.path
            if is_prefix and any(path.startswith(stem) for path in paths - {route.path}):
                continue
            key = route.method, route.path
            before = routes.setdefault(key, route)
            if before.begins and not route.begins:
                routes[key] = route
        gets = {path for method, path in routes if method == "GET"}
        kept = [one for (method, path), one in routes.items() if method != "HEAD" or path not in gets]
        return [replace(one, headers={**self._headers(one.path), **one.headers}) for one in kept]

    def _headers(self, path: str) -> dict[str, str]:
        return {
            name: value
            for prefix, headers in self._guarded
            if path.startswith(prefix)
            for name, value in headers.items()
        }
