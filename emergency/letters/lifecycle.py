"""Two tables: the letter from draft to 办结, and each addressee's answer from 待回复 to 已核查.

The ladder of letters and their parts (matter, basis, addressee, signer, day for the reply, reply, evidence, check, end) follow the
practice of the safety committees' offices (design: rules.md §8); that 约谈 asks for a written report within a set time is 《安全生产约谈
实施办法（试行）》(安委〔2018〕2号).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from emergency.core import clock
from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.letters.models import Kind, Letter, LetterAddressee, ReplyStatus, Status, Verdict
from emergency.organizations.models import Role
from emergency.organizations.scope import FILERS, holds

#: Who writes letters for an office and follows them.
WRITERS = (
    Role.SECTION_HEAD,
    Role.CLERK,
    Role.COMMITTEE_OFFICE,
    Role.SECRETARY,
    Role.STREET_HEAD,
    Role.STREET_OFFICER,
    Role.DEPARTMENT_CLERK,
)
#: Who ends a letter without its replies, takes up a closed one again, and voids: never the clerk whose own letter it is.
HEADS = (Role.HEAD, Role.DEPUTY, Role.SECTION_HEAD, Role.STREET_HEAD)

#: Kinds that make no sense without an answer; the others may leave the day blank and then ask for none.
MUST_ANSWER = (Kind.ASSIGNMENT, Kind.SUPERVISION, Kind.INTERVIEW)


def is_writer(user: Any, record: Letter) -> bool:
    return holds(user, WRITERS, record.handler)


def is_head(user: Any, record: Letter) -> bool:
    return holds(user, HEADS, record.handler, over=True)


def is_addressees_own(user: Any, record: LetterAddressee) -> bool:
    """Officers of the unit addressed, or who files for the enterprise addressed."""
    if record.organisation is not None:
        return holds(user, FILERS, record.organisation)
    if not user.is_active:
        return False
    posts = user.enterprise_memberships.in_force(clock.today())
    return posts.filter(enterprise=record.enterprise_id).exists()


OFFICE = Who("office", "承办单位人员", is_writer)
ASKING = Who("asking", "承办单位人员（要求回复的）", lambda user, one: one.wants_reply and is_writer(user, one))
TELLING = Who("telling", "承办单位人员（不要求回复的）", lambda user, one: not one.wants_reply and is_writer(user, one))
TALKING = Who("talking", "承办单位人员（约谈）", lambda user, one: one.kind == Kind.INTERVIEW and is_writer(user, one))
HEAD = Who("head", "承办单位或上级负责人", is_head)
AGAIN = Who("again", "承办单位或上级负责人（有回复的）", lambda user, one: one.owed > 0 and is_head(user, one))
ADDRESSEE = Who("addressee", "主送单位人员", is_addressees_own)
RECEIVER = Who("receiver", "承办单位人员（代为登记）", lambda user, one: is_writer(user, one.letter))
CHECKER = Who("checker", "承办单位人员", lambda user, one: is_writer(user, one.letter))
CHECKERS_HEAD = Who("checkers_head", "承办单位或上级负责人", lambda user, one: is_head(user, one.letter))


def _refuse(field: str, message: str) -> None:
    raise ValidationError({field: message})


# ------------------------------------------------------------------------------------------------ rules of a letter


def says_something(move: Move) -> None:
    """GB/T 9704-2012, 7.3.3: a paper has its text; one without text is a note of a paper, which comes in by import."""
    if not move.record.body.strip():
        _refuse("body", "请先填写正文再发出。")


def has_addressees(move: Move) -> None:
    """GB/T 9704-2012, 7.3.2: 主送机关 is who has to deal with it."""
    if not move.record.addressees.exists():
        _refuse("addressees", "请先选择主送单位再发出。")


def answer_is_asked(move: Move) -> None:
    """rules.md §8: 交办, 督办 and 约谈 ask for a written reply within a set time."""
    if move.record.kind in MUST_ANSWER and not move.record.wants_reply:
        _refuse("due_on", f"{move.record.get_kind_display()}须填写回复期限。")


def sent_by_today(move: Move) -> None:
    """The day on the paper: not in the future, and the day for the reply is still after it."""
    day = move.data.get("issued_on") or move.on
    if day > move.on:
        _refuse("issued_on", "发文日期不能晚于今天。")
    if move.record.due_on is not None and move.record.due_on < day:
        _refuse("due_on", "回复期限不能早于发文日期，请先修改回复期限。")


def all_is_checked(move: Move) -> None:
    """rules.md §8: 办结 comes after 核查 of every reply."""
    if move.record.addressees.filter(status__in=[ReplyStatus.WAITING, ReplyStatus.REPLIED]).exists():
        _refuse("__all__", "还有未回复或未核查的单位，不能办结。")


def met_by_today(move: Move) -> None:
    """安委〔2018〕2号: the minutes tell of a talk that was held."""
    day = move.data["meeting_on"]
    if day > move.on:
        _refuse("meeting_on", "约谈日期不能晚于今天。")


def _send(move: Move) -> None:
    record = move.record
    record.number, record.signer = move.data["number"], move.data["signer"]
    record.issued_on = move.data.get("issued_on") or move.on


def issue(move: Move) -> None:
    """The letter goes out on its day: from now on each addressee's clock runs to the printed date."""
    _send(move)
    move.record.owed = move.record.addressees.count()
    move.record.addressees.update(status=ReplyStatus.WAITING, due_on=move.record.due_on)


