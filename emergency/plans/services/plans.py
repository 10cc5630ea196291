"""A plan is drafted, changed, revised as a new version, thrown away before it is published."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from emergency.core import attachments, audit, clock
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation
from emergency.organizations.services import place
from emergency.plans.lifecycle import keeps_plan
from emergency.plans.models import Kind, Plan, RevisionReason, Status

#: What may be changed before the publication.
EDITABLE = frozenset({"name", "kind", "summary", "needs_review"})
DRAFTS = (Status.DRAFTING, Status.REVISING)
#: Filed above the district, so outside this portal's area.
UPWARD_KINDS = (Kind.OVERALL, Kind.GOVERNMENT)
_UNCHECKED = {"owner", "enterprise", "handler", "previous", "area", "street", "district", "created_by"}


def bureau_of(district_id: int) -> Organisation | None:
    bureaus = Organisation.objects.in_force(clock.today()).filter(kind=UnitKind.BUREAU, parent=district_id)
    return bureaus.order_by("order", "pk").first()


def usual_handler(*, kind: str, district_id: int, owner: Organisation | None) -> Organisation | None:
    """Who receives the filing: the district's bureau (径送本级应急管理部门); of a community's plan its street; None for what goes above.

    国办发〔2024〕5号 and 《生产安全事故应急预案管理办法》第二十六条.
    """
    if owner is not None and owner.kind == UnitKind.COMMUNITY:
        return owner.parent
    bureau = bureau_of(district_id)
    if kind in UPWARD_KINDS or (owner is not None and bureau is not None and owner.pk == bureau.pk):
        return None
    return bureau


@transaction.atomic
def plan_draft(
    *,
    actor: Any,
    name: str,
    kind: str,
    owner: Organisation | None = None,
    enterprise: Enterprise | None = None,
    summary: str = "",
    needs_review: bool = False,
) -> Plan:
    """Enter a plan of a unit or of an enterprise (exactly one) as 编制中.

    Raises ``PermissionDenied`` for who neither files for its maker nor receives its filing, ``ValidationError`` for what is missing or
    does not fit.
    """
    if (owner is None) == (enterprise is None):
        raise ValidationError({"owner": "请选择编制单位：本单位，或一家企业。"})
    plan = Plan(name=name.strip(), kind=kind, owner=owner, enterprise=enterprise, summary=summary.strip())
    plan.needs_review = needs_review
    if owner is not None:
        plan.maker_name = owner.name
        place(plan, owner.serves, fallback=owner)
    else:
        assert enterprise is not None
        plan.maker_name = enterprise.name
        place(plan, enterprise.home)
    plan.handler = usual_handler(kind=kind, district_id=plan.district_id, owner=owner)
    plan.created_by, plan.created_at = actor, clock.now()
    if not keeps_plan(actor, plan):
        raise PermissionDenied("预案由编制单位登记，或由备案受理单位代为登记。")
    return _store(plan, actor, "draft", "登记编制")


def _store(plan: Plan, actor: Any, action: str, label: str, note: str = "") -> Plan:
    _check(plan)
    plan.save()
    note_event(plan, action=action, label=label, actor=actor, target=plan.status, note=note)
    audit.record(f"plan.{action}", target=plan, actor=actor, after=audit.snapshot(plan), note=note)
    return plan


def _check(plan: Plan) -> None:
    plan.clean_fields(exclude=_UNCHECKED)
    plan.validate_constraints()


def _locked(plan: Plan) -> Plan:
    related = ("owner", "enterprise", "handler", "district")
    return Plan.objects.select_for_update(of=("self",)).select_related(*related).get(pk=plan.pk)


@transaction.atomic
def plan_edit(*, plan: Plan, actor: Any, **changes: Any) -> Plan:
    """Change a plan that is not published yet. Raises ``PermissionDenied``, ``ValidationError``; ``TypeError`` for another field."""
    locked = _locked(plan)
    if locked.status not in DRAFTS:
        raise ValidationError("已公布的预案不能修改，请修订为新的版次。")
    if not keeps_plan(actor, locked):
        raise PermissionDenied("预案由编制单位或备案受理单位修改。")
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"a plan has no {name} to change")
        setattr(locked, name, value.strip() if isinstance(value, str) else value)
    if "kind" in changes:
        locked.handler = usual_handler(kind=locked.kind, district_id=locked.district_id, owner=locked.owner)
    _check(locked)
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        note_event(locked, action="edit", label="修改", actor=actor, data={"fields": sorted(new)})
        audit.record("plan.edit", target=locked, actor=actor, before=old, after=new)
    return locked


@transaction.atomic
def plan_revise(*, plan: Plan, actor: Any, reason: str) -> Plan:
    """Begin the next version of a plan in force, for one of the reasons of 《生产安全事故应急条例》第六条; the present one stays in force until
    the new one is published.

    Raises ``PermissionDenied``, ``ValidationError`` for a plan not in force or under revision already.
    """
    locked = _locked(plan)
    if locked.status not in (Status.PUBLISHED, Status.FILED, Status.DEEMED):
        raise ValidationError("只有已公布、已备案的预案可以修订。")
    if not keeps_plan(actor, locked):
        raise PermissionDenied("预案由编制单位修订，或由备案受理单位代为登记。")
    if reason not in RevisionReason.values:
        raise ValidationError({"reason": "请选择修订原因。"})
    new = Plan(
        name=locked.name,
        kind=locked.kind,
        status=Status.REVISING,
        maker_name=locked.maker_name,
        owner=locked.owner,
        enterprise=locked.enterprise,
        handler=locked.handler,
        summary=locked.summary,
        needs_review=locked.needs_review,
        version=locked.version + 1,
        previous=locked,
        revision_reason=reason,
        area_id=locked.area_id,
        street_id=locked.street_id,
        district_id=locked.district_id,
        created_by=actor,
        created_at=clock.now(),
    )
    return _store(new, actor, "revise", "开始修订", str(RevisionReason(reason).label))


@transaction.atomic
def plan_delete(*, plan: Plan, actor: Any) -> None:
    """Throw a draft away. Raises ``ValidationError`` for anything that was published, ``PermissionDenied``."""
    locked = _locked(plan)
    if locked.status not in DRAFTS:
        raise ValidationError("已公布的预案不能删除，有误的作废。")
    if not keeps_plan(actor, locked):
        raise PermissionDenied("草稿由编制单位或备案受理单位删除。")
    audit.record("plan.delete", target=locked, actor=actor, before=audit.snapshot(locked))
    for one in attachments.for_owner(locked):
        attachments.remove(attachment=one, actor=actor)
    locked.delete()
