"""Requests of the worker's own kinds of traffic, and how the AI provider answers the calls of one."""

from __future__ import annotations

from edgeday.replay.traffic import requests_of_day
from tests.replay.runs import scenario
from worker_port.profile.ai_calls import AiCalls

ORIGIN = "https://aidiet.example"


def plans(day=0, seed=1, **fields):
    return list(requests_of_day(scenario(**fields), seed, day))


def outcomes_of(script):
    """What the AI provider does with each call of a plan."""
    calls = AiCalls.of(script)
    return [calls.attempt(f"call {number}".encode()) for number in range(calls.planned)]


def request_errors_of(script):
    """The calls of a plan whose request is logged with an error, as its headers say."""
    header = script.request(ORIGIN).headers.get("edgeday-request-errors")
    return [int(number) for number in header.split(",")] if header else []
