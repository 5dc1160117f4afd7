"""KV bindings and handlers that are seen in the source of a JavaScript worker."""

from __future__ import annotations

import pytest

from edgeday.source.seen import answers_requests, kv_bindings_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('await env.LINKS.put("a", "b"); await env.HITS.list();', ["LINKS", "HITS"]),
        ('await c.env.LINKS.get("a"); await this.env.HITS.delete("a");', ["LINKS", "HITS"]),
        ('const { LINKS } = env; await LINKS.get("a");', ["LINKS"]),
        ('const { LINKS: links } = c.env; await links.get("a");', ["LINKS"]),
        ('const kv = env.LINKS; await kv.getWithMetadata("a");', ["LINKS"]),
        ('await env["my-kv"].get("a");', ["my-kv"]),
        ('const own = env as unknown as Own; await own.LINKS.get("a");', ["LINKS"]),
        ('const own = c.env; const { LINKS } = own; await LINKS.get("a");', ["LINKS"]),
        ('const own = made(env); await own.LINKS.get("a");', []),
        ('const own = other; const other = own; await own.LINKS.get("a");', []),
        ('app.get("/", async ({ env: { LINKS } }) => await LINKS.get("a"));', ["LINKS"]),
        ("interface Env { LINKS: KVNamespace; FILES: R2Bucket; NAME: string }", ["LINKS"]),
        ("type Bindings = { LINKS: KVNamespace<Keys> }", ["LINKS"]),
        ("declare const LINKS: KVNamespace;", ["LINKS"]),
        ('await LINKS.get("a"); await globalThis.HITS.put("a", "b");', ["LINKS", "HITS"]),
        ('await env.FILES.put("a", "b"); await env.FILES.head("a");', []),
        ('env.ROOMS.get(env.ROOMS.idFromName("a"));', []),
        ('const LINKS = new Map(); LINKS.get("a"); caches.default.put("a", b); Reflect.get(a, "b");', []),
        (
            'function f(links) { return links.get("a"); } headers.get("a"); const headers = request.headers;',
            [],
        ),
        ('url.searchParams.get("a"); request.headers.get("b"); form.get("c"); let url, request, form;', []),
    ],
)
def test_what_kv_methods_are_called_on_and_what_types_say_are_bindings(project, text, names):
    assert kv_bindings_in(project({"worker.ts": text})) == names


def test_bindings_of_imported_files_are_found(project):
    files = {"worker.js": 'import "./store";', "store.js": 'export const f = (env) => env.LINKS.get("a");'}
    assert kv_bindings_in(project(files)) == ["LINKS"]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("export default { async scheduled(event, env) {} };", False),
        ("export default { scheduled: run };", False),
        ('addEventListener("scheduled", (event) => run(event));', False),
        ("export default class extends WorkerEntrypoint { async scheduled() {} }", False),
        ("export default { async scheduled() {}, async fetch() {} };", True),
        ("export default { fetch, scheduled };", True),
        ("export default { fetch: app.fetch, async scheduled() {} };", True),
        ('addEventListener("scheduled", run); addEventListener("fetch", answer);', True),
        ("export default app;", True),
    ],
)
def test_a_worker_that_only_runs_crons_answers_no_requests(project, text, answers):
    assert answers_requests(project({"worker.js": text})) is answers
