"""Ids as the recorded worker made them where `crypto.randomUUID` does not exist."""

from __future__ import annotations

import math

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def random_suffix(random: float) -> str:
    """The random characters where `crypto.randomUUID` does not exist: base-36 digits of `Math.random()`.

    random: 0 up to 1. At most 8 characters; fewer for a number with few digits, none for 0.
    """
    return base36(random)[2:10]


def base36(value: float) -> str:
    """`value.toString(36)` of a number from 0 up to 1: as many digits as tell it from its neighbours.

    Source: ECMA-262, Number::toString leaves the digits to the engine; these are V8's (recorded).
    """
    if value == 0:
        return "0"
    tolerance = max(0.5 * (math.nextafter(value, math.inf) - value), math.ulp(0.0))
    digits: list[int] = []
    rest = value
    while rest >= tolerance:
        rest *= 36
        tolerance *= 36
        digit = int(rest)
        digits.append(digit)
        rest -= digit
        if (rest > 0.5 or (rest == 0.5 and digit % 2)) and rest + tolerance > 1:
            while digits and digits[-1] == 35:
                digits.pop()
            if not digits:
                return "1"
            digits[-1] += 1
            break
    return "0." + "".join(_DIGITS[digit] for digit in digits)
