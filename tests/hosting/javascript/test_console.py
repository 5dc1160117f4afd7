"""What a JavaScript worker writes to its console is shown as what a Python worker prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosting.javascript.test_host import answers
from tests.hosting.javascript.workers import edge_with, worker_of

pytestmark = pytest.mark.workerd

HEADERS = "Headers(1) { 'a' => 'b' } URLSearchParams(1) { 'a' => '1' }"


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
    first = "<ref *1> { id: 1, items: [ 'soup', { n: [Map] } ], self: [Circular *1] } Set(1) { 1 }"
    assert text.splitlines() == [
        f"{first} 1970-01-01T00:00:00.000Z /x/g [class Shop]",
        "Order { n: 1 } [] {}",
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            '"%s is %d of %i %f %j %%", "it", "3", 4.7, "5.5", { a: 1 }, [2]',
            'it is 3 of 4 5.5 {"a":1} % [ 2 ]',
        ),
        ('"100%", 1', "100% 1"),
        ('"%s"', "%s"),
        ('["it\'s", "a\\nb"]', "[ \"it's\", 'a\\nb' ]"),
        ("{ 'b-c': 1, [Symbol('s')]: -0, u: undefined }", "{ 'b-c': 1, u: undefined, Symbol(s): -0 }"),
        ("{ f() {}, get h() { throw 1; } }", "{ f: [Function: f], h: [Getter] }"),
        ("Object.create(null)", "[Object: null prototype] {}"),
        ("new Map(), new Set(), new Uint8Array(2)", "Map(0) {} Set(0) {} Uint8Array(2) [ 0, 0 ]"),
        ("{ a: { b: { c: { d: 1 } } } }", "{ a: { b: { c: [Object] } } }"),
        ("new Headers({ a: 'b' }), new URLSearchParams('a=1')", HEADERS),
        ("", ""),
    ],
)
def test_a_line_is_as_the_runtime_writes_it(
    workerd: Path, capsys: pytest.CaptureFixture[str], values: str, line: str
) -> None:
    assert written(workerd, capsys, f"console.log({values});") == f"{line}\n"


def test_what_is_long_has_a_line_for_each_member(workerd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(workerd, capsys, "console.log({ a: 'x'.repeat(40), b: { c: 'y'.repeat(30) } });")
    assert text == f"{{\n  a: '{'x' * 40}',\n  b: {{ c: '{'y' * 30}' }}\n}}\n"


def test_a_request_is_shown_by_what_it_says_of_itself_and_is_read_afterwards(
    workerd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = written(
        workerd,
        capsys,
        "const asked = new Request('https://a.example/x', { method: 'POST', body: 'soup' });",
        "console.log(asked);",
        "console.log(asked.bodyUsed, await asked.text());",
    )
    assert text.startswith("Request {\n  method: 'POST',\n  url: 'https://a.example/x',\n  headers: Headers(")
    assert text.endswith("false soup\n")


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
