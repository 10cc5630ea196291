"""The columns of the ledger of risk points: those of the field's own tables first, then one for every other field of a record."""

from __future__ import annotations

from emergency.core import ledger as excel
from emergency.core.ledger import Column
from emergency.enterprises.ledger import read_department
from emergency.enterprises.models import RiskLevel
from emergency.organizations.queries import read_area, read_unit
from hazards.models import Assessment, ControlLevel, Patrol, RiskCategory, RiskPoint, RiskStatus

#: Words of the offices for the four colours.
LEVEL_WORDS = {
    word: level
    for level, words in (
        (RiskLevel.RED, "重大 红 红色 红色风险 一级 1级 I级"),
        (RiskLevel.ORANGE, "较大 橙 橙色 橙色风险 二级 2级 II级"),
        (RiskLevel.YELLOW, "一般 黄 黄色 黄色风险 三级 3级 III级"),
        (RiskLevel.BLUE, "低 蓝 蓝色 蓝色风险 较小 四级 4级 IV级"),
    )
    for word in words.split()
}

_SPANS = {
    Patrol.DAILY: ("日", "天"),
    Patrol.WEEKLY: ("周", "星期"),
    Patrol.HALF_MONTHLY: ("半月", "半个月"),
    Patrol.MONTHLY: ("月", "个月"),
    Patrol.QUARTERLY: ("季度", "季"),
    Patrol.HALF_YEARLY: ("半年",),
    Patrol.YEARLY: ("年", "年度"),
}
#: 每周, 每周一次, 每周1次, 1次/周, 周 …
PATROL_WORDS = {
    form.format(span): patrol
    for patrol, spans in _SPANS.items()
    for span in spans
    for form in ("每{}", "每{}一次", "每{}1次", "每{}至少一次", "1次/{}", "一次/{}", "{}")
}

CONTROL_WORDS = {
    "市": ControlLevel.CITY, "区": ControlLevel.DISTRICT, "县": ControlLevel.DISTRICT, "区县": ControlLevel.DISTRICT,
    "区级": ControlLevel.DISTRICT, "县级": ControlLevel.DISTRICT, "区县级": ControlLevel.DISTRICT,
    "街道": ControlLevel.STREET, "乡镇": ControlLevel.STREET, "镇": ControlLevel.STREET, "街": ControlLevel.STREET,
    "街道级": ControlLevel.STREET, "乡镇级": ControlLevel.STREET, "镇级": ControlLevel.STREET,
    "街镇": ControlLevel.STREET, "镇街": ControlLevel.STREET, "企业": ControlLevel.FIRM, "企": ControlLevel.FIRM,
    "公司级": ControlLevel.FIRM,
}  # fmt: skip

METHOD_WORDS = {
    "LEC": Assessment.LEC, "LEC法": Assessment.LEC, "作业条件危险性评价法": Assessment.LEC,
    "LS": Assessment.LS, "LS法": Assessment.LS, "风险矩阵法": Assessment.LS, "直接判定法": Assessment.DIRECT,
}  # fmt: skip

#: Words for what a risk lies in, beside the labels; any other word is kept as 分类名称.
CATEGORY_WORDS = {label: value for value, label in RiskCategory.choices} | {
    "设备": RiskCategory.EQUIPMENT, "设施": RiskCategory.EQUIPMENT, "作业": RiskCategory.WORK,
    "场所": RiskCategory.PLACE, "部位": RiskCategory.PLACE, "工艺": RiskCategory.PROCESS,
    "人员密集场所": RiskCategory.CROWD, "危险化学品": RiskCategory.MATERIAL, "自然": RiskCategory.NATURAL,
}  # fmt: skip

