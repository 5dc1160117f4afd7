"""Time and randomness of the standard library, as the running invocation has them.

`time`, `datetime`, `random`, `uuid`, `secrets` and `os.urandom` in a worker and in the libraries that it
calls are the clock and the seed of its invocation while `installed()` is open, so that a day gives the same
result whenever it is replayed. Whatever runs outside an invocation has the machine's, or freezegun's.

freezegun itself would not do: its time is one for the whole process, it looks at the stack for each reading
of a clock, its classes are not the real ones (orjson refuses their instances), and it leaves random numbers
alone. A test may move the machine's time with it all the same (`freezing`).

Each reading looks up `current_runtime`, so two invocations that run beside each other never meet. Code in C
that asks the machine itself (SQLite's `now`, a library's own generator) is out of reach.
"""

from edgeday.ambient.freezing import load_freezegun
from edgeday.ambient.installation import installed

__all__ = ["installed", "load_freezegun"]
