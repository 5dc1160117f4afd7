"""The log as a text file, as the admin panel downloads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edgeday.web import Response, now_ms
from worker_port.entries import fields_of
from worker_port.js import either, indented_json, iso_timestamp, text, truthy
from worker_port.js import field as field_of
from worker_port.listing import Listing
from worker_port.responses import ORIGIN_HEADERS

RULE = "=" * 80
OLD_FORM_HEADING = "ЕКСПОРТ (СТАР ФОРМАТ)"
IN_CACHE_NOTE = "(Съхранени в Cache API - автоматично изтриване след 24 часа)"


@dataclass(frozen=True, slots=True)
class ExportForm:
    """How a form of the worker writes its export.

    heading:   of the file. cors: whether the answer has CORS headers.
    in_cache:  whether the file says that its logs are in the cache.
    last_only: whether it is about the newest session only.
    old_forms: whether a flat index is what an older form left behind.
    """

    heading: str = "ЕКСПОРТ"
    cors: bool = True
    in_cache: bool = False
    last_only: bool = False
    old_forms: bool = False


def nothing_to_export(form: ExportForm) -> Response:
    """The file where there is no log."""
    return attachment(form, "ai_communication_logs.txt", "Няма налични логове за експорт.")


def export_response(form: ExportForm, listing: Listing, pairs: Sequence[tuple[Any, Any]]) -> Response:
    """The file with what could be read: `pairs` of request and response, in the listing's order."""
    exported_at = iso_timestamp(now_ms())
    lines = [*_head(form, listing, exported_at)]
    for number, (request, response) in enumerate(pairs, start=1):
        if truthy(request):
            lines += step_lines(number, request, response, session=listing.grouped)
    lines += [RULE, "КРАЙ НА ЕКСПОРТА", RULE, ""]
    return attachment(form, f"ai_communication_logs_{export_stamp(exported_at)}.txt", "\n".join(lines))


def export_stamp(timestamp: str) -> str:
    """A timestamp as it stands in file names."""
    return timestamp[:19].replace("T", "_").replace(":", "-")


def _head(form: ExportForm, listing: Listing, exported_at: str) -> Iterator[str]:
    old_form = form.old_forms and not listing.grouped
    yield RULE
    yield f"AI КОМУНИКАЦИОННИ ЛОГОВЕ - {OLD_FORM_HEADING if old_form else form.heading}"
    if form.in_cache:
        yield IN_CACHE_NOTE
    yield from (RULE, "", f"Дата на експорт: {exported_at}")
    total = f"Общо стъпки: {len(listing.log_ids)}"
    if form.last_only:
        yield from (f"Сесия: {text(listing.sessions[0][0])}", total)
    elif listing.grouped:
        yield from (f"Общо сесии: {len(listing.sessions)}", total)
        readable = [session for session in listing.sessions if session[1] is not None]
        for number, (session_id, log_ids) in enumerate(readable, start=1):
            yield f"  Сесия {number} ({text(session_id)}): {len(log_ids or ())} стъпки"
    else:
        yield total
        if old_form:
            yield "Забележка: Това е стар формат на логове без групиране по сесии."
    yield ""


def step_lines(number: int, logged_request: Any, logged_response: Any, *, session: bool) -> Iterator[str]:
    """One AI call. number: its place in the list; session: whether to name its session."""
    request, response = fields_of(logged_request), fields_of(logged_response)
    yield from (RULE, f"СТЪПКА {number}: {text(field_of(request, 'stepName'))}")
    if session:
        yield f"ID на сесия: {text(either(request.get('sessionId'), 'N/A'))}"
    yield from (RULE, "", "--- ИЗПРАТЕНИ ДАННИ ---")
    yield f"Времева марка: {text(field_of(request, 'timestamp'))}"
    yield f"Провайдър: {text(field_of(request, 'provider'))}"
    yield f"Модел: {text(field_of(request, 'modelName'))}"
    yield f"Дължина на промпт: {text(field_of(request, 'promptLength'))} символа"
    yield f"Приблизителни входни токени: {text(field_of(request, 'estimatedInputTokens'))}"
    yield f"Максимални изходни токени: {text(either(request.get('maxOutputTokens'), 'N/A'))}"
    yield ""
    for name, title in (("userData", "КЛИЕНТСКИ ДАННИ"), ("calculatedData", "БЕКЕНД КАЛКУЛАЦИИ")):
        value = request.get(name)
        if truthy(value):
            yield from (f"--- {title} ---", indented_json(value), "")
    yield from ("--- ПРОМПТ ---", text(either(request.get("prompt"), "(Няма съхранен промпт)")), "")
    yield "--- ПОЛУЧЕН ОТГОВОР ---"
    if not truthy(logged_response):
        yield from ("(Няма получен отговор)", "")
        return
    yield f"Времева марка: {text(field_of(response, 'timestamp'))}"
    yield f"Успех: {'Да' if truthy(response.get('success')) else 'Не'}"
    yield f"Време за отговор: {text(field_of(response, 'duration'))} ms"
    yield f"Дължина на отговор: {text(field_of(response, 'responseLength'))} символа"
    yield f"Приблизителни изходни токени: {text(field_of(response, 'estimatedOutputTokens'))}"
    if truthy(response.get("error")):
        yield f"Грешка: {text(response['error'])}"
    yield from ("", "--- AI ОТГОВОР ---")
    yield from (text(either(response.get("response"), "(Няма съхранен отговор)")), "")


def attachment(form: ExportForm, name: str, body: str) -> Response:
    """A text file to download."""
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        **(ORIGIN_HEADERS if form.cors else {}),
    }
    return Response(body, headers=headers)
