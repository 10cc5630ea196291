"""A letter is drafted: what it says, whom it addresses, which records it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from emergency.core import attachments, audit, clock
from emergency.core.lifecycle import note_event
from emergency.enterprises.models import Enterprise
from emergency.letters.lifecycle import WRITERS, is_writer
from emergency.letters.models import Kind, Letter, LetterAddressee, LetterMatter, Status
from emergency.letters.services.sending import issuers_for
from emergency.organizations.models import Kind as UnitKind
from emergency.organizations.models import Organisation, OrganisationQuerySet
from emergency.organizations.scope import holds
from emergency.organizations.services import answers_for, place

#: What an editor of a draft may change.
EDITABLE = (
    "kind", "subject", "basis", "body", "issued_on", "due_on", "meeting_on", "meeting_place",
)  # fmt: skip

#: Foreign keys were read a moment ago; the derived columns are the services' own.
_UNCHECKED = ("issuer", "handler", "area", "street", "district", "created_by", "addressed_to")


def units_for(handler: Organisation, on: dt.date) -> OrganisationQuerySet:
    """The units that an office may write to: those within the area that it answers for, save itself and the government it serves.

    Communities are written to by their street alone: a whole district has hundreds.
    """
    units = Organisation.objects.in_force(on).under(handler.serves)
    units = units.exclude(pk__in=[handler.pk, handler.serves.pk])  # type: ignore[assignment]
    units = units.exclude(kind__in=[UnitKind.COMMITTEE, UnitKind.AREA_SET])
    if handler.kind not in (UnitKind.STREET, UnitKind.COMMUNITY):
        units = units.exclude(kind=UnitKind.COMMUNITY)
    return units  # type: ignore[return-value]  # exclude() keeps the class


def common_area(units: Sequence[Organisation], firms: Sequence[Enterprise], handler: Organisation) -> Organisation:
    """属地 of the matter where nobody said it: that of the addressees where they share one, else the handler's whole area."""
    places = {unit.serves for unit in units} | {firm.area for firm in firms if firm.area is not None}
    if len(places) == 1:
        return places.pop()
    streets = {one.street_id for one in places}
    if len(streets) == 1 and (street := streets.pop()) is not None:
        return Organisation.objects.get(pk=street)
    return handler.serves


@transaction.atomic
def letter_draft(
    *,
    actor: Any,
    handler: Organisation,
    kind: str,
    subject: str,
    issuer: Organisation | None = None,
    units: Iterable[Organisation] = (),
    enterprises: Iterable[Enterprise] = (),
    area: Organisation | None = None,
    basis: str = "",
    body: str = "",
    issued_on: dt.date | None = None,
    due_on: dt.date | None = None,
    meeting_on: dt.date | None = None,
    meeting_place: str = "",
    about: Iterable[models.Model] = (),
    on: dt.date | None = None,
) -> Letter:
    """Draw up a letter; it is seen by the office alone until it goes out.

    ``issuer`` defaults to the safety committee of the handler's level where there is one, else the handler. Raises
    ``PermissionDenied`` for who does not write for the handler, ``ValidationError`` by field for the rest.
    """
    if not holds(actor, WRITERS, handler):
        raise PermissionDenied("督办文书由承办单位人员拟稿。")
    on = on or clock.today()
    letter = Letter(
        kind=kind,
        handler=handler,
        subject=subject.strip(),
        basis=basis.strip(),
        body=body.strip(),
        issued_on=issued_on or on,
        due_on=due_on,
        meeting_on=meeting_on,
        meeting_place=meeting_place.strip(),
        created_by=actor,
        created_at=clock.now(),
    )
    _settle(letter, issuer, area, list(units), list(enterprises), actor, on)
    letter.save()
    _address(letter, list(units), list(enterprises))
    letter_link(letter=letter, records=about)
    note_event(letter, action="draft", label="拟稿", actor=actor, target=letter.status)
    audit.record("letter.draft", target=letter, actor=actor, after=audit.snapshot(letter))
    return letter


