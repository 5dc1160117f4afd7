"""How the emulator relates to what was recorded from the real runtime: the registry behind docs/fidelity.md.

The recordings come from workerd under Cloudflare's simulator. Where the simulator is known or suspected
to differ from production, Cloudflare's documentation decides if it contradicts the recording
(DIFFERENCES), and the recording if it does not (FOLLOWED). What neither of them says, or what cannot be as
it is on Cloudflare, is a reading of edgeday's own (ASSUMED). Data only.
"""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """One behaviour in which the emulator differs from the recordings on purpose.

    cases: ids of recorded cases that show it. tests: the unit tests that show it where no case does, as
    "file::function".
    """

    rule: str
    area: str
    here: str
    recorded: str
    why: str
    source: str
    cases: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class Followed(NamedTuple):
    """One behaviour of the simulator that is followed, although production may differ.

    cases, tests: as for a difference.
    """

    area: str
    what: str
    cases: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class Assumption(NamedTuple):
    """One behaviour that neither a recording nor the documentation settles.

    what: edgeday does. why: this reading was taken. source: of what is known. tests: as for a difference.
    """

    area: str
    what: str
    why: str
    source: str
    tests: tuple[str, ...]


class JavaScriptValue(NamedTuple):
    """What stands for a JavaScript value in Python; python is "" where nothing does."""

    javascript: str
    python: str
    note: str


_ORIGIN_CACHE_CONTROL = "Cloudflare docs, Origin Cache Control"
_FRESHNESS_TESTS = "tests/cache/test_freshness.py"
_KEY_TESTS = "tests/kv/test_kv_keys.py"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "expired-not-listed",
        "kv",
        "A key is gone from `list` in the second in which `get` calls it expired.",
        "`list` shows it for that second more.",
        "An expired key does not exist; one predicate decides it for every method.",
        "Cloudflare docs, KV write key-value pairs (expiring keys)",
        cases=("kv-expiry-list-boundary",),
    ),
    Difference(
        "prefix-with-nul",
        "kv",
        "A prefix with U+0000 in it is found as any other.",
        "Nothing is found: SQLite's `length` and `substr` stop there.",
        "`prefix` is documented to filter keys that start with it; keys may hold U+0000.",
        "Cloudflare docs, KV list keys",
        tests=(f"{_KEY_TESTS}::test_a_prefix_may_hold_a_nul",),
    ),
    Difference(
        "default-lifetimes",
        "cache",
        "Without Cache-Control and Expires a response stays as long as its status says: 200 and 301 for "
        "120 min, 302 and 303 for 20 min, 404 and 410 for 3 min; other statuses are not stored.",
        "It is stored with a lifetime of 0 and never found.",
        "The documentation of the Cache API refers to these lifetimes.",
        "Cloudflare docs, Cache API (Headers) and Edge TTL",
        cases=("cache-cc-none", "cache-etag-only"),
    ),
    Difference(
        "no-heuristic-lifetime",
        "cache",
        "Last-Modified gives no lifetime.",
        "A tenth of the time since Last-Modified is the lifetime where nothing else gives one.",
        "The documentation knows lifetimes from max-age, s-maxage, Expires and the status only.",
        "Cloudflare docs, Default cache behavior",
        tests=(f"{_FRESHNESS_TESTS}::test_last_modified_gives_no_lifetime",),
    ),
    Difference(
        "immutable-is-for-browsers",
        "cache",
        "`immutable` gives no lifetime.",
        "Alone it gives 86,400,000 s.",
        '"This directive has no effect on public caches like Cloudflare."',
        _ORIGIN_CACHE_CONTROL,
        cases=("cache-cc-immutable",),
    ),
    Difference(
        "stale-directives-unsupported",
        "cache",
        "`stale-while-revalidate` and `stale-if-error` are not looked at.",
        "Their seconds are added to the lifetime.",
        '"This directive is not supported when using the Cache API methods cache.match or cache.put."',
        _ORIGIN_CACHE_CONTROL,
        tests=(f"{_FRESHNESS_TESTS}::test_stale_directives_add_nothing_to_the_lifetime",),
    ),
    Difference(
        "directives-without-case",
        "cache",
        "The names of Cache-Control directives are compared without regard to case.",
        "`Max-Age=60` is an unknown directive.",
        'Cloudflare "will aim to strictly adhere to RFC 7234", whose directives have no case (5.2).',
        _ORIGIN_CACHE_CONTROL,
        tests=(f"{_FRESHNESS_TESTS}::test_directives_are_compared_without_case",),
    ),
)

