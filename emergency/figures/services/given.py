"""填报数据: entering, correcting and voiding the numbers that no ledger here counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from emergency.core import audit, clock, lifecycle
from emergency.core.ledger.columns import AREA_UNITS, MONEY_UNITS
from emergency.core.periods import Period
from emergency.figures.models import GivenValue
from emergency.figures.queries.breakdowns import row_read
from emergency.figures.vocabulary import Counted, Figure, GivenFigure
from emergency.organizations.models import Kind, Organisation, Role
from emergency.organizations.scope import holds
from emergency.organizations.services import place

#: Who enters numbers of other offices: the bureau for its area, a street for itself.
ENTERERS = (Role.SECTION_HEAD, Role.CLERK, Role.STREET_HEAD, Role.STREET_OFFICER)

#: Measuring units that mean the same, as multiples of the first one of each table.
_MEASURES: tuple[dict[str, Decimal], ...] = (MONEY_UNITS, AREA_UNITS, {"人": Decimal(1), "万人": Decimal(10_000)})


def may_enter(user: Any, area: Organisation | None) -> bool:
    return area is not None and holds(user, ENTERERS, area, over=True)


def value_in(figure: Figure, value: Decimal, measure: str) -> Decimal:
    """A number in the figure's own unit: 38.74 万元 are 387400 yuan. Raises ``ValidationError`` for another kind of unit."""
    word = measure.strip() or figure.unit
    if word == figure.unit:
        return value
    for table in _MEASURES:
        if word in table and figure.unit in table:
            return value * table[word] / table[figure.unit]
    known = [unit for table in _MEASURES if figure.unit in table for unit in table] or [figure.unit]
    raise ValidationError({"measure": f"“{figure.name}”的计量单位是{figure.unit}，请按{'、'.join(known)}填写。"})


def require_enterable(figure: Figure) -> None:
    """Only what is counted, or what no ledger counts, can be entered; a rate or a comparison follows from its parts."""
    if not isinstance(figure, Counted | GivenFigure):
        raise ValidationError({"figure_code": f"“{figure.name}”由其他指标计算得出，请填报其组成指标。"})


def given_prepare(
    *,
    figure: Figure,
    area: Organisation,
    period: Period,
    value: Decimal,
    source_unit: str,
    measure: str = "",
    row: str = "",
    approximate: bool = False,
    document: str = "",
) -> GivenValue:
    """The entry as it will be stored, with every rule but the right to enter it and that there is no other one for the period.

    ``row`` is a row of a breakdown in words (“行业：工贸”), blank for the whole. Raises ``ValidationError`` by field.
    """
    require_enterable(figure)
    if period.end > clock.today():
        raise ValidationError({"end": "截止日期不能晚于今天。"})
    if area.kind not in (Kind.GOVERNMENT, Kind.STREET, Kind.COMMUNITY):
        raise ValidationError({"area": "请选择区县、街道（乡镇）或社区（村）。"})
    dimension, key = row_read(figure, row)
    given = GivenValue(
        figure_code=figure.code,
        start=period.start,
        end=period.end,
        value=value_in(figure, value, measure).quantize(Decimal("0.0001")),
        dimension=dimension,
        key=key,
        approximate=approximate,
        source_unit=source_unit.strip(),
        document=document.strip(),
    )
    place(given, area)
    return given


@transaction.atomic
def given_enter(*, given: GivenValue, actor: Any) -> GivenValue:
    """Store what :func:`given_prepare` made.

    Raises ``ValidationError`` where the unit has an entry for the figure, period and row already, ``PermissionDenied`` for who does not
    hold one of :data:`ENTERERS` over the unit.
    """
    _require(actor, given)
    given.created_by, given.created_at = actor, clock.now()
    given.full_clean()
    try:
        with transaction.atomic():
            given.save()
    except IntegrityError as fault:  # somebody entered the same in the same moment
        raise ValidationError("该单位该时段的这项数据已填报，请在原记录上更正。") from fault
    lifecycle.note_event(given, action="enter", label="填报", actor=actor)
    audit.record("given.enter", target=given, actor=actor, after=audit.snapshot(given), organisation=given.area)
    return given


@transaction.atomic
def given_correct(
    *,
    given: GivenValue,
    value: Decimal,
    source_unit: str,
    reason: str,
    actor: Any,
    measure: str = "",
    approximate: bool = False,
    document: str = "",
) -> GivenValue:
    """更正: another number or source for the same figure, unit and period; what it was stays in the log.

    Raises ``ValidationError`` without a reason or for a void entry, and ``PermissionDenied`` as :func:`given_enter`.
    """
    locked = _locked(given, actor)
    figure = locked.figure
    if figure is None:
        raise ValidationError("该指标已停用，不能更正。")
    if not reason.strip():
        raise ValidationError({"reason": "请填写更正原因。"})
    before = audit.snapshot(locked)
    locked.value = value_in(figure, value, measure).quantize(Decimal("0.0001"))
    locked.source_unit, locked.document, locked.approximate = source_unit.strip(), document.strip(), approximate
    locked.full_clean()
    locked.save()
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        data = {"fields": sorted(new)}
        lifecycle.note_event(locked, action="correct", label="更正", actor=actor, note=reason.strip(), data=data)
        audit.record("given.correct", target=locked, actor=actor, before=old, after=new, organisation=locked.area)
    return locked


@transaction.atomic
def given_void(*, given: GivenValue, reason: str, actor: Any) -> GivenValue:
    """作废: entered for the wrong unit, period or figure. The period is free for another entry then."""
    locked = _locked(given, actor)
    if not reason.strip():
        raise ValidationError({"reason": "请填写作废原因。"})
    locked.void, locked.void_reason = True, reason.strip()
    locked.save(update_fields=["void", "void_reason"])
    lifecycle.note_event(locked, action="void", label="作废", actor=actor, note=locked.void_reason)
    after = {"void_reason": locked.void_reason}
    audit.record("given.void", target=locked, actor=actor, after=after, organisation=locked.area)
    return locked


def _require(actor: Any, given: GivenValue) -> None:
    if not may_enter(actor, given.area):
        raise PermissionDenied("填报数据由应急局科室人员，或本街道（乡镇）人员办理。")


def _locked(given: GivenValue, actor: Any) -> GivenValue:
    locked = GivenValue.objects.select_for_update().get(pk=given.pk)
    _require(actor, locked)
    if locked.void:
        raise ValidationError("该条填报数据已作废。")
    return locked


def span(start: dt.date, end: dt.date) -> Period:
    """The period between two entered dates; the fault is named at the field of the second one."""
    if end < start:
        raise ValidationError({"end": "截止日期不能早于起始日期。"})
    return Period(start, end)