@transaction.atomic
def letter_edit(
    *,
    letter: Letter,
    actor: Any,
    issuer: Organisation | None = None,
    units: Iterable[Organisation] = (),
    enterprises: Iterable[Enterprise] = (),
    area: Organisation | None = None,
    on: dt.date | None = None,
    **changes: Any,
) -> Letter:
    """Change a draft; ``changes`` are fields of :data:`EDITABLE`. What has gone out is changed by no hand."""
    locked = _locked_draft(letter, actor)
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"letter_edit() cannot change {name}")
        setattr(locked, name, value.strip() if isinstance(value, str) else value)
    _settle(locked, issuer, area, list(units), list(enterprises), actor, on or clock.today())
    locked.save()
    locked.addressees.all().delete()
    _address(locked, list(units), list(enterprises))
    old, new = audit.changes(before, audit.snapshot(locked))
    audit.record("letter.edit", target=locked, actor=actor, before=old, after=new)
    return locked


@transaction.atomic
def letter_delete(*, letter: Letter, actor: Any) -> None:
    """Throw a draft away; it never had a number. What has gone out is 作废."""
    locked = _locked_draft(letter, actor)
    audit.record("letter.delete", target=locked, actor=actor, before=audit.snapshot(locked))
    for one in attachments.for_owner(locked):
        attachments.remove(attachment=one, actor=actor)
    locked.delete()


@transaction.atomic
def letter_link(*, letter: Letter, records: Iterable[models.Model]) -> list[LetterMatter]:
    """Say which records a letter is about. Each is named once, however often it is given; the caller has seen them."""
    known = set(letter.matters.values_list("target_type", "target_id"))
    made = []
    for record in records:
        key = (record._meta.label_lower, record.pk)
        if key not in known:
            known.add(key)
            made.append(LetterMatter(letter=letter, target_type=key[0], target_id=key[1], label=str(record)[:200]))
    return LetterMatter.objects.bulk_create(made)


def _locked_draft(letter: Letter, actor: Any) -> Letter:
    locked = Letter.objects.select_for_update(of=("self",)).select_related("handler", "area").get(pk=letter.pk)
    if locked.status != Status.DRAFT:
        raise ValidationError("只有草稿可以修改或删除；已发出的文书有误，请作废后重新发文。")
    if not is_writer(actor, locked):
        raise PermissionDenied("草稿由承办单位人员办理。")
    return locked


def _settle(
    letter: Letter,
    issuer: Organisation | None,
    area: Organisation | None,
    units: list[Organisation],
    firms: list[Enterprise],
    actor: Any,
    on: dt.date,
) -> None:
    """Issuer, place, names of the addressees; then shape, choices and constraints with messages at their fields."""
    handler = letter.handler
    offered = issuers_for(handler)
    letter.issuer = issuer or offered[0]
    if letter.issuer not in offered:
        raise ValidationError({"issuer": f"{handler}不能以{letter.issuer}的名义发文。"})
    _check_addressees(handler, units, firms, actor, on)
    place(letter, area or common_area(units, firms, handler))
    if not answers_for(handler, letter.area):
        raise ValidationError({"area": f"{letter.area}不在{handler}的管辖范围内。"})
    letter.addressed_to = "、".join([str(unit) for unit in units] + [firm.name for firm in firms])
    if letter.kind == Kind.CIRCULAR and letter.due_on is not None:
        raise ValidationError({"due_on": "通报不要求回复，请不要填写回复期限。"})
    if letter.due_on is not None and letter.due_on < letter.issued_on:
        raise ValidationError({"due_on": "回复期限不能早于发文日期。"})
    letter.clean_fields(exclude=_UNCHECKED)
    letter.validate_constraints()


def _check_addressees(
    handler: Organisation, units: list[Organisation], firms: list[Enterprise], actor: Any, on: dt.date
) -> None:
    reached = set(units_for(handler, on).filter(pk__in=[unit.pk for unit in units]).values_list("pk", flat=True))
    if foreign := [unit for unit in units if unit.pk not in reached]:
        raise ValidationError({"units": f"不能发给{'、'.join(map(str, foreign))}，只能发给本单位所辖范围内的单位。"})
    wanted = [firm.pk for firm in firms]
    seen = set(Enterprise.objects.live().visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    if set(wanted) - seen:
        raise ValidationError({"enterprises": "有监管对象已注销，或不在您的管辖范围内。"})


def _address(letter: Letter, units: list[Organisation], firms: list[Enterprise]) -> None:
    """Units by their full names as a letter prints them, then enterprises, in the order given."""
    rows = [LetterAddressee(letter=letter, name=unit.name, organisation=unit) for unit in units]
    rows += [LetterAddressee(letter=letter, name=firm.name, enterprise=firm) for firm in firms]
    for order, row in enumerate(rows, start=1):
        row.order = order
    LetterAddressee.objects.bulk_create(rows)
