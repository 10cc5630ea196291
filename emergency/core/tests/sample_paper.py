"""A made-up paper with everything that a paper can hold, for the tests of the three renderers."""

from dataclasses import replace
from datetime import UTC, date, datetime

from emergency.core import charts
from emergency.core.papers import (
    Annex,
    Chart,
    Column,
    Document,
    Edition,
    Heading,
    Meta,
    Missing,
    Number,
    Paragraph,
    Row,
    Table,
    Text,
    Unlinked,
)

FULL_LINE = "安全生产责任重于泰山"  # ten characters without punctuation
TOWNS = ("青山镇", "白石镇", "河口乡", "云岭乡", "石桥街道", "工业园区")


def number(text: str, code: str, title: str) -> Number:
    """A linked number of the first eleven months."""
    return Number(
        text,
        href=f"/figures/{code}/?from=2021-01-01&to=2021-11-30",
        code=code,
        title=title,
        meaning=f"{title}，按登记日期计入",
        period="2021年1月1日至11月30日",
    )


def wide_table(rows: int = 22) -> Table:
    """Twelve columns, one joint head, a total row at the end."""
    titles = ("监管对象", "检查家次", "家数", "排查隐患", "整改到位", "整改率", "排查", "销号", "停产整顿", "罚款")
    columns = (
        Column("序号", 3, "center"),
        Column("单位", 7, "left"),
        *(
            Column(
                f"{title[:2]}\n{title[2:]}" if len(title) == 4 else title,
                4,
                group="重大隐患" if title in ("排查", "销号") else "",
            )
            for title in titles
        ),
    )
    body = [
        Row(
            (
                str(place),
                TOWNS[place % len(TOWNS)],
                *(number(str(place * 37 + column), f"sample.{column}", titles[column]) for column in range(10)),
            )
        )
        for place in range(1, rows)
    ]
    total = Row(("", "合计", *(str(9000 + column) for column in range(10))), total=True)
    return Table(
        columns,
        (*body, total),
        unit="家、条、万元",
        notes=("整改率按期内查出并整改到位的条数计算。", "河口乡未报，数据未含。"),
    )


def chart() -> Chart:
    """Found and rectified by month, with the rate."""
    found = [
        charts.Point(f"{month}月", month * 37 % 11 * 13 + 200 - 20 * late, name, f"/hazards/?month={month}&late={late}")
        for month in range(1, 12)
        for late, name in enumerate(("排查隐患", "整改到位"))
    ]
    rate = [charts.Point(f"{month}月", 90 + month % 7, "整改率（%）") for month in range(1, 12)]
    return Chart(
        charts.month_bars(found, title="各月隐患排查整改情况", unit="条", rate=rate), "图1 各月隐患排查整改情况"
    )


def sample_paper(edition: Edition = Edition.SUBMISSION, *, paragraphs: int = 3) -> Document:
    """A yearly summary of a district that does not exist; `paragraphs` under each heading set its length."""
    sentence = (
        Text("1—11月，全区共检查生产经营单位"),
        number("18985", "visits.made", "检查生产经营单位"),
        Text("家次，排查隐患"),
        number("5985", "hazards.found", "排查隐患"),
        Text("条，整改到位"),
        number("5713", "hazards.rectified", "整改到位"),
        Text("条，整改率"),
        number("95.5%", "hazards.rate", "整改率"),
        Text("；未整改"),
        number("272", "hazards.open", "未整改"),
        Text("条，均已落实责任、措施、资金、时限和预案。组织培训"),
        Unlinked("36"),
        Text("场次，上年同期"),
        Missing("【待补：2020年1—11月培训场次】"),
        Text("。"),
        Text("坚持“人民至上、生命至上”，压紧压实“三管三必须”责任，推动安全生产形势持续稳定向好。"),
    )
    body = []
    for title in ("主要工作开展情况", "存在困难和问题", "下年度工作打算"):
        body.append(Heading(1, title))
        body.append(Paragraph(sentence[-1:]))
        for part in ("压实责任，完善安全生产责任体系", "突出重点，深化隐患排查治理"):
            body.append(Heading(2, part))
            body += [Paragraph(sentence, lead="一是强化督导。" if place == 0 else "") for place in range(paragraphs)]
        body += [
            Heading(3, "开展专项整治"),
            Paragraph(sentence[:6]),
            Heading(4, "有限空间作业"),
            Paragraph(sentence[-1:]),
        ]
    body.insert(4, chart())
    return Document(
        title_lines=("临江区应急管理局", "2021年工作总结及2022年工作打算"),
        salutation="区人民政府",
        blocks=tuple(body),
        meta=Meta(
            "临江区应急管理局2021年工作总结及2022年工作打算",
            "临江区应急管理局",
            "2021年1月1日至11月30日",
            datetime(2021, 12, 1, 8, 30, tzinfo=UTC),
        ),
        edition=edition,
        signature="临江区应急管理局",
        dated=date(2021, 12, 1),
        annexes=(
            Annex("各镇（街道）检查执法和隐患治理情况", (wide_table(),)),
            Annex("储备物资面积明细（㎡）", (wide_table(8),), landscape=True),
        ),
    )


def plain_paper(characters: int) -> Document:
    """One paragraph of so many characters without punctuation or figures, to measure lines and pages by."""
    text = (FULL_LINE * (characters // len(FULL_LINE) + 1))[:characters]
    return replace(
        sample_paper(), title_lines=("标题",), salutation="", signature="", dated=None, annexes=(),
        blocks=(Paragraph((Text(text),)),),
    )  # fmt: skip
