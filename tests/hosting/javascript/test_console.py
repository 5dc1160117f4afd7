"""What a JavaScript worker writes to its console is shown as what a Python worker prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosting.javascript.test_host import answers
from tests.hosting.javascript.workers import edge_with, worker_of

pytestmark = pytest.mark.workerd


def written(workerd: Path, capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    """What a handler of these lines writes."""
    body = "\n".join(lines)
    worker = worker_of(
        workerd, f"export default {{ async fetch(request) {{ {body}\nreturn new Response('ok'); }} }};"
    )
    assert answers(edge_with(worker), "/") == [(200, "ok")]
    return capsys.readouterr().out


@pytest.mark.parametrize("level", ["log", "info", "debug", "warn", "error", "trace"])
def test_every_level_is_shown(workerd: Path, capsys: pytest.CaptureFixture[str], level: str) -> None:
    assert (
        written(workerd, capsys, f'console.{level}("sold", 3, null, undefined, 10n);')
        == "sold 3 null undefined 10n\n"
    )


def test_values_are_shown_as_they_are_made(workerd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(
        workerd,
        capsys,
        'const cart = { id: 1, items: ["soup", { n: new Map([[1, 2]]) }] };',
        "cart.self = cart;",
        "class Order { n = 1 }",
        "console.log(cart, new Set([1]), new Date(0), /x/g, class Shop {});",
        "console.log(new Order(), [], {});",
    )
    first = '{ id: 1, items: [ "soup", { n: Map { 1 => 2 } } ], self: [Circular] } Set { 1 }'
    assert text.splitlines() == [
        f"{first} 1970-01-01T00:00:00.000Z /x/g [Function Shop]",
        "Order { n: 1 } [] {}",
    ]


def test_an_error_is_shown_with_the_workers_own_lines(
    workerd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = written(workerd, capsys, 'console.error(new TypeError("no such thing"));')
    first, *frames = text.splitlines()
    assert first == "TypeError: no such thing"
    assert len(frames) == 1
    assert "worker.js:1:" in frames[0]


def test_a_value_whose_members_throw_disturbs_nothing(
    workerd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    throws = "{ get() { throw 1; }, ownKeys() { throw 2; }, getPrototypeOf() { throw 3; } }"
    assert written(workerd, capsys, f"console.log(new Proxy({{}}, {throws}));") == "[Object]\n"


def test_of_endless_lines_the_first_256_kb_are_shown(
    workerd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = written(workerd, capsys, "for (let n = 0; n < 100_000; n++) console.log('line', n);")
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith(" ...\n")
    assert len(text) == 256 * 1024 + len(" ...\n")


@pytest.mark.parametrize("text", ['"half \\ud83d"', "`${'x'.repeat(256 * 1024 - 1)}\U0001f600`"])
def test_half_of_a_surrogate_pair_is_shown_as_what_stands_for_it(
    workerd: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert written(workerd, capsys, f"console.log({text});").removesuffix(" ...\n").strip()[-1] == "\ufffd"
