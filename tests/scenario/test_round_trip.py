"""A scenario that is written out, as journals do, is read back as the same one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import parse_yaml
from edgeday.wrangler import Binding, WranglerConfig
from tests.scenario_days import HEAD

PARTS = {
    "values": """
        values:
          user: {zipf: 100}
          often: {zipf: 100, exponent: 1.5}
          item: {file: items.csv, column: slug}
          next: {file: items.txt, order: sequence}
          size: [S, 2, null, true]
          weighted: {choice: {S: 70, M: 30}}
          n: {uniform: [1, 100]}
          id: {sequence: {from: 3, to: 50}}
          first: {sequence: 1}
          one: text
    """,
    "requests": """
        days: 2
        traffic:
          - {name: a, requests: [3, 4], get: "/a?b={{c}}", host: "https://shop.example:8443"}
          - {name: f, requests: 3, head: /a, client: 10.0.0.1}
          - {name: b, requests: 3, post: /b, json: {x: [1, null]}, expect: {status: 200..299, "json:id": 1}}
          - {name: c, requests: 3, path: /c, method: PUT, body: "a text"}
          - name: d
            requests: 3
            mix: [{weight: 2.5, get: /d, expect: {status: 2xx}}, {post: /e, headers: {a: b}}]
          - {name: e, cron: "*/5 * * * *", jitter: [0, 30]}
    """,
    "arrivals": """
        traffic:
          - {name: a, requests: 3, get: /a, arrivals: diurnal}
          - {name: b, requests: 3, get: /a, arrivals: {kind: burst, at: ["12:00:05", "13:00"], seconds: 1}}
          - {name: c, requests: 3, get: /a, arrivals: {kind: burst, minutes: 3, share: 0.5}}
          - {name: d, requests: 3, get: /a, arrivals: {kind: ramp, from: 1, to: 5}}
          - {name: e, requests: 3, get: /a, arrivals: {kind: stages, stages: [{for: 2h, rate: 1}, {rate: 2}]}}
          - {name: f, requests: 3, get: /a, arrivals: poisson}
    """,
    "sessions": """
        traffic:
          - name: checkout
            sessions: 3
            steps:
              - {post: /cart, json: {a: 1}, keep: {cart: "json:id", c: "cookie:sid"}}
              - {wait: {lognormal: {median: 40s}}}
              - {wait: [1, 5]}
              - {wait: 1m}
              - {get: "/cart/{cart}", leave: 0.2, expect: {"header:x": "{cart}"}}
    """,
    "origins": """
        origins:
          one.example: {status: 201, json: {a: 1.5}, headers: {x: y}, seconds: [0.1, 0.4]}
          two.example: {failing: {rate: 0.02, status: 503}}
          three.example: {failing: {count: 3, status: 503}}
          four.example:
            failing: [{count: 4..6, unreachable: true}, {window: {from: +1h, to: +2h}, hangs: true}]
          five.example: {unreachable: true}
          "*.example.com": [{path: /a*, method: GET, body: "{request.path}"}, {status: 404}]
          "*": {seconds: {lognormal: {median: 300ms, sigma: 0.5}}}
    """,
    "the rest": """
        days: 2
        limits: {subrequests: observe}
        namespaces: {ITEMS: items}
        state: {ITEMS: items.jsonl}
        background: [{name: other, writes: 3}]
        probes: [{at: +1h, request: {path: /}, expect: {status: 404}}]
        budgets: {"requests.status{status=2xx}": ">= 0", kv.writes.accepted: ["<= 50%", "== 0 always"]}
        fail_on: finding
    """,
}


@pytest.mark.parametrize("what", PARTS)
def test_what_a_scenario_says_is_read_back_as_it_was(what):
    scenario = Scenario.model_validate(parse_yaml((HEAD + dedent(PARTS[what])).encode(), "day.yaml").value)
    written = scenario.model_dump(mode="json")
    again = Scenario.model_validate(written)
    assert again.model_dump(mode="json") == written
    configured = scenario.with_configuration(
        WranglerConfig(name="shop", bindings=(Binding("OTHER", "other", "other"),))
    )
    assert configured.traffic == scenario.traffic
    assert configured.origins == scenario.origins
    assert configured.namespaces == {"OTHER": "other", **(scenario.namespaces or {})}
