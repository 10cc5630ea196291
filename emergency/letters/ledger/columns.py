"""The columns of the ledger of letters: those of the offices' own tables first, then one for every other field."""

from __future__ import annotations

from emergency.core import ledger as excel
from emergency.core.ledger import Column
from emergency.letters.models import Kind, Status, Verdict
from emergency.organizations.queries import read_area, read_unit

COLUMNS = (
    Column("文号", "number", excel.CODE, synonyms=("发文字号", "文书编号", "编号"), help="不填由系统编号；同一文号的多行是同一份文书"),
    Column("种类", "kind", excel.CHOICE, required=True, choices=Kind.choices, synonyms=("文书种类", "文种"),
           aliases={"约谈通知书": "interview", "约谈通知": "interview", "约谈函": "interview", "安全提醒函": "notice", "提醒函": "notice"}),
    Column("发文日期", "issued_on", excel.DATE, required=True, synonyms=("印发日期", "下发日期")),
    Column("发文单位", "issuer", excel.UNIT, required=True, synonyms=("发函单位", "签发单位"), resolve=read_unit),
    Column("主送单位", "addressees", excel.LINES, required=True, synonyms=("收文单位", "接收单位", "发往单位"),
           help="单位或监管对象的名称，多个的一行一个或以顿号分开"),
    Column("事由", "subject", required=True, synonyms=("标题", "主要内容", "督办事项")),
    Column("依据", "basis"),
    Column("关联隐患", "matters", excel.LINES, synonyms=("隐患编号",), help="隐患编号，一行一个"),
    Column("回复期限", "due_on", excel.DATE, synonyms=("回复时限", "办理期限"), help="不填的不要求回复"),
    Column("回复日期", "replied_on", excel.DATE, synonyms=("回复时间",)),
    Column("核查结论", "verdict", excel.CHOICE, choices=Verdict.choices,
           aliases={"已整改": "done", "已整改到位": "done", "未整改到位": "not_done", "未整改": "not_done"}),
    Column("属地", "area", excel.UNIT, resolve=read_area, help="不填按主送单位的属地"),
    Column("承办单位", "handler", excel.UNIT, resolve=read_unit, help="不填为发文单位；以安委会名义发文的为应急管理局"),
    Column("签发人", "signer"),
    Column("正文", "body"),
    Column("约谈日期", "meeting_on", excel.DATE),
    Column("约谈地点", "meeting_place"),
    Column("约谈纪要", "minutes"),
    Column("回复内容", "reply", synonyms=("回复情况", "办理情况")),
    Column("重报期限", "reply_due_on", excel.DATE, help="退回重报的填写"),
    Column("核查日期", "verified_on", excel.DATE),
    Column("核查意见", "opinion"),
    Column("状态", "status", excel.CHOICE, choices=Status.choices, help="不填按回复和核查情况判定"),
    Column("办结日期", "closed_on", excel.DATE),
    Column("终结原因", "closing_note", help="未全部回复或核查就终结的填写"),
    Column("作废原因", "void_reason"),
)  # fmt: skip

#: What is said of the letter as a whole; the other columns speak of the row's addressees.
OF_LETTER = (
    "kind", "issued_on", "subject", "basis", "matters", "due_on", "area", "handler", "signer", "body", "meeting_on",
    "meeting_place", "minutes", "status", "closed_on", "closing_note", "void_reason",
)  # fmt: skip
TEXTS = ("basis", "signer", "body", "meeting_place", "minutes", "closing_note", "void_reason")
LIMITS = {
    "number": 60,
    "subject": 200,
    "signer": 60,
    "meeting_place": 120,
    "opinion": 300,
    "closing_note": 200,
    "void_reason": 200,
}
