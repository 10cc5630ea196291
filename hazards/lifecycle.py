"""The life of a hazard as data: 草稿 → 待整改 → 待复查 → 已销号, with its side ways.

Sources of the rules: 《安全生产法》(2021), 《安全生产事故隐患排查治理暂行规定》(国家安监总局令第16号, below “16号令”), and the practice
of the bureaus (design: practice.md §3.1). Guards bind acts made here; imported history enters by rules of its own.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from emergency.core import attachments, clock, deadlines
from emergency.core.lifecycle import Lifecycle, Move, Transition, Who
from emergency.organizations.models import Kind, Membership, Organisation, Role
from emergency.organizations.scope import FILERS, enterprise_user, holds, reach
from hazards.models import OPEN_STATUSES, EntryMode, Hazard, ListingDecision, Measure, PhotoKind, Source, Status

#: The five requirements 五落实: a major hazard is not closed while one is empty.
FIVE_REQUIREMENTS = ("duty", "steps", "funds", "time_limit", "contingency")

#: Who corrects and voids: never the officers whose own figures it moves.
BUREAU_HEADS = (Role.HEAD, Role.DEPUTY, Role.SECTION_HEAD)

# ------------------------------------------------------------------------------------------------ who


def works_for_firm(user: Any, record: Hazard, *, acceptor: bool = False) -> bool:
    """Whether the user files for the enterprise of the hazard (企业填报员), or accepts its repairs (企业验收人)."""
    if record.enterprise_id is None or not user.is_active:
        return False
    posts = user.enterprise_memberships.in_force(clock.today()).filter(enterprise=record.enterprise_id)
    return (posts.filter(acceptor=True) if acceptor else posts).exists()


def is_handlers_officer(user: Any, record: Hazard) -> bool:
    return holds(user, FILERS, record.handler)


def is_officer_above(user: Any, record: Hazard) -> bool:
    """Officers of a unit whose area contains the handler, other than the handler's own."""
    return not is_handlers_officer(user, record) and holds(user, FILERS, record.handler, over=True)


def is_bureau_head(user: Any, record: Hazard) -> bool:
    """Heads of the bureau that oversees the handler."""
    return any(
        post.role in BUREAU_HEADS
        and post.organisation.kind == Kind.BUREAU
        and post.root is not None
        and record.handler.path.startswith(post.root.path)
        for post in reach(user).posts
    )


def fixed_it(user: Any, record: Hazard) -> bool:
    """Who fixed the hazard, or entered the fix for the firm, may not judge it."""
    return user.pk == record.rectified_by_id or (bool(record.rectifier) and user.name == record.rectifier)


def may_judge(user: Any, record: Hazard) -> bool:
    """复查回避: neither who fixed it nor, where the site has set 发现人回避, who found it."""
    found_it = settings.HAZARD_FINDER_MAY_NOT_REVIEW and user.pk == record.found_by_id
    return not fixed_it(user, record) and not found_it


def handler_has_another(record: Hazard, *barred: int | None) -> bool:
    """Whether the handling unit has an officer in post besides those who are barred."""
    officers = Membership.objects.in_force(clock.today()).filter(
        organisation=record.handler_id, role__in=FILERS, user__is_active=True
    )
    return officers.exclude(user__in=[pk for pk in barred if pk]).exclude(user__name=record.rectifier or None).exists()


def _reviews(user: Any, record: Hazard) -> bool:
    return is_handlers_officer(user, record) and may_judge(user, record)


def _reviews_from_above(user: Any, record: Hazard) -> bool:
    if not is_officer_above(user, record) or not may_judge(user, record):
        return False
    finder = record.found_by_id if settings.HAZARD_FINDER_MAY_NOT_REVIEW else None
    return not handler_has_another(record, record.rectified_by_id, finder)


