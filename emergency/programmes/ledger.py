"""问题与建议 as an Excel table: each row is a new problem; what is there already is changed on its page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Max, QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import Column, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.organizations.models import Organisation
from emergency.organizations.queries import read_area, read_unit
from emergency.organizations.services import answers_for, place
from emergency.programmes.models import Problem
from emergency.programmes.services import may_report, reporting_units

COLUMNS = (
    Column("年度", "year", excel.INTEGER, required=True, minimum=2000, maximum=2100, total=False),
    Column("提出单位", "owner", excel.UNIT, synonyms=("单位", "填报单位"), resolve=read_unit, help="不填为本单位"),
    Column("属地", "area", excel.UNIT, resolve=read_area, help="不填为提出单位的辖区"),
    Column("排序", "order", excel.INTEGER, minimum=1, maximum=999, total=False, help="不填排在最后"),
    Column("问题", "problem", required=True, synonyms=("存在问题", "主要问题")),
    Column("主要表现", "showing", synonyms=("表现", "具体表现")),
    Column("原因分析", "cause", synonyms=("原因",)),
    Column("对策建议", "remedy", synonyms=("建议", "对策", "下步措施")),
    Column("来源文件", "source"),
    Column("作废原因", "void_reason", help="已作废的填写"),
)
_LIMITS = {"problem": 120, "source": 200, "void_reason": 200}
_TEXTS = ("showing", "cause", "remedy", "source", "void_reason")


class ProblemLedger(Ledger):
    kind = "problems"
    label = "问题与建议"
    columns = COLUMNS
    duplicate_keys = ("owner", "year", "problem")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        own = reporting_units(context.actor) if context.actor is not None else []
        for row in rows:
            row["owner"] = row["owner"] or context.organisation or (own[0] if len(own) == 1 else None)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        may: dict[int, bool] = {}
        for row in rows:
            owner: Organisation | None = row["owner"]
            if owner is None:
                if not any(fault.column == "提出单位" for fault in row.errors):
                    row.fault("owner", "请填写提出单位，或在导入时选定")
            else:
                if owner.pk not in may:
                    may[owner.pk] = context.actor is None or may_report(context.actor, owner, over=True)
                if not may[owner.pk]:
                    row.fault("owner", "不能替这个单位导入，只能导入本单位和下级单位的", owner)
                elif not answers_for(owner, row["area"]):
                    row.fault("area", f"不在{owner}的管辖范围内", row["area"])
            for key, limit in _LIMITS.items():
                if (text := row[key]) and len(text) > limit:
                    row.fault(key, f"最多{limit}个字，这里有{len(text)}个字，请缩短")
        self._doubt_known(rows)

    def _doubt_known(self, rows: Sequence[Row]) -> None:
        """Rule 16: the unit has named this problem for this year already."""
        keyed: dict[tuple, list[Row]] = defaultdict(list)
        for row in rows:
            if row["owner"] is not None:
                keyed[row["owner"].pk, row["year"], row["problem"]].append(row)
        known = Problem.objects.live().filter(owner__in={key[0] for key in keyed})
        for key in known.values_list("owner", "year", "problem"):
            for row in keyed.get(key, ()):
                row.doubt("与已登记的问题疑似重复")

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        last = _last_orders({row["owner"] for row in rows})
        records = []
        for row in rows:
            key = (row["owner"].pk, row["year"])
            last[key] = max(last[key], row["order"] or 0) if row["order"] else last[key] + 1
            record = Problem(
                year=row["year"],
                owner=row["owner"],
                order=row["order"] or last[key],
                problem=row["problem"],
                import_id=import_id,
                created_by=context.actor,
                created_at=now,
                **{name: row[name] or "" for name in _TEXTS},
            )
            place(record, row["area"] or row["owner"].serves)
            records.append(record)
        Problem.objects.bulk_create(records)
        Event.objects.bulk_create(import_events(records, actor=context.actor))
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[Problem], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        for one in queryset.select_related("owner", "area__parent").iterator(chunk_size=1_000):
            values = {name: getattr(one, name) for name in ("year", "order", "problem", *_TEXTS)}
            area = one.area
            named = f"{area.parent.name}/{area.name}" if area and area.parent else area.name if area else None
            values |= {"owner": one.owner.name, "area": named}
            yield tuple(values[column.key] for column in COLUMNS)


def _last_orders(owners: set[Organisation]) -> dict[tuple[int, int], int]:
    """The last place taken in each unit's year."""
    taken = Problem.objects.filter(owner__in=owners).order_by().values_list("owner", "year").annotate(last=Max("order"))
    return defaultdict(int, {(owner, year): last for owner, year, last in taken})


PROBLEMS = excel.register(ProblemLedger())