COLUMNS = (
    Column("名称", "name", required=True, synonyms=("风险点名称", "风险点", "具体名称", "风险源名称"), example="二号液氨储罐"),
    Column("属地", "area", excel.UNIT, required=True, synonyms=("所属乡镇", "所属街道"), resolve=read_area),
    Column("监管对象", "enterprise", synonyms=("单位名称", "企业名称", "所在单位"), help="监管对象台账中的名称；没有登记的记为位置"),
    Column("行业", "industry", synonyms=("行业领域", "所属行业"), help="不填按监管对象的行业"),
    Column("类别", "category", required=True, synonyms=("风险类别", "风险点类别", "风险类型"),
           help=f"{'、'.join(RiskCategory.labels)}；其他词语记为分类名称"),
    Column("风险等级", "level", excel.CHOICE, required=True, choices=RiskLevel.choices, aliases=LEVEL_WORDS, synonyms=("等级",)),
    Column("是否重点", "key", excel.BOOLEAN, synonyms=("重点风险点", "是否重点风险点"), help="不填为否"),
    Column("管控措施", "measures", excel.LINES, synonyms=("防控措施", "控制措施"), help="一行一条，可写成 措施｜责任人｜频次"),
    Column("管控层级", "control_level", excel.CHOICE, choices=ControlLevel.choices, aliases=CONTROL_WORDS),
    Column("责任单位", "responsible_unit", synonyms=("管控责任单位",)),
    Column("责任人", "responsible_person", synonyms=("负责人", "管控责任人")),
    Column("巡查频次", "patrol", excel.CHOICE, choices=Patrol.choices, aliases=PATROL_WORDS, synonyms=("巡查频率", "检查频次")),
    Column("是否管控", "controlled", excel.BOOLEAN, required=True, synonyms=("是否已管控", "已管控")),
    Column("辨识日期", "identified_on", excel.DATE, required=True, synonyms=("填报日期", "辨识时间", "排查日期")),
    Column("经度", "longitude", excel.DECIMAL, minimum=73, maximum=136),
    Column("纬度", "latitude", excel.DECIMAL, minimum=3, maximum=54),
    Column("风险点编号", "number", excel.CODE, synonyms=("编号",), help="不填由系统编号；原有编号不合规则的记为原编号"),
    Column("原编号", "original_number", excel.CODE),
    Column("监管单位", "handler", excel.UNIT, synonyms=("上报单位", "主管单位"), resolve=read_unit, help="不填按导入单位或属地"),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门",), resolve=read_department),
    Column("位置", "place", synonyms=("地址", "地点")),
    Column("分类名称", "category_name"),
    Column("风险特征", "features", synonyms=("风险描述", "产生条件")),
    Column("可能后果", "consequences", synonyms=("可能导致的后果", "可能造成的后果")),
    Column("评估方法", "assessment", excel.CHOICE, choices=Assessment.choices, aliases=METHOD_WORDS),
    Column("可能性", "likelihood", excel.DECIMAL, minimum=0, maximum=10, synonyms=("L",)),
    Column("暴露频繁程度", "exposure", excel.DECIMAL, minimum=0, maximum=10, synonyms=("E",)),
    Column("后果严重性", "severity", excel.DECIMAL, minimum=0, maximum=100, synonyms=("C", "S")),
    Column("直接判定理由", "judgement"),
    Column("评估日期", "assessed_on", excel.DATE),
    Column("责任人电话", "responsible_phone", excel.CODE, synonyms=("电话", "联系电话"), personal=True),
    Column("最近巡查日期", "last_patrol_on", excel.DATE),
    Column("下次巡查日期", "next_patrol_on", excel.DATE),
    Column("管控日期", "controlled_on", excel.DATE, help="不填为辨识日期"),
    Column("状态", "status", excel.CHOICE, choices=RiskStatus.choices, help="不填按是否管控、消除日期判定"),
    Column("消除日期", "removed_on", excel.DATE, synonyms=("销号日期",)),
    Column("消除原因", "removed_reason"),
    Column("作废原因", "void_reason"),
)  # fmt: skip

#: Longest text of each column, as the database holds it.
TEXT_LIMITS = {
    field.name: field.max_length
    for field in RiskPoint._meta.concrete_fields
    if field.name in {column.key for column in COLUMNS} and getattr(field, "max_length", None) and not field.choices
} | {"number": 60, "enterprise": 120}
