"""The register as an Excel table. Each row is a new subject: what is registered already is changed on its page, not overwritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from emergency.core import clock, numbering
from emergency.core import ledger as excel
from emergency.core.ledger import CellError, Column, ImportContext, Ledger, Row
from emergency.core.lifecycle import Event, import_events
from emergency.enterprises.lifecycle import may_register
from emergency.enterprises.models import (
    Enterprise,
    Industry,
    RiskLevel,
    Scale,
    StandardGrade,
    State,
    SubjectKind,
    name_key,
)
from emergency.enterprises.services import credit_code_clean
from emergency.enterprises.services.register import settle
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import read_area, unit_find
from emergency.organizations.scope import reach
from emergency.organizations.services import place

_BATCH = 1_000
_CHUNK = 5_000  # values in one IN (…)


def read_industry(value: Any, context: ImportContext) -> Industry:
    """An industry by its name or one of its aliases. Raises ``CellError`` listing the names."""
    word = str(value).strip()
    every = list(Industry.objects.all())
    for one in every:
        if word == one.name or word in one.aliases:
            return one
    raise CellError(f"没有“{word}”这个行业，可填：{'、'.join(one.name for one in every if one.active)}")


def read_department(value: Any, context: ImportContext) -> Organisation:
    """A department of the importer's district (of any, for who works above districts): a street names offices beside it."""
    departments = Organisation.objects.filter(kind__in=[Kind.DEPARTMENT, Kind.BUREAU])
    posts = reach(context.actor).posts if context.actor is not None else ()
    districts = {post.organisation.district_id for post in posts}
    if districts and None not in districts:
        departments = departments.filter(district__in=districts)
    return unit_find(str(value), departments)


COLUMNS = (
    Column(
        "单位名称",
        "name",
        required=True,
        synonyms=("企业名称", "监管对象", "监管对象名称", "受检单位", "名称"),
        example="赣县区某某机械有限公司",
    ),
    Column(
        "对象类别",
        "kind",
        excel.CHOICE,
        choices=SubjectKind.choices,
        aliases={"个体": SubjectKind.SOLE_TRADER, "个体户": SubjectKind.SOLE_TRADER, "村": SubjectKind.VILLAGE,
                 "社区": SubjectKind.VILLAGE, "水库": SubjectKind.RESERVOIR, "公司": SubjectKind.ENTERPRISE},
        help="不填为企业",
    ),
    Column("统一社会信用代码", "credit_code", excel.CODE, synonyms=("信用代码", "社会信用代码"), help="18位，没有的填写无代码原因"),
    Column("无代码原因", "no_code_reason", example="未办照"),
    Column("属地", "area", excel.UNIT, required=True, synonyms=("所属乡镇", "所属街道", "所属镇街", "所在乡镇"), resolve=read_area),
    Column(
        "行业",
        "industry",
        synonyms=("行业领域", "所属行业", "行业类别", "监管行业"),
        resolve=read_industry,
        help="必填，快速建档的可以不填",
        example="工贸",
    ),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门", "监管部门"), resolve=read_department),
    Column(
        "规模",
        "scale",
        excel.CHOICE,
        choices=Scale.choices,
        synonyms=("企业规模",),
        aliases={"规模以上": Scale.ABOVE, "规模以下": Scale.BELOW, "大": Scale.LARGE, "中": Scale.MEDIUM,
                 "小": Scale.SMALL, "微": Scale.MICRO, "小微": Scale.MICRO},
    ),
    Column("从业人数", "staff_count", excel.INTEGER, synonyms=("员工人数", "职工人数"), minimum=0, maximum=1_000_000),
    Column("地址", "address", synonyms=("详细地址", "单位地址", "生产经营地址")),
    Column("经度", "longitude", excel.DECIMAL, minimum=73, maximum=136),
    Column("纬度", "latitude", excel.DECIMAL, minimum=3, maximum=54),
    Column("法定代表人", "legal_person", synonyms=("法人", "法人代表", "主要负责人")),
    Column("安全负责人", "safety_officer", synonyms=("安全管理人员", "安全员", "联系人")),
    Column("联系电话", "phone", excel.CODE, synonyms=("电话", "手机", "联系方式"), personal=True),
    Column("重点监管", "key_supervised", excel.BOOLEAN, synonyms=("是否重点", "是否重点监管"), help="不填为否"),
    Column(
        "风险等级",
        "risk_level",
        excel.CHOICE,
        choices=RiskLevel.choices,
        aliases={"重大": RiskLevel.RED, "红": RiskLevel.RED, "红色": RiskLevel.RED, "较大": RiskLevel.ORANGE,
                 "橙": RiskLevel.ORANGE, "橙色": RiskLevel.ORANGE, "一般": RiskLevel.YELLOW, "黄": RiskLevel.YELLOW,
                 "黄色": RiskLevel.YELLOW, "低": RiskLevel.BLUE, "蓝": RiskLevel.BLUE, "蓝色": RiskLevel.BLUE},
    ),
    Column(
        "标准化等级",
        "standard_grade",
        excel.CHOICE,
        choices=StandardGrade.choices,
        aliases={"1级": StandardGrade.FIRST, "2级": StandardGrade.SECOND, "3级": StandardGrade.THIRD,
                 "三级达标": StandardGrade.THIRD, "二级达标": StandardGrade.SECOND, "小微": StandardGrade.SMALL},
    ),
    Column("标准化定级日期", "standard_graded_on", excel.DATE),
    Column("标准化有效期", "standard_expires_on", excel.DATE, synonyms=("标准化有效期至",)),
    Column("安责险到期", "insured_until", excel.DATE, synonyms=("安责险到期日期",)),
    Column(
        "状态",
        "state",
        excel.CHOICE,
        choices=State.choices,
        aliases={"正常": State.OPERATING, "生产": State.OPERATING, "在产": State.OPERATING, "营业": State.OPERATING,
                 "停业": State.SUSPENDED, "停产停业": State.SUSPENDED, "注销": State.CLOSED},
        help="不填为在营",
    ),
    Column("状态变更日期", "state_changed_on", excel.DATE, help="状态为关闭、取缔、搬迁的必填"),
    Column("状态变更原因", "state_reason"),
    Column("建档日期", "registered_on", excel.DATE, synonyms=("登记日期",), help="不填为导入当天"),
    Column("曾用名", "former_names", excel.LINES, help="一行一个"),
    Column("快速建档", "quick", excel.BOOLEAN, help="信息还不全、以后补充的填是"),
)  # fmt: skip

