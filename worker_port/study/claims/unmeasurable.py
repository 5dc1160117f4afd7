"""Claims about texts, assumptions and scores: nothing here can measure them, and each says why."""

from __future__ import annotations

from worker_port.study.claims.measurements import Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, unmeasurable


@claim(
    10,
    "The constants are in lines 115-121 of the code",
    "1. Configuration; Deployment",
    lines=(52, 290),
    consequence=Consequence.COSMETIC,
)
def line_numbers(measurements: Measurements) -> Outcome:
    return unmeasurable(
        "line numbers of the original file; at commit d5fa9c5 they are lines 122 to 124, as was read there"
    )


@claim(20, "5 % of the plans have errors", "throughout", lines=(98, 171), consequence=Consequence.COSMETIC)
def error_rate(measurements: Measurements) -> Outcome:
    return unmeasurable(
        "an assumption about traffic; nothing in the repository measures it, and a scenario takes it as input"
    )


@claim(
    49,
    "Scores of 5, 7 and 10 out of 10",
    "Production Readiness",
    lines=(415, 416, 417),
    consequence=Consequence.COSMETIC,
)
def scores(measurements: Measurements) -> Outcome:
    return unmeasurable("no method is given by which they were found")


@claim(
    53,
    "The seed file is the design document",
    "seed file",
    consequence=Consequence.COSMETIC,
    document="the seed file of this project",
)
def seed_file(measurements: Measurements) -> Outcome:
    return unmeasurable(
        "a text that is not part of this project; it was compared when the project began: the document's "
        "UTF-8 read as Windows-1254, bytes without a character dropped, the same content"
    )


CLAIMS: tuple[DocumentClaim, ...] = (line_numbers, error_rate, scores, seed_file)
