"""The Excel table of measures. A row that names a party is one measure; one without a party stands for a number of households.

Imported rows enter at the state that they tell, with the one event 导入. Offices often write the fine of a decision into the row of its
other measure: such a row becomes two measures under one 文号.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from emergency.core import clock, deadlines
from emergency.core.ledger import Approximate, ImportContext, Ledger, LedgerError, Row, register
from emergency.core.ledger.rows import Fault
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.models import Kind
from emergency.organizations.services import place
from inspections.ledger import checking
from inspections.ledger.columns import MEASURE_COLUMNS
from inspections.ledger.writing import CHUNK, path_of
from inspections.lifecycle import MEASURERS
from inspections.models import (
    MONEY_KINDS,
    PUBLICATION_RULES,
    Measure,
    MeasureKind,
    MeasureStatus,
    Visit,
    party_key,
)
from inspections.services.numbers import MEASURE_SHAPE, code_of, measure_numbers_keep, measure_numbers_take

BATCH = 2_000

#: Columns that go into the field of the same name as they are; blank leaves the field's default.
_PLAIN = (
    "document_number", "decided_on", "handler", "visit", "enterprise", "department", "industry", "cause", "legal_basis",
    "executed_on", "resumed_on", "published_on", "unpublished_reason",
)  # fmt: skip
_BOUNDED = ("party_name", "document_number", "cause", "legal_basis", "unpublished_reason")
_LENGTHS: dict[str, int] = {
    name: Measure._meta.get_field(name).max_length  # type: ignore[misc,union-attr]  # all are CharFields with a length
    for name in _BOUNDED
}


class MeasureLedger(Ledger):
    """执法处置台账. Importing what was exported gives the same measures."""

    kind = "measures"
    label = "执法处置台账"
    columns = MEASURE_COLUMNS
    unique_keys = ("number",)
    duplicate_keys = (
        "handler", "decided_on", "kind", "party_name", "quantity", "area", "industry", "amount", "document_number", "campaigns",
    )  # fmt: skip

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Link parties to the register where it knows them, and find campaigns and visits; one query for each kind."""
        known = checking.known_enterprises(
            {row["party_name"] for row in rows if row["party_name"]},
            {row["credit_code"] for row in rows if row["credit_code"]},
            context,
        )
        checking.campaigns(rows, context)
        _visits(rows, context)
        for row in rows:
            row["enterprise"] = checking.find_enterprise(
                row, "party_name", row["party_name"], row["credit_code"], *known
            )
            _default(row)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        if context.actor is None:
            raise LedgerError(Fault("导入执法处置台账须写明导入人"))
        today = context.on or clock.today()
        for row in rows:
            _check_party(row)
            _check_dates(row, today)
            _settle_amount(row)
            _settle_status(row)
            for key, length in _LENGTHS.items():
                if row[key] and len(row[key]) > length:
                    row.fault(key, f"不能超过{length}个字")
            if row["handler"] is not None and row["handler"].kind == Kind.COMMUNITY:
                row.fault("handler", "社区（村）不作出执法处置，请填写作出决定的单位", row["handler"])
        checking.check_rights(rows, context.actor, MEASURERS, "执法处置")
        checking.check_codes(rows)
        _check_numbers(rows)
        _check_documents(rows)
        _doubt_known(rows)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store the rows in the caller's transaction, a few statements for thousands; counts what came of them."""
        now, due = clock.now(), _due_days()
        measures, owners = [], []
        for row in rows:
            for kind, amount in row["kinds"]:
                measures.append(_measure(row, kind, amount, context, now, due))
                owners.append(row)
        _number(measures, owners)
        Measure.objects.bulk_create(measures, batch_size=BATCH)
        tagged = Measure.campaigns.through
        tagged.objects.bulk_create(
            [
                tagged(measure_id=measure.pk, programme_id=pk)
                for measure, row in zip(measures, owners, strict=True)
                for pk in {campaign.pk: None for campaign in row["campaigns"]}
            ],
            batch_size=BATCH,
        )
        Event.objects.bulk_create(import_events(measures, actor=context.actor), batch_size=BATCH)
        return {"新增处置": len(measures)}

    def records(self, queryset: QuerySet[Measure], *, user: Any = None) -> Iterator[tuple]:
        """The rows of an export in the order of the columns, read in batches. The table has no personal column."""
        read = ("handler__parent", "enterprise", "area__parent", "industry", "department", "visit")
        rows = queryset.select_related(*read).prefetch_related("campaigns")
        for measure in rows.iterator(chunk_size=CHUNK):
            yield _written(measure)


