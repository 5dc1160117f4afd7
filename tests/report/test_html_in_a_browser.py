"""The HTML report in Chromium, where there is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgeday.replay.runner import replay
from edgeday.replay.timeline import Timelines
from edgeday.report import html
from edgeday.scenario.loader import load_text
from tests.report import days
from tests.report.days import ROUTES_DAY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.slow,
]
SIZED = re.compile(r'class="u-wrap" style="width: (\d+)px')


def opened(path, *options, until=SIZED):
    """The page as it stands after its script has run, and what the browser complained about.

    A busy machine may hand the page over before its first frame, in which uPlot sizes the plots: asked again.
    """
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,20000",
        "--virtual-time-budget=4000", "--enable-logging=stderr", "--dump-dom", *options, path.as_uri(),
    ]  # fmt: skip
    for _ in range(5):
        process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        if until.search(process.stdout):
            break
    return process.stdout, [line for line in process.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def path(results, timelines, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(html.render(results, timelines.runs), encoding="utf-8")
    return path


def test_every_plot_is_drawn_and_no_text_runs(path):
    dom, complaints = opened(path)
    assert complaints == []
    assert "<title>FAIL 1 of 4 scenarios passed, 1 failed, 1 void, 1 interrupted, 1 does not fit - " in dom
    assert "<img" not in dom
    hosts = dom.count("data-plot=")
    assert hosts >= 10
    assert dom.count("<canvas") == hosts
    assert dom.count("Scale to the data") >= 1


def test_a_script_that_is_not_the_reports_own_is_not_run(path):
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", "<script>document.title='owned'</script></body>"), "utf-8")
    dom, complaints = opened(path)
    assert "<title>owned" not in dom
    assert any("Content Security Policy" in line for line in complaints)


def test_the_plots_fit_a_phone(path):
    dom, complaints = opened(path, "--window-size=500,20000")
    assert complaints == []
    widths = [int(width) for width in SIZED.findall(dom)]
    assert widths
    assert max(widths) <= 500


LOOK = """<!doctype html><body>
<iframe src="report.html" style="width: %dpx; height: %dpx; border: 0"></iframe>
<pre id="found">not yet</pre><script>
const frame = document.querySelector("iframe");
setTimeout(() => {
  const inside = frame.contentDocument;
  document.querySelector("#found").textContent = JSON.stringify(((inside) => { %s })(inside));
}, 2500);
</script></body>"""


def seen(path, script, width=1100, height=9000):
    """What a script finds in the page while it stands in a frame of that size."""
    around = path.with_name("around.html")
    around.write_text(LOOK % (width, height, script), "utf-8")
    pattern = re.compile('id="found">(?!not yet)')
    dom, _ = opened(around, "--allow-file-access-from-files", until=pattern)
    return json.loads(re.search(r'id="found">(.*?)</pre>', dom, re.DOTALL)[1])


@pytest.fixture
def spent_day(tmp_path):
    """A day whose writes are spent before noon and refused every minute from then on."""
    timelines = Timelines()
    loaded = days.scenario(
        tmp_path,
        worker=days.KV_LOG,
        background=[{"name": "shop", "writes": 90}],
        budgets={"kv.writes.accepted": "<= 10%", "kv.writes.accepted{family=ai_communication_log:*}": "<= 3"},
    )
    result = replay(loaded, observers=[timelines])
    path = tmp_path / "report.html"
    path.write_text(html.render([result], timelines.runs), encoding="utf-8")
    return path


def test_refusals_that_lie_close_together_are_seen_on_the_plot(spent_day):
    reddish = """
      const canvas = inside.querySelector("[data-plot] canvas");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const columns = new Set();
      for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = data.slice(at, at + 4);
        if (alpha > 200 && red > 150 && green < 60 && blue < 60) columns.add(at / 4 % width);
      }
      return [...columns].filter((column) => column > width / 2).length / (width / 2);
    """
    assert seen(spent_day, reddish) > 0.8


@pytest.mark.parametrize("width", [390, 600, 1100])
def test_what_broke_a_budget_is_read_without_scrolling_sideways(spent_day, width):
    rights = """
      const edge = inside.querySelector(".budgets").closest(".scroll").getBoundingClientRect().right;
      const lines = [...inside.querySelectorAll(".why span")];
      return lines.map((line) => line.getBoundingClientRect().right - edge);
    """
    overhangs = seen(spent_day, rights, width)
    assert len(overhangs) >= 4
    assert max(overhangs) <= 0


def test_the_overview_of_scenarios_hides_no_column_on_a_phone(path):
    room = """
      const scroll = inside.querySelector("table.overview").closest(".scroll");
      return [scroll.clientWidth, scroll.scrollWidth];
    """
    client, whole = seen(path, room, 390)
    assert whole <= client


@pytest.mark.parametrize("width", [390, 600])
@pytest.mark.parametrize("table", ["budgets", "routes"])
def test_no_column_of_a_table_hides_behind_a_sideways_scroll_on_a_phone(routes_day, table, width):
    room = f"""
      const scroll = inside.querySelector("table.{table}").closest(".scroll");
      return [scroll.clientWidth, scroll.scrollWidth, inside.querySelectorAll("table.{table} td").length];
    """
    client, whole, cells = seen(routes_day, room, width)
    assert whole <= client
    assert cells >= 4


PRINTED = """
  const drawn = () => inside.querySelectorAll("[data-plot] canvas").length;
  const before = drawn();
  const view = inside.defaultView;
  view.dispatchEvent(new view.Event("beforeprint"));
  const widths = [...inside.querySelectorAll(".u-wrap")].map((wrap) => wrap.offsetWidth);
  const light = inside.documentElement.dataset.theme;
  view.dispatchEvent(new view.Event("afterprint"));
  return [inside.querySelectorAll("[data-plot]").length, before, drawn(), Math.max(...widths), light,
          inside.documentElement.dataset.theme || "", inside.documentElement.className];
"""


def test_on_paper_plots_are_there_that_nobody_has_scrolled_to(routes_day):
    plots, before, printed, widest, during, after, classes = seen(routes_day, PRINTED, height=300)
    assert plots == printed > before
    assert widest <= 480
    assert (during, after, classes) == ("light", "", "")


@pytest.fixture
def routes_day(tmp_path):
    """A day with more than one route, whose answers are of four classes, that does not fit its account."""
    timelines = Timelines()
    loaded = load_text(ROUTES_DAY, Path("routes.yaml"))
    result = replay(loaded, observers=[timelines])
    path = tmp_path / "report.html"
    path.write_text(html.render([result], timelines.runs), encoding="utf-8")
    return path