def _accepts(user: Any, record: Hazard) -> bool:
    """企业自查 general hazards: the acceptor, and another person than the fixer where the firm has one."""
    if not record.is_own_check or not works_for_firm(user, record, acceptor=True):
        return False
    if not fixed_it(user, record):
        return True
    assert record.enterprise is not None
    others = record.enterprise.memberships.in_force(clock.today()).filter(acceptor=True, user__is_active=True)
    return not others.exclude(user=user).exists()


def _decides_extension(user: Any, record: Hazard) -> bool:
    return is_handlers_officer(user, record) and user.pk != record.requested_by_id


def _decides_extension_from_above(user: Any, record: Hazard) -> bool:
    return is_officer_above(user, record) and not handler_has_another(record, record.requested_by_id)


def may_register(user: Any) -> bool:
    """Officers who file for some office, and enterprises for themselves."""
    return holds(user, FILERS) or enterprise_user(user)


def may_split(user: Any, record: Hazard) -> bool:
    """A row that stands for several, while it is open: by its handler's officers, and by the firm that hands in a part."""
    divisible = record.entry_mode == EntryMode.COUNT and record.status in OPEN_STATUSES
    return divisible and (is_handlers_officer(user, record) or works_for_firm(user, record))


FIRM = Who("firm", "企业填报员", works_for_firm)
OFFICER = Who("officer", "承办单位人员", is_handlers_officer)
OFFICER_ABOVE = Who("officer_above", "上级单位人员", is_officer_above)
BUREAU_HEAD = Who("bureau_head", "应急管理局负责人", is_bureau_head)
OWN_CHECKER = Who(
    "own_checker", "企业填报员（企业自查）", lambda user, one: one.source == Source.SELF and works_for_firm(user, one)
)
REVIEWER = Who("reviewer", "承办单位未参与整改填报的人员", _reviews)
REVIEWER_ABOVE = Who("reviewer_above", "上级单位人员（承办单位无其他人员时）", _reviews_from_above)
ACCEPTOR = Who("acceptor", "企业验收人（企业自查的一般隐患）", _accepts)
DECIDER = Who("decider", "承办单位未代为申请的人员", _decides_extension)
DECIDER_ABOVE = Who("decider_above", "上级单位人员（承办单位无其他人员时）", _decides_extension_from_above)
MAJOR_FIRM = Who("major_firm", "企业填报员", lambda user, one: one.is_major and works_for_firm(user, one))
MAJOR_OFFICER = Who("major_officer", "承办单位人员", lambda user, one: one.is_major and is_handlers_officer(user, one))
MAJOR_HEAD = Who("major_head", "应急管理局负责人", lambda user, one: one.is_major and is_bureau_head(user, one))

# ------------------------------------------------------------------------------------------------ guards


def _refuse(field: str, message: str) -> None:
    raise ValidationError({field: message})


def has_due_date(move: Move) -> None:
    """《安全生产法》第六十五条: what cannot be removed at once is ordered to be put right 限期, so an order names its last day."""
    due_on = move.data.get("due_on") or move.record.due_on
    if due_on is None:
        _refuse("due_on", "请填写整改期限。")
    if due_on < move.record.found_on:
        _refuse("due_on", "整改期限不能早于发现日期。")


def major_names_standard(move: Move) -> None:
    """16号令第三条: only the sector's 判定标准 makes a hazard 重大, so its code and item are named."""
    if move.record.is_major and not (move.record.standard_code and move.record.standard_item):
        _refuse("standard_code", "重大隐患须填写判定标准及条款。")


def major_takes_time(move: Move) -> None:
    """16号令第三条: a major hazard 须经过一定时间整改治理方能排除; it is not closed at the visit."""
    if move.record.is_major:
        _refuse("grade", "重大隐患不能现场销号，请下达限期整改。")


def has_before_photo(move: Move) -> None:
    """Practice §3.1: what is closed at the visit shows how it was and how it is."""
    if not attachments.for_owner(move.record, PhotoKind.BEFORE).exists():
        _refuse("before_photos", "现场整改须上传整改前照片。")


