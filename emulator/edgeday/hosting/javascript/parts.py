"""The body of a response that the worker's code still writes: each part comes when it is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Parts:
    """A body, part by part.

    first: what was there with the response's head. next_part: gives the next one, None at the end. give_up:
    called once if nobody reads it to its end.
    """

    def __init__(
        self,
        first: bytes | None,
        next_part: Callable[[], Awaitable[bytes | None]],
        give_up: Callable[[], None],
    ) -> None:
        self._first = first
        self._next_part = next_part
        self._give_up = give_up
        self._is_over = False

    def __aiter__(self) -> Parts:
        return self

    async def __anext__(self) -> bytes:
        if self._first:
            first, self._first = self._first, None
            return first
        try:
            part = await self._next_part()
        except Exception:
            self._is_over = True
            raise
        if part is None:
            self._is_over = True
            raise StopAsyncIteration
        return part

    def give_up(self) -> None:
        """Nobody reads it any more."""
        if not self._is_over:
            self._is_over = True
            self._give_up()
