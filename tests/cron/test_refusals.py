"""What Cloudflare refuses, in its words, and the hint beside it."""

from __future__ import annotations

import pytest

from edgeday.cron import BadCron, parse

FIVE = "five fields are needed (minute, hour, day of the month, month, weekday)"
MONTH_DAY_FORMS = "the forms are L, LW, L-3, L-3W and 15W; each stands alone, with capital L and W"


def hint_of(text: str) -> str:
    with pytest.raises(BadCron) as bad:
        parse(text)
    assert str(bad.value) == f"invalid cron string: {text}"
    assert bad.value.code == 10100
    assert isinstance(bad.value, ValueError)
    return bad.value.hint


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("*/59 * * * *", "*/60 * * * *"),
        ("0 */23 * * *", "0 */24 * * *"),
        ("0 0 */30 * *", "0 0 */31 * *"),
        ("0 0 1 */11 *", "0 0 1 */12 *"),
        ("0 0 * * */6", "0 0 * * */7"),
        ("*/1 * * * *", "*/0 * * * *"),
        ("0 0 * * */1", "0 0 * * */0"),
        ("0 * * * *", "-1 * * * *"),
        ("59 * * * *", "60 * * * *"),
        ("0 23 * * *", "0 24 * * *"),
        ("0 0 1 * *", "0 0 0 * *"),
        ("0 0 31 * *", "0 0 32 * *"),
        ("0 0 1 1 *", "0 0 1 0 *"),
        ("0 0 1 12 *", "0 0 1 13 *"),
        ("0 0 * * 1", "0 0 * * 0"),
        ("0 0 * * 7", "0 0 * * 8"),
        ("0 0 * * 1-6", "0 0 * * 0-6"),
        ("0 0 L-1 * *", "0 0 L-0 * *"),
        ("0 0 L-30 * *", "0 0 L-31 * *"),
        ("0 0 L-30W * *", "0 0 L-31W * *"),
        ("0 0 1W * *", "0 0 0W * *"),
        ("0 0 31W * *", "0 0 32W * *"),
        ("0 0 * * 2#1", "0 0 * * 2#0"),
        ("0 0 * * 2#5", "0 0 * * 2#6"),
        ("0 0 * * 1L", "0 0 * * 0L"),
        ("0 0 * * 7#1", "0 0 * * 8#1"),
        ("000059 * * * *", "256 * * * *"),
        ("5,* * * * *", "*,5 * * * *"),
        ("5,*-7 * * * *", "*-7,5 * * * *"),
        ("5,*/7 * * * *", "5,7-* * * * *"),
        ("0 0 1 JAN *", "0 0 1 JANUARY *"),
        ("0 0 L * *", "0 0 l * *"),
        ("0 0 1W * *", "0 0 1w * *"),
        ("0 0 * * friL", "0 0 * * FRIl"),
        ("* * * * *", " * * * * *"),
        ("* * * *\t*", "* * * * *\t"),
        ("* * * * *", "*\n* * * *"),
        ("* * * * *", "*\u00a0* * * *"),
        ("1 * * * *", "\u0661 * * * *"),
        ("0 0 * * MON", "0 0 MON * *"),
    ],
)
def test_what_is_just_good_is_taken_and_what_is_just_beyond_is_refused(good, bad):
    parse(good)
    assert hint_of(bad)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "*", "* * * *", "* * * * * *", "@daily", "@reboot", "? * * * *", "0 0 ? * MON",
        "1, * * * *", ",1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "/5 * * * *", "*/ * * * *",
        "*/-5 * * * *", "** * * * *", "+5 * * * *", "1.5 * * * *", "0 0 1W,15W * *", "0 0 L,1 * *",
        "0 0 1,L * *", "0 0 L-3,5 * *", "0 0 1-5W * *", "0 0 LW-1 * *", "0 0 W * *", "0 0 * * MON#1,FRI#2",
        "0 0 * * 2L,3", "0 0 * * L,2", "0 0 * * 2,L", "0 0 * * LW", "0 0 * * #1", "0 0 * * MON#",
        "0 0 * * L1", "0 0 * * MON-", "0 0 1 FEBR *", "L * * * *", "0 1W * * *", "0 0 1 L *", "x * * * *",
        "0 0 * * MO",
    ],
)  # fmt: skip
def test_what_the_grammar_does_not_have_is_refused(text):
    assert hint_of(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0 0 * * 0", "weekdays are 1 (Sunday) to 7 (Saturday) or SUN to SAT: write 1 or SUN for Sunday"),
        ("*/60 * * * *", "a step in this field is 1 to 59, this is 60: write 0 for once an hour"),
        ("0 */24 * * *", "a step in this field is 1 to 23, this is 24: write 0 for once a day"),
        ("*/61 * * * *", "a step in this field is 1 to 59, this is 61"),
        ("0 0 * * MONDAY", 'names have three letters: write MON for "MONDAY"'),
        ("0 0 ? * MON", 'there is no "?"; write "*"'),
        ("@daily", "there are no names for whole expressions: write 0 0 * * *"),
        ("0 0 32 * *", 'days of the month are 1 to 31; this is "32"'),
        ("*,5 * * * *", '"*" is every minute already: nothing may stand behind it'),
        (" * * * * *", "no blanks or line ends may stand before or behind the five fields"),
        ("0 0 1w * *", f'"1w": {MONTH_DAY_FORMS}'),
        ("0 0 0 * * *", f"{FIVE}, these are 6; there is none for seconds or years"),
        ("", f"{FIVE}, these are 0"),
        ("300 * * * *", 'minutes are 0 to 59; this is "300"'),
        ("0 x * * *", '"x" is no hour: hours are 0 to 23'),
        ("1,,2 * * * *", "a value is missing in the field of the minute"),
    ],
)  # fmt: skip
def test_the_hint_says_what_to_write(text, hint):
    assert hint_of(text) == hint


def test_a_very_long_number_is_refused_as_any_other():
    assert hint_of(f"{'9' * 5000} * * * *")
