"""How a number is rounded and written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

#: 1万 and 1亿 yuan: from there on prose counts in these.
_SIZES: tuple[tuple[int, str], ...] = ((100_000_000, "亿元"), (10_000, "万元"))


def percent(numerator: int | Decimal, denominator: int | Decimal, places: int = 1) -> Decimal | None:
    """A percentage to ``places`` decimals, half up; None for nothing over nothing.

    100 appears only when the two are equal and 0 only when the numerator is zero, else 99.9 and 0.1.
    """
    if not denominator:
        return None
    step = Decimal(1).scaleb(-places)
    exact = Decimal(numerator) * 100 / Decimal(denominator)
    rounded = exact.quantize(step, rounding="ROUND_HALF_UP")
    if rounded == 100 and numerator != denominator:
        return Decimal(100) - step if numerator < denominator else Decimal(100) + step
    if rounded == 0 and numerator:
        return step
    return rounded


def plain(value: Any, places: int | None = None) -> str:
    """A number as prose prints it: no thousands separators, no trailing zeros."""
    if isinstance(value, int):
        return str(value)
    number = Decimal(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(yuan: int | Decimal) -> str:
    """A sum as prose prints it, in the unit of its size: “800元”, “223.65万元”, “1.2亿元”.

    Four decimals at most, so that in 万元 every whole yuan shows; an 亿元 sum is given to the 万元.
    """
    for step, unit in _SIZES:
        if yuan >= step or -yuan >= step:
            return plain(Decimal(yuan) / step, 4) + unit
    return f"{plain(Decimal(yuan), 2)}元"