FOLLOWED: tuple[Followed, ...] = (
    Followed(
        "kv",
        "Reads see the newest write at once, everywhere, and cacheTtl is checked only; with `propagation` "
        "data centres hold copies instead, for 60 s or the cacheTtl, as production's do.",
        tests=(
            "tests/kv/test_kv_expiry.py::test_cache_ttl_is_at_least_30_seconds",
            "tests/kv/test_kv_expiry.py::test_without_copies_a_read_sees_the_newest_write_whatever_its_cache_ttl",
            "tests/production/test_copies.py::test_a_cache_ttl_keeps_a_copy_for_longer",
        ),
    ),
    Followed("kv", "Any text is taken for a cursor.", ("kv-list-cursor-garbage",)),
    Followed(
        "kv",
        "Bulk `getWithMetadata` gives `{value, metadata}` for every key that is there, also for an empty "
        "text, 0 and false (older releases of the simulator gave the bare value).",
        ("kv-bulk-metadata-json-falsy", "kv-bulk-metadata-empty-value"),
    ),
    Followed(
        "kv",
        'Bulk get leaves out keys that JavaScript takes for array indices ("7", not "007"), and "__proto__".',
        ("kv-bulk-key-digits", "kv-bulk-key-proto"),
    ),
    Followed(
        "kv",
        "The 25 MiB of a bulk get are counted in UTF-16 code units, not bytes.",
        tests=("tests/kv/test_kv_bulk.py::test_all_values_together_have_at_most_25_mib_of_characters",),
    ),
    Followed(
        "kv",
        "A key with half a surrogate pair is refused with 400; in the keys of a bulk get and in a prefix the "
        "half is three U+FFFD.",
        tests=(
            f"{_KEY_TESTS}::test_half_a_surrogate_pair_is_no_part_of_a_key",
            f"{_KEY_TESTS}::test_half_a_surrogate_pair_is_three_replacement_characters_in_bulk_keys_and_prefixes",
        ),
    ),
    Followed(
        "cache",
        "Statuses other than 200, 203, 300-303, 307, 308, 404, 405, 410, 414 and 501 are not stored, "
        "whatever Cache-Control says.",
        (
            "cache-status-201-202",
            "cache-status-400-401-403",
            "cache-status-500-502",
            "cache-status-204",
            "cache-status-205",
        ),
    ),
    Followed("cache", "A reason phrase of the response's own is not kept.", ("cache-status-text",)),
    Followed("cache", "Age and Date of a hit are those of the put; Age does not grow.", ("cache-age-later",)),
    Followed(
        "cache",
        "`proxy-revalidate` ends freshness at once, as no-cache does; `private` and "
        "`no-cache` with field names count as without (but for private=Set-Cookie).",
        tests=(
            f"{_FRESHNESS_TESTS}::test_cache_control_gives_the_lifetime",
            f"{_FRESHNESS_TESTS}::test_private_with_field_names_counts_as_without",
            f"{_FRESHNESS_TESTS}::test_a_cookie_is_not_stored_unless_private_set_cookie_permits",
        ),
    ),
    Followed(
        "cache",
        "A body with Content-Encoding: gzip comes back compressed.",
        ("cache-content-encoding-gzip-auto", "cache-content-encoding-gzip-manual"),
    ),
    Followed(
        "cache",
        "A Range that is malformed, of another unit, reversed, or with one part outside the body gives 416 "
        "(RFC 9110 would ignore it); the last zero bytes are the whole body.",
        (
            "cache-range-suffix-zero",
            "cache-range-reversed",
            "cache-range-malformed",
            "cache-range-other-unit",
            "cache-range-multiple-one-bad",
        ),
    ),
    Followed("cache", "A Range applies to every stored status.", ("cache-range-404",)),
    Followed(
        "cache", "If-Range is not looked at.", ("cache-range-if-range-etag", "cache-range-if-range-date")
    ),
    Followed("cache", "An ETag of no characters never matches.", ("cache-inm-empty",)),
    Followed(
        "cache",
        "If-Modified-Since and Last-Modified are read as IMF-fixdates only; 31 April is 1 May, 24:00:00 the "
        "next midnight, a year of 0049 is 2049.",
        (
            "cache-ims-other-formats",
            "more-ims-november-31",
            "more-ims-hour-24",
            "more-last-modified-february-29",
            "more-last-modified-second-60",
            "more-last-modified-year-0049",
            "more-last-modified-april-31",
        ),
    ),
    Followed(
        "cache",
        "Expires and Date are read as JavaScript's Date.parse reads them: 2027, 32 and 2026/11/24 are dates "
        "too (RFC 9111 would call them invalid, and so expired).",
        (
            "more-expires-year",
            "more-expires-slashes",
            "more-expires-american",
            "more-expires-words",
            "more-expires-milliseconds",
            "more-expires-november-31",
            "more-expires-year-10000",
            "more-expires-half-day",
            "more-expires-small-number",
            "more-expires-february-30",
            "more-expires-zone",
            "more-expires-date-zero",
            "more-expires-date-year",
            "more-expires-date-words",
        ),
    ),
    Followed("cache", "put takes ftp: and file: URLs and stores nothing.", ("cache-url-other-schemes-put",)),
    Followed(
        "cache",
        "A fragment is no part of the key.",
        tests=("tests/cache/test_cache_api.py::test_the_normalised_url_is_the_key",),
    ),
    Followed("cache", "request.cf.cacheKey works for every account.", ("cache-cf-cache-key",)),
    Followed("cache", 'caches.open("") is caches.default.', ("cache-named-empty",)),
)

