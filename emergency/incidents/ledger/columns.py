"""The columns of the accident ledger: those of the field's own tables first, then one for every other field of a record."""

from __future__ import annotations

from emergency.core import ledger as excel
from emergency.core.ledger import Column
from emergency.enterprises.ledger import read_department
from emergency.incidents.models import Accident, Classification, InjuryType, Status
from emergency.organizations.queries import read_area

_MOST = 100_000


def _people(name: str, key: str, **options: object) -> Column:
    return Column(name, key, excel.INTEGER, minimum=0, maximum=_MOST, **options)  # type: ignore[arg-type]


COLUMNS = (
    Column("事故编号", "number", excel.CODE, synonyms=("编号",), help="不填由系统编号；原有编号不合规则的记为原编号"),
    Column("事故名称", "name", synonyms=("名称",), help="不填按属地、日期和分类取名"),
    Column("发生时间", "occurred_at", excel.DATETIME, required=True, synonyms=("事故时间", "事故发生时间", "发生日期")),
    Column("属地", "area", excel.UNIT, required=True, synonyms=("所属乡镇", "所属街道", "发生地"), resolve=read_area),
    Column("事故单位", "unit_name", synonyms=("事故发生单位", "单位名称", "企业名称")),
    Column("行业", "industry", synonyms=("行业领域",), help="不填按监管对象的行业"),
    Column(
        "事故分类", "classification", excel.CHOICE, required=True, choices=Classification.choices,
        aliases={"道路交通": "road", "交通": "road", "建筑": "construction", "建筑施工": "construction", "农业机械": "machinery",
                 "水上交通": "water", "工矿": "industrial", "工矿商贸其他": "industrial"},
    ),
    Column("事故类型", "injury_type", excel.CHOICE, choices=InjuryType.choices, help="按 GB 6441"),
    Column("生产经营性", "production", excel.BOOLEAN, required=True, synonyms=("是否生产经营性",)),
    Column("纳入统计", "counted", excel.BOOLEAN, required=True, synonyms=("是否纳入统计",)),
    _people("死亡", "deaths", required=True, synonyms=("死亡人数",), help="含30日内（道路运输、火灾7日内）的后续死亡"),
    _people("失踪", "missing", synonyms=("失踪人数", "下落不明")),
    _people("重伤", "serious_injured", required=True, synonyms=("重伤人数",), help="含急性工业中毒"),
    _people("轻伤", "minor_injured", synonyms=("轻伤人数",)),
    Column("直接经济损失(万元)", "direct_loss", excel.MONEY, unit="万元", minimum=0, synonyms=("直接经济损失", "经济损失")),
    Column("数据来源", "data_source"),
    Column("简要情况", "brief", synonyms=("事故经过", "事故简况", "简要经过")),
    Column("不纳入统计原因", "uncounted_reason", help="不纳入统计的必填"),
    Column("后续死亡", "later_deaths", excel.LINES, help="一行一条，如：2021-3-5 1人 原重伤；可写原重伤、原轻伤、原失踪、原未计入"),
    Column("发生地点", "place"),
    Column("监管对象", "enterprise", help="台账中的名称；不填时，事故单位与监管对象同名的自动对应"),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门",), resolve=read_department),
    Column("事故原因", "cause", synonyms=("直接原因",)),
    Column("事故单位报告时间", "reported_at", excel.DATETIME, synonyms=("接报时间",)),
    Column("向上级报告时间", "passed_on_at", excel.DATETIME, synonyms=("上报时间",)),
    Column("状态", "status", excel.CHOICE, choices=Status.choices, help="不填的，有批复结案日期的为已结案，其余为已核实；街道（乡镇）导入的为快报"),
    Column("核实日期", "verified_on", excel.DATE),
    Column("调查报告期限", "report_due_on", excel.DATE),
    Column("调查已延期", "report_extended", excel.BOOLEAN),
    Column("调查报告提交日期", "report_submitted_on", excel.DATE),
    Column("批复期限", "reply_due_on", excel.DATE),
    Column("批复结案日期", "approved_on", excel.DATE, synonyms=("结案日期", "结案时间")),
    Column("批复文号", "approval_number", excel.CODE),
    Column("原编号", "original_number", excel.CODE),
    Column("作废原因", "void_reason"),
)  # fmt: skip

#: Longest text of each column, as the database holds it.
TEXT_LIMITS = {
    column.key: field.max_length or 0
    for column in COLUMNS
    for field in [next((one for one in Accident._meta.concrete_fields if one.name == column.key), None)]
    if field is not None and getattr(field, "max_length", None) and not field.choices
} | {"number": 60}
