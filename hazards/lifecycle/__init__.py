"""The life of a hazard as data: 草稿 → 待整改 → 待复查 → 已销号, with its side ways.

Sources of the rules: 《安全生产法》(2021), 《安全生产事故隐患排查治理暂行规定》(国家安监总局令第16号, below “16号令”), and the practice
of the bureaus (design: practice.md §3.1). Guards bind acts made here; imported history enters by rules of its own.
"""

from __future__ import annotations

from emergency.core.lifecycle import Lifecycle, Transition
from hazards.lifecycle import effects, guards
from hazards.lifecycle.guards import FIVE_REQUIREMENTS
from hazards.lifecycle.people import (
    ACCEPTOR,
    BUREAU_HEAD,
    BUREAU_HEADS,
    DECIDER,
    DECIDER_ABOVE,
    FIRM,
    MAJOR_FIRM,
    MAJOR_HEAD,
    MAJOR_OFFICER,
    OFFICER,
    OWN_CHECKER,
    REVIEWER,
    REVIEWER_ABOVE,
    is_bureau_head,
    is_handlers_officer,
    may_register,
    may_split,
    works_for_firm,
)
from hazards.lifecycle.risks import RISK_LIFECYCLE, keeps_risk
from hazards.models import Status

__all__ = [
    "BUREAU_HEADS",
    "FIVE_REQUIREMENTS",
    "LIFECYCLE",
    "RISK_LIFECYCLE",
    "is_bureau_head",
    "is_handlers_officer",
    "keeps_risk",
    "may_register",
    "may_split",
    "works_for_firm",
]

_OPEN = (Status.RECTIFYING, Status.REVIEW)

LIFECYCLE = Lifecycle(
    "hazard",
    [
        Transition(
            "issue", "下达整改", (Status.DRAFT,), Status.RECTIFYING, (OFFICER, OWN_CHECKER),
            guards=(guards.has_due_date, guards.major_names_standard), apply=effects.issue,
        ),
        Transition(
            "fix_on_site", "现场整改", (Status.DRAFT,), Status.CLOSED, (OFFICER,),
            required=("rectifier", "rectification"),
            guards=(guards.major_takes_time, guards.firm_fixed_it, guards.has_before_photo, guards.has_after_photo),
            apply=effects.fix_on_site, tone="green",
        ),
        Transition(
            "submit", "提交整改", (Status.RECTIFYING, Status.EXTENSION), Status.REVIEW, (FIRM, OFFICER),
            required=("rectification", "rectifier", "rectified_on"),
            guards=(guards.rectified_within, guards.has_after_photo), apply=effects.submit,
        ),
        Transition(
            "request_extension", "申请延期", (Status.RECTIFYING,), Status.EXTENSION, (FIRM, OFFICER),
            required=("requested_due_on", "reason", "interim_control"),
            guards=(guards.before_expiry, guards.later_than_due), apply=effects.request_extension, tone="amber",
        ),
        Transition(
            "approve_extension", "同意延期", (Status.EXTENSION,), Status.RECTIFYING, (DECIDER, DECIDER_ABOVE),
            apply=effects.approve_extension,
        ),
        Transition(
            "refuse_extension", "不同意延期", (Status.EXTENSION,), Status.RECTIFYING, (DECIDER, DECIDER_ABOVE),
            required=("reason",), apply=effects.refuse_extension, tone="amber",
        ),
        Transition(
            "pass", "复查合格", (Status.REVIEW,), Status.CLOSED, (REVIEWER, REVIEWER_ABOVE, ACCEPTOR),
            required=("opinion",),
            guards=(guards.reviewed_within, guards.closing_is_complete, guards.major_has_five, guards.major_listing_decided),
            apply=effects.pass_it,
            tone="green",
        ),
        Transition(
            "fail", "复查不合格", (Status.REVIEW,), Status.RECTIFYING, (REVIEWER, REVIEWER_ABOVE, ACCEPTOR),
            required=("opinion", "due_on"), guards=(guards.new_due_is_ahead,), apply=effects.fail, tone="amber",
        ),
        *(
            Transition(
                "plan", "填报治理方案", (status,), status, (MAJOR_FIRM, MAJOR_OFFICER),
                required=FIVE_REQUIREMENTS, apply=effects.plan,
            )
            for status in _OPEN
        ),
        *(
            Transition(
                "decide_listing", "决定不挂牌", (status,), status, (MAJOR_HEAD,),
                required=("listing_reason",), apply=effects.decide_listing,
            )
            for status in _OPEN
        ),
        *(
            Transition(
                "transfer", "移送", (status,), status, (OFFICER, BUREAU_HEAD),
                required=("handler", "reason"), guards=(guards.handler_is_another_office,), apply=effects.transfer, tone="amber",
            )
            for status in _OPEN
        ),
        Transition(
            "reopen", "更正为待整改", (Status.CLOSED,), Status.RECTIFYING, (BUREAU_HEAD,),
            required=("reason", "due_on"), guards=(guards.new_due_is_ahead,), apply=effects.reopen, tone="amber",
        ),
        Transition(
            "reopen_review", "更正为待复查", (Status.CLOSED,), Status.REVIEW, (BUREAU_HEAD,),
            required=("reason",), guards=(guards.was_rectified,), apply=effects.reopen_review, tone="amber",
        ),
        Transition(
            "void", "作废", (Status.DRAFT, Status.RECTIFYING, Status.EXTENSION, Status.REVIEW, Status.CLOSED),
            Status.VOID, (BUREAU_HEAD,), required=("reason",), apply=effects.void, tone="grey",
        ),
    ],
)  # fmt: skip
