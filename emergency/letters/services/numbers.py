"""文号: ``{发文单位简称}{种类代字}〔{年份}〕{序号}号``, one row of numbers for each issuer, kind and year.

GB/T 9704-2012, 7.2.5: hexagonal brackets, the year in full, no leading zeros, no 第.
"""

from __future__ import annotations

import re

from emergency.core import numbering
from emergency.letters.models import Kind
from emergency.organizations.models import Organisation

#: The sign of the kind within the number: 区安委办督〔2026〕3号.
WORDS = {
    Kind.NOTICE: "醒",
    Kind.REMINDER: "提",
    Kind.ASSIGNMENT: "交",
    Kind.SUPERVISION: "督",
    Kind.WARNING: "警",
    Kind.INTERVIEW: "约",
    Kind.CIRCULAR: "通",
}
_SERIAL = re.compile(r"〔(\d{4})〕(\d{1,6})号")


def number_word(issuer: Organisation, kind: str) -> str:
    return f"{issuer}{WORDS[Kind(kind)]}"


def number_key(issuer: Organisation, kind: str, year: int) -> str:
    return f"letter:{issuer.pk}:{kind}:{year}"


def number_of(issuer: Organisation, kind: str, year: int, serial: int) -> str:
    return f"{number_word(issuer, kind)}〔{year}〕{serial}号"


def next_number(issuer: Organisation, kind: str, year: int) -> str:
    """Take the next number; needs the transaction of the letter that uses it."""
    return number_of(issuer, kind, year, numbering.take_one(number_key(issuer, kind, year)))


def serial_in(number: str, issuer: Organisation, kind: str, year: int) -> int | None:
    """The serial of a number of our own form for this issuer, kind and year; None for any other."""
    word = number_word(issuer, kind)
    found = _SERIAL.fullmatch(number[len(word) :]) if number.startswith(word) else None
    return int(found[2]) if found and int(found[1]) == year else None


def keep_number(number: str, issuer: Organisation, kind: str, year: int) -> None:
    """A number given by hand stays as it is; one of our own form takes its place in the row."""
    serial = serial_in(number, issuer, kind, year)
    if serial is not None:
        numbering.raise_to(number_key(issuer, kind, year), serial)
