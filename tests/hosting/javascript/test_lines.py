"""What is said of a JavaScript worker names the worker's line."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import JavaScriptError, WorkerMisbehaved
from edgeday.events import Diagnostic, InvocationEnded
from edgeday.hosting.javascript.bundles import Bundle, Module, read_bundle
from edgeday.hosting.javascript.host import CannotHost, host_javascript
from edgeday.pytest_plugin.quota import QuotaBudgetExceeded, edge_budget
from edgeday.runtime.edge import Edge
from edgeday.runtime.hangs import supervised
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request

pytestmark = pytest.mark.workerd


class Run:
    """An edge with a worker that answers requests one after the other, and what is said of them."""

    def __init__(self, workerd: Path, source: str) -> None:
        bundle = Bundle("worker.js", "modules", (Module("worker.js", "esModule", source.encode()),))
        worker = host_javascript(bundle, workerd, namespaces=["KV"])
        self.edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), namespaces={"KV": "kv"}, worker=worker)
        self.ends: list[InvocationEnded] = []
        self.diagnostics: list[Diagnostic] = []
        self.edge.events.subscribe(InvocationEnded, self.ends.append)
        self.edge.events.subscribe(Diagnostic, self.diagnostics.append)

    def ask(self, *paths: str) -> None:
        async def all_of_them() -> None:
            for path in paths:
                await self.edge.dispatch(Request(f"https://worker.example{path}"))
                await self.edge.drain()

        assert isinstance(self.edge.clock, VirtualClock)
        run_virtual(self.edge.clock, all_of_them())


THROWN = {
    "error": ("throw new RangeError('boom')", "RangeError: boom", "worker.js:2"),
    "deep": ("await null; deep()", "TypeError: deep", "worker.js:5"),
    "text": ("throw 'text'", "Error: text", "worker.js:1"),
    "nothing": ("throw null", "Error: null", "worker.js:1"),
    "undefined": ("throw undefined", "Error: undefined", "worker.js:1"),
    "object": ("throw { code: 7 }", 'Error: {"code":7}', "worker.js:1"),
    "symbol": ("throw Symbol('odd')", "Error: Symbol(odd)", "worker.js:1"),
    "function": ("throw () => 1", "Error: () => 1", "worker.js:1"),
    "frozen": ("throw Object.freeze(new Error('cold'))", "Error: cold", "worker.js:2"),
    "trap": (
        "throw new Proxy(new Error('x'), { get() { throw 1 } })",
        "Error",
        "worker.js:1",
    ),
    "getter": (
        "throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })",
        "Error",
        "worker.js:2",
    ),
    "named": ("const e = new Error('x'); e.name = 'ShopError'; throw e", "ShopError: x", "worker.js:2"),
    "nameless": ("const e = new Error('x'); e.name = ''; throw e", "Error: x", "worker.js:2"),
    "dom": ("throw new DOMException('gone', 'AbortError')", "AbortError: gone", "worker.js:2"),
    "json": ("JSON.parse('{')", "SyntaxError", "worker.js:2"),
    "overflow": ("const f = () => f(); f()", "RangeError: Maximum call stack size exceeded", "worker.js:2"),
    "refused": ("await env.KV.put('', 'x')", "TypeError: Key name cannot be empty.", "worker.js:2"),
    "limit": ("Error.stackTraceLimit = 0; throw new Error('bare')", "Error: bare", "worker.js:1"),
    "prepared": (
        "Error.prepareStackTrace = () => ({}); throw new Error('own')",
        "Error: own",
        "worker.js:2",
    ),
}


@pytest.mark.parametrize(("code", "error", "place"), THROWN.values(), ids=THROWN)
def test_an_uncaught_exception_names_what_was_thrown_and_where(
    workerd: Path, code: str, error: str, place: str
) -> None:
    run = Run(
        workerd,
        f"""export default {{ async fetch(request, env) {{
            {code};
            return new Response("");
        }} }};
        const deep = () => {{ throw new TypeError("deep"); }};""",
    )
    run.ask("/")
    (end,) = run.ends
    assert (end.outcome, end.place) == ("exception", place)
    assert end.error.startswith(error)
    assert "edgeday" not in end.trace


def test_typescript_that_wrangler_has_bundled_is_named_by_its_own_lines(workerd: Path) -> None:
    bundle = read_bundle(Path(__file__).parent / "bundles" / "shop.bundle")
    worker = host_javascript(bundle, workerd, vars={"NAME": "ed"}, namespaces=["SHOP"])
    clock = VirtualClock("2026-02-16T00:00:00Z")
    edge = Edge(clock=clock, namespaces={"SHOP": "shop"}, vars={"NAME": "ed"}, worker=worker)
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    run_virtual(clock, edge.dispatch(Request("https://worker.example/boom")))
    assert (ends[0].error, ends[0].place) == ("Error: there is nobody to greet", "src/greet.ts:4")
    assert ends[0].trace.splitlines()[1:4] == [
        "    at greet (src/greet.ts:4:11)",
        '        throw new Error("there is nobody to greet");',
        "    at Object.fetch (src/index.ts:19:25)",
    ]


def test_a_quota_budget_names_the_line_that_asked(workerd: Path) -> None:
    run = Run(
        workerd,
        """export default {
          async fetch(request, env) {
            const found = await env.KV.get("one");
            await Promise.all(["a", "b"].map((key) =>
              env.KV.put(key, "x")));
            return new Response(found);
          },
        };""",
    )
    with pytest.raises(QuotaBudgetExceeded) as raised, edge_budget(run.edge, writes=0, reads=0):
        run.ask("/")
    assert "worker.js:3 in Object.fetch" in str(raised.value)
    assert "worker.js:5" in str(raised.value)


def test_a_diagnostic_names_the_line_that_asked(workerd: Path) -> None:
    run = Run(
        workerd,
        """export default {
          async fetch(request, env) {
            await env.KV.get("first");
            await env.KV.put("key", "value", { expires: 60 });
            return new Response("");
          },
        };""",
    )
    run.ask("/")
    assert [(one.id, one.place) for one in run.diagnostics] == [("kv-option-lost", "worker.js:4")]


def test_a_fetch_of_a_host_that_nothing_answers_for_has_its_line(workerd: Path) -> None:
    run = Run(
        workerd,
        """export default {
          async fetch(request, env) {
            const form = new FormData();
            await fetch("https://nowhere.example/", { method: "POST", body: form });
          },
        };""",
    )
    run.ask("/")
    assert [(one.id, one.place) for one in run.diagnostics] == [("undeclared-origin", "worker.js:4")]
    assert (run.ends[0].outcome, run.ends[0].place) == ("exception", "worker.js:4")


def test_a_body_that_throws_has_the_workers_line_and_not_that_of_its_reader(workerd: Path) -> None:
    run = Run(
        workerd,
        """export default { fetch(request, env) {
          return new Response(new ReadableStream({
            async pull() { await env.KV.get("a"); throw new TypeError("in pull"); } }));
        } };""",
    )

    notes: list[str] = []

    async def read() -> None:
        with pytest.raises(JavaScriptError, match="TypeError: in pull") as raised:
            await (await run.edge.dispatch(Request("https://worker.example/"))).text()
        notes.extend(raised.value.__notes__)
        await run.edge.drain()

    assert isinstance(run.edge.clock, VirtualClock)
    run_virtual(run.edge.clock, read())
    assert "at Object.pull (worker.js:3:" in notes[0]
    assert (run.ends[0].outcome, run.ends[0].place) == ("exception", "worker.js:3")


def test_a_cron_that_throws_has_its_line(workerd: Path) -> None:
    run = Run(
        workerd,
        """export default {
          async scheduled(controller, env) {
            await env.KV.get("a");
            throw new TypeError(controller.cron);
          },
        };""",
    )
    run_virtual(run.edge.clock, run.edge.dispatch_scheduled("0 3 * * *"))  # type: ignore[arg-type]
    assert (run.ends[0].error, run.ends[0].place) == ("TypeError: 0 3 * * *", "worker.js:4")


def test_a_worker_without_a_line_of_its_own_is_named_by_its_handler(workerd: Path) -> None:
    run = Run(
        workerd,
        """const unused = 1;
        export default {
          fetch: () => new Promise(() => {}),
        };""",
    )
    run.ask("/")
    assert run.ends[0].place == "worker.js:3"


def test_what_ends_the_run_is_named_with_the_handler(workerd: Path) -> None:
    source = "const a = 1;\nexport default {\n  fetch() { for (;;) {} },\n};"
    bundle = Bundle("worker.js", "modules", (Module("worker.js", "esModule", source.encode()),))
    worker = host_javascript(bundle, workerd, limit_s=0.5)
    edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), worker=worker)
    with pytest.raises(WorkerMisbehaved) as raised:
        run_virtual(
            VirtualClock("2026-02-16T00:00:00Z"), edge.dispatch(Request("https://worker.example/spin"))
        )
    assert str(raised.value).startswith("worker.js:3: GET /spin, invocation 1")
    assert "does not come to an end" in str(raised.value)


def test_a_request_that_goes_on_for_ever_has_the_line_that_waits(workerd: Path) -> None:
    run = Run(
        workerd,
        """const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        export default {
          async fetch(request, env) {
            while ((await env.KV.get("ready")) !== "yes")
              await sleep(60_000);
          },
        };""",
    )
    clock = run.edge.clock
    assert isinstance(clock, VirtualClock)
    with pytest.raises(WorkerMisbehaved) as raised:
        run_virtual(clock, supervised(run.edge, run.edge.dispatch(Request("https://worker.example/"))))
    assert raised.value.where == "worker.js:5"


def test_an_entrypoint_that_is_not_exported_is_refused(workerd: Path) -> None:
    source = "export default { fetch() {} };\nexport class Shop { fetch(request) {} }"
    bundle = Bundle("worker.js", "modules", (Module("worker.js", "esModule", source.encode()),))
    with pytest.raises(CannotHost, match='has no export "Shoq"') as refused:
        host_javascript(bundle, workerd, entrypoint="Shoq")
    assert refused.value.problems[0].hint == 'did you mean "Shop"?'
    assert host_javascript(bundle, workerd, entrypoint="Shop").handler_sites["fetch"].line == 2


@pytest.mark.parametrize(
    ("date", "flags"),
    [
        ("2026-11-16", ()),
        ("2026-11-17", ()),
        ("2026-11-17", ("legacy_module_registry",)),
        ("2026-03-01", ("new_module_registry", "nodejs_compat")),
    ],
)
def test_lines_are_named_with_both_registries_of_modules(
    workerd: Path, date: str, flags: tuple[str, ...]
) -> None:
    source = b"export default { fetch() {\n  throw new Error('no'); } };"
    bundle = Bundle("w.js", "modules", (Module("w.js", "esModule", source),), date=date, flags=flags)
    edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), worker=host_javascript(bundle, workerd))
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    run_virtual(VirtualClock("2026-02-16T00:00:00Z"), edge.dispatch(Request("https://worker.example/")))
    assert [(end.error, end.place) for end in ends] == [("Error: no", "w.js:2")]
