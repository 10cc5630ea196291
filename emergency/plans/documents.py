"""The certificate of filing: 《生产安全事故应急预案备案登记表》 of an enterprise, 《应急预案备案回执》 of an office's plan."""

from __future__ import annotations

import datetime as dt

from emergency.core import clock
from emergency.core.papers import Block, Column, Document, Meta, Paragraph, Row, Table, Text
from emergency.plans.models import Material, Plan


def has_certificate(plan: Plan) -> bool:
    """A filing that was made here; what was filed above has its paper from there."""
    return plan.filed_on is not None and plan.handler_id is not None and not plan.void_reason


def title_of(plan: Plan) -> str:
    return "生产安全事故应急预案备案登记表" if plan.of_firm else "应急预案备案回执"


def name_of(plan: Plan) -> str:
    """The file's name."""
    return f"{plan.maker_name}{title_of(plan)}"


def compose(plan: Plan) -> Document:
    """The paper as data. Raises ``ValueError`` for a plan without a filing of this portal."""
    if plan.handler is None or plan.filed_on is None:
        raise ValueError("a certificate needs a filing")
    title = title_of(plan)
    rows = [Row((label, value)) for label, value in _facts(plan) if value]
    blocks: list[Block] = [
        Table(columns=(Column("项目", 5, "center"), Column("内容", 15, "left")), rows=tuple(rows)),
        Paragraph((Text(_statement(plan)),)),
    ]
    return Document(
        title_lines=(title,),
        blocks=tuple(blocks),
        meta=Meta(title=title, unit=plan.handler.name, created=clock.now()),
        signature=plan.handler.name,
        dated=plan.filed_on,
    )


def _facts(plan: Plan) -> list[tuple[str, str]]:
    enterprise = plan.enterprise
    return [
        ("备案编号", plan.number),
        ("单位名称", plan.maker_name),
        ("统一社会信用代码", enterprise.credit_code if enterprise else ""),
        ("单位地址", enterprise.address if enterprise else ""),
        ("法定代表人", enterprise.legal_person if enterprise else ""),
        ("预案名称", str(plan)),
        ("预案类别", plan.get_kind_display()),
        ("评审（论证）日期", _day(plan.reviewed_on)),
        ("公布日期", _day(plan.published_on)),
        ("公布文号", plan.document_number),
        ("申报日期", _day(plan.applied_on)),
        ("提交的材料", "、".join(Material(one).label for one in plan.materials)),
        ("备案日期", _day(plan.filed_on)),
    ]


def _statement(plan: Plan) -> str:
    """What the office certifies; a filing by the clock says so."""
    if plan.deemed:
        day = _day(plan.accept_by)
        return (
            f"你单位报送的应急预案，至{day}核对期满，我单位未提出补正要求，"
            "依据《生产安全事故应急预案管理办法》，视为已经备案。"
        )
    law = "《生产安全事故应急预案管理办法》" if plan.of_firm else "《突发事件应急预案管理办法》"
    return f"你单位报送的应急预案备案材料齐全，依据{law}，予以备案。"


def _day(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
