"""Numbers of activities: ``{区划码6}-GZ{year}-{serial}``, one counter a district and year."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from emergency.core import numbering
from emergency.organizations.models import Organisation

#: What a number of our own looks like; anything else that a workbook brings becomes 原编号.
SHAPE = re.compile(r"(\d{6})-GZ(\d{4})-(\d{4,9})")


def number_key(code: str, year: int) -> str:
    return f"activity:{code}:{year}"


def number_of(code: str, year: int, serial: int) -> str:
    return f"{code}-GZ{year}-{serial:04d}"


def code_of(district: Organisation) -> str:
    """The six digits that the district's numbers begin with; "" where it has none."""
    return district.division_code[:6]


def next_number(district: Organisation, year: int) -> str:
    """Take the next number of the year. Raises ``ValidationError`` for a district without a division code."""
    code = code_of(district)
    if not code:
        raise ValidationError({"handler": f"{district}没有区划代码，不能编号，请联系系统管理员。"})
    return number_of(code, year, numbering.take_one(number_key(code, year)))
