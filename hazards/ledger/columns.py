"""The columns of the hazard ledger: those of the field's own tables first, then one for every other field of a record."""

from __future__ import annotations

from emergency.core import ledger as excel
from emergency.core.ledger import Column
from emergency.enterprises.ledger import read_department
from emergency.organizations.queries import read_area, read_unit
from hazards.models import Category, EntryMode, Grade, Hazard, ListingDecision, Measure, Source, Status

COLUMNS = (
    Column("隐患编号", "number", excel.CODE, synonyms=("编号",), help="不填由系统编号；原有编号不合规则的记为原编号"),
    Column("发现日期", "found_on", excel.DATE, required=True, synonyms=("排查日期", "检查时间", "检查日期", "发现时间")),
    Column("受检单位或地点", "subject", required=True, synonyms=("受检单位", "企业名称", "单位名称", "地点或单位", "被检查单位")),
    Column("属地", "area", excel.UNIT, synonyms=("所属乡镇", "所属街道"), resolve=read_area, help="不填按监管对象的属地"),
    Column("承办单位", "handler", excel.UNIT, synonyms=("检查单位", "实施单位", "填报单位"), resolve=read_unit),
    Column("行业", "industry", synonyms=("行业领域",), help="不填按监管对象的行业"),
    Column("隐患类别", "category", excel.CHOICE, choices=Category.choices),
    Column("隐患来源", "source", excel.CHOICE, choices=Source.choices, help="不填为部门检查"),
    Column("隐患描述", "description", required=True, synonyms=("存在问题", "问题隐患", "隐患内容", "存在的问题")),
    Column("隐患等级", "grade", excel.CHOICE, choices=Grade.choices,
           aliases={"一般隐患": "general", "重大隐患": "major", "一般事故隐患": "general", "重大事故隐患": "major"},
           help="不填为一般"),
    Column("标准条款", "standard_item"),
    Column("判定依据", "legal_basis", synonyms=("检查依据",)),
    Column("登记方式", "entry_mode", excel.CHOICE, choices=EntryMode.choices, help="数量大于1的为按数量"),
    Column("数量", "quantity", excel.INTEGER, minimum=1, maximum=1_000_000, synonyms=("隐患数量",)),
    Column("整改期限", "due_on", excel.DATE, synonyms=("整改时限", "限期整改日期")),
    Column("整改措施", "rectification", synonyms=("整改情况",)),
    Column("整改责任人", "rectifier", synonyms=("责任人",)),
    Column("整改完成日期", "rectified_on", excel.DATE, synonyms=("完成日期", "整改日期", "整改完成时间")),
    Column("复查日期", "reviewed_on", excel.DATE, synonyms=("复查时间",)),
    Column("复查人", "reviewer_name", synonyms=("复查人员",)),
    Column("整改资金", "cost", excel.MONEY, unit="元", minimum=0, synonyms=("整改投入",)),
    Column("是否挂牌", "listed", excel.BOOLEAN, synonyms=("挂牌督办",)),
    Column("专项行动", "campaigns", excel.LINES),
    Column("状态", "status", excel.CHOICE, choices=Status.choices, help="不填按日期判定：有整改完成日期的为已销号，否则为待整改"),
    Column("原编号", "original_number", excel.CODE),
    Column("地点", "place", help="隐患在单位内的部位；没有单位的填所在地点"),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门",), resolve=read_department),
    Column("判定标准", "standard_code"),
    Column("处置方式", "measure", excel.CHOICE, choices=Measure.choices),
    Column("整改文书号", "order_number", excel.CODE),
    Column("下达日期", "issued_on", excel.DATE),
    Column("申请延期至", "requested_due_on", excel.DATE),
    Column("延期次数", "extensions", excel.INTEGER, minimum=0, maximum=1_000, total=False),
    Column("复查期限", "review_due_on", excel.DATE),
    Column("复查不合格次数", "rejections", excel.INTEGER, minimum=0, maximum=1_000, total=False),
    Column("销号日期", "closed_on", excel.DATE),
    Column("无复查记录", "closed_without_review", excel.BOOLEAN, help="历史补录，只有整改完成日期的"),
    Column("责任落实", "duty"),
    Column("措施落实", "steps"),
    Column("资金落实", "funds"),
    Column("时限落实", "time_limit"),
    Column("预案落实", "contingency"),
    Column("挂牌决定", "listing_decision", excel.CHOICE, choices=ListingDecision.choices),
    Column("不挂牌理由", "listing_reason"),
    Column("作废原因", "void_reason"),
    Column("内部备注", "internal_note"),
)  # fmt: skip


#: Longest text of each column, as the database holds it.
TEXT_LIMITS = {
    column.key: field.max_length
    for column in COLUMNS
    for field in [next((one for one in Hazard._meta.concrete_fields if one.name == column.key), None)]
    if field is not None and getattr(field, "max_length", None) and not field.choices
} | {"subject": 160, "number": 60}
