"""The page on the port and the original: its numbers are those of the days that are kept."""

from __future__ import annotations

from pathlib import Path

from tests.oracle import days
from tests.oracle.kept import path_of, read
from tests.oracle.originals import COMMITS

PAGE = Path(__file__).parents[2] / "worker_port" / "study" / "docs" / "original.md"


def test_the_table_counts_the_invocations_and_operations_of_the_days_that_are_kept() -> None:
    text = PAGE.read_text("utf-8")
    for day in days.DAYS:
        kept = [read(path_of(day, variant)) for variant in days.VARIANTS]
        invocations = {sum(bool(ended) for ended, _, _ in one.rows.values()) for one in kept}
        operations = [f"{sum(count for _, count, _ in one.rows.values()):,}" for one in kept]
        assert len(invocations) == 1
        assert f"| {day} | {invocations.pop()} | {' | '.join(operations)} |" in text


def test_the_commits_are_those_that_the_job_asks_for() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"{variant}:{commit}" in text for variant, commit in COMMITS.items())


def test_each_day_is_kept_of_the_original_of_its_variant() -> None:
    for variant in days.VARIANTS:
        of = [read(path_of(day, variant)).of for day in days.DAYS]
        assert {one["commit"] for one in of} == {COMMITS[variant]}
        assert len({one["worker_sha256"] for one in of}) == 1