# ------------------------------------------------------------------------------------------------ what words mean


def _visits(rows: Sequence[Row], context: ImportContext) -> None:
    numbers = {row["visit"] for row in rows if row["visit"]}
    seen = Visit.objects.live()
    if context.actor is not None:
        seen = seen.visible_to(context.actor)
    known = {one.number: one for one in seen.filter(number__in=numbers).select_related("area")} if numbers else {}
    for row in rows:
        number = row["visit"]
        row["visit"] = known.get(number) if number else None
        if number and row["visit"] is None:
            row.fault("visit", f"检查台账中没有编号“{number}”的检查，或不在您的管辖范围内", number)


def _default(row: Row) -> None:
    """What is left blank comes from the party, else from the visit, else from the town that acted."""
    enterprise, visit = row["enterprise"], row["visit"]
    if enterprise is not None:
        row["party_name"] = row["party_name"] or enterprise.name
        row["industry"] = row["industry"] or enterprise.industry
        row["department"] = row["department"] or enterprise.department
    if row["area"] is None and enterprise is None and visit is not None:
        row["area"] = visit.area
    checking.settle_area(row)


# ------------------------------------------------------------------------------------------------ what is refused


def _check_party(row: Row) -> None:
    if row["party_name"]:
        if row["quantity"] not in (None, 1):
            row.fault("quantity", "写明当事人的一行只能是一户；没有逐户登记的不写当事人", row["quantity"])
        row["quantity"] = 1
    elif row["quantity"] is None and not row.errors:
        row.fault("party_name", "请填写当事人；没有逐户登记的填写户数")


def _check_dates(row: Row, today: dt.date) -> None:
    decided = row["decided_on"]
    for key in ("decided_on", "executed_on", "resumed_on", "published_on"):
        day = row[key]
        label = Measure._meta.get_field(key).verbose_name  # type: ignore[union-attr]  # all four are columns
        if day is not None and day > today:
            row.fault(key, f"{label}不能晚于今天", day)
        elif day is not None and decided is not None and day < decided:
            row.fault(key, f"{label}不能早于决定日期{decided}", day)
    if row["resumed_on"] is not None and row["kind"] not in (None, MeasureKind.SUSPENSION):
        row.fault("resumed_on", "只有责令停产整顿填写复产验收日期", row["resumed_on"])
    if row["published_on"] is not None and row["unpublished_reason"]:
        row.fault("unpublished_reason", "已公示的不填不予公示理由")


def _settle_amount(row: Row) -> None:
    """``row["kinds"]``: the measures of the row with their sums. A sum beside another kind is the fine of the same decision."""
    kind, amount = row["kind"], row["amount"] or None
    if kind == MeasureKind.FINE and amount is None and not any(fault.column == "罚款金额" for fault in row.errors):
        row.fault("amount", "罚款须填写金额")
    if kind in MONEY_KINDS or amount is None:
        row["kinds"] = [(kind, amount)]
    elif row["number"]:
        row.fault("amount", f"“{MeasureKind(kind).label}”不填金额，罚款请另起一行", amount)
        row["kinds"] = []
    else:
        row["kinds"] = [(kind, None), (MeasureKind.FINE, amount)]


def _settle_status(row: Row) -> None:
    if row["status"] is None:
        row["status"] = MeasureStatus.DONE if row["executed_on"] else MeasureStatus.PENDING
    elif row["status"] == MeasureStatus.PENDING and row["executed_on"]:
        row.fault("executed_on", "未执行的不填执行日期", row["executed_on"])


def _check_numbers(rows: Sequence[Row]) -> None:
    """A number is one that this portal gave, and stands for one measure only."""
    wanted = [row["number"] for row in rows if row["number"]]
    taken = set(Measure.objects.filter(number__in=wanted).values_list("number", flat=True)) if wanted else set()
    for row in rows:
        number = row["number"]
        if number and not MEASURE_SHAPE.fullmatch(number):
            row.fault("number", "处置编号由系统编排，新登记的不填；文书上的编号请填“文号”列", number)
        elif number in taken:
            row.fault("number", f"处置编号“{number}”已在台账中", number)


def _check_documents(rows: Sequence[Row]) -> None:
    """The same as the table's constraint says, at the cell: one 文号 holds a kind against a party once."""
    numbers = {row["document_number"] for row in rows if row["document_number"] and row["handler"]}
    if not numbers:
        return
    columns = ("handler", "document_number", "kind", "party_key")
    taken = set(Measure.objects.live().filter(document_number__in=numbers).values_list(*columns))
    for row in rows:
        if row.errors or not row["document_number"]:
            continue
        party = party_key(row["enterprise"].pk if row["enterprise"] else None, row["party_name"] or "")
        for kind, _ in row["kinds"]:
            key = (row["handler"].pk, row["document_number"], kind, party)
            if party is not None and key in taken:
                label = MeasureKind(kind).label
                row.fault("document_number", f"该文号下已登记{row['party_name']}的{label}", row["document_number"])
            taken.add(key)


