"""The AI logs by session: a filter for errors, each call with its texts, and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from edgeday import (
    LAST_INSTANT,
    ApiError,
    DashboardSite,
    DashboardView,
    DashboardVisit,
    bad_request,
    iso_seconds,
)
from worker_port.study.dashboard.ai_calls import AiCall, Logs, as_text, read_logs

_SESSIONS = 25
_RULE = "=" * 72


class LogViews:
    """What the worker's AI calls have left in the caches and in KV."""

    def __init__(self, site: DashboardSite) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], DashboardView] = {
            ("GET", "logs"): self.sessions,
            ("GET", "logs/call"): self.call,
            ("GET", "logs/export"): self.export,
        }

    async def sessions(self, visit: DashboardVisit) -> web.Response:
        """Sessions, newest first. Query: `errors` (1: only calls with one), `from` (sessions to skip)."""
        logs, only_errors = await self._asked(visit)
        start = visit.number("from")
        return self._site.show(
            visit,
            "logs.html",
            title="AI logs",
            sessions=logs.sessions[start : start + _SESSIONS],
            total=len(logs.sessions),
            calls=sum(len(session.calls) for session in logs.sessions),
            logs=logs,
            only_errors=only_errors,
            start=start,
            following=start + _SESSIONS if start + _SESSIONS < len(logs.sessions) else None,
        )

    async def call(self, visit: DashboardVisit) -> web.Response:
        """One call with its prompt and response. Query: `id`."""
        logs = await read_logs(self._site.context.served.edge)
        call = logs.call(visit.query.get("id", ""))
        if call is None:
            raise ApiError(
                404, 0, "This call is not there any more: its entries have expired or were deleted."
            )
        return self._site.show(
            visit, "logs_call.html", title=f"AI call {call.step}", call=call, as_text=as_text
        )

    async def export(self, visit: DashboardVisit) -> web.Response:
        """All calls, or those with errors, as a file. Query: `errors`, and `as`: text or json."""
        logs, only_errors = await self._asked(visit)
        form = visit.query.get("as", "text")
        if form not in {"text", "json"}:
            raise bad_request("an export is text or json")
        now = self._site.context.served.edge.clock.now()
        stamp = iso_seconds(now).replace(":", "-")
        name = f"ai-logs{'-errors' if only_errors else ''}-{stamp}.{'txt' if form == 'text' else 'json'}"
        if form == "json":
            text = json.dumps(_as_json(logs, now), ensure_ascii=False, indent=2) + "\n"
        else:
            text = "\n".join(_as_text(logs, now)) + "\n"
        return web.Response(
            body=text.encode("utf-8", "replace"),
            content_type="application/json" if form == "json" else "text/plain",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _asked(self, visit: DashboardVisit) -> tuple[Logs, bool]:
        only_errors = visit.query.get("errors", "") == "1"
        logs = await read_logs(self._site.context.served.edge)
        return (logs.failed() if only_errors else logs), only_errors


def _as_json(logs: Logs, now: float) -> dict[str, Any]:
    return {
        "exportedAt": iso_seconds(now),
        "sessions": [
            {"session": session.id or None, "calls": [_call_as_json(call) for call in session.calls]}
            for session in logs.sessions
        ],
    }


def _call_as_json(call: AiCall) -> dict[str, Any]:
    places = [
        {
            "store": place.store,
            "where": place.where,
            "key": place.key,
            "expiresAt": None
            if place.expires_at is None
            else iso_seconds(min(place.expires_at, LAST_INSTANT)),
        }
        for place in call.places
    ]
    return {
        "id": call.id,
        "outcome": call.outcome,
        "request": call.request or None,
        "response": call.answer or None,
        "storedIn": places,
    }


def _as_text(logs: Logs, now: float) -> Iterator[str]:
    yield f"AI calls logged by the worker, exported at {iso_seconds(now)}"
    for session in logs.sessions:
        yield from ("", _RULE, f"Session {session.id or '(not known)'}", _RULE)
        for call in session.calls:
            yield from ("", f"{call.at}  {call.step}  [{call.outcome}]  {call.id}")
            for name, value in (("provider", "provider"), ("model", "modelName")):
                if call.request.get(value):
                    yield f"{name}: {call.request[value]}"
            yield f"stored in: {', '.join(f'{place.store} {place.where}' for place in call.places)}"
            if call.error:
                yield f"error: {call.error}"
            for title, text in (
                ("prompt", call.request.get("prompt")),
                ("response", call.answer.get("response")),
            ):
                if text:
                    yield from (f"--- {title}", as_text(text))
