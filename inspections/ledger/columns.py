"""The columns of the ledgers of visits and measures, and how single words in them are read."""

from __future__ import annotations

from typing import Any

from emergency.core import ledger as excel
from emergency.core.ledger import CellError, Column, ImportContext
from emergency.enterprises.models import Industry
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import read_area, read_unit, unit_find
from inspections.models import LIVE_STATUSES, EntryMode, MeasureKind, MeasureStatus, VisitKind


def read_industry(value: Any, context: ImportContext) -> Industry:
    """An industry by its name or one of the words that the office uses for it."""
    word = str(value).strip()
    found = Industry.objects.filter(name=word).first() or Industry.objects.filter(aliases__contains=[word]).first()
    if found is None:
        raise CellError(f"没有“{word}”这个行业领域，请按行业领域名称填写")
    return found


def read_department(value: Any, context: ImportContext) -> Organisation:
    """A department, wherever in the tree the importer stands: a town names the bureau above its subjects."""
    return unit_find(str(value), Organisation.objects.filter(kind__in=[Kind.DEPARTMENT, Kind.BUREAU]))


COLUMNS = (
    Column("检查编号", "number", excel.CODE, help="由系统编号的可不填；原有编号会保留。"),
    Column("检查日期", "visited_on", excel.DATE, required=True, synonyms=("检查时间", "排查日期"), example="2021-3-5"),
    Column(
        "实施单位",
        "handler",
        excel.UNIT,
        required=True,
        synonyms=("填报单位", "检查单位", "组织单位", "报送单位"),
        resolve=read_unit,
    ),
    Column(
        "检查类型",
        "kind",
        excel.CHOICE,
        required=True,
        choices=VisitKind.choices,
        aliases={
            "日常": VisitKind.DAILY,
            "日常巡查": VisitKind.PATROL,
            "专项": VisitKind.SPECIAL,
            "双随机": VisitKind.RANDOM,
            "督查": VisitKind.SUPERVISION,
            "督导检查": VisitKind.SUPERVISION,
            "暗访": VisitKind.UNANNOUNCED,
            "带队检查": VisitKind.LEADER,
            "专家检查": VisitKind.EXPERT,
            "帮扶指导": VisitKind.SERVICE,
            "复工复产检查": VisitKind.RESUMPTION,
            "走访": VisitKind.PATROL,
            "网格巡查/走访": VisitKind.PATROL,
        },
        synonyms=("检查方式",),
    ),
    Column(
        "受检单位",
        "enterprise",
        synonyms=("企业名称", "单位名称", "受检企业", "被检查单位", "检查对象"),
        help="须已在监管对象台账登记；没有登记的写到“检查地点”。",
    ),
    Column("统一社会信用代码", "credit_code", excel.CODE, help="受检单位重名时用来区分。"),
    Column("检查地点", "place", synonyms=("地点", "检查范围")),
    Column(
        "属地",
        "area",
        excel.UNIT,
        synonyms=("所属乡镇", "所属街道", "乡镇", "街道"),
        help="不填时取受检单位或实施单位的属地。",
        resolve=read_area,
    ),
    Column(
        "家次",
        "quantity",
        excel.INTEGER,
        minimum=1,
        synonyms=("检查家次", "检查企业家次", "检查单位家次"),
        help="不写明受检单位的，按家次汇总填报。",
    ),
    Column("检查组(个)", "groups", excel.INTEGER, minimum=0, synonyms=("检查组", "派出检查组", "检查组数")),
    Column("出动人次", "person_times", excel.INTEGER, minimum=0, synonyms=("出动检查人员", "出动人数")),
    Column(
        "发现隐患",
        "found",
        excel.INTEGER,
        minimum=0,
        synonyms=("发现隐患数", "排查隐患", "发现问题隐患"),
        help="只在汇总填报时填写；写明受检单位的，隐患在隐患台账逐条导入。",
    ),
    Column("其中重大", "major_found", excel.INTEGER, minimum=0, synonyms=("重大隐患", "其中重大隐患", "发现重大隐患")),
    Column("已整改", "rectified", excel.INTEGER, minimum=0, synonyms=("已整改隐患", "整改隐患", "整改到位")),
    Column("重大已整改", "major_rectified", excel.INTEGER, minimum=0, synonyms=("重大隐患已整改",)),
    Column("文书(份)", "papers", excel.INTEGER, minimum=0, synonyms=("文书", "执法文书", "下达文书", "文书份数")),
    Column("检查人员", "officers", excel.PEOPLE, synonyms=("执法人员", "检查人")),
    Column("专项行动", "campaigns", excel.LINES, synonyms=("专项整治",), help="几个行动用顿号分开。"),
    Column("行业", "industry", synonyms=("行业领域", "所属行业"), resolve=read_industry),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门",), resolve=read_department),
    Column(
        "登记方式", "entry_mode", excel.CHOICE, choices=EntryMode.choices, help="一般不填，按是否写明受检单位判断。"
    ),
    Column("开始时间", "started_at", excel.DATETIME),
    Column("结束时间", "ended_at", excel.DATETIME),
    Column("检查表", "checklist"),
    Column("检查情况", "summary", synonyms=("检查内容", "检查结果")),
    Column("被检查单位签字人", "signed_by"),
    Column("未签字原因", "unsigned_reason"),
    Column("经度", "longitude", excel.DECIMAL, minimum=-180, maximum=180),
    Column("纬度", "latitude", excel.DECIMAL, minimum=-90, maximum=90),
    Column("定位精度(米)", "accuracy", excel.INTEGER, minimum=0, total=False, synonyms=("定位精度",)),
    Column("原编号", "original_number", excel.CODE),
)