_TEXT_LIMITS = {
    field.name: field.max_length
    for field in Enterprise._meta.concrete_fields
    if field.max_length and not field.choices and field.name in {column.key for column in COLUMNS}
}


class EnterpriseLedger(Ledger):
    kind = "enterprises"
    label = "监管对象"
    columns = COLUMNS
    unique_keys = ("credit_code",)
    duplicate_keys = ("name", "area")

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Credit codes in their one spelling, so that the same one written twice is found."""
        for row in rows:
            if row["credit_code"]:
                try:
                    row["credit_code"] = credit_code_clean(row["credit_code"])
                except ValidationError as fault:
                    row.fault("credit_code", "；".join(fault.messages).rstrip("。"), row["credit_code"])
                    row["credit_code"] = None

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        on = context.on or clock.today()
        allowed: dict[tuple[int, int | None], bool] = {}
        for row in rows:
            if row["name"]:
                row["name"] = " ".join(row["name"].split())
            self._check_right(row, context.actor, allowed)
            self._check_filled(row)
            for key, limit in _TEXT_LIMITS.items():
                if row[key] and len(row[key]) > limit:
                    row.fault(key, f"最多{limit}个字，现有{len(row[key])}个字")
            for key in ("registered_on", "state_changed_on"):
                if row[key] and row[key] > on:
                    row.fault(key, "日期不能晚于今天", row[key])
            row["record"] = self._record(row, on)
        self._check_codes(rows, context.actor)
        self._doubt_names(rows, context.actor)

    @staticmethod
    def _check_right(row: Row, actor: Any, allowed: dict[tuple[int, int | None], bool]) -> None:
        area, department = row["area"], row["department"]
        if area is None or actor is None:
            return
        key = (area.pk, department.pk if department else None)
        if key not in allowed:
            allowed[key] = may_register(actor, area, department)
        if not allowed[key]:
            row.fault("area", "只能登记本单位辖区内或归口本部门的监管对象", area)

    @staticmethod
    def _check_filled(row: Row) -> None:
        if row["quick"]:
            return
        if row["industry"] is None and not any(fault.column == "行业" for fault in row.errors):
            row.fault("industry", "请填写行业")
        wrong_code = any(fault.column == "统一社会信用代码" for fault in row.errors)
        if not row["credit_code"] and not row["no_code_reason"] and not wrong_code:
            row.fault("credit_code", "请填写统一社会信用代码；确无代码的，填写无代码原因")

    @staticmethod
    def _record(row: Row, on: Any) -> Enterprise | None:
        """The subject as it will be stored, by the same rules as one that is entered by hand; None where a cell is at fault."""
        given = {column.key: row[column.key] for column in COLUMNS if row[column.key] is not None}
        area = given.pop("area", None)
        given["former_names"] = list(given.get("former_names", ()))
        given.setdefault("registered_on", on)
        record = Enterprise(**given)
        try:
            settle(record)
        except ValidationError as fault:
            for key, texts in fault.message_dict.items():
                row.fault(key, "；".join(texts).rstrip("。"), row[key] or "")
            return None
        if area is None or row.errors:
            return None
        place(record, area)
        return record

    @staticmethod
    def _check_codes(rows: Sequence[Row], actor: Any) -> None:
        """A code stands for one subject in the whole portal; its name is told to who may see it."""
        wanted = {row["credit_code"]: row for row in rows if row["credit_code"]}
        for chunk in _chunks(list(wanted)):
            taken = Enterprise.objects.live().filter(credit_code__in=chunk)
            seen = taken if actor is None else taken.visible_to(actor)
            names = dict(seen.values_list("credit_code", "name"))
            for code in taken.values_list("credit_code", flat=True):
                told = f"为“{names[code]}”" if code in names else ""
                wanted[code].fault("credit_code", f"该统一社会信用代码已登记{told}，请在原档案上修改", code)

    @staticmethod
    def _doubt_names(rows: Sequence[Row], actor: Any) -> None:
        """Rule 16: a subject of the same name, but for brackets and spaces, that the importer can see."""
        keyed: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["name"]:
                keyed[name_key(row["name"])].append(row)
        known = Enterprise.objects.live() if actor is None else Enterprise.objects.live().visible_to(actor)
        for chunk in _chunks(list(keyed)):
            found = known.filter(name_key__in=chunk).order_by().values_list("name_key", "name", "credit_code")
            for key, name, code in found:
                for row in keyed[key]:
                    if not (code and row["credit_code"] and code != row["credit_code"]):  # two codes are two subjects
                        row.doubt(f"与已登记的“{name}”疑似重复")

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store in batches, with the one event 导入 of each."""
        import_id = context.import_id or numbering.take_one("import")
        now = clock.now()
        records = [row["record"] for row in rows]
        for record in records:
            record.created_by, record.created_at, record.import_id = context.actor, now, import_id
        Enterprise.objects.bulk_create(records, batch_size=_BATCH)
        Event.objects.bulk_create(import_events(records, actor=context.actor), batch_size=_BATCH)
        return {"新增": len(records)}

    def records(self, queryset: QuerySet[Enterprise], *, user: Any = None) -> Iterator[tuple[Any, ...]]:
        """The rows of an export in the order of the columns."""
        special = {
            "area": lambda one: _unit_name(one.area),
            "department": lambda one: one.department.name if one.department else None,
            "industry": lambda one: one.industry.name if one.industry else None,
        }
        keys = [column.key for column in COLUMNS]
        for record in queryset.select_related("area__parent", "department", "industry").iterator(chunk_size=2_000):
            yield tuple(special[key](record) if key in special else getattr(record, key) for key in keys)


def _unit_name(unit: Organisation | None) -> str | None:
    """A name that finds the same unit again: communities of one name stand under many streets."""
    if unit is None:
        return None
    return f"{unit.parent.name}/{unit.name}" if unit.kind == Kind.COMMUNITY and unit.parent else unit.name


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


ENTERPRISES = excel.register(EnterpriseLedger())
