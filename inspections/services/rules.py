"""What must be true of a visit, one function per rule, for single and bulk filing, correction and import alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.organizations.models import Kind, Membership, Organisation
from emergency.organizations.scope import FILERS, holds
from inspections.models import KIND_FLAGS, Visit, VisitKind

#: 《安全生产法》第六十七条: officers show their certificates; 《行政处罚法》第四十二条: not fewer than two of them.
LEAST_OFFICERS = 2


def may_file(actor: Any, handler: Organisation) -> None:
    """A visit is filed in the name of a unit in which the actor has a post that files."""
    if not holds(actor, FILERS, handler):
        raise PermissionDenied("只能以本人任职单位的名义登记检查。")


def day_is_past(visited_on: dt.date, on: dt.date) -> None:
    if visited_on > on:
        raise ValidationError({"visited_on": "检查日期不能晚于今天。"})


def kind_is_allowed(kind: str, handler: Organisation) -> None:
    """国办发〔2024〕54号: village staff (网格员) carry out no 行政检查; they file 网格巡查 and the other kinds that are none.

    Whether towns hold delegated power is the site's setting ``STREETS_MAY_INSPECT``.
    """
    if not KIND_FLAGS[kind].administrative:
        return
    label = VisitKind(kind).label
    if handler.kind == Kind.COMMUNITY:
        raise ValidationError(
            {"kind": f"社区（村）不实施行政检查，不能登记“{label}”，请选“网格巡查”或“帮扶服务”等类型。"}
        )
    if handler.kind == Kind.STREET and not settings.STREETS_MAY_INSPECT:
        raise ValidationError({"kind": f"本地乡镇未获委托执法，不能登记“{label}”，请选“网格巡查”或“帮扶服务”等类型。"})


def officers_suffice(
    kind: str, handler: Organisation, officers: Sequence[Any], names: Sequence[str], visited_on: dt.date
) -> None:
    """行政检查 takes at least two people; for the bureau, two who hold a certificate.

    《安全生产法》第六十七条, 《行政处罚法》第四十二条. Names without an account here (colleagues on loan, other bureaus) are taken on the
    filer's word, because the register cannot know their certificates.
    """
    if not officers and not names:
        raise ValidationError({"officers": "请填写检查人员。"})
    if not KIND_FLAGS[kind].administrative:
        return
    if len(officers) + len(names) < LEAST_OFFICERS:
        raise ValidationError({"officers": f"“{VisitKind(kind).label}”属于行政检查，检查人员不得少于两人。"})
    if handler.kind == Kind.BUREAU:
        certified = (
            Membership.objects.in_force(visited_on).filter(user__in=officers).exclude(certificate="").values("user")
        ).distinct()
        if certified.count() + len(names) < LEAST_OFFICERS:
            raise ValidationError(
                {
                    "officers": "行政检查须有两名以上持执法证的人员。请补充持证人员，或选择“帮扶服务”等不属于行政检查的类型。"
                }
            )


def times_fit(visited_on: dt.date, started_at: dt.datetime | None, ended_at: dt.datetime | None) -> None:
    if started_at and ended_at and ended_at < started_at:
        raise ValidationError({"ended_at": "结束时间不能早于开始时间。"})


def people(officers: Iterable[Any], names: Iterable[str]) -> tuple[list[str], str]:
    """The typed names that are not those of the chosen accounts, and everybody's names as the record keeps them."""
    known = [officer.name for officer in officers]
    typed = [name for name in dict.fromkeys(name.strip() for name in names) if name and name not in known]
    return typed, "、".join([*known, *typed])


def check(visit: Visit) -> None:
    """Shape, choices and constraints, with messages at their fields. Foreign keys come as records just read."""
    own = {"number", "client_id"}
    keys = {field.name for field in visit._meta.fields if field.is_relation}
    visit.clean_fields(exclude=keys | own | {"subject_name"})
    visit.validate_constraints(exclude=own)
