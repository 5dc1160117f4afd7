"""The namespaces of the account: which ids there are, and what they are called.

Read once from the server's own records, then kept in memory and written through.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import NamedTuple, Self

from edgeday.server.internal_state import InternalState
from edgeday.storage.records import Store

_PREFIX = "namespace:"


class Namespace(NamedTuple):
    """One KV namespace. id: 32 hexadecimal digits, or whatever a configuration file calls it."""

    id: str
    title: str


class TitleTaken(ValueError):
    """Another namespace has that title."""


class Namespaces:
    """The registry of one account; titles are unique."""

    def __init__(self, store: Store, state: InternalState, known: dict[str, Namespace]) -> None:
        self._store = store
        self._state = state
        self._known = known

    @classmethod
    async def open(cls, store: Store, state: InternalState, declared: Iterable[Namespace]) -> Self:
        """Read the registry, and add those of `declared` that it lacks."""
        records = await state.read_all(_PREFIX)
        known = {
            key.removeprefix(_PREFIX): Namespace(key.removeprefix(_PREFIX), record["title"])
            for key, record in records.items()
        }
        registry = cls(store, state, known)
        await registry.declare(declared)
        return registry

    async def declare(self, declared: Iterable[Namespace]) -> None:
        """Add those namespaces that are not there yet.

        A declared title that another namespace has is given to the new one with its id behind it.
        """
        for namespace in declared:
            if namespace.id not in self._known:
                taken = self._holder(namespace.title) is not None
                await self._put(
                    namespace._replace(title=f"{namespace.title} ({namespace.id})") if taken else namespace
                )

    def all(self) -> list[Namespace]:
        """Every namespace, by id."""
        return [self._known[id] for id in sorted(self._known)]

    def get(self, id: str) -> Namespace | None:
        """The namespace of that id, or None."""
        return self._known.get(id)

    async def create(self, title: str) -> Namespace:
        """Make a namespace with a new id. Raises TitleTaken."""
        if self._holder(title) is not None:
            raise TitleTaken(title)
        return await self._put(Namespace(secrets.token_hex(16), title))

    async def rename(self, id: str, title: str) -> Namespace:
        """Give a namespace that is there another title. Raises TitleTaken if a different one has it."""
        if self._holder(title) not in {None, id}:
            raise TitleTaken(title)
        return await self._put(Namespace(id, title))

    async def remove(self, id: str) -> None:
        """Forget a namespace and all its entries."""
        self._known.pop(id, None)
        await self._state.remove(_PREFIX + id)
        await self._store.kv_drop(id)

    def _holder(self, title: str) -> str | None:
        return next((known.id for known in self._known.values() if known.title == title), None)

    async def _put(self, namespace: Namespace) -> Namespace:
        """Keep a namespace in memory, so that its title is taken at once, and then in the store."""
        before = self._known.get(namespace.id)
        self._known[namespace.id] = namespace
        try:
            await self._state.write(_PREFIX + namespace.id, {"title": namespace.title})
        except BaseException:
            del self._known[namespace.id]
            if before is not None:
                self._known[namespace.id] = before
            raise
        return namespace