def announce(move: Move) -> None:
    """Nothing is waited for, so it is done with when it is out."""
    _send(move)
    move.record.closed_on = move.record.issued_on


def close(move: Move) -> None:
    move.record.closed_on = move.on


def end(move: Move) -> None:
    move.record.closed_on, move.record.closing_note = move.on, move.note


def note_minutes(move: Move) -> None:
    for name in ("meeting_on", "meeting_place", "minutes"):
        setattr(move.record, name, move.data.get(name) or "")


def reopen(move: Move) -> None:
    """Every reply is judged anew; who had not answered owes the answer again."""
    record = move.record
    record.closed_on, record.closing_note = None, ""
    record.addressees.filter(status=ReplyStatus.VERIFIED).update(
        status=ReplyStatus.REPLIED, verdict="", verified_on=None, verified_by=None, opinion=""
    )


def void(move: Move) -> None:
    move.record.void_reason, move.record.closed_on = move.note, None


LIFECYCLE = Lifecycle(
    "letter",
    [
        Transition(
            "issue", "发出", (Status.DRAFT,), Status.ISSUED, (ASKING,), required=("signer",),
            guards=(has_addressees, says_something, sent_by_today), apply=issue,
        ),
        Transition(
            "announce", "印发", (Status.DRAFT,), Status.CLOSED, (TELLING,), required=("signer",),
            guards=(answer_is_asked, has_addressees, says_something, sent_by_today), apply=announce,
        ),
        *(
            Transition(
                "minutes", "登记约谈纪要", (status,), status, (TALKING,), required=("meeting_on", "minutes"),
                guards=(met_by_today,), apply=note_minutes,
            )
            for status in (Status.ISSUED, Status.CLOSED)
        ),
        Transition(
            "close", "办结", (Status.ISSUED,), Status.CLOSED, (OFFICE,), guards=(all_is_checked,), apply=close, tone="green",
        ),
        Transition(
            "end", "终结", (Status.ISSUED,), Status.CLOSED, (HEAD,), required=("reason",), apply=end, tone="amber",
        ),
        Transition(
            "reopen", "恢复办理", (Status.CLOSED,), Status.ISSUED, (AGAIN,), required=("reason",), apply=reopen, tone="amber",
        ),
        Transition(
            "void", "作废", (Status.ISSUED, Status.CLOSED), Status.VOID, (HEAD,), required=("reason",), apply=void,
            tone="grey",
        ),
    ],
)  # fmt: skip


# ------------------------------------------------------------------------------------------------ rules of an answer


def letter_is_out(move: Move) -> None:
    """Practice: nobody answers, and nothing is checked, once the matter is ended or the letter void."""
    if move.record.letter.status != Status.ISSUED:
        _refuse("__all__", f"文书{move.record.letter.get_status_display()}，不能再办理回复。")


def replied_within(move: Move) -> None:
    """The answer lies between the letter and today."""
    day: dt.date = move.data["replied_on"]
    if day < move.record.letter.issued_on:
        _refuse("replied_on", "回复日期不能早于发文日期。")
    if day > move.on:
        _refuse("replied_on", "回复日期不能晚于今天。")


def verdict_is_known(move: Move) -> None:
    """rules.md §8: a check ends in one of three words."""
    if move.data["verdict"] not in Verdict.values:
        _refuse("verdict", "请选择核查结论。")


def new_day_is_ahead(move: Move) -> None:
    """A reply sent back gets time to be written anew."""
    if move.data["due_on"] < move.on:
        _refuse("due_on", "重报期限不能早于今天。")


def take_reply(move: Move) -> None:
    record = move.record
    record.reply, record.replied_on, record.replied_by = move.data["reply"], move.data["replied_on"], move.actor
    record.verdict, record.verified_on, record.verified_by, record.opinion = "", None, None, ""


def verify(move: Move) -> None:
    record = move.record
    record.verdict, record.opinion = move.data["verdict"], move.data.get("opinion") or ""
    record.verified_on, record.verified_by = move.on, move.actor


def send_back(move: Move) -> None:
    """What was written stays to be improved; the letter's printed day stays as it is."""
    move.record.due_on, move.record.opinion = move.data["due_on"], move.data["opinion"]
    move.record.replied_on = move.record.replied_by = None


def recheck(move: Move) -> None:
    record = move.record
    record.verdict, record.verified_on, record.verified_by, record.opinion = "", None, None, ""


REPLIES = Lifecycle(
    "reply",
    [
        Transition(
            "reply", "回复", (ReplyStatus.WAITING,), ReplyStatus.REPLIED, (ADDRESSEE, RECEIVER),
            required=("reply", "replied_on"), guards=(letter_is_out, replied_within), apply=take_reply,
        ),
        Transition(
            "verify", "核查", (ReplyStatus.REPLIED,), ReplyStatus.VERIFIED, (CHECKER,), required=("verdict",),
            guards=(letter_is_out, verdict_is_known), apply=verify, tone="green",
        ),
        Transition(
            "return", "退回重报", (ReplyStatus.REPLIED,), ReplyStatus.WAITING, (CHECKER,), required=("opinion", "due_on"),
            guards=(letter_is_out, new_day_is_ahead), apply=send_back, tone="amber",
        ),
        Transition(
            "recheck", "更正核查结论", (ReplyStatus.VERIFIED,), ReplyStatus.REPLIED, (CHECKERS_HEAD,), required=("reason",),
            guards=(letter_is_out,), apply=recheck, tone="amber",
        ),
    ],
)  # fmt: skip