def has_after_photo(move: Move) -> None:
    """Practice §3.1: leaving 待整改 takes a photo of this repair, not one that was judged insufficient before."""
    if not move.data.get("photos"):
        _refuse("photos", "请上传整改后的照片。")


def firm_fixed_it(move: Move) -> None:
    """Practice §3.1, 现场整改: the firm's named person fixes, the visiting officer confirms; never one and the same."""
    if str(move.data.get("rectifier", "")).strip() == move.actor.name:
        _refuse("rectifier", "整改责任人应为受检单位人员，不能是检查人员本人。")


def rectified_within(move: Move) -> None:
    """The repair lies between finding and today."""
    if move.data["rectified_on"] < move.record.found_on:
        _refuse("rectified_on", "整改完成日期不能早于发现日期。")
    if move.data["rectified_on"] > move.on:
        _refuse("rectified_on", "整改完成日期不能晚于今天。")


def before_expiry(move: Move) -> None:
    """Practice §3.1 延期: an extension is asked for before the order expires."""
    if move.record.due_on is None:
        _refuse("requested_due_on", "没有整改期限的隐患无须申请延期。")
    if move.on > move.record.due_on:
        _refuse("requested_due_on", "整改期限已过，不能再申请延期，请尽快提交整改情况。")


def later_than_due(move: Move) -> None:
    """Practice §3.1 延期: the new date lies after the present one."""
    if move.record.due_on is not None and move.data["requested_due_on"] <= move.record.due_on:
        _refuse("requested_due_on", f"延期后的期限须晚于现期限{move.record.due_on:%Y-%m-%d}。")


def closing_is_complete(move: Move) -> None:
    """ledgers.md 销号: measure, after-photo and date are there; the cost is optional."""
    record = move.record
    if not record.rectification or record.rectified_on is None:
        _refuse("__all__", "尚未填写整改措施和整改完成日期，不能销号。")
    if not attachments.for_owner(record, PhotoKind.AFTER).exists():
        _refuse("photos", "缺少整改后照片，请补传后再销号。")


def reviewed_within(move: Move) -> None:
    """The re-check lies between the repair and today."""
    day = move.data.get("reviewed_on") or move.on
    if move.record.rectified_on is not None and day < move.record.rectified_on:
        _refuse("reviewed_on", "复查日期不能早于整改完成日期。")
    if day > move.on:
        _refuse("reviewed_on", "复查日期不能晚于今天。")


def major_has_five(move: Move) -> None:
    """16号令第十五条及五落实: 责任、措施、资金、时限、预案 are all in place before a major hazard closes."""
    record = move.record
    if record.is_major:
        missing = [record._meta.get_field(name).verbose_name for name in FIVE_REQUIREMENTS if not getattr(record, name)]
        if missing:
            _refuse("__all__", f"重大隐患须落实责任、措施、资金、时限、预案，尚缺：{'、'.join(missing)}。")


def major_listing_decided(move: Move) -> None:
    """《安全生产法》第四十一条, 16号令第二十条: after 判定 it is decided whether a major hazard is 挂牌督办."""
    record = move.record
    listed_before = record.listed and record.import_id is not None
    if record.is_major and record.listing_decision == ListingDecision.UNDECIDED and not listed_before:
        _refuse("__all__", "重大隐患尚未作出挂牌督办决定，不能销号。")


def new_due_is_ahead(move: Move) -> None:
    """A new order gives time: its last day is today or later."""
    if move.data["due_on"] < move.on:
        _refuse("due_on", "新的整改期限不能早于今天。")


def was_rectified(move: Move) -> None:
    """Only what was handed in can be re-checked again."""
    if move.record.rectified_on is None:
        _refuse("__all__", "这条隐患没有整改记录，请更正为待整改。")