MEASURE_COLUMNS = (
    Column("处置编号", "number", excel.CODE, help="由系统编号，新登记的不填；文书上的编号填“文号”。"),
    Column("决定日期", "decided_on", excel.DATE, required=True, synonyms=("处罚日期", "作出决定日期", "处置日期"), example="2021-3-5"),
    Column(
        "实施单位", "handler", excel.UNIT, required=True,
        synonyms=("处罚机关", "决定机关", "执法单位", "填报单位", "作出决定单位"), resolve=read_unit,
    ),
    Column(
        "当事人", "party_name", synonyms=("企业名称", "单位名称", "被处罚单位", "行政相对人", "当事人名称"),
        help="已在监管对象台账登记的自动关联；没有逐户登记的不填，改填户数。",
    ),
    Column("统一社会信用代码", "credit_code", excel.CODE, help="当事人重名时用来区分。"),
    Column("户数", "quantity", excel.INTEGER, minimum=1, synonyms=("家数",), help="没有写明当事人的填户数。"),
    Column(
        "属地", "area", excel.UNIT, synonyms=("所属乡镇", "所属街道", "乡镇", "街道"),
        help="不填时取当事人或实施单位的属地。", resolve=read_area,
    ),
    Column("行业", "industry", synonyms=("行业领域", "所属行业"), resolve=read_industry),
    Column(
        "处置类型", "kind", excel.CHOICE, required=True, choices=MeasureKind.choices,
        aliases={
            "停产整顿": MeasureKind.SUSPENSION, "责令停产停业": MeasureKind.SUSPENSION, "停产停业": MeasureKind.SUSPENSION,
            "责令停产停业整顿": MeasureKind.SUSPENSION, "停产停业整顿": MeasureKind.SUSPENSION,
            "关闭": MeasureKind.CLOSURE, "取缔": MeasureKind.CLOSURE, "责令关闭": MeasureKind.CLOSURE,
            "关停": MeasureKind.CLOSURE, "关停取缔": MeasureKind.CLOSURE,
            "查封": MeasureKind.SEIZURE, "扣押": MeasureKind.SEIZURE, "没收": MeasureKind.CONFISCATION,
            "经济处罚": MeasureKind.FINE, "暂扣许可证": MeasureKind.LICENCE, "吊销许可证": MeasureKind.LICENCE,
            "暂扣吊销": MeasureKind.LICENCE, "暂扣或吊销许可证": MeasureKind.LICENCE, "拘留": MeasureKind.DETENTION,
            "移送": MeasureKind.REFERRAL, "移送司法机关": MeasureKind.REFERRAL, "其他": MeasureKind.OTHER,
        },
        synonyms=("处罚种类", "处罚类型", "处罚种类", "处置方式", "处理方式", "处置措施"),
    ),
    Column("案由", "cause", synonyms=("违法事实", "违法行为", "处罚事由")),
    Column("处置依据", "legal_basis", synonyms=("处罚依据", "法律依据")),
    Column(
        "罚款金额", "amount", excel.MONEY, unit="元", minimum=0, synonyms=("处罚金额", "罚款", "金额", "没收金额"),
        help="没收违法所得的金额也填这里。其他处置填了金额的，另登记一起罚款。",
    ),
    Column("文号", "document_number", synonyms=("决定书文号", "处罚决定书文号", "处罚文号", "案号", "文书编号")),
    Column(
        "执行情况", "status", excel.CHOICE,
        choices=[(one.value, one.label) for one in LIVE_STATUSES],
        aliases={
            "执行完毕": MeasureStatus.DONE, "已履行": MeasureStatus.DONE, "已缴纳": MeasureStatus.DONE, "已缴款": MeasureStatus.DONE,
            "已完成": MeasureStatus.DONE, "未履行": MeasureStatus.PENDING, "未缴纳": MeasureStatus.PENDING,
            "执行中": MeasureStatus.PARTIAL, "部分缴纳": MeasureStatus.PARTIAL, "强制执行": MeasureStatus.COURT,
        },
        help="不填的，有执行日期为已执行，否则为未执行。",
    ),
    Column("执行日期", "executed_on", excel.DATE, synonyms=("执行完毕日期", "缴款日期", "缴纳日期")),
    Column("复产验收日期", "resumed_on", excel.DATE, synonyms=("恢复生产日期", "复产日期"), help="只有责令停产整顿填写。"),
    Column("公示期限", "publish_due_on", excel.DATE, help="一般不填，按规定的工作日计算。"),
    Column("公示日期", "published_on", excel.DATE, synonyms=("公开日期",)),
    Column("不予公示理由", "unpublished_reason"),
    Column("专项行动", "campaigns", excel.LINES, synonyms=("专项整治",), help="几个行动用顿号分开。"),
    Column("行业主管部门", "department", excel.UNIT, synonyms=("主管部门",), resolve=read_department),
    Column("来源检查编号", "visit", excel.CODE, synonyms=("检查编号", "来源检查")),
)  # fmt: skip
