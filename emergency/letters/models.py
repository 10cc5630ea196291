"""督办文书: what an office sends out so that others act, to whom, and what each of them answered."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from emergency.core import clock
from emergency.core.search import SearchText, bigram_index
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import (
    NOTHING,
    Addressed,
    Area,
    Party,
    ScopedQuerySet,
    enterprise_user,
    is_portal,
    reach,
)


class Kind(models.TextChoices):
    """From the mildest to the strongest, as the offices climb them (design: rules.md §8); a circular names to all."""

    NOTICE = "notice", "安全提醒"
    REMINDER = "reminder", "提示函"
    ASSIGNMENT = "assignment", "交办函"
    SUPERVISION = "supervision", "督办函"
    WARNING = "warning", "警示函"
    INTERVIEW = "interview", "约谈"
    CIRCULAR = "circular", "通报"


class Status(models.TextChoices):
    DRAFT = "draft", "草稿"
    ISSUED = "issued", "办理中"
    CLOSED = "closed", "已办结"
    VOID = "void", "已作废"


STATUS_TONES = {Status.DRAFT: "blue", Status.ISSUED: "amber", Status.CLOSED: "green", Status.VOID: "grey"}


class ReplyStatus(models.TextChoices):
    """Where one addressee stands. A circular, and a letter that sets no day for a reply, asks for none."""

    NONE = "none", "无须回复"
    WAITING = "waiting", "待回复"
    REPLIED = "replied", "待核查"
    VERIFIED = "verified", "已核查"


REPLY_TONES = {
    ReplyStatus.NONE: "grey",
    ReplyStatus.WAITING: "amber",
    ReplyStatus.REPLIED: "blue",
    ReplyStatus.VERIFIED: "green",
}


class Verdict(models.TextChoices):
    """What the issuing office found when it checked a reply."""

    TRUE = "true", "属实"
    DONE = "done", "整改到位"
    NOT_DONE = "not_done", "未到位"


class LetterQuerySet(ScopedQuerySet):
    def counted(self) -> LetterQuerySet:
        """What figures count: what was really sent."""
        return self.filter(status__in=[Status.ISSUED, Status.CLOSED])

    def overdue(self, on: dt.date) -> LetterQuerySet:
        """Sent, with a reply still owed and its printed day gone by."""
        return self.filter(status=Status.ISSUED, due_on__lt=on, replied_on=None)

    def overseen_by(self, user: Any) -> LetterQuerySet:
        """Those of which the reader sees the whole: sent by the own office, or about the own area. An addressee sees its own part."""
        if is_portal(user):
            return self.all()
        shapes = [shape for shape in Letter.scope_shapes if not isinstance(shape, Addressed)]
        conditions = [condition for shape in shapes for condition in shape.conditions(user, Letter)]
        if not conditions:
            return self.none()
        return self.visible_to(user).filter(reduce(or_, conditions))


class Letter(PlacedRecord):
    """One letter of an office to one or several addressees about one matter.

    ``issuer`` signs, ``handler`` drew it up and follows it: the bureau writes in the name of the safety committee. ``owed`` and
    ``replied`` count the addressees who owe a reply and those who have given it; ``replied_on`` is set by the last of them.
    """

    number = models.CharField("文号", max_length=60, blank=True)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    issuer = models.ForeignKey(Organisation, verbose_name="发文单位", on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(Organisation, verbose_name="承办单位", on_delete=models.PROTECT, related_name="+")
    addressed_to = models.TextField("主送单位", editable=False)
    subject = models.CharField("事由", max_length=200)
    basis = models.TextField("依据", blank=True)
    body = models.TextField("正文", blank=True)
    signer = models.CharField("签发人", max_length=60, blank=True)
    issued_on = models.DateField("发文日期")
    due_on = models.DateField("回复期限", null=True, blank=True)
    meeting_on = models.DateField("约谈日期", null=True, blank=True)
    meeting_place = models.CharField("约谈地点", max_length=120, blank=True)
    minutes = models.TextField("约谈纪要", blank=True)
    owed = models.PositiveSmallIntegerField("应回复单位数", default=0, editable=False)
    replied = models.PositiveSmallIntegerField("已回复单位数", default=0, editable=False)
    replied_on = models.DateField("全部回复日期", null=True, editable=False)
    closed_on = models.DateField("办结日期", null=True, editable=False)
    closing_note = models.CharField("终结原因", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("拟稿时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "subject", "addressed_to"), output_field=models.TextField(), db_persist=True
    )

    objects = LetterQuerySet.as_manager()
    scope_shapes = (
        Area(only=~Q(status=Status.DRAFT)),
        Party("issuer", "handler"),
        Addressed("addressees", only=~Q(status=Status.DRAFT)),
    )

    class Meta:
        verbose_name = verbose_name_plural = "督办文书"
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number"],
                condition=~Q(number=""),
                name="letter_number_unique",
                violation_error_message="这个文号已经用过。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "void"]) | ~Q(number=""),
                name="letter_sent_has_number",
                violation_error_message="已发出的文书须有文号。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="circular") | Q(due_on__isnull=True, owed=0),
                name="letter_circular_owes_nothing",
                violation_error_message="通报不要求回复，请不要填写回复期限。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("issued_on")),
                name="letter_due_after_issue",
                violation_error_message="回复期限不能早于发文日期。",
            ),
            models.CheckConstraint(
                condition=Q(replied__lte=F("owed")),
                name="letter_replies_within_owed",
                violation_error_message="已回复的单位数不能多于应回复的单位数。",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False)
                | (~Q(status="closed") & Q(closed_on__isnull=True)),
                name="letter_closed_has_date",
                violation_error_message="已办结的文书须有办结日期，未办结的不得有。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("issued_on")),
                name="letter_closed_after_issue",
                violation_error_message="办结日期不能早于发文日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status="void") | ~Q(void_reason=""),
                name="letter_void_has_reason",
                violation_error_message="作废须填写原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-issued_on", "-id"], name="letter_street"),
            models.Index(fields=["district", "-issued_on", "-id"], name="letter_district"),
            models.Index(fields=["area", "-issued_on", "-id"], name="letter_area"),
            models.Index(fields=["issuer", "-issued_on", "-id"], name="letter_issuer"),
            models.Index(fields=["handler", "-issued_on", "-id"], name="letter_handler"),
            models.Index(fields=["-issued_on", "-id"], name="letter_newest"),
            models.Index(
                fields=["district", "issued_on"],
                name="letter_figures",
                include=["street", "kind", "status", "replied_on", "owed"],
            ),
            bigram_index("letter_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}".strip()

    def get_absolute_url(self) -> str:
        return reverse("letters:detail", args=[self.pk])

    @property
    def wants_reply(self) -> bool:
        """Whether its addressees owe a reply: the letter prints the day until which it waits for one."""
        return self.due_on is not None

    @property
    def progress(self) -> tuple[str, str]:
        """How far it is, in words with the badge's tone: 待回复, 部分回复, 待核查 while it is under way."""
        if self.status != Status.ISSUED:
            return self.get_status_display(), STATUS_TONES[Status(self.status)]
        if self.replied == 0:
            return "待回复", "amber"
        return ("待核查", "blue") if self.replied == self.owed else ("部分回复", "amber")