def _doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16 against the ledger: the same unit, day, kind and party (or number of households) is there already."""
    days = {row["decided_on"] for row in rows if row["decided_on"]}
    units = {row["handler"].pk for row in rows if row["handler"]}
    if not days or not units:
        return
    columns = ("handler", "decided_on", "kind", "party_key", "quantity", "area", "amount")
    known = set(
        Measure.objects.live()
        .filter(handler__in=units, decided_on__gte=min(days), decided_on__lte=max(days))
        .values_list(*columns)
        .iterator(chunk_size=10_000)
    )
    for row in rows:
        if row.errors:
            continue
        party = party_key(row["enterprise"].pk if row["enterprise"] else None, row["party_name"] or "")
        area = row["area"].pk if row["area"] else None
        for kind, amount in row["kinds"]:
            if (row["handler"].pk, row["decided_on"], kind, party, row["quantity"], area, amount) in known:
                row.doubt("与台账中已有的处置疑似重复")


# ------------------------------------------------------------------------------------------------ storing and writing


def _due_days() -> Callable[[str, dt.date], dt.date | None]:
    """The last day for publication of a kind decided on a day; each day is worked out once for all rows."""
    known: dict[tuple[str, dt.date], dt.date | None] = {}

    def due(kind: str, day: dt.date) -> dt.date | None:
        rule = PUBLICATION_RULES.get(kind)
        if rule is None:
            return None
        if (rule, day) not in known:
            known[rule, day] = deadlines.due(rule, day).at
        return known[rule, day]

    return due


def _measure(
    row: Row,
    kind: str,
    amount: Decimal | None,
    context: ImportContext,
    now: dt.datetime,
    due: Callable[[str, dt.date], dt.date | None],
) -> Measure:
    named = bool(row["party_name"])
    measure = Measure(
        kind=kind,
        amount=amount,
        status=row["status"],
        party_name=row["party_name"] or "",
        quantity=row["quantity"],
        quantity_is_about="quantity" in row.approximate,
        publish_due_on=row["publish_due_on"] or (due(kind, row["decided_on"]) if named else None),
        import_id=context.import_id,
        created_by=context.actor,
        created_at=now,
        **{name: row[name] for name in _PLAIN if row[name] is not None},
    )
    if kind != MeasureKind.SUSPENSION:
        measure.resumed_on = None
    place(measure, row["area"], fallback=row["handler"])
    return measure


def _number(measures: Sequence[Measure], rows: Sequence[Row]) -> None:
    """A number of ours stays; the others are given new ones, by office and year."""
    waiting: dict[tuple[str, int], list[Measure]] = defaultdict(list)
    kept: list[str] = []
    for measure, row in zip(measures, rows, strict=True):
        if row["number"]:
            measure.number = row["number"]
            kept.append(row["number"])
        else:
            waiting[code_of(measure.handler), measure.decided_on.year].append(measure)
    measure_numbers_keep(kept)
    for (_code, year), group in sorted(waiting.items(), key=lambda item: item[0]):
        numbers = measure_numbers_take(handler=group[0].handler, year=year, count=len(group))
        for measure, number in zip(group, numbers, strict=True):
            measure.number = number


def _written(measure: Measure) -> tuple[Any, ...]:
    """In the order of ``MEASURE_COLUMNS``."""
    households: Any = None
    if not measure.party_name:
        households = Approximate(measure.quantity) if measure.quantity_is_about else measure.quantity
    return (
        measure.number,
        measure.decided_on,
        path_of(measure.handler),
        measure.party_name,
        measure.enterprise.credit_code if measure.enterprise else None,
        households,
        path_of(measure.area),
        measure.industry.name if measure.industry else None,
        measure.kind,
        measure.cause,
        measure.legal_basis,
        measure.amount,
        measure.document_number,
        measure.status,
        measure.executed_on,
        measure.resumed_on,
        measure.publish_due_on,
        measure.published_on,
        measure.unpublished_reason,
        _names(measure.campaigns.all()),
        measure.department.name if measure.department else None,
        measure.visit.number if measure.visit else None,
    )


def _names(campaigns: Iterable[Any]) -> list[str]:
    return [campaign.name for campaign in campaigns]


LEDGER = register(MeasureLedger())
