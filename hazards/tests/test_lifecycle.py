"""Every status × action × role of the table, and each rule by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from emergency.core import attachments, clock
from emergency.core.lifecycle import Event, events_of
from emergency.enterprises.tests.factories import enterprise_user_link
from emergency.organizations.models import Membership, Role
from emergency.organizations.tests.factories import Cast, person_make, user_make
from hazards.lifecycle import FIVE_REQUIREMENTS, LIFECYCLE
from hazards.models import Grade, Hazard, ListingDecision, Source, Status
from hazards.services import hazard_act
from hazards.tests.factories import FOUND_ON, TODAY, hazard_in, hazard_make, photo

pytestmark = pytest.mark.django_db

HANDLER = {"officer_a", "officer_a2"}
HEADS = {"section_head", "leader"}
#: Who may take each step of a hazard of street A's enterprise, which the firm handed in and the street ordered.
MAY = {
    "issue": HANDLER,
    "fix_on_site": HANDLER,
    "submit": HANDLER | {"enterprise_user"},
    "request_extension": HANDLER | {"enterprise_user"},
    "approve_extension": HANDLER,
    "refuse_extension": HANDLER,
    "pass": HANDLER,
    "fail": HANDLER,
    "plan": HANDLER | {"enterprise_user"},
    "decide_listing": HEADS,
    "transfer": HANDLER | HEADS,
    "reopen": HEADS,
    "reopen_review": HEADS,
    "void": HEADS,
}
#: Steps that only major hazards have.
MAJOR_ONLY = {"plan", "decide_listing"}


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def input_of(cast: Cast, action: str) -> tuple[dict[str, Any], list[Any]]:
    """What a step needs to go through."""
    later = TODAY + dt.timedelta(days=40)
    data: dict[str, dict[str, Any]] = {
        "issue": {"due_on": later},
        "fix_on_site": {"rectifier": "钱厂长", "rectification": "当场清理"},
        "submit": {"rectifier": "钱厂长", "rectification": "已清理", "rectified_on": TODAY},
        "request_extension": {"requested_due_on": later, "reason": "配件未到货", "interim_control": "停用该设备"},
        "refuse_extension": {"reason": "可先行拆除"},
        "pass": {"opinion": "已整改到位"},
        "fail": {"opinion": "柜门仍未关闭", "due_on": later},
        "plan": dict.fromkeys(FIVE_REQUIREMENTS, "已落实"),
        "decide_listing": {"listing_reason": "能够限期完成整改"},
        "transfer": {"handler": cast.department, "reason": "属行业主管部门职责"},
        "reopen": {"reason": "复核发现未整改", "due_on": later},
        "reopen_review": {"reason": "复查记录有误"},
        "void": {"reason": "重复登记"},
    }
    photos = [photo()] if action in ("submit", "fix_on_site") else []
    return data.get(action, {}), photos


def traces(hazard: Hazard) -> tuple[Any, ...]:
    """All that a refused step must leave as it was."""
    row = Hazard.objects.filter(pk=hazard.pk).values().get()
    return row, events_of(hazard).count(), attachments.for_owner(hazard).count(), Hazard.objects.count()


def attempt(cast: Cast, hazard: Hazard, action: str, name: str) -> str:
    """What the step came to: done, refused (right), unseen (404) or invalid (not in the table)."""
    user = cast.person(name)
    data, photos = input_of(cast, action)
    try:
        hazard_act(
            queryset=Hazard.objects.visible_to(user), pk=hazard.pk, action=action, actor=user, data=data, photos=photos
        )
    except Hazard.DoesNotExist:
        return "unseen"
    except PermissionDenied:
        return "refused"
    except ValidationError:
        return "invalid"
    return "done"


def sees(name: str, status: str) -> bool:
    """Whether the row is in this person's reach: street B's officer and the administrators never, the firm no drafts."""
    if name in ("officer_b", "community_officer", *Cast.ADMINISTRATORS):
        return False
    return not (name == "enterprise_user" and status == Status.DRAFT)


@pytest.mark.parametrize("action", LIFECYCLE.actions())
@pytest.mark.parametrize("status", Status.values)
def test_every_status_action_role(cast: Cast, status: str, action: str) -> None:
    grade = Grade.MAJOR if action in MAJOR_ONLY else Grade.GENERAL
    known = LIFECYCLE.find(status, action)
    hazard = hazard_in(cast, status, grade=grade)
    before = traces(hazard)
    for name in Cast.NAMES:
        if not sees(name, status):
            expected = "unseen"
        elif known is None:
            expected = "invalid"
        else:
            expected = "done" if name in MAY[action] else "refused"
        assert attempt(cast, hazard, action, name) == expected, name
        if expected == "done":
            assert known is not None
            hazard.refresh_from_db()
            assert hazard.status == known.target
            last = events_of(hazard).last()
            assert last is not None and (last.action, last.source, last.target) == (action, status, known.target)
            hazard = hazard_in(cast, status, grade=grade)
            before = traces(hazard)
        else:
            assert traces(hazard) == before, name


def test_the_table_knows_every_action_of_the_list() -> None:
    assert set(MAY) == set(LIFECYCLE.actions())


def test_the_buttons_are_those_that_may_be_pressed(cast: Cast) -> None:
    for status in Status.values:
        hazard = hazard_in(cast, status)
        for name in Cast.BUSINESS:
            buttons = {one.action for one in LIFECYCLE.allowed(hazard, cast.person(name))}
            known = {one.action for one in LIFECYCLE.transitions if status in one.sources} - MAJOR_ONLY
            assert buttons == {action for action in known if name in MAY[action]}, (status, name)


# ------------------------------------------------------------------------------------------------ rules, one by one


def act(
    cast: Cast, hazard: Hazard, action: str, name: str = "officer_a", *, photos: Any = None, **changes: Any
) -> Hazard:
    """Take a step with good input, changed as told."""
    user = cast.person(name)
    data, usual = input_of(cast, action)
    return hazard_act(
        queryset=Hazard.objects.visible_to(user),
        pk=hazard.pk,
        action=action,
        actor=user,
        data=data | changes,
        photos=usual if photos is None else photos,
    )


def assert_refused(cast: Cast, hazard: Hazard, action: str, field: str, words: str, **more: Any) -> None:
    before = traces(hazard)
    with pytest.raises(ValidationError) as fault:
        act(cast, hazard, action, **more)
    assert words in "".join(fault.value.message_dict[field])
    assert traces(hazard) == before


@pytest.mark.parametrize(
    ("status", "action", "field"),
    [
        (one.sources[0], one.action, field)
        for one in LIFECYCLE.transitions
        if one.action not in MAJOR_ONLY
        for field in one.required
    ],
)
def test_what_is_required_is_required(cast: Cast, status: str, action: str, field: str) -> None:
    name = "officer_a" if "officer_a" in MAY[action] else "section_head"
    assert_refused(cast, hazard_in(cast, status), action, field, "请填写此项", name=name, **{field: ""})


def test_an_order_has_a_last_day_not_before_the_finding(cast: Cast) -> None:
    draft = hazard_in(cast, Status.DRAFT)
    Hazard.objects.filter(pk=draft.pk).update(due_on=None)
    assert_refused(cast, draft, "issue", "due_on", "请填写整改期限", due_on=None)
    assert_refused(cast, draft, "issue", "due_on", "不能早于发现日期", due_on=FOUND_ON - dt.timedelta(days=1))


def test_a_major_hazard_names_its_standard(cast: Cast) -> None:
    draft = hazard_make(cast, draft=True, grade=Grade.MAJOR, standard_item="")
    assert_refused(cast, draft, "issue", "standard_code", "判定标准")


def test_a_major_hazard_is_not_closed_at_the_visit(cast: Cast) -> None:
    assert_refused(cast, hazard_in(cast, Status.DRAFT, grade=Grade.MAJOR), "fix_on_site", "grade", "不能现场销号")


def test_fixed_at_the_visit_by_the_firm_and_not_by_the_officer(cast: Cast) -> None:
    draft = hazard_in(cast, Status.DRAFT)
    assert_refused(cast, draft, "fix_on_site", "rectifier", "检查人员本人", rectifier="周安全员")


def test_fixed_at_the_visit_shows_both_photos(cast: Cast) -> None:
    assert_refused(cast, hazard_in(cast, Status.DRAFT), "fix_on_site", "photos", "整改后", photos=[])
    assert_refused(cast, hazard_make(cast, draft=True), "fix_on_site", "before_photos", "整改前")


def test_fixed_at_the_visit_closes_on_the_day_of_finding(cast: Cast) -> None:
    closed = act(cast, hazard_in(cast, Status.DRAFT), "fix_on_site")
    assert (closed.rectified_on, closed.reviewed_on, closed.closed_on) == (FOUND_ON, FOUND_ON, FOUND_ON)
    assert closed.reviewed_by == cast.officer_a and closed.rectified_by is None


def test_every_submission_brings_a_photo_of_its_own(cast: Cast) -> None:
    open_one = hazard_in(cast, Status.RECTIFYING)
    assert_refused(cast, open_one, "submit", "photos", "整改后的照片", photos=[])
    returned = act(cast, hazard_in(cast, Status.REVIEW), "fail")
    assert_refused(cast, returned, "submit", "photos", "整改后的照片", photos=[])


@pytest.mark.parametrize(
    ("day", "words"), [(FOUND_ON - dt.timedelta(days=1), "早于发现"), (TODAY + dt.timedelta(days=1), "晚于今天")]
)
def test_the_repair_lies_between_finding_and_today(cast: Cast, day: dt.date, words: str) -> None:
    assert_refused(cast, hazard_in(cast, Status.RECTIFYING), "submit", "rectified_on", words, rectified_on=day)


def test_submission_starts_the_officers_clock(cast: Cast) -> None:
    general = act(cast, hazard_in(cast, Status.RECTIFYING), "submit", "enterprise_user", cost=200)
    assert general.review_due_on == TODAY + dt.timedelta(days=10)
    assert general.cost == 200 and general.rectified_by == cast.enterprise_user
    assert events_of(general).last().acted_for == ""
    major = act(cast, hazard_in(cast, Status.RECTIFYING, grade=Grade.MAJOR), "submit", "officer_a")
    assert major.review_due_on == dt.date(2026, 3, 16)  # ten days end on a Sunday and roll on
    assert events_of(major).last().acted_for == cast.enterprise.name


def test_an_extension_is_asked_before_expiry_and_for_later(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.RECTIFYING)
    assert_refused(
        cast, hazard, "request_extension", "requested_due_on", "须晚于现期限", requested_due_on=hazard.due_on
    )
    Hazard.objects.filter(pk=hazard.pk).update(due_on=TODAY - dt.timedelta(days=1))
    assert_refused(cast, hazard, "request_extension", "requested_due_on", "整改期限已过")
    Hazard.objects.filter(pk=hazard.pk).update(due_on=None)
    assert_refused(cast, hazard, "request_extension", "requested_due_on", "无须申请")


def test_an_extension_is_decided_by_another_than_who_asked(cast: Cast) -> None:
    asked = act(cast, hazard_in(cast, Status.RECTIFYING), "request_extension", "officer_a")
    with pytest.raises(PermissionDenied):
        act(cast, asked, "approve_extension", "officer_a")
    granted = act(cast, asked, "approve_extension", "officer_a2")
    assert granted.due_on == TODAY + dt.timedelta(days=40)
    assert (granted.extensions, granted.requested_due_on, granted.requested_by) == (1, None, None)


def test_a_refused_extension_leaves_the_date(cast: Cast) -> None:
    asked = hazard_in(cast, Status.EXTENSION)
    refused = act(cast, asked, "refuse_extension")
    assert (refused.due_on, refused.extensions, refused.requested_due_on) == (asked.due_on, 0, None)


def test_who_entered_the_fix_for_the_firm_does_not_judge_it(cast: Cast) -> None:
    handed_in = act(cast, hazard_in(cast, Status.RECTIFYING), "submit", "officer_a")
    for action in ("pass", "fail"):
        with pytest.raises(PermissionDenied):
            act(cast, handed_in, action, "officer_a")
    assert act(cast, handed_in, "pass", "officer_a2").status == Status.CLOSED


def test_who_fixed_it_does_not_judge_it(cast: Cast) -> None:
    handed_in = act(cast, hazard_in(cast, Status.RECTIFYING), "submit", "enterprise_user", rectifier="吴安全员")
    with pytest.raises(PermissionDenied):
        act(cast, handed_in, "pass", "officer_a2")


def test_the_unit_above_judges_where_the_handler_has_nobody_else(cast: Cast) -> None:
    handed_in = act(cast, hazard_in(cast, Status.RECTIFYING), "submit", "officer_a")
    with pytest.raises(PermissionDenied):
        act(cast, handed_in, "pass", "bureau_clerk")
    Membership.objects.filter(user=cast.officer_a2).delete()
    assert act(cast, handed_in, "pass", "bureau_clerk").reviewer_name == "陈科员"


def test_whether_the_finder_may_judge_is_a_setting(cast: Cast, settings: Any) -> None:
    settings.HAZARD_FINDER_MAY_NOT_REVIEW = True
    handed_in = hazard_in(cast, Status.REVIEW)
    with pytest.raises(PermissionDenied):
        act(cast, handed_in, "pass", "officer_a")
    settings.HAZARD_FINDER_MAY_NOT_REVIEW = False
    assert act(cast, handed_in, "pass", "officer_a").status == Status.CLOSED


@pytest.mark.parametrize(("day", "words"), [(FOUND_ON, "早于整改完成"), (TODAY + dt.timedelta(days=1), "晚于今天")])
def test_the_recheck_lies_between_repair_and_today(cast: Cast, day: dt.date, words: str) -> None:
    assert_refused(cast, hazard_in(cast, Status.REVIEW), "pass", "reviewed_on", words, reviewed_on=day)


def test_nothing_closes_without_measure_and_photo(cast: Cast) -> None:
    handed_in = hazard_in(cast, Status.REVIEW)
    attachments.for_owner(handed_in, "after").delete()
    assert_refused(cast, handed_in, "pass", "photos", "缺少整改后照片")
    Hazard.objects.filter(pk=handed_in.pk).update(rectification="")
    assert_refused(cast, handed_in, "pass", "__all__", "整改措施")


def test_a_major_hazard_closes_with_the_five_and_a_decision(cast: Cast) -> None:
    major = hazard_in(cast, Status.REVIEW, grade=Grade.MAJOR)
    assert_refused(cast, major, "pass", "__all__", "责任落实、措施落实、资金落实、时限落实、预案落实")
    act(cast, major, "plan")
    assert_refused(cast, major, "pass", "__all__", "挂牌督办决定")
    decided = act(cast, major, "decide_listing", "leader")
    assert decided.listing_decision == ListingDecision.DIRECT
    assert act(cast, major, "pass").status == Status.CLOSED


@pytest.mark.parametrize("name", FIVE_REQUIREMENTS)
def test_none_of_the_five_may_be_missing(cast: Cast, name: str) -> None:
    major = hazard_in(cast, Status.REVIEW, grade=Grade.MAJOR)
    act(cast, major, "plan")
    act(cast, major, "decide_listing", "leader")
    Hazard.objects.filter(pk=major.pk).update(**{name: ""})
    assert_refused(cast, major, "pass", "__all__", "尚缺")


def test_closing_freezes_the_photos(cast: Cast) -> None:
    closed = act(cast, hazard_in(cast, Status.REVIEW), "pass")
    assert closed.closed_on == closed.reviewed_on == TODAY
    assert set(attachments.for_owner(closed).values_list("frozen", flat=True)) == {True}


def test_a_failed_recheck_gives_a_new_date_and_starts_over(cast: Cast) -> None:
    handed_in = hazard_in(cast, Status.REVIEW)
    assert_refused(cast, handed_in, "fail", "due_on", "不能早于今天", due_on=TODAY - dt.timedelta(days=1))
    back = act(cast, handed_in, "fail")
    assert (back.rejections, back.rectified_on, back.rectified_by, back.review_due_on) == (1, None, None, None)
    assert back.due_on == TODAY + dt.timedelta(days=40)


def test_a_correction_clears_the_closing_and_keeps_the_trace(cast: Cast) -> None:
    closed = act(cast, hazard_in(cast, Status.REVIEW), "pass")
    again = act(cast, closed, "reopen", "section_head")
    assert (again.closed_on, again.reviewed_on, again.reviewed_by, again.reviewer_name) == (None, None, None, "")
    assert again.rectified_on is None
    assert list(events_of(again).values_list("action", flat=True))[-2:] == ["pass", "reopen"]
    closed = act(cast, hazard_in(cast, Status.REVIEW), "pass")
    assert act(cast, closed, "reopen_review", "leader").review_due_on == TODAY + dt.timedelta(days=10)


def test_what_was_never_handed_in_is_not_rechecked_again(cast: Cast) -> None:
    closed = hazard_in(cast, Status.CLOSED)
    Hazard.objects.filter(pk=closed.pk).update(rectified_on=None)
    assert_refused(cast, closed, "reopen_review", "__all__", "没有整改记录", name="section_head")


def test_a_transfer_moves_the_handler_and_never_the_area(cast: Cast) -> None:
    hazard = hazard_in(cast, Status.RECTIFYING)
    assert_refused(cast, hazard, "transfer", "handler", "已由该单位", handler=cast.street_a)
    assert_refused(cast, hazard, "transfer", "handler", "本区县在用", handler=cast.city)
    moved = act(cast, hazard, "transfer")
    assert (moved.handler, moved.area, moved.street) == (cast.department, cast.street_a, cast.street_a)
    assert act(cast, moved, "submit", "department_clerk").status == Status.REVIEW


def test_a_void_row_keeps_its_number_and_leaves_the_figures(cast: Cast) -> None:
    void = act(cast, hazard_in(cast, Status.CLOSED), "void", "leader")
    assert (void.void_reason, void.closed_on) == ("重复登记", None)
    assert not Hazard.objects.counted().filter(pk=void.pk).exists()


# ------------------------------------------------------------------------------------------------ 企业自查


def own_check(cast: Cast, **fields: Any) -> Hazard:
    return hazard_make(cast, actor=cast.person("enterprise_user"), source=Source.SELF, **fields)


def acceptor(cast: Cast, username: str = "acceptor") -> Any:
    user = user_make(username, username)
    enterprise_user_link(user=user, enterprise=cast.enterprise, acceptor=True)
    return user


def step(user: Any, hazard: Hazard, action: str, cast: Cast) -> Hazard:
    data, photos = input_of(cast, action)
    return hazard_act(
        queryset=Hazard.objects.visible_to(user), pk=hazard.pk, action=action, actor=user, data=data, photos=photos
    )


def test_the_firms_own_general_hazard_is_closed_by_its_acceptor(cast: Cast) -> None:
    hazard = own_check(cast)
    assert hazard.status == Status.RECTIFYING
    handed_in = act(cast, hazard, "submit", "enterprise_user")
    with pytest.raises(PermissionDenied):
        act(cast, handed_in, "pass", "enterprise_user")
    assert step(acceptor(cast), handed_in, "pass", cast).status == Status.CLOSED


def test_the_acceptor_is_another_than_the_fixer_where_there_is_one(cast: Cast) -> None:
    first = acceptor(cast, "first")
    alone = step(first, own_check(cast), "submit", cast)
    assert step(first, alone, "pass", cast).status == Status.CLOSED
    handed_in = step(first, own_check(cast), "submit", cast)
    second = acceptor(cast, "second")
    with pytest.raises(PermissionDenied):
        step(first, handed_in, "pass", cast)
    assert step(second, handed_in, "pass", cast).status == Status.CLOSED


def test_the_firms_own_major_hazard_goes_to_the_officers(cast: Cast) -> None:
    handed_in = act(cast, own_check(cast, grade=Grade.MAJOR), "submit", "enterprise_user")
    with pytest.raises(PermissionDenied):
        step(acceptor(cast), handed_in, "pass", cast)


def test_an_acceptor_does_not_close_what_officers_found(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        step(acceptor(cast), hazard_in(cast, Status.REVIEW), "pass", cast)


def test_a_post_that_ended_moves_nothing(cast: Cast) -> None:
    former = person_make("former", Role.STREET_OFFICER, cast.street_a)
    Membership.objects.filter(user=former).update(valid_to=TODAY - dt.timedelta(days=1))
    hazard = hazard_in(cast, Status.RECTIFYING)
    with pytest.raises(PermissionDenied):
        hazard_act(queryset=Hazard.objects.all(), pk=hazard.pk, action="submit", actor=former, photos=[photo()])


def test_events_say_what_was_handed_in(cast: Cast) -> None:
    handed_in = act(cast, hazard_in(cast, Status.RECTIFYING), "submit", "enterprise_user")
    last = events_of(handed_in).last()
    assert last.note == "已清理" and last.data["rectifier"] == "钱厂长" and len(last.data["photos"]) == 1
    assert Event.objects.filter(action="submit").count() == 1