class LetterAddresseeQuerySet(models.QuerySet["LetterAddressee"]):
    def visible_to(self, user: Any) -> LetterAddresseeQuerySet:
        """Whose answers the reader may read: all of the letters that they oversee, of others' only their own."""
        return self.filter(
            Q(letter__in=Letter.objects.overseen_by(user).values("pk")) | self.mine_q(user),
            letter__in=Letter.objects.visible_to(user).values("pk"),
        )

    def mine_q(self, user: Any) -> Q:
        """Addressed to a unit that the user acts for, or to an enterprise that the user files for."""
        if units := reach(user).own_units:
            return Q(organisation__in=units)
        if enterprise_user(user):
            posts = user.enterprise_memberships.in_force(clock.today())
            return Q(enterprise__in=posts.values("enterprise"))
        return NOTHING


class LetterAddressee(models.Model):
    """One addressee with the answer; the name is the one on the letter. ``due_on`` moves when a reply is sent back, the letter's does not."""

    letter = models.ForeignKey(Letter, verbose_name="文书", on_delete=models.CASCADE, related_name="addressees")
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("名称", max_length=160)
    organisation = models.ForeignKey(
        Organisation, verbose_name="单位", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="监管对象", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField("状态", max_length=10, choices=ReplyStatus, default=ReplyStatus.NONE)
    due_on = models.DateField("回复期限", null=True, blank=True)
    replied_on = models.DateField("回复日期", null=True, blank=True)
    reply = models.TextField("回复内容", blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="回复人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField("核查结论", max_length=10, choices=Verdict, blank=True)
    verified_on = models.DateField("核查日期", null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="核查人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    opinion = models.CharField("核查意见", max_length=300, blank=True)

    objects = LetterAddresseeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主送单位"
        ordering = ["letter", "order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) ^ Q(enterprise__isnull=True),
                name="letter_addressee_is_one",
                violation_error_message="主送对象须是一个单位或一个监管对象。",
            ),
            models.UniqueConstraint(fields=["letter", "organisation"], name="letter_addressee_unit_once"),
            models.UniqueConstraint(fields=["letter", "enterprise"], name="letter_addressee_firm_once"),
            models.CheckConstraint(
                condition=Q(status__in=["replied", "verified"], replied_on__isnull=False)
                | Q(status__in=["none", "waiting"], replied_on__isnull=True),
                name="letter_reply_has_date",
                violation_error_message="已回复的须有回复日期，未回复的不得有。",
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | ~Q(verdict=""),
                name="letter_verified_has_verdict",
                violation_error_message="已核查的须有核查结论。",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting") | Q(due_on__isnull=False),
                name="letter_waiting_has_day",
                violation_error_message="待回复的须有回复期限。",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "letter"], name="letter_to_unit"),
            models.Index(fields=["enterprise", "letter"], name="letter_to_firm"),
        ]

    def __str__(self) -> str:
        return self.name


class LetterMatter(models.Model):
    """A record of any ledger that a letter is about, such as a hazard: by its model and key, because the ledgers stand above this one.

    A matter known by its number alone (an old hazard that is in no ledger here) has no key.
    """

    letter = models.ForeignKey(Letter, verbose_name="文书", on_delete=models.CASCADE, related_name="matters")
    target_type = models.CharField("对象类型", max_length=60)
    target_id = models.BigIntegerField("对象编号", null=True)
    label = models.CharField("对象", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "文书事项"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "target_type", "target_id"], name="letter_matter_once"),
        ]
        indexes = [models.Index(fields=["target_type", "target_id", "letter"], name="letter_matter_target")]

    def __str__(self) -> str:
        return self.label
