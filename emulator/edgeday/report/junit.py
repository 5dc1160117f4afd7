"""The JUnit report, for CI systems that show tests: a suite for each scenario, a test case for each budget,
each probe and the comparison with a baseline."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from xml.etree import ElementTree

from rich.console import Console

from edgeday.clock import utc
from edgeday.measure.baseline_changes import BaselineChanges
from edgeday.measure.budgets import BudgetResult
from edgeday.measure.results import ProbeResult, ScenarioResult
from edgeday.report import terminal, wording
from edgeday.report.headline import headline_of
from edgeday.report.wording import number

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any way. Source: XML 1.0, section 2.2, Char."""


def render(results: Sequence[ScenarioResult]) -> str:
    """The report as XML.

    A budget that is broken or has no data is a failure, with what is known of it as its text; so are a probe
    with another answer, metrics that differ from the baseline, a void run, and a finding that was to fail it.
    One that was interrupted, or ended by a misbehaving worker, has one more test case, an error. Properties
    of a suite are its headline, whether and why it does not fit its account, and what its worker ran on. The
    terminal's block is its `system-out`.
    """
    root = ElementTree.Element("testsuites", {"name": "edgeday"})
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for result in results:
        suite, counts = _suite(result)
        root.append(suite)
        for name, count in counts.items():
            totals[name] += count
    root.attrib |= _texts(totals)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _texts(counts: dict[str, int]) -> dict[str, str]:
    return {name: str(count) for name, count in counts.items()}


def _suite(result: ScenarioResult) -> tuple[ElementTree.Element, dict[str, int]]:
    started = utc(result.started_at).strftime("%Y-%m-%dT%H:%M:%S")
    suite = ElementTree.Element("testsuite", {"name": _clean(result.name), "timestamp": started, "time": "0"})
    cases = [_budget(result, row) for row in result.budgets]
    cases += [_probe(result, probe) for probe in result.probes]
    if result.comparison is not None:
        cases.append(_comparison(result, result.comparison))
    if result.verdict == "partial":
        cases.append(_interrupted(result))
    if result.problem:
        cases.append(_problem(result))
    suite.append(_properties(result))
    suite.extend(cases)
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
    }
    suite.attrib |= _texts(counts)
    ElementTree.SubElement(suite, "system-out").text = _clean(_block(result))
    return suite, counts


def _properties(result: ScenarioResult) -> ElementTree.Element:
    """What is to be known of a run besides its test cases: its headline, whether it fits its account, what
    its worker ran on."""
    properties = ElementTree.Element("properties")
    values = [("headline", headline_of(result).text), ("verdict", result.verdict)]
    values.append(("fits", str(result.fits).lower()))
    values += [(f"runtime.{name}", value) for name, value in result.runtime.items()]
    values += [("exceeded", limit.text) for limit in result.exceeded]
    for name, value in values:
        ElementTree.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    return properties


def _budget(result: ScenarioResult, row: BudgetResult) -> ElementTree.Element:
    case = _case(result, f"{row.metric} {row.allowed}")
    if not row.ok:
        _fail(case, row.verdict, wording.why_not_kept(row))
    return case


def _probe(result: ScenarioResult, probe: ProbeResult) -> ElementTree.Element:
    case = _case(result, f"probe {probe.name} at {wording.instant(probe.at)}")
    wrong = [wording.why_not_found(check) for check in probe.checks if not check.ok]
    if wrong:
        _fail(case, "probe", [*wrong, probe.request])
    return case


def _comparison(result: ScenarioResult, comparison: BaselineChanges) -> ElementTree.Element:
    case = _case(result, "baseline")
    if not comparison.ok:
        changes = [
            f"{row.metric}: {number(row.before)} -> {number(row.after)}, {wording.difference(row)}"
            for row in comparison.changes
        ]
        _fail(case, "baseline", [wording.compared(comparison), *comparison.notes, *changes])
    return case


def _fail(case: ElementTree.Element, kind: str, lines: Sequence[str]) -> None:
    attributes = {"type": kind, "message": _clean(lines[0])}
    ElementTree.SubElement(case, "failure", attributes).text = _clean("\n".join(lines))


def _interrupted(result: ScenarioResult) -> ElementTree.Element:
    case = _case(result, "the whole run")
    message = (
        f"interrupted at {wording.instant(result.ended_at)}: the other test cases are about a part of it"
    )
    ElementTree.SubElement(case, "error", {"type": "partial", "message": message})
    return case


def _problem(result: ScenarioResult) -> ElementTree.Element:
    case = _case(result, "the whole run")
    lines = wording.problem_lines(result)
    if result.verdict == "error":
        attributes = {"type": "misbehaved", "message": _clean(lines[0])}
        ElementTree.SubElement(case, "error", attributes).text = _clean("\n".join(lines))
    else:
        _fail(case, "void" if result.verdict == "void" else "failed", lines)
    return case


def _case(result: ScenarioResult, name: str) -> ElementTree.Element:
    return ElementTree.Element(
        "testcase", {"classname": _clean(result.name), "name": _clean(name), "time": "0"}
    )


def _block(result: ScenarioResult) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None, highlight=False)
    console.print(terminal.block(result))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
