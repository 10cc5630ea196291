"""Writes to 问题与建议: bureaus and towns name the problems of their own year."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from emergency.core import audit, clock, lifecycle
from emergency.organizations.models import Kind, Organisation, Role
from emergency.organizations.scope import holds, reach
from emergency.organizations.services import area_is_ours, place
from emergency.programmes.models import Problem

REPORTERS = (
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.SECRETARY,
    Role.STREET_HEAD,
    Role.STREET_OFFICER,
)
_REPORTING_KINDS = (Kind.BUREAU, Kind.COMMITTEE, Kind.STREET)

#: What is written by hand; the unit and its place follow from who writes.
TEXTS = ("problem", "showing", "cause", "remedy", "source")


def reporting_units(user: Any) -> list[Organisation]:
    """The bureaus, committees and towns in whose name the user may name problems."""
    units = {
        post.organisation.pk: post.organisation
        for post in reach(user).posts
        if post.role in REPORTERS and post.organisation.kind in _REPORTING_KINDS
    }
    return list(units.values())


def may_report(user: Any, owner: Organisation, *, over: bool = False) -> bool:
    """``over``: also for the units below, as an import of a whole district's table needs."""
    return owner.kind in _REPORTING_KINDS and holds(user, REPORTERS, owner, over=over)


def _require(actor: Any, owner: Organisation) -> None:
    if not may_report(actor, owner):
        raise PermissionDenied("问题与建议由应急局科室人员、安委办或街道（乡镇）人员登记本单位的。")


def next_order(owner: Organisation, year: int) -> int:
    """Behind the last one of the unit's year."""
    last = Problem.objects.filter(owner=owner, year=year).aggregate(last=Max("order"))["last"]
    return (last or 0) + 1


@transaction.atomic
def problem_create(
    *,
    actor: Any,
    owner: Organisation,
    year: int,
    problem: str,
    showing: str = "",
    cause: str = "",
    remedy: str = "",
    source: str = "",
    order: int | None = None,
    area: Organisation | None = None,
) -> Problem:
    """Name a problem of a unit's year. 属地 is the area that the unit answers for unless told; ``order`` the next one.

    Raises ``PermissionDenied`` for who does not write for the unit, ``ValidationError`` by field for the rest.
    """
    _require(actor, owner)
    record = Problem(
        year=year, owner=owner, order=order or next_order(owner, year), created_by=actor, created_at=clock.now()
    )
    _set(record, area, problem=problem, showing=showing, cause=cause, remedy=remedy, source=source)
    record.save()
    lifecycle.note_event(record, action="create", label="登记", actor=actor)
    audit.record("problem.create", target=record, actor=actor, after=audit.snapshot(record), organisation=owner)
    return record


@transaction.atomic
def problem_update(
    *, record: Problem, actor: Any, year: int, order: int | None = None, area: Organisation | None = None, **texts: str
) -> Problem:
    """Change a problem; its unit stays, and its place unless told. Raises as :func:`problem_create`."""
    locked = _locked(record, actor)
    before = audit.snapshot(locked)
    locked.year, locked.order = year, order or locked.order
    _set(locked, area or locked.area, **texts)
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        lifecycle.note_event(locked, action="update", label="变更", actor=actor, data={"fields": sorted(new)})
        audit.record("problem.update", target=locked, actor=actor, before=old, after=new, organisation=locked.owner)
    return locked


@transaction.atomic
def problem_void(*, record: Problem, actor: Any, reason: str) -> Problem:
    """作废: it leaves every later paper. Raises ``ValidationError`` without a reason."""
    locked = _locked(record, actor)
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    locked.void_reason = reason.strip()[:200]
    locked.save(update_fields=["void_reason"])
    lifecycle.note_event(locked, action="void", label="作废", actor=actor, note=locked.void_reason)
    after = {"void_reason": locked.void_reason}
    audit.record("problem.void", target=locked, actor=actor, after=after, organisation=locked.owner)
    return locked


def _locked(record: Problem, actor: Any) -> Problem:
    locked = Problem.objects.select_for_update(of=("self",)).select_related("owner__parent").get(pk=record.pk)
    _require(actor, locked.owner)
    if locked.void_reason:
        raise ValidationError("已作废的不能再改。")
    return locked


def _set(record: Problem, area: Organisation | None, **texts: str) -> None:
    for name, text in texts.items():
        if name not in TEXTS:
            raise TypeError(f"a problem has no text {name}")
        setattr(record, name, text.strip())
    area_is_ours(area, record.owner)
    place(record, area or record.owner.serves)
    record.clean_fields(exclude=["owner", "area", "street", "district", "created_by"])
    record.validate_constraints()
