"""Excel tables: the units in and out, and the form in which the log goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from emergency.core import ledger as excel
from emergency.core.audit import Outcome
from emergency.core.ledger import CellError, Column, ImportContext, Ledger, Row
from emergency.organizations.models import Kind, Organisation, Tier
from emergency.organizations.queries import unit_find, units_within
from emergency.organizations.services import organisation_create

#: The level that follows from the kind; other units have that of the unit above them.
_TIER_OF_KIND = {Kind.STREET: Tier.STREET, Kind.COMMUNITY: Tier.COMMUNITY}
_NEXT_TIER = {Tier.CITY: Tier.DISTRICT, Tier.DISTRICT: Tier.STREET, Tier.STREET: Tier.COMMUNITY}
_CHUNK = 2_000  # rows fetched at a time while exporting
_KIND_WORDS = {
    "街道": Kind.STREET,
    "乡镇": Kind.STREET,
    "镇": Kind.STREET,
    "乡": Kind.STREET,
    "功能区": Kind.STREET,
    "社区": Kind.COMMUNITY,
    "村": Kind.COMMUNITY,
    "部门": Kind.DEPARTMENT,
    "局": Kind.DEPARTMENT,
    "应急局": Kind.BUREAU,
}


class OrganisationLedger(Ledger):
    """Units, the upper ones anywhere in the same file or in the portal already. Each row is a new unit."""

    kind = "organisations"
    label = "单位"
    columns = (
        Column("单位名称", "name", required=True, maximum=120, example="南塘镇"),
        Column(
            "上级单位",
            "parent",
            synonyms=("上级", "主管单位"),
            help="本表或系统中的单位，同名的写成 南塘镇/黄屋村",
            example="赣县区",
        ),
        Column("类别", "kind", excel.CHOICE, required=True, choices=Kind.choices, aliases=_KIND_WORDS),
        Column("层级", "tier", excel.CHOICE, choices=Tier.choices, help="不填时按类别和上级单位确定"),
        Column("区划代码", "division_code", excel.CODE, help="6位、9位或12位数字", example="360704101"),
        Column("简称", "short_name", maximum=40),
        Column("曾用名", "former_names", excel.LINES, help="一行一个"),
        Column("排序", "order", excel.INTEGER, total=False, minimum=0),
        Column("常住人口", "population", excel.INTEGER, total=False, minimum=0),
        Column("人口年份", "population_year", excel.INTEGER, total=False, minimum=1949),
        Column("人口来源", "population_source", maximum=120),
        Column("面积（公顷）", "land_area", excel.DECIMAL, minimum=0),
        Column("联系人", "contact", maximum=60),
        Column("联系电话", "phone", excel.CODE),
        Column("启用日期", "valid_from", excel.DATE),
        Column("撤销日期", "valid_to", excel.DATE),
    )
    unique_keys = ("division_code",)

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Find every row's upper unit, in the file first, and refuse circles and units that stand already."""
        by_name: dict[str, list[Row]] = {}
        for row in rows:
            by_name.setdefault(row.get("name", ""), []).append(row)
        for row in rows:
            row["above"] = row["above_row"] = None
            try:
                self._find_parent(row, by_name, context)
            except CellError as fault:
                row.fault("parent", str(fault), row.get("parent", ""))
        for row in [row for row in rows if self._in_circle(row)]:
            row.fault("parent", "上级单位互为上下级，请改正", row.get("parent", ""))
        codes = [row["division_code"] for row in rows if row.get("division_code")]
        areas = Organisation.objects.areas().filter(division_code__in=codes, valid_to=None)
        taken = dict(areas.values_list("division_code", "name"))
        for row in rows:
            self._refuse_known(row, taken)

    def _find_parent(self, row: Row, by_name: dict[str, list[Row]], context: ImportContext) -> None:
        named = row.get("parent", "")
        if not named:
            if context.organisation is not None:
                row["above"] = context.organisation.serves
            elif row.get("kind") and row["kind"] != Kind.GOVERNMENT:
                raise CellError("请填写上级单位，只有最上级的政府可以不填")
            return
        in_file = [other for other in by_name.get(named, ()) if other is not row]
        if len(in_file) > 1:
            raise CellError(f"本表中有{len(in_file)}个“{named}”，请分开导入或先登记上级单位")
        if in_file:
            row["above_row"] = in_file[0]
        else:
            row["above"] = unit_find(named, units_within(None, context.organisation))

    @staticmethod
    def _in_circle(row: Row) -> bool:
        seen, one = set(), row
        while one["above_row"] is not None:
            if id(one) in seen:
                return True
            seen.add(id(one))
            one = one["above_row"]
        return False

    @staticmethod
    def _refuse_known(row: Row, taken: dict[str, str]) -> None:
        code, name = row.get("division_code", ""), row.get("name", "")
        if code in taken:
            row.fault("division_code", f"该区划代码已登记为“{taken[code]}”", code)
        elif row["above_row"] is None and name:
            same = Organisation.objects.filter(parent=row["above"], name=name, valid_to=None)
            if same.exists():
                row.fault("name", "该单位已登记，请在单位页面修改", name)

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store from the top down; a row whose upper row was left out is refused with it."""
        made: dict[int, Organisation] = {}
        waiting = list(rows)
        while waiting:
            ready = [row for row in waiting if row["above_row"] is None or id(row["above_row"]) in made]
            if not ready:
                for row in waiting:
                    row.fault("parent", "上级单位没有导入，本行也不能导入", row.get("parent", ""))
                break
            for row in ready:
                self._create(row, made, context)
            tried = {id(row) for row in ready}
            waiting = [row for row in waiting if id(row) not in tried]
        return {"新增": len(made)}

    def _create(self, row: Row, made: dict[int, Organisation], context: ImportContext) -> None:
        above = row["above_row"]
        parent = made[id(above)] if above is not None else row["above"]
        fields = {column.key: row.get(column.key) for column in self.columns}
        given = {key: value for key, value in fields.items() if value is not None}
        given["former_names"] = list(given.get("former_names", ()))
        given["tier"] = given.get("tier") or self._tier(given["kind"], parent)
        given["parent"] = parent
        try:
            made[id(row)] = organisation_create(actor=context.actor, **given)
        except ValidationError as fault:
            known = {column.key for column in self.columns}
            for key, messages in getattr(fault, "message_dict", {"": fault.messages}).items():
                row.fault(key if key in known else "", "；".join(messages).rstrip("。"))

    def records(self, queryset: QuerySet[Organisation], *, user: Any = None) -> Iterator[dict[str, Any]]:
        """Units as the columns hold them, for whom does not matter: no column is personal."""
        for unit in queryset.select_related("parent").iterator(chunk_size=_CHUNK):
            row = {column.key: getattr(unit, column.key) for column in self.columns}
            yield row | {
                "parent": unit.parent.name if unit.parent else None,
                "former_names": tuple(unit.former_names),
            }

    @staticmethod
    def _tier(kind: str, parent: Organisation | None) -> str:
        if kind in _TIER_OF_KIND:
            return _TIER_OF_KIND[Kind(kind)]
        if parent is None:
            return Tier.CITY
        return _NEXT_TIER.get(Tier(parent.tier), parent.tier) if kind == Kind.GOVERNMENT else parent.tier


excel.register(OrganisationLedger())


class AuditLog(Ledger):
    """Only goes out: the log is written by what happens, so it is not registered as a table that could be imported."""

    kind = "audit_log"
    label = "审计记录"
    columns = (
        Column("时间", "at", excel.DATETIME),
        Column("操作人", "actor"),
        Column("单位", "organisation"),
        Column("操作", "verb"),
        Column("对象类型", "target_type"),
        Column("对象", "target"),
        Column("结果", "outcome", excel.CHOICE, choices=Outcome.choices),
        Column("变更内容", "changes", excel.LINES),
        Column("说明", "note"),
        Column("来源地址", "address"),
        Column("请求编号", "request"),
    )


AUDIT_LOG = AuditLog()
