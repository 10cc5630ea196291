"""Hazards for tests, made through the services like everywhere else."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from emergency.core import attachments
from emergency.organizations.tests.factories import Cast
from hazards.models import EntryMode, Grade, Hazard, PhotoKind, Status
from hazards.services import hazard_count_open, hazard_open

FOUND_ON = dt.date(2026, 3, 2)
TODAY = dt.date(2026, 3, 5)

_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)


def photo(name: str = "现场.png") -> SimpleUploadedFile:
    """A real picture of one pixel, as a browser uploads it."""
    return SimpleUploadedFile(name, _PIXEL, content_type="image/png")


def hazard_make(cast: Cast, **fields: Any) -> Hazard:
    """A hazard of the cast's enterprise found and ordered by officer A of street A, handled by the street."""
    values: dict[str, Any] = {
        "actor": cast.officer_a,
        "handler": cast.street_a,
        "enterprise": cast.enterprise,
        "found_on": FOUND_ON,
        "description": "配电箱未关闭，周边堆放可燃物",
        "on": TODAY,
    }
    if fields.get("grade") == Grade.MAJOR:
        values |= {"standard_code": "工贸企业重大事故隐患判定标准", "standard_item": "第三条第一项"}
    return hazard_open(**values | fields)


def hazard_in(cast: Cast, status: str, **fields: Any) -> Hazard:
    """A hazard standing in this status with all that it takes to get on from there.

    In 待复查 the firm's user has handed it in; in 延期待批 the firm's user has asked.
    """
    hazard = hazard_make(cast, **fields)
    attachments.add(files=[photo()], owner=hazard, kind=PhotoKind.BEFORE, actor=cast.officer_a)
    changes: dict[str, Any] = {"status": status}
    if status in (Status.REVIEW, Status.CLOSED):
        attachments.add(files=[photo()], owner=hazard, kind=PhotoKind.AFTER, actor=cast.enterprise_user)
        changes |= {
            "rectification": "已清理并上锁",
            "rectifier": "钱厂长",
            "rectified_on": TODAY,
            "rectified_by": cast.enterprise_user,
            "review_due_on": TODAY + dt.timedelta(days=10),
        }
    if status == Status.CLOSED:
        changes |= {"reviewed_on": TODAY, "reviewed_by": cast.officer_a2, "closed_on": TODAY, "review_due_on": None}
    if status == Status.EXTENSION:
        changes |= {"requested_due_on": hazard.due_on + dt.timedelta(days=10), "requested_by": cast.enterprise_user}
    if status == Status.VOID:
        changes |= {"void_reason": "重复登记"}
    Hazard.objects.filter(pk=hazard.pk).update(**changes)
    return Hazard.objects.select_related("handler", "enterprise").get(pk=hazard.pk)


def count_make(cast: Cast, quantity: int, **fields: Any) -> Hazard:
    """A row that stands for several hazards of street A, open."""
    values: dict[str, Any] = {"actor": cast.officer_a, "handler": cast.street_a, "area": cast.street_a}
    values |= {"found_on": FOUND_ON, "quantity": quantity, "on": TODAY}
    record = hazard_count_open(**values | fields)[0]
    assert record.entry_mode == EntryMode.COUNT
    return record
