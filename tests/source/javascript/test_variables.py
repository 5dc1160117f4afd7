"""Variables that the source of a JavaScript worker needs."""

from __future__ import annotations

import pytest

from edgeday.source.seen import variables_in

SERVICE = 'addEventListener("fetch", (event) => event.respondWith(answer(event.request)));\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("if (given !== `Bearer ${env.TOKEN}`) return no();", ["TOKEN"]),
        ('await fetch(env.API + "/x");', ["API"]),
        ("await fetch(new URL(c.env.PLACE));", ["PLACE"]),
        ("const { ORIGINS } = env; ORIGINS.split(',');", ["ORIGINS"]),
        ("const most = Number(this.env.MOST);", ["MOST"]),
        ("await verify(token, env.JWT_SECRET);", ["JWT_SECRET"]),
        ("app.use(bearerAuth({ token: env.API_KEY }));", ["API_KEY"]),
        ('if (env.MODE === "dark") dark();', ["MODE"]),
        (
            "interface Env { PLACE: string; LINKS: KVNamespace; NOTE?: string }\nuse(env.PLACE, env.NOTE);",
            ["PLACE"],
        ),
        ("type Bindings = { PLACE: string }\nuse(c.env.PLACE);", ["PLACE"]),
        (SERVICE + "if (given !== TOKEN) no(); fetch(`${API}/x`);", ["TOKEN", "API"]),
        ('const page = env.PAGE_URL || "https://page.example";', []),
        ('const page = env.PAGE_URL ?? "https://page.example";', []),
        ("if (env.HOOK_URL) await fetch(env.HOOK_URL);", []),
        ("if (env.HOOK_URL !== undefined) await fetch(env.HOOK_URL);", []),
        ('const key = typeof KEY === "string" ? KEY : "";' + SERVICE, []),
        ("await env.LINKS.get(`a`); list(env.LINKS);", []),
        ("const mode = `${process.env.NODE_ENV}`;", []),
        ("interface Config { key: string }\nuse(config.key);", []),
        ("const TOKEN = `a`; const x = `${TOKEN}`;" + SERVICE, []),
        ("const x = `${MODE}`;", []),
    ],
)
def test_what_is_taken_from_the_environment_as_a_text_is_a_variable(project, text, names):
    assert variables_in(project({"worker.ts": text})) == names


def test_of_a_python_worker_nothing_is_said(project):
    assert variables_in(project({"worker.py": "x = env.TOKEN"})) == []
