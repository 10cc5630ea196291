"""Drafting: issuer, place and addressees; numbers; that a draft stays in its office; matters."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import events_of
from emergency.enterprises.tests.factories import enterprise_make
from emergency.letters.models import Letter, LetterAddressee, Status
from emergency.letters.queries import letters_about
from emergency.letters.services import letter_delete, letter_edit
from emergency.letters.tests.factories import (
    DUE_ON,
    ISSUED_ON,
    TODAY,
    committee_make,
    letter_make,
    letter_send,
    letter_sent,
)
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.django_db


def refused(field: str, words: str, call: Any) -> None:
    with pytest.raises(ValidationError) as fault:
        call()
    assert words in "".join(fault.value.message_dict[field])


def test_the_bureau_writes_in_the_committees_name_where_there_is_one(cast: Cast) -> None:
    assert letter_make(cast).issuer == cast.bureau
    committee = committee_make(cast)
    letter = letter_make(cast)
    assert (letter.issuer, letter.handler, letter.status, letter.number) == (committee, cast.bureau, "draft", "")
    assert letter_make(cast, issuer=cast.bureau).issuer == cast.bureau
    refused("issuer", "不能以", lambda: letter_make(cast, issuer=cast.department))
    street = letter_make(cast, actor=cast.officer_a, handler=cast.street_a, units=[cast.community_a])
    assert street.issuer == cast.street_a


def test_the_place_follows_the_addressees(cast: Cast) -> None:
    assert letter_make(cast).area == cast.street_a
    assert letter_make(cast, units=[cast.street_a, cast.street_b]).area == cast.district
    assert letter_make(cast, units=[cast.department]).area == cast.district
    firm = letter_make(cast, units=[], enterprises=[cast.enterprise])
    assert (firm.area, firm.addressed_to) == (cast.street_a, "东门机械厂")
    other = enterprise_make(name="桥头作坊", area=cast.community_a, created_by=cast.bureau_clerk)
    assert letter_make(cast, units=[], enterprises=[cast.enterprise, other]).area == cast.street_a
    assert letter_make(cast, area=cast.community_a).area == cast.community_a


def test_an_office_writes_to_those_below_and_beside_it(cast: Cast) -> None:
    refused("units", "不能发给区应急局", lambda: letter_make(cast, units=[cast.bureau]))
    refused("units", "不能发给桥头社区", lambda: letter_make(cast, units=[cast.community_a]))
    by_street: dict[str, Any] = {"actor": cast.officer_a, "handler": cast.street_a}
    refused("units", "不能发给西坪街道", lambda: letter_make(cast, units=[cast.street_b], **by_street))
    far = enterprise_make(name="西坪机械厂", area=cast.street_b, created_by=cast.bureau_clerk)
    refused("enterprises", "不在您的管辖范围内", lambda: letter_make(cast, units=[], enterprises=[far], **by_street))
    refused(
        "area",
        "不在东门街道的管辖范围内",
        lambda: letter_make(cast, units=[cast.community_a], area=cast.street_b, **by_street),
    )
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"due_on": dt.date(2026, 3, 1)}, "due_on", "不能早于发文日期"),
        ({"kind": "circular"}, "due_on", "通报不要求回复"),
        ({"subject": " "}, "subject", "不能为空"),
        ({"kind": "order"}, "kind", "order"),
    ],
)
def test_a_faulty_draft_names_its_field(cast: Cast, fields: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as fault:
        letter_make(cast, **fields)
    assert field in fault.value.message_dict and words in "".join(fault.value.message_dict[field])


@pytest.mark.parametrize("name", Cast.NAMES)
def test_who_drafts_for_the_bureau(cast: Cast, name: str) -> None:
    if name in ("bureau_clerk", "section_head"):
        assert letter_make(cast, actor=cast.person(name)).created_by == cast.person(name)
        return
    with pytest.raises(PermissionDenied):
        letter_make(cast, actor=cast.person(name))


def test_a_draft_is_seen_by_its_office_alone(cast: Cast) -> None:
    letter = letter_make(cast, units=[cast.street_a, cast.department], enterprises=[cast.enterprise])
    seen = {name for name in Cast.NAMES if Letter.objects.visible_to(cast.person(name)).exists()}
    assert seen == {"bureau_clerk", "section_head", "leader"}
    letter_send(cast, letter)
    seen = {name for name in Cast.NAMES if Letter.objects.visible_to(cast.person(name)).exists()}
    assert seen == {
        "bureau_clerk",
        "section_head",
        "leader",
        "officer_a",
        "officer_a2",
        "department_clerk",
        "enterprise_user",
    }


def test_an_addressee_reads_its_own_answer_and_the_area_all(cast: Cast) -> None:
    letter = letter_sent(cast, units=[cast.street_a, cast.street_b], enterprises=[cast.enterprise])
    read = {
        name: sorted(LetterAddressee.objects.visible_to(cast.person(name)).values_list("name", flat=True))
        for name in Cast.NAMES
    }
    every = sorted(row.name for row in letter.addressees.all())
    assert read == {name: [] for name in Cast.NAMES} | {
        "bureau_clerk": every, "section_head": every, "leader": every, "officer_a": ["东门街道"], "officer_a2": ["东门街道"],
        "officer_b": ["西坪街道"], "enterprise_user": ["东门机械厂"],
    }  # fmt: skip


def test_numbers_rise_by_issuer_kind_and_year(cast: Cast) -> None:
    committee = committee_make(cast)
    first, second = letter_sent(cast), letter_sent(cast)
    circular = letter_sent(cast, kind="circular", due_on=None)
    own = letter_sent(cast, issuer=cast.bureau)
    last_year = letter_send(cast, letter_make(cast), issued_on=dt.date(2025, 12, 31))
    assert [one.number for one in (first, second, circular, own, last_year)] == [
        "区安委督〔2026〕1号", "区安委督〔2026〕2号", "区安委通〔2026〕1号", "区应急局督〔2026〕1号", "区安委督〔2025〕1号",
    ]  # fmt: skip
    assert {one.issuer for one in (first, second, circular)} == {committee}


def test_the_number_of_the_paper_is_kept_and_takes_its_place(cast: Cast) -> None:
    assert letter_sent(cast).number == "区应急局督〔2026〕1号"
    assert letter_send(cast, letter_make(cast), number="区应急局督〔2026〕7号").number == "区应急局督〔2026〕7号"
    assert letter_send(cast, letter_make(cast), number="应急督查2026-3").number == "应急督查2026-3"
    assert letter_sent(cast).number == "区应急局督〔2026〕8号"
    draft = letter_make(cast)
    refused("number", "已经用过", lambda: letter_send(cast, draft, number="应急督查2026-3"))
    assert letter_sent(cast).number == "区应急局督〔2026〕9号"


def test_a_refused_sending_gives_its_number_back(cast: Cast) -> None:
    draft = letter_make(cast, body="")
    refused("body", "正文", lambda: letter_send(cast, draft))
    assert letter_sent(cast).number == "区应急局督〔2026〕1号"


def test_a_draft_is_changed_and_thrown_away_by_its_office(cast: Cast) -> None:
    letter = letter_make(cast, about=[cast.enterprise])
    changed = letter_edit(
        letter=letter, actor=cast.section_head, units=[cast.street_b], subject="清理南门市场", due_on=DUE_ON, on=TODAY
    )
    assert (changed.subject, changed.addressed_to, changed.area) == ("清理南门市场", "西坪街道", cast.street_b)
    with pytest.raises(PermissionDenied):
        letter_delete(letter=letter, actor=cast.officer_a)
    letter_delete(letter=letter, actor=cast.bureau_clerk)
    assert not Letter.objects.exists() and not LetterAddressee.objects.exists()
    verbs = AuditEntry.objects.filter(target_type="letters.letter").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["letter.draft", "letter.edit", "letter.delete"]


def test_what_has_gone_out_is_changed_by_no_hand(cast: Cast) -> None:
    letter = letter_sent(cast)
    for call in (
        lambda: letter_edit(letter=letter, actor=cast.bureau_clerk, units=[cast.street_b], subject="改"),
        lambda: letter_delete(letter=letter, actor=cast.bureau_clerk),
    ):
        with pytest.raises(ValidationError, match="只有草稿"):
            call()
    letter.refresh_from_db()
    assert (letter.status, letter.subject) == (Status.ISSUED, "限期整改南门市场消防隐患")


def test_a_letter_names_what_it_is_about_once(cast: Cast) -> None:
    letter = letter_make(cast, about=[cast.enterprise, cast.enterprise])
    assert [one.label for one in letter.matters.all()] == ["东门机械厂"]
    assert list(letters_about(cast.enterprise, cast.person("bureau_clerk"))) == [letter]
    assert not letters_about(cast.enterprise, cast.person("officer_a")).exists()


def test_sending_writes_event_and_audit_with_number_and_signer(cast: Cast) -> None:
    letter = letter_sent(cast)
    last = events_of(letter).last()
    assert (last.action, last.note) == ("issue", "区应急局督〔2026〕1号，签发人李副局长")
    assert (letter.issued_on, letter.owed, letter.replied, letter.closed_on) == (ISSUED_ON, 1, 0, None)
    assert AuditEntry.objects.filter(verb="letter.issue", organisation_id=cast.bureau.pk).count() == 1
