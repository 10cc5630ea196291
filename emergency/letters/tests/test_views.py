"""The pages: who sees what, what a form leads to, and what a refusal leaves untouched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import attachments
from emergency.core.jobs.models import Job
from emergency.core.lifecycle import Event
from emergency.core.tests.query_counts import expected_queries
from emergency.letters.models import Letter, Status
from emergency.letters.tests.factories import TODAY, answer, committee_make, letter_make, letter_send, letter_sent
from emergency.organizations.tests.factories import Cast, client_of
from hazards.tests.factories import hazard_make

pytestmark = pytest.mark.django_db


def page(cast: Cast, name: str, route: str, *args: Any, **params: Any) -> Any:
    return cast.client(name).get(reverse(f"letters:{route}", args=args), params)


def send(cast: Cast, name: str, route: str, *args: Any, **data: Any) -> Any:
    return cast.client(name).post(reverse(f"letters:{route}", args=args), data)


def numbers(response: Any) -> set[int]:
    return {row.pk for row in response.context["page"].rows}


def test_everybody_finds_their_own_letters_and_no_others(cast: Cast) -> None:
    draft = letter_make(cast)
    here = letter_sent(cast, enterprises=[cast.enterprise], units=[])
    both = letter_sent(cast, units=[cast.street_a, cast.street_b, cast.department])
    seen = {name: numbers(page(cast, name, "list")) for name in Cast.BUSINESS}
    every = {draft.pk, here.pk, both.pk}
    assert seen == {
        "bureau_clerk": every,
        "section_head": every,
        "leader": every,
        "officer_a": {here.pk, both.pk},
        "officer_a2": {here.pk, both.pk},
        "officer_b": {both.pk},
        "community_officer": set(),
        "department_clerk": {both.pk},
        "enterprise_user": {here.pk},
    }
    for name in Cast.ADMINISTRATORS:
        assert page(cast, name, "list").status_code == 403
        assert page(cast, name, "detail", here.pk).status_code == 403
    assert reverse("organizations:login") in client_of(None).get(reverse("letters:list")).headers["Location"]


def test_another_streets_letter_and_anothers_answer_do_not_exist(cast: Cast) -> None:
    letter = letter_sent(cast)
    row = letter.addressees.get()
    for route, args in (("detail", (letter.pk,)), ("edit", (letter.pk,)), ("act", (letter.pk, "void"))):
        assert page(cast, "officer_b", route, *args).status_code == 404, route
    assert send(cast, "officer_b", "print", letter.pk, form="pdf").status_code == 404
    assert page(cast, "officer_b", "reply", row.pk, "reply").status_code == 404
    two = letter_sent(cast, units=[cast.street_a, cast.street_b])
    other = two.addressees.get(organisation=cast.street_a)
    assert page(cast, "officer_b", "detail", two.pk).status_code == 200
    assert page(cast, "officer_b", "reply", other.pk, "reply").status_code == 404


def test_each_filter_narrows(cast: Cast) -> None:
    from_a = letter_make(cast, actor=cast.officer_a, handler=cast.street_a, units=[cast.community_a], kind="reminder")
    rows = {
        "draft": letter_make(cast, units=[cast.street_b]),
        "waiting": letter_sent(cast),
        "late": letter_sent(cast, due_on=dt.date(2026, 3, 4)),
        "check": letter_sent(cast),
        "closed": letter_sent(cast, kind="circular", due_on=None, units=[cast.street_b], subject="一季度情况"),
        "own": letter_send(cast, from_a),
    }
    answer(cast, rows["check"].addressees.get(), "reply")
    cases: list[tuple[str, dict[str, Any], set[str]]] = [
        ("bureau_clerk", {"stage": "late"}, {"late"}),
        ("bureau_clerk", {"stage": "waiting"}, {"waiting", "late", "own"}),
        ("bureau_clerk", {"stage": "check"}, {"check"}),
        ("bureau_clerk", {"stage": "draft"}, {"draft"}),
        ("bureau_clerk", {"stage": "closed"}, {"closed"}),
        ("bureau_clerk", {"stage": "open"}, {"waiting", "late", "check", "own"}),
        ("officer_a", {"direction": "sent"}, {"own"}),
        ("officer_a", {"direction": "received"}, {"waiting", "late", "check"}),
        ("bureau_clerk", {"kind": "circular"}, {"closed"}),
        ("bureau_clerk", {"area": cast.street_b.pk}, {"draft", "closed"}),
        ("bureau_clerk", {"q": "一季度"}, {"closed"}),
        ("bureau_clerk", {"issued_from": "2026-03-03"}, set()),
        ("bureau_clerk", {"issued_to": "2026-03-02"}, set(rows)),
        ("bureau_clerk", {"enterprise": cast.enterprise.pk}, set()),
    ]
    for name, params, expected in cases:
        assert numbers(page(cast, name, "list", **params)) == {rows[key].pk for key in expected}, params


@pytest.mark.parametrize("rows", [0, 60])
def test_the_list_costs_what_the_file_says(cast: Cast, rows: int) -> None:
    letter_sent(cast)
    one = Letter.objects.values().get()
    for name in ("id", "search_text"):
        one.pop(name)
    Letter.objects.bulk_create(Letter(**one | {"number": f"n{place}"}) for place in range(rows))
    client = cast.client("officer_a")
    client.get(reverse("letters:list"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("letters:list")).status_code == 200
    assert len(queries) == expected_queries("letters:list") <= 12


def form_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    values = {
        "handler": cast.bureau.pk,
        "issuer": cast.bureau.pk,
        "kind": "supervision",
        "subject": "限期整改南门市场消防隐患",
        "units": [cast.street_a.pk],
        "body": "经查，安全出口堵塞。",
        "issued_on": "2026-03-05",
        "due_on": "2026-03-12",
    }
    return values | changes


def test_a_letter_from_draft_to_end_through_the_pages(cast: Cast) -> None:
    committee = committee_make(cast)
    text = page(cast, "bureau_clerk", "new", kind="supervision", enterprise=cast.enterprise.pk).content.decode()
    assert "南岭区安全生产委员会" in text or "区安委" in text
    assert "东门机械厂" in text
    data = form_of(cast, issuer=committee.pk, enterprises=[cast.enterprise.pk])
    assert send(cast, "bureau_clerk", "new", **data).status_code == 302
    letter = Letter.objects.get()
    assert page(cast, "bureau_clerk", "edit", letter.pk).status_code == 200
    change = form_of(cast, issuer=committee.pk, subject="清理南门市场通道")
    assert send(cast, "bureau_clerk", "edit", letter.pk, **change).status_code == 302
    shown = page(cast, "bureau_clerk", "detail", letter.pk).content.decode()
    assert "关于清理南门市场通道的督办函" in shown and "编号待发" in shown and "东门机械厂" not in shown
    assert page(cast, "officer_a", "detail", letter.pk).status_code == 404
    assert (
        send(cast, "bureau_clerk", "act", letter.pk, "issue", signer="李副局长", issued_on="2026-03-05").status_code
        == 302
    )
    row = letter.addressees.get()
    assert "回复" in page(cast, "officer_a", "detail", letter.pk).content.decode()
    assert page(cast, "officer_a", "reply", row.pk, "reply").status_code == 200
    proof = SimpleUploadedFile(
        "清理前后.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF", content_type="application/pdf"
    )
    reply = {"reply": "已清理", "replied_on": "2026-03-05", "files": [proof]}
    assert send(cast, "officer_a", "reply", row.pk, "reply", **reply).status_code == 302
    (kept,) = attachments.for_owner(row)
    for name in ("officer_b", "department_clerk"):
        assert cast.client(name).get(kept.get_absolute_url()).status_code == 404, name
    assert send(cast, "bureau_clerk", "reply", row.pk, "verify", verdict="done", opinion="属实").status_code == 302
    letter.refresh_from_db()
    assert letter.status == Status.CLOSED
    last = page(cast, "leader", "detail", letter.pk).content.decode()
    assert "区安委督〔2026〕1号" in last and "整改到位" in last and "已清理" in last
    assert list(Event.objects.filter(target_type="letters.letteraddressee").values_list("action", flat=True)) == [
        "reply", "verify",
    ]  # fmt: skip
    proof_shown = cast.client("officer_a2").get(kept.get_absolute_url())
    assert proof_shown.status_code == 200
    proof_shown.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": ""}, "必填"),
        ({"units": []}, "请选择主送单位"),
        ({"due_on": "2026-03-01"}, "不能早于发文日期"),
        ({"kind": "circular"}, "通报不要求回复"),
    ],
)
def test_a_faulty_form_says_why(cast: Cast, changes: dict[str, Any], words: str) -> None:
    response = send(cast, "bureau_clerk", "new", **form_of(cast, **changes))
    assert response.status_code == 400 and words in response.content.decode()
    assert not Letter.objects.exists()


def test_nobody_writes_for_another_office(cast: Cast) -> None:
    assert send(cast, "officer_a", "new", **form_of(cast)).status_code == 400
    assert send(cast, "leader", "new", **form_of(cast)).status_code == 403
    assert not Letter.objects.exists()


def test_an_addressee_reads_others_names_and_not_their_answers(cast: Cast) -> None:
    letter = letter_sent(cast, units=[cast.street_a, cast.street_b])
    answer(cast, letter.addressees.get(organisation=cast.street_a), "reply", reply="东门的回复")
    mine, theirs = (page(cast, name, "detail", letter.pk).content.decode() for name in ("officer_a", "officer_b"))
    assert "东门的回复" in mine
    assert "东门的回复" not in theirs and "同时发给：东门街道" in theirs
    assert "东门的回复" in page(cast, "bureau_clerk", "detail", letter.pk).content.decode()


def test_a_step_taken_already_shows_how_it_stands(cast: Cast) -> None:
    letter = letter_sent(cast)
    assert send(cast, "bureau_clerk", "act", letter.pk, "issue", signer="李").status_code == 302
    assert page(cast, "bureau_clerk", "act", letter.pk, "nonsense").status_code == 404
    assert page(cast, "officer_a", "act", letter.pk, "void").status_code == 403
    faulty = send(cast, "leader", "act", letter.pk, "void", reason="")
    assert faulty.status_code == 400 and Letter.objects.get(pk=letter.pk).status == Status.ISSUED


def test_a_draft_is_thrown_away_after_a_second_question(cast: Cast) -> None:
    draft = letter_make(cast)
    assert "删除草稿" in page(cast, "bureau_clerk", "delete", draft.pk).content.decode()
    assert page(cast, "leader", "delete", draft.pk).status_code == 403
    assert send(cast, "bureau_clerk", "delete", draft.pk).status_code == 302
    assert not Letter.objects.exists()


def test_printing_is_asked_for_in_the_background(cast: Cast) -> None:
    letter = letter_sent(cast)
    assert send(cast, "officer_a", "print", letter.pk, form="pdf", part="letter").status_code == 302
    job = Job.objects.get()
    assert (job.kind, job.params) == ("letters.print", {"letter": letter.pk, "part": "letter", "form": "pdf"})
    send(cast, "officer_a", "print", letter.pk, form="odt")
    send(cast, "officer_a", "print", letter.pk, form="pdf", part="minutes")
    assert Job.objects.count() == 1


def test_what_a_letter_is_about_comes_along_only_where_it_is_ones_own(cast: Cast) -> None:
    """Until a ledger says how its records are opened, an address cannot name them."""
    for name in ("enterprises.enterprise:1", "hazards.hazard:²", "nonsense", "auth.user:1"):
        assert page(cast, "bureau_clerk", "new", about=name).status_code == 200


def test_a_letter_about_a_hazard_from_its_page(cast: Cast) -> None:
    """The hazard's page leads to the letter; the letter opens the hazard for who sees it and names it for the others."""
    hazard = hazard_make(cast, found_on=TODAY, on=TODAY)
    shown = cast.client("bureau_clerk").get(hazard.get_absolute_url()).content.decode()
    address = f"{reverse('letters:new')}?about=hazards.hazard:{hazard.pk}&enterprise={cast.enterprise.pk}"
    assert address.replace("&", "&amp;") in shown
    client = cast.client("bureau_clerk")
    assert hazard.number in client.get(address).content.decode()
    data = form_of(cast, units=[cast.street_b.pk], enterprises=[])
    assert client.post(address, data).status_code == 302
    letter = letter_send(cast, Letter.objects.get())
    seen = {name: page(cast, name, "detail", letter.pk).content.decode() for name in ("bureau_clerk", "officer_b")}
    assert all(hazard.number in text for text in seen.values())
    assert [hazard.get_absolute_url() in text for text in seen.values()] == [True, False]
    assert letter.subject in cast.client("bureau_clerk").get(hazard.get_absolute_url()).content.decode()
    other = cast.client("officer_b").get(address).content.decode()
    assert hazard.number not in other