_STORAGE_TESTS = "tests/measure/test_kv_storage.py"
_HOSTED = "tests/hosting/python_workers"
_JAVASCRIPT = "tests/hosting/javascript"
_WORKERD_RUNS = "runs of workerd 1.20260426.1"
_NEWER_RUNS = "runs of workerd 1.20261117.1"

ASSUMED: tuple[Assumption, ...] = (
    Assumption(
        "fetch",
        "An origin of a scenario that hangs is given up after 100 seconds, with an answer of status 524.",
        "The time is documented for the origin of a proxied host; what a worker's fetch of any other host "
        "meets is not.",
        "Cloudflare docs, Error 524 (Proxy Read Timeout), 2025-04-29",
        (
            "tests/replay/test_origins.py::test_a_host_that_hangs_is_given_up_after_100_seconds_with_error_524",
        ),
    ),
    Assumption(
        "crons",
        "A run that falls due once the day's requests are spent is refused, and is no invocation.",
        "Runs count as requests; what becomes of them then is not documented.",
        "Cloudflare docs, Workers pricing (requests) and Cron Triggers",
        ("tests/runtime/test_scheduled.py::test_a_cron_beyond_the_day_s_requests_is_turned_away",),
    ),
    Assumption(
        "kv",
        "A daily quota is cut at exactly its number; with `limits: {cut_off: {soft: 0..37%}}` somewhere in "
        "that band above it, on each day elsewhere.",
        "The numbers are documented, that they are cut at the exact unit is not: one Free account's "
        "analytics show 1,002 to 1,366 writes on days that hit the 1,000. Such analytics are sampled, and "
        "may count refused writes.",
        "public issues of the project MisakaNet (1890, 1926, 2074), 2026-09",
        (
            "tests/ground/test_ledger.py::test_the_thousandth_write_is_accepted_and_the_next_refused",
            "tests/ground/test_ledger.py::test_a_soft_cut_off_is_within_its_band_and_drawn_for_each_day",
        ),
    ),
    Assumption(
        "kv",
        "Stored data are keys, values and metadata of the live entries; 1 GB is 1,000,000,000 bytes. A month "
        "is priced by the most that was stored in it.",
        "What counts as stored data, and how the GB of a month are averaged, is not documented; this reading "
        "never says less than is stored.",
        "Cloudflare docs, Workers KV limits and Workers KV pricing",
        (f"{_STORAGE_TESTS}::test_an_entry_counts_with_its_key_its_value_and_its_metadata",),
    ),
    Assumption(
        "kv",
        "Storage above the account's limit refuses nothing; a finding says so, and the run does not fit.",
        "That a Free account has 1 GB is documented; what a put answers when it is full is not.",
        "Cloudflare docs, Workers KV limits",
        (f"{_STORAGE_TESTS}::test_storage_over_the_limit_says_since_when_and_that_nothing_was_refused",),
    ),
    Assumption(
        "kv",
        "With `list_tombstones` a key that is gone holds its place in lists for an hour.",
        "That a page may be empty and not the last is documented; after how long a key is compacted away is "
        "not.",
        "Cloudflare docs, KV list keys",
        ("tests/production/test_tombstones.py::test_a_deleted_key_holds_its_place_for_a_while",),
    ),
    Assumption(
        "kv",
        "Metadata of a JavaScript worker that JSON has no form for, a function or a symbol, is none.",
        "The runtime sends the word undefined in its place; what Cloudflare makes of that is not documented.",
        _NEWER_RUNS,
        (f"{_JAVASCRIPT}/test_values.py::test_metadata_goes_through_the_json_of_javascript",),
    ),
    Assumption(
        "cache",
        "`match` and `delete` of a request with cf.cacheTtl raise TypeError, as they were recorded to.",
        "A newer runtime hands such requests on to the cache; what Cloudflare's makes of them is not "
        "documented.",
        f"{_WORKERD_RUNS}, {_NEWER_RUNS}",
        (f"{_JAVASCRIPT}/test_values.py::test_a_match_with_a_cache_ttl_is_refused",),
    ),
    Assumption(
        "cache",
        "A stream that a JavaScript worker puts with Content-Encoding: gzip is not compressed again if it "
        "begins as gzip does; text and bytes are, unless encodeBody is manual.",
        "The runtime knows which streams are compressed bodies of other messages, and shows it nowhere.",
        _NEWER_RUNS,
        (f"{_JAVASCRIPT}/test_values.py::test_a_gzip_body_is_compressed_unless_it_says_that_it_is",),
    ),
    Assumption(
        "invocations",
        "Work that nothing waits for has begun before it is cut off; an operation that it has issued "
        "completes, and nothing behind that runs.",
        "That such work is lost was seen; that a task of Python takes its first step before is inferred from "
        "Pyodide's event loop.",
        f"{_WORKERD_RUNS}; Pyodide 0.28.2, webloop",
        (
            "tests/runtime/test_lifetime.py::test_an_operation_that_was_issued_already_completes",
            "tests/runtime/test_lifetime.py::test_what_stands_behind_an_operation_that_completes_is_lost",
        ),
    ),
    Assumption(
        "invocations",
        "Of what JavaScript leaves behind, a read does not count as cut off where the request has raced "
        "promises, nor does a timer that would only give something up.",
        "That all of it is lost was seen. What of it was to be given up, JavaScript does not say.",
        _WORKERD_RUNS,
        (
            "tests/hosting/javascript/test_left_work.py::test_an_operation_is_lost_work_but_a_read_that_may_have_lost_a_race",
            "tests/hosting/javascript/test_left_work.py::test_a_timer_that_only_gives_something_up_is_no_lost_work",
        ),
    ),
    Assumption(
        "invocations",
        "An invocation that goes on for more than an hour of virtual time ends the run as a hang.",
        "Cloudflare has no limit while the client stays connected; a replay of what never ends would not end "
        "either.",
        "Cloudflare docs, Workers limits (duration)",
        ("tests/replay/test_misbehaving.py::test_what_ends_a_run_is_an_error_with_the_line_that_did_it",),
    ),
    Assumption(
        "import",
        "The clock stands at 0 while a worker is imported, also in each further isolate.",
        "Clocks are documented to go on with I/O alone, and there is none at import; that they begin at the "
        "epoch then, Python's too, is not.",
        "Cloudflare docs, Performance and timers",
        (
            "tests/ambient/test_at_import.py::test_the_clock_is_at_zero",
            f"{_HOSTED}/test_time.py::test_the_clock_of_an_imported_python_worker_stands_at_zero",
        ),
    ),
    Assumption(
        "import",
        "A Python Worker's own code may draw nothing at import; packages that it imports may, and draw the "
        "same each time. A plain class may draw too.",
        "The runtime permits entropy to some packages by name; which ones changes with its version.",
        "workerd's sources, read 2026-11 (entropy patches of Python Workers)",
        (
            "tests/ambient/test_at_import.py::test_a_python_workers_own_code_may_draw_nothing",
            "tests/ambient/test_at_import.py::test_a_package_may_draw_and_has_the_same_each_time",
        ),
    ),
    Assumption(
        "python workers",
        "A project without a copy of the SDK runs on the environment's, whatever its compatibility date; a "
        "warning says so.",
        "Before 2026-04-21 Cloudflare runs the SDK built into its runtime, which is in no package and wraps "
        "KV otherwise; from then on there is none.",
        "workerd's compatibility flag enable_python_external_sdk",
        (f"{_HOSTED}/test_host.py::test_a_project_without_a_copy_of_the_sdk_is_warned_by_its_date",),
    ),
)

JAVASCRIPT_VALUES: tuple[JavaScriptValue, ...] = (
    JavaScriptValue("null", "None", "as key, value, or member of an options dict or of keywords"),
    JavaScriptValue("null or undefined as a whole argument", "None", "options, or the type of a get"),
    JavaScriptValue("undefined as a member of options", "the member left out", ""),
    JavaScriptValue("undefined as key or value", "", "skipped: Python would leave the argument out"),
    JavaScriptValue("true, false, numbers, strings", "True, False, int and float, str", ""),
    JavaScriptValue("NaN, Infinity, -Infinity", "math.nan, math.inf, -math.inf", ""),
    JavaScriptValue("Array, plain object", "list, dict", "a tuple raises TypeError, as in the Python SDK"),
    JavaScriptValue("ArrayBuffer", "bytes or memoryview in, memoryview out", "a bytearray raises TypeError"),
    JavaScriptValue("ReadableStream", "edgeday.web.ReadableStream", ""),
    JavaScriptValue("URL", "anything whose str() is the URL", ""),
    JavaScriptValue("Map (of a bulk get)", "dict", ""),
    JavaScriptValue("Error, TypeError, SyntaxError", "PlatformError, its `name` the class", ""),
)
