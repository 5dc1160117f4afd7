"""Prompts for the port that are not its own: those that the original wrote, or such as are as long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple
from unittest import mock

from edgeday.invocation import Invocation
from edgeday.web.ambient import current_runtime
from edgeday.web.json_text import stringify_utf8
from edgeday.web.text import utf16_units
from tests.oracle.recording import Recorded
from worker_port.calls import AiClient


class Shape(NamedTuple):
    """How much room a prompt takes. units: UTF-16; cyrillic: of them, in U+0400..U+04FF; size: of its JSON
    text in bytes."""

    units: int
    cyrillic: int
    size: int

    @classmethod
    def of(cls, prompt: str) -> Shape:
        cyrillic = sum("\u0400" <= character <= "\u04ff" for character in prompt)
        return cls(utf16_units(prompt), cyrillic, len(stringify_utf8(prompt)) - 2)

    @property
    def text(self) -> str:
        """A text of this shape."""
        more = self.size - self.units - self.cyrillic  # bytes that letters of the other alphabet do not take
        escaped, more = divmod(more, 5)
        long, short = divmod(more, 2)
        plain = self.units - self.cyrillic - escaped - long - short
        if plain < 0 or more < 0:
            raise ValueError(f"no text has the shape {self}")
        return "\u0430" * self.cyrillic + "\0" * escaped + "\u2550" * long + "\n" * short + "a" * plain


def given(prompts: Mapping[int, Sequence[str]]) -> Callable[[Recorded], AbstractContextManager[None]]:
    """The port's AI calls are made with these prompts, by invocation and by the number of calls that it had
    logged before; where there is none, with its own."""

    @contextmanager
    def context(so_far: Recorded) -> Iterator[None]:
        call = AiClient.call

        async def with_given(self: AiClient, prompt: Any, *more: Any) -> Any:
            runtime = current_runtime.get()
            assert isinstance(runtime, Invocation)
            of_invocation = prompts.get(runtime.number, ())
            logged = len(so_far.prompts[runtime.number])
            chosen = of_invocation[logged] if logged < len(of_invocation) else prompt
            return await call(self, chosen, *more)

        with mock.patch.object(AiClient, "call", with_given):
            yield

    return context
