"""Risk points for tests, made through the services like everywhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from emergency.enterprises.models import RiskLevel
from emergency.organizations.tests.factories import Cast
from hazards.models import Patrol, RiskPoint, RiskStatus
from hazards.services import MeasureInput, risk_register

IDENTIFIED_ON = dt.date(2026, 3, 2)
TODAY = dt.date(2026, 3, 5)
MEASURES = (MeasureInput("每班检查液位计", "钱厂长", "每班一次"), MeasureInput("设置围堰"))


def risk_make(cast: Cast, **fields: Any) -> RiskPoint:
    """A red risk point of the cast's enterprise, registered by officer A for street A, not yet under control."""
    values: dict[str, Any] = {
        "actor": cast.officer_a,
        "handler": cast.street_a,
        "enterprise": cast.enterprise,
        "name": "二号液氨储罐",
        "identified_on": IDENTIFIED_ON,
        "level": RiskLevel.RED,
        "judgement": "构成重大危险源",
        "measures": MEASURES,
        "responsible_person": "钱厂长",
        "patrol": Patrol.WEEKLY,
        "on": TODAY,
    }
    return risk_register(**values | fields)


def risk_in(cast: Cast, status: str, **fields: Any) -> RiskPoint:
    """A risk point standing in this status with all that it takes to get on from there."""
    record = risk_make(cast, **fields)
    changes: dict[str, Any] = {"status": status}
    if status != RiskStatus.IDENTIFIED:
        changes |= {"controlled_on": IDENTIFIED_ON}
    if status == RiskStatus.CONTROLLED:
        changes |= {"next_patrol_on": TODAY + dt.timedelta(days=4)}
    if status == RiskStatus.REMOVED:
        changes |= {"removed_on": TODAY, "removed_reason": "储罐已拆除"}
    if status == RiskStatus.VOID:
        changes |= {"void_reason": "重复登记"}
    RiskPoint.objects.filter(pk=record.pk).update(**changes)
    return RiskPoint.objects.select_related("handler", "enterprise").get(pk=record.pk)
