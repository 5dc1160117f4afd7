"""The report on claims: on a terminal of 80 columns, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from edgeday import Grid, as_markdown
from worker_port.study.claims.expected import Surprise
from worker_port.study.claims.model import Checked, Verdict

SCHEMA = 1
_STYLE = {
    Verdict.HOLDS: "green",
    Verdict.CONDITIONAL: "yellow",
    Verdict.FALSE: "red",
    Verdict.UNCHECKABLE: "dim",
}
_COUNTED = {
    Verdict.HOLDS: "hold",
    Verdict.CONDITIONAL: "hold under stated conditions",
    Verdict.FALSE: "do not hold",
    Verdict.UNCHECKABLE: "cannot be checked",
}
_GENERATED = "<!-- Made by `edgeday claims --markdown PATH`; every verdict follows from a measurement. -->"
_INTRODUCTION = """\
A design document of a worker's AI logging makes these statements about quotas, capacity and features. Each is
in brief words here, beside what was measured when this page was made: plans were made on a local account,
time passed, routes were asked. *Holds under stated conditions* names the condition; *cannot be checked* says
why. How the measurement is made stands in `worker_port/study/claims/`."""


def summary(checked: Sequence[Checked]) -> str:
    """How many claims got which verdict."""
    counts = Counter(outcome.verdict for _, outcome in checked)
    noun = "claim" if len(checked) == 1 else "claims"
    return f"{len(checked)} {noun}: " + ", ".join(
        f"{counts[verdict]} {words}" for verdict, words in _COUNTED.items()
    )


def show(console: Console, checked: Sequence[Checked], surprises: Sequence[Surprise]) -> None:
    """Print a block for each claim, then the summary and what was not as expected."""
    for claim, outcome in checked:
        says = f'"{claim.says}" ({claim.where})'
        console.print(Text.assemble(f"{claim.number:>2}  ", (outcome.verdict.value, _STYLE[outcome.verdict])))
        for line in (says, f"measured: {outcome.measured}", _condition(outcome.verdict, outcome.condition)):
            if line:
                console.print(Padding(Text(line), (0, 0, 0, 4)))
        console.print(Padding(Text(claim.shown_by, style="dim"), (0, 0, 1, 4)))
    console.print(Text(summary(checked), style="bold"))
    for one in surprises:
        line = f'claim {one.number}: "{one.measured.value}", expected was "{one.expected.value}"'
        console.print(Text(line, style="red"))


def _condition(verdict: Verdict, condition: str) -> str:
    if not condition:
        return ""
    return f"why: {condition}" if verdict is Verdict.UNCHECKABLE else f"condition: {condition}"


def markdown(checked: Sequence[Checked]) -> str:
    """The report as Markdown text; of all claims this is docs/claims.md of the study."""
    rows = [
        (
            str(claim.number),
            f"{claim.says} ({claim.where})",
            outcome.verdict.value,
            ". ".join(filter(None, (outcome.measured, _condition(outcome.verdict, outcome.condition)))),
            claim.shown_by,
        )
        for claim, outcome in checked
    ]
    head = ("claim", "the document says", "verdict", "measured", "shown by")
    lines = [_GENERATED, "", "# The design document's claims", "", _INTRODUCTION, ""]
    lines += as_markdown(Grid(summary(checked), "", head, "rllll", rows))
    return "\n".join(lines) + "\n"


def render(checked: Sequence[Checked]) -> str:
    """The report as JSON text."""
    counts = Counter(outcome.verdict for _, outcome in checked)
    plain = {
        "schema": SCHEMA,
        "verdicts": {verdict.value: counts[verdict] for verdict in Verdict},
        "claims": [
            {
                "number": claim.number,
                "says": claim.says,
                "where": claim.where,
                "verdict": outcome.verdict.value,
                "measured": outcome.measured,
                "condition": outcome.condition,
                "values": dict(outcome.values),
                "shown_by": claim.shown_by,
            }
            for claim, outcome in checked
        ],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
