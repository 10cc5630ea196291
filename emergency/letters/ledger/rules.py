"""The rules of imported letters: of a row, and of the rows that tell one letter."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from emergency.core.ledger import ImportContext, Row
from emergency.letters.ledger.columns import OF_LETTER
from emergency.letters.lifecycle import WRITERS
from emergency.letters.models import Kind, Letter, ReplyStatus, Status
from emergency.letters.services.sending import may_sign
from emergency.organizations.scope import holds
from emergency.organizations.services import answers_for


def check_sender(row: Row, context: ImportContext, may_write: dict[int, bool]) -> None:
    handler, issuer = row["handler"], row["issuer"]
    if handler is None or issuer is None:
        return
    if not may_sign(issuer, handler):
        row.fault("issuer", f"{handler}不能以{issuer}的名义发文", issuer)
    if context.actor is None:
        return
    if handler.pk not in may_write:
        may_write[handler.pk] = holds(context.actor, WRITERS, handler, over=True)
    if not may_write[handler.pk]:
        row.fault("issuer", "不能替这个单位导入，只能导入本单位和下级单位的文书", issuer)
    if row["area"] is not None and not answers_for(handler, row["area"]):
        row.fault("area", f"不在{handler}的管辖范围内", row["area"])


def check_dates(row: Row, on: dt.date) -> None:
    issued_on = row["issued_on"]
    for key in ("issued_on", "replied_on", "verified_on", "meeting_on", "closed_on"):
        if key != "meeting_on" and row[key] is not None and row[key] > on:
            row.fault(key, "日期在将来，请改正", row[key])
    if issued_on is not None:
        for key, name in (("due_on", "回复期限"), ("replied_on", "回复日期"), ("closed_on", "办结日期")):
            if row[key] is not None and row[key] < issued_on:
                row.fault(key, f"{name}早于发文日期，请改正", row[key])
    if row["verified_on"] and row["replied_on"] and row["verified_on"] < row["replied_on"]:
        row.fault("verified_on", "核查日期早于回复日期，请改正", row["verified_on"])


def settle_reply(row: Row) -> None:
    """Where the row's addressees stand."""
    replied, verdict = row["replied_on"], row["verdict"]
    if row["kind"] == Kind.CIRCULAR:
        for key in ("due_on", "replied_on", "verdict"):
            if row[key] is not None:
                row.fault(key, "通报不要求回复，请删去", row[key])
    if verdict and replied is None:
        row.fault("replied_on", "有核查结论而没有回复日期，请补上")
    if row["verified_on"] and not verdict:
        row.fault("verdict", "有核查日期而没有核查结论，请补上")
    if replied is not None:
        row["reply_status"] = ReplyStatus.VERIFIED if verdict else ReplyStatus.REPLIED
    else:
        row["reply_status"] = ReplyStatus.WAITING if row["due_on"] is not None else ReplyStatus.NONE


def rows_by_letter(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each letter: those of one issuer and number together, any other alone."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        issuer = row["issuer"].pk if row["issuer"] is not None else None
        key = (issuer, row["number"]) if row["number"] and issuer else ("row", row.number)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def check_group(group: list[Row]) -> None:
    """Rows of one number tell the same letter; what a later row leaves blank is that of the first."""
    first = group[0]
    names: dict[str, int] = {}
    for row in group:
        for key in OF_LETTER:
            if row[key] is None or row[key] == "":
                row[key] = first[key]
            elif row is not first and row[key] != first[key]:
                row.fault(key, f"与第{first.number}行同一文号，这一栏却不同，请改正文号或内容", row[key])
        for name in row["addressees"] or ():
            if name in names:
                row.fault("addressees", f"第{names[name]}行已有这个主送单位", name)
            names[name] = row.number


def settle_status(group: list[Row]) -> None:
    """The state follows from the answers; where 状态 tells it, the two must agree."""
    first, told = group[0], group[0]["status"]
    waiting = any(row["reply_status"] in (ReplyStatus.WAITING, ReplyStatus.REPLIED) for row in group)
    if told in (Status.DRAFT, Status.VOID):
        if told == Status.VOID and not first["void_reason"]:
            first.fault("void_reason", "已作废的文书须填写作废原因")
        if told == Status.DRAFT and any(row["replied_on"] for row in group):
            first.fault("status", "草稿不应有回复，请改正状态或回复日期", Status.DRAFT.label)
        closed_on = None
    elif told == Status.CLOSED or (told is None and not waiting):
        if waiting and not first["closing_note"]:
            first.fault("closing_note", "还有未回复或未核查的单位就已办结的，请填写终结原因")
        days = [row["verified_on"] or row["replied_on"] for row in group]
        closed_on = first["closed_on"] or max((day for day in days if day is not None), default=first["issued_on"])
        told = Status.CLOSED
    else:
        if told == Status.ISSUED and not waiting:
            first.fault("status", "没有未回复或未核查的单位，不应是办理中，请改正", Status.ISSUED.label)
        if first["closed_on"] is not None:
            first.fault("closed_on", "未办结的文书不应有办结日期，请改正状态或日期", first["closed_on"])
        told, closed_on = Status.ISSUED, None
    first["status"], first["closed_on"] = told, closed_on


def check_numbers(rows: Sequence[Row]) -> None:
    wanted: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["number"] and row["issuer"] is not None:
            wanted[row["issuer"].pk, row["number"]].append(row)
    known = Letter.objects.filter(issuer__in={key[0] for key in wanted}, number__in={key[1] for key in wanted})
    for key in known.values_list("issuer", "number"):
        for row in wanted.get(key, ()):
            row.fault("number", "这个文号已在台账中，请删去这一行或改正文号", key[1])


def doubt_known(rows: Sequence[Row]) -> None:
    """Rule 16: a letter of the same issuer, day, kind and matter to the same addressees stands in the ledger already."""
    keyed: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        if row["issuer"] is not None and row["issued_on"] and not row["number"]:
            names = "、".join([str(unit) for unit in row["to_units"]] + [firm.name for firm in row["to_firms"]])
            keyed[row["issuer"].pk, row["issued_on"], row["kind"], row["subject"], names].append(row)
    if not keyed:
        return
    known = Letter.objects.exclude(status=Status.VOID).filter(
        issuer__in={key[0] for key in keyed}, issued_on__in={key[1] for key in keyed}
    )
    for *key, number in known.values_list("issuer", "issued_on", "kind", "subject", "addressed_to", "number"):
        for row in keyed.get(tuple(key), ()):
            row.doubt(f"与台账中的{number or '草稿'}疑似重复")
