"""The columns of the ledger of activities, and how single words in them are read."""

from __future__ import annotations

from emergency.activities.models import Activity, Category, DocumentState, Level, Naming, Status
from emergency.core import ledger as excel
from emergency.core.ledger import Column
from emergency.organizations.queries import read_area, read_unit


def groups() -> list[tuple[str, str]]:
    """The groups by name; a category is then looked for under its group."""
    return [(name, name) for name in Category.objects.groups().values_list("name", flat=True)]


COLUMNS = (
    Column("编号", "number", excel.CODE, help="由系统编号的可不填；原有编号会保留。"),
    Column(
        "日期", "started_on", excel.DATE, required=True, synonyms=("开始日期", "开展日期", "活动日期", "会议日期"), example="2021-3-5"
    ),
    Column("结束日期", "ended_on", excel.DATE),
    Column(
        "单位",
        "handler",
        excel.UNIT,
        required=True,
        synonyms=("开展单位", "填报单位", "组织单位", "主办单位", "报送单位"),
        resolve=read_unit,
    ),
    Column("大类", "group", excel.CHOICE, required=True, choices=groups, synonyms=("类别", "工作类别", "工作大类"), example="培训"),
    Column("小类", "category", synonyms=("工作小类",), help="没有合适的小类可不填。", example="安全员培训"),
    Column("标题", "title", required=True, synonyms=("名称", "活动名称", "会议名称", "工作内容")),
    Column("主持(带队)领导", "leader", synonyms=("主持领导", "带队领导", "领导")),
    Column("职务", "leader_post", synonyms=("领导职务",)),
    Column("次数", "times", excel.INTEGER, minimum=1, synonyms=("期数", "场数", "场次"), help="登记次数的类别不填为1。"),
    Column("人次", "people", excel.INTEGER, minimum=0, synonyms=("参加人次", "参加人数", "培训人次", "人数")),
    Column("数量", "quantity", excel.DECIMAL, minimum=0, total=True),
    Column("计量单位", "quantity_unit", help="类别已定单位的可不填。"),
    Column("金额(元)", "money", excel.MONEY, unit="元", minimum=0, synonyms=("金额", "投入资金", "保费", "经费")),
    Column("发现问题", "problems", excel.INTEGER, minimum=0, synonyms=("发现问题数",), help="只作统计，不进入隐患台账。"),
    Column("已整改", "rectified", excel.INTEGER, minimum=0, synonyms=("已整改问题",)),
    Column("监管对象", "enterprise", synonyms=("企业名称", "受检单位"), help="须已在监管对象台账登记。"),
    Column("统一社会信用代码", "credit_code", excel.CODE, help="监管对象重名时用来区分。"),
    Column("行业", "industry", synonyms=("行业领域", "所属行业"), help="不填时取监管对象的行业。"),
    Column("载体", "medium", synonyms=("媒体",)),
    Column("级别", "level", excel.CHOICE, choices=Level.choices, aliases={"区级": Level.DISTRICT, "县级": Level.DISTRICT, "镇级": Level.STREET}),
    Column("文号", "document_number", excel.CODE),
    Column("专项行动", "campaigns", excel.LINES, help="几个行动用顿号分开。"),
    Column("关联任务", "related_task"),
    Column("属地", "area", excel.UNIT, synonyms=("所属乡镇", "所属街道"), help="不填时取监管对象或开展单位的属地。", resolve=read_area),
    Column("文件状态", "document_state", excel.CHOICE, choices=DocumentState.choices),
    Column("授予单位", "granted_by"),
    Column("位次", "rank", excel.INTEGER, minimum=1, maximum=9_999, total=False),
    Column("创建进度", "naming", excel.CHOICE, choices=Naming.choices),
    Column("主要内容", "content", synonyms=("内容",)),
    Column("状态", "status", excel.CHOICE, choices=Status.choices, help="不填为已登记。"),
    Column("作废原因", "void_reason"),
    Column("原编号", "original_number", excel.CODE),
)  # fmt: skip

#: Longest text of each column, as the database holds it.
TEXT_LIMITS: dict[str, int] = {
    column.key: limit
    for column in COLUMNS
    for field in [next((one for one in Activity._meta.concrete_fields if one.name == column.key), None)]
    if field is not None and not field.choices and (limit := getattr(field, "max_length", None))
} | {"number": 60}
