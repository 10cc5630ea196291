"""The two tables: who takes which step from where, the rules one by one, and that a refused step changes nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import Event, events_of
from emergency.letters.lifecycle import LIFECYCLE, REPLIES
from emergency.letters.models import Letter, LetterAddressee, ReplyStatus, Status
from emergency.letters.services import letter_act, reply_act
from emergency.letters.tests.factories import DUE_ON, TODAY, answer, letter_make, letter_send, letter_sent
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db

OFFICE = {"bureau_clerk", "section_head"}
HEADS = {"section_head", "leader"}
#: Who may take each step of the bureau's letter to street A.
MAY = {
    "issue": OFFICE,
    "announce": OFFICE,
    "minutes": OFFICE,
    "close": OFFICE,
    "end": HEADS,
    "reopen": HEADS,
    "void": HEADS,
}
MAY_ANSWER = {
    "reply": OFFICE | {"officer_a", "officer_a2"},
    "verify": OFFICE,
    "return": OFFICE,
    "recheck": HEADS,
}
LETTER_INPUT: dict[str, dict[str, Any]] = {
    "issue": {"signer": "李副局长"},
    "announce": {"signer": "李副局长"},
    "minutes": {"meeting_on": TODAY, "minutes": "参加人员：……"},
    "close": {},
    "end": {"reason": "已转为约谈"},
    "reopen": {"reason": "回复不实"},
    "void": {"reason": "重复发文"},
}
REPLY_INPUT: dict[str, dict[str, Any]] = {
    "reply": {"reply": "已清理", "replied_on": TODAY},
    "verify": {"verdict": "done"},
    "return": {"opinion": "未附照片", "due_on": DUE_ON},
    "recheck": {"reason": "填错"},
}


def letter_in(cast: Cast, status: str, action: str = "") -> Letter:
    """A letter in this status from which the step could be taken by who may."""
    kind, due_on = ("interview", DUE_ON) if action == "minutes" else ("reminder", DUE_ON)
    if action == "announce":
        due_on = None  # type: ignore[assignment]  # it asks for no reply
    letter = letter_make(cast, kind=kind, due_on=due_on)
    if status == Status.DRAFT:
        return letter
    letter = letter_send(cast, letter)
    if status == Status.CLOSED and letter.owed:
        row = letter.addressees.get()
        answer(cast, row, "reply")
        answer(cast, row, "verify")
    if status == Status.VOID:
        letter_act(
            queryset=Letter.objects.all(), pk=letter.pk, action="void", actor=cast.leader, data={"reason": "重复"}
        )
    letter.refresh_from_db()
    return letter


def row_in(cast: Cast, status: str) -> LetterAddressee:
    row = letter_sent(cast, units=[cast.street_a, cast.street_b]).addressees.get(organisation=cast.street_a)
    for action in {ReplyStatus.REPLIED: ["reply"], ReplyStatus.VERIFIED: ["reply", "verify"]}.get(
        ReplyStatus(status), []
    ):
        answer(cast, row, action)
    if status == ReplyStatus.NONE:
        row = letter_sent(cast, kind="circular", due_on=None).addressees.get()
    row.refresh_from_db()
    return row


def traces(record: Letter | LetterAddressee) -> Any:
    model = type(record)
    return model.objects.values().get(pk=record.pk), Event.objects.count(), AuditEntry.objects.count()


@pytest.mark.parametrize("action", LIFECYCLE.actions())
@pytest.mark.parametrize("status", Status.values)
def test_every_status_action_and_person_of_a_letter(cast: Cast, status: str, action: str) -> None:
    letter = letter_in(cast, status, action)
    known = LIFECYCLE.find(status, action)
    allowed = sorted(MAY[action]) if known else []
    if action == "close" and known:  # nothing is left to close that the last check has not closed
        allowed = []
    for name in sorted(set(Cast.NAMES) - set(allowed)):
        before = traces(letter)
        with pytest.raises((PermissionDenied, ValidationError)):
            letter_act(
                queryset=Letter.objects.all(),
                pk=letter.pk,
                action=action,
                actor=cast.person(name),
                data=LETTER_INPUT[action],
                on=TODAY,
            )
        assert traces(letter) == before, name
    if allowed:
        actor = cast.person(allowed[0])
        done = letter_act(
            queryset=Letter.objects.visible_to(actor), pk=letter.pk, action=action, actor=actor, data=LETTER_INPUT[action],
            on=TODAY,
        )  # fmt: skip
        assert known is not None and done.status == known.target


@pytest.mark.parametrize("action", REPLIES.actions())
@pytest.mark.parametrize("status", ReplyStatus.values)
def test_every_status_action_and_person_of_an_answer(cast: Cast, status: str, action: str) -> None:
    row = row_in(cast, status)
    known = REPLIES.find(status, action)
    allowed = sorted(MAY_ANSWER[action]) if known else []
    for name in sorted(set(Cast.NAMES) - set(allowed)):
        before = traces(row)
        with pytest.raises((PermissionDenied, ValidationError)):
            reply_act(
                queryset=LetterAddressee.objects.all(),
                pk=row.pk,
                action=action,
                actor=cast.person(name),
                data=REPLY_INPUT[action],
                on=TODAY,
            )
        assert traces(row) == before, name
    if allowed:
        actor = cast.person(allowed[-1])
        done = reply_act(
            queryset=LetterAddressee.objects.visible_to(actor), pk=row.pk, action=action, actor=actor,
            data=REPLY_INPUT[action], on=TODAY,
        )  # fmt: skip
        assert known is not None and done.status == known.target


def test_the_tables_of_people_are_complete() -> None:
    assert set(MAY) == set(LIFECYCLE.actions()) and set(MAY_ANSWER) == set(REPLIES.actions())


@pytest.mark.parametrize(
    ("name", "action", "field"),
    [
        (table.name, one.action, field)
        for table in (LIFECYCLE, REPLIES)
        for one in table.transitions
        for field in one.required
    ],
)
def test_what_is_required_is_required(cast: Cast, name: str, action: str, field: str) -> None:
    with pytest.raises(ValidationError) as fault:
        if name == "letter":
            status = next(one.sources[0] for one in LIFECYCLE.transitions if one.action == action)
            letter = letter_in(cast, status, action)
            data = LETTER_INPUT[action] | {field: ""}
            letter_act(queryset=Letter.objects.all(), pk=letter.pk, action=action, actor=cast.section_head, data=data)
        else:
            status = next(one.sources[0] for one in REPLIES.transitions if one.action == action)
            answer(cast, row_in(cast, status), action, cast.section_head, **{field: ""})
    assert "请填写此项" in "".join(fault.value.message_dict[field])


def refused(field: str, words: str, call: Any) -> None:
    with pytest.raises(ValidationError) as fault:
        call()
    assert words in "".join(fault.value.message_dict[field])


def test_orders_are_not_sent_without_a_day_for_the_reply(cast: Cast) -> None:
    for kind in ("assignment", "supervision", "interview"):
        draft = letter_make(cast, kind=kind, due_on=None)
        refused("due_on", "须填写回复期限", lambda draft=draft: letter_send(cast, draft))
    assert letter_sent(cast, kind="notice", due_on=None).status == Status.CLOSED


def test_the_day_on_the_paper_lies_between_no_day_and_today(cast: Cast) -> None:
    draft = letter_make(cast)
    refused("issued_on", "不能晚于今天", lambda: letter_send(cast, draft, issued_on=TODAY + dt.timedelta(days=1)))
    late = letter_make(cast, due_on=dt.date(2026, 3, 3))
    refused("due_on", "不能早于发文日期", lambda: letter_send(cast, late, issued_on=TODAY))


def test_a_circular_is_done_with_when_it_is_out(cast: Cast) -> None:
    letter = letter_sent(cast, kind="circular", due_on=None, units=[cast.street_a, cast.street_b])
    assert (letter.status, letter.closed_on, letter.owed) == (Status.CLOSED, letter.issued_on, 0)
    assert set(letter.addressees.values_list("status", flat=True)) == {ReplyStatus.NONE}


def test_the_last_check_closes_the_letter(cast: Cast) -> None:
    letter = letter_sent(cast, units=[cast.street_a], enterprises=[cast.enterprise])
    street, firm = letter.addressees.all()
    assert letter.progress[0] == "待回复"
    answer(cast, street, "reply")
    letter.refresh_from_db()
    assert (letter.replied, letter.replied_on, letter.progress[0]) == (1, None, "部分回复")
    answer(cast, street, "verify")
    answer(cast, firm, "reply", cast.person("enterprise_user"), replied_on=dt.date(2026, 3, 4))
    letter.refresh_from_db()
    assert (letter.replied, letter.replied_on, letter.progress[0]) == (2, TODAY, "待核查")
    answer(cast, firm, "verify", verdict="not_done")
    letter.refresh_from_db()
    assert (letter.status, letter.closed_on) == (Status.CLOSED, TODAY)
    assert list(events_of(letter).values_list("action", flat=True)) == ["draft", "issue", "close"]


def test_a_reply_lies_between_the_letter_and_today(cast: Cast) -> None:
    row = letter_sent(cast).addressees.get()
    refused("replied_on", "早于发文日期", lambda: answer(cast, row, "reply", replied_on=dt.date(2026, 3, 1)))
    refused("replied_on", "晚于今天", lambda: answer(cast, row, "reply", replied_on=dt.date(2026, 3, 6)))


def test_a_reply_sent_back_gets_a_new_day_and_the_printed_one_stays(cast: Cast) -> None:
    letter = letter_sent(cast)
    row = letter.addressees.get()
    answer(cast, row, "reply")
    refused("due_on", "不能早于今天", lambda: answer(cast, row, "return", due_on=dt.date(2026, 3, 4)))
    back = answer(cast, row, "return")
    letter.refresh_from_db()
    assert (back.status, back.due_on, back.replied_on, back.reply) == (
        "waiting",
        dt.date(2026, 3, 20),
        None,
        "已清理并落实专人看管",
    )
    assert (letter.due_on, letter.replied, letter.replied_on) == (DUE_ON, 0, None)
    assert answer(cast, row, "reply", reply="附照片三张").opinion == ""


def test_a_paper_reply_is_registered_for_its_sender(cast: Cast) -> None:
    row = letter_sent(cast).addressees.get()
    done = answer(cast, row, "reply", cast.bureau_clerk)
    event = Event.objects.get(target_type="letters.letteraddressee", target_id=done.pk)
    assert (event.acted_for, event.note) == ("东门街道", "已清理并落实专人看管")


def test_nothing_is_answered_after_the_end(cast: Cast) -> None:
    letter = letter_sent(cast)
    row = letter.addressees.get()
    letter_act(
        queryset=Letter.objects.all(),
        pk=letter.pk,
        action="end",
        actor=cast.leader,
        data={"reason": "已转为约谈"},
        on=TODAY,
    )
    letter.refresh_from_db()
    assert (letter.status, letter.closing_note, letter.closed_on) == (Status.CLOSED, "已转为约谈", TODAY)
    refused("__all__", "不能再办理回复", lambda: answer(cast, row, "reply"))


def test_a_letter_taken_up_again_is_judged_anew(cast: Cast) -> None:
    letter = letter_in(cast, Status.CLOSED)
    again = letter_act(
        queryset=Letter.objects.all(),
        pk=letter.pk,
        action="reopen",
        actor=cast.leader,
        data={"reason": "回复不实"},
        on=TODAY,
    )
    row = again.addressees.get()
    assert (again.status, again.closed_on, row.status, row.verdict) == (Status.ISSUED, None, "replied", "")
    answer(cast, row, "return")
    assert not Letter.objects.filter(pk=letter.pk, replied=1).exists()


def test_what_asked_for_nothing_is_not_taken_up_again(cast: Cast) -> None:
    circular = letter_sent(cast, kind="circular", due_on=None)
    with pytest.raises(PermissionDenied):
        letter_act(
            queryset=Letter.objects.all(),
            pk=circular.pk,
            action="reopen",
            actor=cast.leader,
            data={"reason": "误"},
            on=TODAY,
        )


def test_minutes_tell_of_a_talk_that_was_held(cast: Cast) -> None:
    letter = letter_in(cast, Status.ISSUED, "minutes")
    data = LETTER_INPUT["minutes"] | {"meeting_on": TODAY + dt.timedelta(days=1)}
    refused(
        "meeting_on",
        "不能晚于今天",
        lambda: letter_act(
            queryset=Letter.objects.all(), pk=letter.pk, action="minutes", actor=cast.bureau_clerk, data=data, on=TODAY
        ),
    )


def test_the_manual_shows_the_present_tables() -> None:
    text = (Path(settings.BASE_DIR) / "docs/manual/letters.md").read_text()
    assert LIFECYCLE.mermaid(dict(Status.choices)) in text
    assert REPLIES.mermaid(dict(ReplyStatus.choices)) in text