def handler_is_another_office(move: Move) -> None:
    """移送: to another office of the same district, in force today. The 属地 stays, so no figure by area moves."""
    handler, record = move.data["handler"], move.record
    if handler.pk == record.handler_id:
        _refuse("handler", "已由该单位承办。")
    offices = (Kind.BUREAU, Kind.DEPARTMENT, Kind.STREET, Kind.COMMUNITY)
    in_force = Organisation.objects.in_force(move.on).filter(pk=handler.pk).exists()
    if handler.kind not in offices or handler.district_id != record.district_id or not in_force:
        _refuse("handler", "只能移送给本区县在用的单位。")


# ------------------------------------------------------------------------------------------------ effects


def _issue(move: Move) -> None:
    move.record.issued_on = move.on
    move.record.due_on = move.data.get("due_on") or move.record.due_on


def _fix_on_site(move: Move) -> None:
    """The day of the visit is the day of all three: found, fixed, confirmed."""
    record = move.record
    record.measure = Measure.IMMEDIATE
    record.rectification = move.data["rectification"]
    record.rectifier = move.data["rectifier"]
    record.due_on = record.rectified_on = record.found_on
    _close(move, record.found_on)


def _submit(move: Move) -> None:
    record = move.record
    for name in ("rectification", "rectifier", "rectified_on"):
        setattr(record, name, move.data[name])
    if move.data.get("cost") is not None:
        record.cost = move.data["cost"]
    for name in FIVE_REQUIREMENTS:
        if move.data.get(name):
            setattr(record, name, move.data[name])
    record.rectified_by = move.actor
    record.requested_due_on = record.requested_by = None
    _start_review_clock(move)


def _start_review_clock(move: Move) -> None:
    """From the day of handing in: 10 days for ordinary ones, the clock of 16号令第二十三条 for major ones."""
    key = "hidden.major_onsite_review" if move.record.is_major else "hazard.review"
    move.record.review_due_on = deadlines.due(key, move.on).at


def _request_extension(move: Move) -> None:
    move.record.requested_due_on = move.data["requested_due_on"]
    move.record.requested_by = move.actor


def _approve_extension(move: Move) -> None:
    record = move.record
    record.due_on = record.requested_due_on
    record.extensions += 1
    record.requested_due_on = record.requested_by = None


def _refuse_extension(move: Move) -> None:
    move.record.requested_due_on = move.record.requested_by = None


def _close(move: Move, day: Any) -> None:
    record = move.record
    record.reviewed_on = record.closed_on = day
    record.reviewed_by, record.reviewer_name = move.actor, move.actor.name
    record.review_due_on = None


def _pass(move: Move) -> None:
    _close(move, move.data.get("reviewed_on") or move.on)


def _back_to_work(move: Move) -> None:
    """The repair did not count: the firm's clock runs again from a new date."""
    record = move.record
    record.due_on = move.data["due_on"]
    record.rectified_on = record.rectified_by = record.review_due_on = None


def _fail(move: Move) -> None:
    _back_to_work(move)
    move.record.rejections += 1


def _uncloses(move: Move) -> None:
    record = move.record
    record.closed_on = record.reviewed_on = record.reviewed_by = None
    record.reviewer_name, record.closed_without_review = "", False


def _reopen(move: Move) -> None:
    _uncloses(move)
    _back_to_work(move)


def _reopen_review(move: Move) -> None:
    _uncloses(move)
    _start_review_clock(move)


def _void(move: Move) -> None:
    move.record.void_reason = move.note
    move.record.closed_on = None


def _transfer(move: Move) -> None:
    move.record.handler = move.data["handler"]


def _plan(move: Move) -> None:
    for name in FIVE_REQUIREMENTS:
        setattr(move.record, name, move.data[name])


def _decide_listing(move: Move) -> None:
    move.record.listing_decision = ListingDecision.DIRECT
    move.record.listing_reason = move.data["listing_reason"]


