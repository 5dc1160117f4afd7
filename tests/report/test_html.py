from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from edgeday.measure.baseline_changes import BaselineChanges, Change
from edgeday.measure.noun import REQUESTS
from edgeday.measure.results import ExceededLimit, Finding, RouteRow
from edgeday.report import html
from tests.report.days import HOSTILE


class Page(HTMLParser):
    """What a browser would make of a page: its elements, its text, and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.raw, self.text, self._open = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs)) if tag in {"script", "style"} else None

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, data):
        if self._open is None:
            self.text.append(data)
        else:
            self.raw.append((*self._open, data))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def data(self):
        return next(text for tag, attrs, text in self.raw if attrs.get("type") == "application/json")


@pytest.fixture(scope="module")
def page(results, timelines):
    return Page(html.render(results, timelines.runs))


def test_the_verdict_is_the_first_heading(page):
    headings = re.search(r"<h1>(.*?)</h1>", html.render([])).group(1)
    assert headings == "Nothing was replayed"
    assert ("section", {"class": "verdict bad", "aria-label": "Verdict"}) in page.elements
    assert "FAIL 1 of 4 scenarios passed, 1 failed, 1 void, 1 interrupted, 1 does not fit" in page.text


def test_no_text_of_a_run_becomes_an_element_or_an_attribute(page):
    assert page.text.count(HOSTILE) == 2  # the description, and where the claim is written
    assert "img" not in {tag for tag, _ in page.elements}
    assert len(page.all("script")) == 2
    names = {name for _, attrs in page.elements for name in attrs}
    assert not {name for name in names if name.startswith("on")}
    assert "style" not in names


def test_hostile_keys_and_routes_stay_text_in_the_data_of_the_plots(results, timelines):
    timeline = timelines.runs[0]
    timeline.operations["kv", HOSTILE] = timeline.operations["cache", "ai_session_logs:*"]
    try:
        page = Page(html.render(results[:1], [timeline]))
    finally:
        del timeline.operations["kv", HOSTILE]
    assert len(page.all("script")) == 2
    assert not re.search("[<>&\u2028\u2029]", page.data)
    labels = [
        series["label"] for plot in json.loads(page.data)["plots"].values() for series in plot["series"]
    ]
    assert f"kv · {HOSTILE}" in labels


def test_the_policy_allows_exactly_the_script_and_the_style_of_the_page(page):
    (policy,) = [
        attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = [text for name, attrs, text in page.raw if name == tag and "type" not in attrs]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_is_loaded_from_elsewhere(page):
    links = [attrs[name] for _, attrs in page.elements for name in ("href", "src", "action") if name in attrs]
    assert links
    assert all(link.startswith("#") for link in links)
    styles = "".join(text for tag, _, text in page.raw if tag == "style")
    assert "url(" not in styles
    assert "@import" not in styles


def test_every_plot_has_its_numbers_in_a_table(results, timelines, page):
    plots = json.loads(page.data)["plots"]
    drawn = [attrs["data-plot"] for attrs in page.all("div") if "data-plot" in attrs]
    assert set(drawn) == {*plots, "compare"}
    text = html.render(results, timelines.runs)
    for name in drawn:
        figure = text[text.index(f'data-plot="{name}"') :]
        assert "<table" in figure[: figure.index("</figure>")]


def test_a_day_on_which_nothing_happened_says_that_there_is_no_data(by_name, timelines):
    page = Page(html.render([by_name["idle"]], timelines.runs[3:]))
    assert json.loads(page.data)["plots"] == {}
    assert page.text.count("No data") == 5
    assert "This scenario sets no budgets." in page.text


def test_a_scenario_alone_is_not_compared_and_two_are(results):
    alone, two = Page(html.render(results[:1])), Page(html.render(results[:2]))
    assert "Scenarios beside one another" not in alone.text
    assert "Scenarios beside one another" in two.text
    compared = json.loads(two.data)["compare"]
    assert compared["names"] == ["passing", "failing (kv_only)"]
    writes = next(row for row in compared["metrics"] if row["name"] == "kv.writes.accepted")
    assert writes["values"] == [0, 1000]


def test_without_timelines_there_are_no_plots_over_time(results):
    page = Page(html.render(results))
    assert "Over time" not in page.text
    assert json.loads(page.data)["plots"] == {}


def test_a_broken_budget_is_explained_and_comes_before_those_that_are_kept(by_name):
    row = by_name["passing"].budgets[0]
    mixed = replace(by_name["failing"], budgets=[row, *by_name["failing"].budgets])
    page = Page(html.render([mixed]))
    text = [part for part in page.text if part.strip()]
    assert text.index("kv.refused") < text.index("plans.started")
    assert any(part.startswith("first broken at 2026-02-16 ") for part in text)
    assert "no data" in text


def test_probes_and_the_baseline_are_shown(by_name):
    compared = BaselineChanges(
        "base.json", True, True, ["it has changed"], [Change("ai.calls", 10, 5)], [], 40
    )
    page = Page(html.render([replace(by_name["failing"], comparison=compared)]))
    for part in ("other answer", "404", "it has changed", "-5 (-50 %)"):
        assert part in page.text


def test_an_interrupted_run_says_how_far_it_came(by_name):
    page = Page(html.render([by_name["partial"]]))
    assert any(part.endswith("so that this is a part of the run") for part in page.text)
    assert any(part.startswith("Interrupted at 2026-02-16 04:00:") for part in page.text)


def test_the_same_run_gives_the_same_page(results, timelines):
    assert html.render(results, timelines.runs) == html.render(results, timelines.runs)


def test_runs_about_different_things_are_compared_in_words_of_their_own(by_name):
    plans = by_name["passing"]
    requests = replace(plans, name="other", noun=REQUESTS)
    alike, mixed = (html.render([plans, other]) for other in (plans, requests))
    assert '<th scope="col">plans completed</th>' in alike
    assert '<th scope="col">completed</th>' in mixed
    assert "of 3 plans</span>" in mixed
    assert "of 3 requests</span>" in mixed


def test_requests_by_route_are_a_table_with_the_names_of_its_columns_at_each_cell(by_name):
    rows = [RouteRow("GET /a", 2, {200: 2}, 0, 0, 0), RouteRow(f"GET {HOSTILE}", 1, {404: 1}, 0, 0, 0)]
    page = Page(html.render([replace(by_name["passing"], requests=rows)]))
    assert page.text.count("Requests by route") == 2  # as heading and as caption
    assert page.text.count(f"GET {HOSTILE}") == 1
    heads = [attrs.get("data-head") for attrs in page.all("td")]
    assert [heads.count(head) for head in ("started", "200", "404", "failed")] == [2, 2, 2, 0]


def test_one_route_that_is_well_has_no_table(by_name):
    rows = [RouteRow("GET /a", 2, {200: 2}, 0, 0, 0)]
    page = Page(html.render([replace(by_name["passing"], requests=rows)]))
    assert "Requests by route" not in page.text


def test_what_does_not_fit_the_account_stands_out_with_its_limits(by_name):
    limit = ExceededLimit("kv_writes_per_day", 1000, 1200, None, f"KV writes a day: {HOSTILE}")
    page = Page(html.render([replace(by_name["passing"], exceeded=[limit])]))
    assert ("div", {"class": "misfit"}) in page.elements
    assert {"Does not fit the Free account", f"KV writes a day: {HOSTILE}"} <= set(page.text)
    assert ("div", {"class": "misfit"}) not in Page(html.render([by_name["passing"]])).elements


def test_regions_of_several_scenarios_have_names_of_their_own(page):
    names = [attrs["aria-label"] for tag, attrs in page.elements if attrs.get("role") == "region"]
    assert len(names) == len(set(names)) > 10


@pytest.mark.parametrize(
    ("name", "exceeded", "tone"),
    [
        ("passing", False, "good"),
        ("passing", True, "doubtful"),
        ("failing", False, "bad"),
        ("idle", False, "bad"),
        ("partial", False, "unfinished"),
    ],
)
def test_the_headline_has_the_tone_of_the_worst_that_it_says(by_name, name, exceeded, tone):
    limit = ExceededLimit("kv_writes_per_day", 1000, 1200, None, "KV writes a day: 1,200 asked for")
    result = by_name[name]
    page = Page(html.render([replace(result, exceeded=[limit]) if exceeded else result]))
    assert ("section", {"class": f"verdict {tone}", "aria-label": "Verdict"}) in page.elements
    assert ("span", {"class": "pill does-not-fit"} in page.elements) if exceeded else True


def test_each_of_several_scenarios_has_its_headline(results, page):
    for result in results:
        assert any(text.startswith(f"{result.verdict.upper()} {result.name}") for text in page.text)


@pytest.mark.parametrize("weight", ["loss", "risk", "note"])
def test_a_finding_looks_as_grave_as_it_is(by_name, weight):
    page = Page(
        html.render([replace(by_name["passing"], findings=[Finding("some-id", "text", weight=weight)])])
    )
    assert ("p", {"class": f"note of-{weight}"}) in page.elements
    assert f".of-{weight}" in html.render([]) or weight == "risk"
