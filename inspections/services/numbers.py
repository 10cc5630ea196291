"""Numbers of visits, ``{区划码}-{officer}-{date}-{serial}-{device}``, made on the device or here; and of measures,
``{区划码}-{year}-处{serial}``. The 文号 of a measure's decision is the office's own and stands beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from emergency.core import numbering
from emergency.organizations.models import Organisation
from inspections.models import Visit

#: The device part of numbers made by the server; no device may call itself so.
SERVER = "00"

#: What a device may send: division code, officer, day, serial and the device's own sign.
SHAPE = re.compile(r"(\d{6}|\d{9}|\d{12})-(\d{1,9})-(\d{8})-(\d{3,6})-([0-9A-Z]{2,8})")


def code_of(handler: Organisation, *, required: bool = True) -> str:
    """The division code that a unit's numbers begin with: its own area's, else that of the district."""
    home = handler.serves
    code = home.division_code or (home.district.division_code if home.district else "")
    if not code and required:
        raise ValidationError({"handler": f"{handler}没有区划代码，不能编号，请联系系统管理员。"})
    return code


def number_key(code: str, officer: int, day: dt.date) -> str:
    """The counter of one officer's day."""
    return f"visit:{code}:{officer}:{day:%Y%m%d}"


def number_of(code: str, officer: int, day: dt.date, serial: int) -> str:
    return f"{code}-{officer}-{day:%Y%m%d}-{serial:03d}-{SERVER}"


def numbers_take(*, handler: Organisation, officer: int, day: dt.date, count: int = 1) -> list[str]:
    """The next numbers of an officer's day, for visits filed on line, in bulk or by import."""
    code = code_of(handler)
    serials = numbering.take(number_key(code, officer, day), count)
    return [number_of(code, officer, day, serial) for serial in serials]


def number_accept(number: str, *, actor: Any, day: dt.date) -> str:
    """A number that a device made without network stays as it was printed on the spot.

    Raises ``ValidationError`` when it has another shape, names another officer or day, or is taken.
    """
    match = SHAPE.fullmatch(number)
    if match is None or match[5] == SERVER:
        raise ValidationError({"number": "检查编号格式有误，应为区划码-人员-日期-序号-设备。"})
    if int(match[2]) != actor.pk or match[3] != f"{day:%Y%m%d}":
        raise ValidationError({"number": "检查编号中的人员或日期与本次检查不符。"})
    if Visit.objects.filter(number=number).exists():
        raise ValidationError({"number": f"检查编号{number}已被使用。"})
    return number


def numbers_keep(numbers: Iterable[str]) -> None:
    """Imported numbers that this server could have made are never given out again."""
    last: dict[str, int] = {}
    for number in numbers:
        match = SHAPE.fullmatch(number)
        if match is not None and match[5] == SERVER:
            key = f"visit:{match[1]}:{match[2]}:{match[3]}"
            last[key] = max(last.get(key, 0), int(match[4]))
    for key, serial in sorted(last.items()):
        numbering.raise_to(key, serial)


# ------------------------------------------------------------------------------------------------ measures

MEASURE_SHAPE = re.compile(r"(\d{6}|\d{9}|\d{12})-(\d{4})-处(\d{4,6})")


def measure_number_key(code: str, year: int) -> str:
    """The counter of one office's year."""
    return f"measure:{code}:{year}"


def measure_numbers_take(*, handler: Organisation, year: int, count: int = 1) -> list[str]:
    """The next numbers of an office's year. Raises ``ValidationError`` for a unit without a division code."""
    code = code_of(handler)
    return [f"{code}-{year}-处{serial:04d}" for serial in numbering.take(measure_number_key(code, year), count)]


def measure_numbers_keep(numbers: Iterable[str]) -> None:
    """Imported numbers that this server could have made are never given out again."""
    last: dict[str, int] = {}
    for number in numbers:
        match = MEASURE_SHAPE.fullmatch(number)
        if match is not None:
            key = measure_number_key(match[1], int(match[2]))
            last[key] = max(last.get(key, 0), int(match[3]))
    for key, serial in sorted(last.items()):
        numbering.raise_to(key, serial)