# ------------------------------------------------------------------------------------------------ the table

_OPEN = (Status.RECTIFYING, Status.REVIEW)

LIFECYCLE = Lifecycle(
    "hazard",
    [
        Transition(
            "issue", "下达整改", (Status.DRAFT,), Status.RECTIFYING, (OFFICER, OWN_CHECKER),
            guards=(has_due_date, major_names_standard), apply=_issue,
        ),
        Transition(
            "fix_on_site", "现场整改", (Status.DRAFT,), Status.CLOSED, (OFFICER,),
            required=("rectifier", "rectification"),
            guards=(major_takes_time, firm_fixed_it, has_before_photo, has_after_photo), apply=_fix_on_site, tone="green",
        ),
        Transition(
            "submit", "提交整改", (Status.RECTIFYING, Status.EXTENSION), Status.REVIEW, (FIRM, OFFICER),
            required=("rectification", "rectifier", "rectified_on"),
            guards=(rectified_within, has_after_photo), apply=_submit,
        ),
        Transition(
            "request_extension", "申请延期", (Status.RECTIFYING,), Status.EXTENSION, (FIRM, OFFICER),
            required=("requested_due_on", "reason", "interim_control"),
            guards=(before_expiry, later_than_due), apply=_request_extension, tone="amber",
        ),
        Transition(
            "approve_extension", "同意延期", (Status.EXTENSION,), Status.RECTIFYING, (DECIDER, DECIDER_ABOVE),
            apply=_approve_extension,
        ),
        Transition(
            "refuse_extension", "不同意延期", (Status.EXTENSION,), Status.RECTIFYING, (DECIDER, DECIDER_ABOVE),
            required=("reason",), apply=_refuse_extension, tone="amber",
        ),
        Transition(
            "pass", "复查合格", (Status.REVIEW,), Status.CLOSED, (REVIEWER, REVIEWER_ABOVE, ACCEPTOR),
            required=("opinion",),
            guards=(reviewed_within, closing_is_complete, major_has_five, major_listing_decided), apply=_pass,
            tone="green",
        ),
        Transition(
            "fail", "复查不合格", (Status.REVIEW,), Status.RECTIFYING, (REVIEWER, REVIEWER_ABOVE, ACCEPTOR),
            required=("opinion", "due_on"), guards=(new_due_is_ahead,), apply=_fail, tone="amber",
        ),
        *(
            Transition(
                "plan", "填报治理方案", (status,), status, (MAJOR_FIRM, MAJOR_OFFICER),
                required=FIVE_REQUIREMENTS, apply=_plan,
            )
            for status in _OPEN
        ),
        *(
            Transition(
                "decide_listing", "决定不挂牌", (status,), status, (MAJOR_HEAD,),
                required=("listing_reason",), apply=_decide_listing,
            )
            for status in _OPEN
        ),
        *(
            Transition(
                "transfer", "移送", (status,), status, (OFFICER, BUREAU_HEAD),
                required=("handler", "reason"), guards=(handler_is_another_office,), apply=_transfer, tone="amber",
            )
            for status in _OPEN
        ),
        Transition(
            "reopen", "更正为待整改", (Status.CLOSED,), Status.RECTIFYING, (BUREAU_HEAD,),
            required=("reason", "due_on"), guards=(new_due_is_ahead,), apply=_reopen, tone="amber",
        ),
        Transition(
            "reopen_review", "更正为待复查", (Status.CLOSED,), Status.REVIEW, (BUREAU_HEAD,),
            required=("reason",), guards=(was_rectified,), apply=_reopen_review, tone="amber",
        ),
        Transition(
            "void", "作废", (Status.DRAFT, Status.RECTIFYING, Status.EXTENSION, Status.REVIEW, Status.CLOSED),
            Status.VOID, (BUREAU_HEAD,), required=("reason",), apply=_void, tone="grey",
        ),
    ],
)  # fmt: skip
