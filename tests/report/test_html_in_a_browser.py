"""The HTML report in Chromium, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from emulator.report import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
SIZED = re.compile(r'class="u-wrap" style="width: (\d+)px')


def opened(path, *options):
    """The page as it stands after its script has run, and what the browser complained about.

    A busy machine may hand the page over before its first frame, in which uPlot sizes the plots: asked again.
    """
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,20000",
        "--virtual-time-budget=4000", "--enable-logging=stderr", "--dump-dom", *options, path.as_uri(),
    ]  # fmt: skip
    for _ in range(5):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        if SIZED.search(done.stdout):
            break
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def path(results, timelines, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(html.render(results, timelines.runs), encoding="utf-8")
    return path


def test_every_plot_is_drawn_and_no_text_runs(path):
    dom, complaints = opened(path)
    assert complaints == []
    assert "<title>1 of 4 scenarios failed - edgeday report</title>" in dom
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
