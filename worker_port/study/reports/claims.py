"""The report on claims, the gravest first: on a terminal of 80 columns, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from edgeday import Grid, as_markdown
from worker_port.study.claims.expected import Surprise
from worker_port.study.claims.model import Checked, Consequence, Verdict
from worker_port.study.reports.lines import print_lines

SCHEMA = 2
_STYLE = {
    Consequence.BREAKS: "bold red",
    Consequence.OPTIMISTIC: "red",
    Consequence.PESSIMISTIC: "yellow",
    Consequence.CONTRADICTORY: "yellow",
    Consequence.COSMETIC: "",
    Consequence.HARMLESS: "green",
    Consequence.UNKNOWN: "dim",
}
_COUNTED = {
    Consequence.BREAKS: ("breaks production", "break production"),
    Consequence.OPTIMISTIC: ("is too optimistic", "are too optimistic"),
    Consequence.PESSIMISTIC: ("is too pessimistic", "are too pessimistic"),
    Consequence.CONTRADICTORY: ("contradicts itself", "contradict themselves"),
    Consequence.COSMETIC: ("is cosmetic", "are cosmetic"),
    Consequence.HARMLESS: ("holds", "hold"),
    Consequence.UNKNOWN: ("cannot be checked", "cannot be checked"),
}
_OTHERS = "about other documents"
_LEAD = {
    Verdict.CONDITIONAL: "condition",
    Verdict.MODEL: "in that model",
    Verdict.UNCHECKABLE: "why",
}
_GENERATED = "<!-- Made by `edgeday claims --markdown PATH`; every verdict follows from a measurement. -->"
_INTRODUCTION = """\
A design document of a worker's AI logging (`HYBRID_LOGGING_FINAL_SOLUTION.md` of the worker's repository,
2026-02-16) makes these statements about quotas, capacity and features. Each is in brief words here, with the
lines it stands in, beside what was measured when this page was made: plans were made on a local account, time
passed, routes were asked. They are in the order of what comes of believing them. *Holds under stated
conditions* names the condition; *holds in the document's model only* is right where a request can have an
error and a failed call stops nothing, which the code never does; *cannot be checked* says why. How each
measurement is made stands in `worker_port/study/claims/`."""


def groups(checked: Sequence[Checked]) -> Iterator[tuple[str, str, list[Checked]]]:
    """Title, style and claims of each group that has some: by consequence, then those of other documents."""
    for consequence in Consequence:
        rows = [one for one in checked if one.consequence is consequence and not one.claim.document]
        if rows:
            yield consequence.value, _STYLE[consequence], rows
    if others := [one for one in checked if one.claim.document]:
        yield _OTHERS, "dim", others


def summary(checked: Sequence[Checked]) -> str:
    """How many claims of the document come to what; those of other documents are said, and not counted."""
    counted = [one for one in checked if not one.claim.document]
    others = len(checked) - len(counted)
    counts = Counter(one.consequence for one in counted)
    parts = [
        f"{counts[consequence]} {words[counts[consequence] != 1]}"
        for consequence, words in _COUNTED.items()
        if counts[consequence]
    ]
    text = f"{len(counted)} claim{'' if len(counted) == 1 else 's'} of the document"
    if parts:
        text += f": {', '.join(parts)}"
    return text + (f"; {others} {_OTHERS} not counted" if others else "")


def show(console: Console, checked: Sequence[Checked], surprises: Sequence[Surprise]) -> None:
    """Print the claims of each group, then the summary and what was not as expected."""
    for title, style, rows in groups(checked):
        console.print(Text(f"{title}: {len(rows)}", style=style or "bold"))
        console.print()
        for claim, outcome in rows:
            console.print(Text.assemble(f"{claim.number:>2}  ", (outcome.verdict.value, style)))
            measured = f"measured: {outcome.measured}"
            for line in (f'"{claim.says}"', measured, _reserve(outcome.verdict, outcome.condition)):
                if line:
                    print_lines(console, line, indent=4)
            for line in (claim.place, claim.shown_by):
                print_lines(console, line, style="dim", indent=4)
            console.print()
    print_lines(console, summary(checked), style="bold")
    for one in surprises:
        line = f'claim {one.number}: "{one.measured.value}", expected was "{one.expected.value}"'
        console.print(Text(line, style="red"))


def _reserve(verdict: Verdict, condition: str) -> str:
    """The condition or the reason behind a verdict that needs one."""
    return f"{_LEAD.get(verdict, 'note')}: {condition}" if condition else ""


def markdown(checked: Sequence[Checked]) -> str:
    """The report as Markdown text; of all claims this is docs/claims.md of the study."""
    lines = [
        _GENERATED,
        "",
        "# The design document's claims",
        "",
        _INTRODUCTION,
        "",
        f"{summary(checked)}.",
        "",
    ]
    head = ("claim", "the document says", "verdict", "measured", "shown by")
    for title, _, group in groups(checked):
        rows = [
            (
                str(claim.number),
                f"{claim.says} ({claim.place})",
                outcome.verdict.value,
                ". ".join(filter(None, (outcome.measured, _reserve(outcome.verdict, outcome.condition)))),
                claim.shown_by,
            )
            for claim, outcome in group
        ]
        heading = f"{title[:1].upper()}{title[1:]}: {len(rows)}"
        lines += [*as_markdown(Grid(heading, "", head, "rllll", rows)), ""]
    return "\n".join(lines[:-1]) + "\n"


def render(checked: Sequence[Checked]) -> str:
    """The report as JSON text."""
    counted = [one for one in checked if not one.claim.document]
    verdicts = Counter(one.outcome.verdict for one in counted)
    consequences = Counter(one.consequence for one in counted)
    plain = {
        "schema": SCHEMA,
        "counted": len(counted),
        "consequences": {consequence.value: consequences[consequence] for consequence in Consequence},
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "claims": [
            {
                "number": one.claim.number,
                "says": one.claim.says,
                "where": one.claim.where,
                "lines": list(one.claim.lines),
                "document": one.claim.document,
                "consequence": one.consequence.value,
                "verdict": one.outcome.verdict.value,
                "measured": one.outcome.measured,
                "condition": one.outcome.condition,
                "values": dict(one.outcome.values),
                "shown_by": one.claim.shown_by,
            }
            for _, _, group in groups(checked)
            for one in group
        ],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
