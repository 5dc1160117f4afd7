"""The JUnit report: one test suite per scenario, one test case per budget, for CI systems that show tests."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from xml.etree import ElementTree

from rich.console import Console

from emulator.clock import utc
from emulator.replay.budgets import BudgetResult
from emulator.replay.results import ScenarioResult
from emulator.report import terminal, wording

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any way. Source: XML 1.0, section 2.2, Char."""


def render(results: Sequence[ScenarioResult]) -> str:
    """The report as XML.

    A budget that is broken or has no data is a failure, with what is known of it as its text. An interrupted
    scenario has one more test case, an error. The terminal's block is the suite's `system-out`.
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
    cases = [_case(result, row) for row in result.budgets]
    if result.verdict == "partial":
        cases.append(_interrupted(result))
    suite.extend(cases)
    counts = {
        "tests": len(cases),
        "failures": sum(not row.ok for row in result.budgets),
        "errors": int(result.verdict == "partial"),
    }
    suite.attrib |= _texts(counts)
    ElementTree.SubElement(suite, "system-out").text = _clean(_block(result))
    return suite, counts


def _case(result: ScenarioResult, row: BudgetResult) -> ElementTree.Element:
    case = _named_case(result, f"{row.metric} {row.budget}")
    if not row.ok:
        lines = wording.why_not_kept(row)
        attributes = {"type": row.verdict, "message": _clean(lines[0])}
        ElementTree.SubElement(case, "failure", attributes).text = _clean("\n".join(lines))
    return case


def _interrupted(result: ScenarioResult) -> ElementTree.Element:
    case = _named_case(result, "the whole run")
    message = (
        f"interrupted at {wording.instant(result.ended_at)}: the other test cases are about a part of it"
    )
    ElementTree.SubElement(case, "error", {"type": "partial", "message": message})
    return case


def _named_case(result: ScenarioResult, name: str) -> ElementTree.Element:
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
