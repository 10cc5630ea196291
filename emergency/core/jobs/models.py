"""Work that outlives a request: the job row is the truth, the broker only hurries it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from emergency.core.attachments.models import Attachment


class Status(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "处理中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    BROKEN = "broken", "已中断"


TONES = {
    Status.QUEUED: "blue",
    Status.RUNNING: "amber",
    Status.DONE: "green",
    Status.FAILED: "red",
    Status.BROKEN: "red",
}

#: Statuses that nothing moves on from.
FINAL = (Status.DONE, Status.FAILED, Status.BROKEN)


class Trigger(models.TextChoices):
    PAGE = "page", "页面"
    COMMAND = "command", "命令"
    SCHEDULE = "schedule", "定时"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """A person's own jobs: their results hold what that person may see."""
        return self.filter(created_by=user) if user.is_authenticated else self.none()


class Job(models.Model):
    """One piece of background work, written in the transaction of the business that asks for it.

    A worker takes it by compare-and-swap on (``status``, ``claim``) and renews ``heartbeat_at`` while it works; who
    no longer holds the claim cannot write. ``error`` is in the officer's words; the traceback goes to the log under
    the job's number.
    """

    kind = models.CharField("种类", max_length=60)
    title = models.CharField("名称", max_length=200)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.QUEUED)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation_id = models.BigIntegerField("单位编号", null=True)
    params = models.JSONField("参数", default=dict)
    done = models.PositiveBigIntegerField("已处理", default=0)
    total = models.PositiveBigIntegerField("总数", default=0)
    message = models.CharField("进度说明", max_length=200, blank=True)
    result = models.JSONField("结果", default=dict)
    file = models.ForeignKey(
        Attachment, verbose_name="结果文件", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    error = models.TextField("原因", blank=True)
    trigger = models.CharField("发起方式", max_length=10, choices=Trigger, default=Trigger.PAGE)
    created_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True)
    claim = models.UUIDField("领取标记", null=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="running") | Q(claim__isnull=False, heartbeat_at__isnull=False),
                name="job_running_is_claimed",
            ),
        ]
        indexes = [
            models.Index(fields=["created_by", "-id"], name="job_mine"),
            models.Index(fields=["status", "id"], name="job_open", condition=Q(status__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("core:job", args=[self.pk])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def tone(self) -> str:
        return TONES[Status(self.status)]

    @property
    def percent(self) -> int:
        """0 to 100, whole; 100 only when done."""
        if self.status == Status.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class Heartbeat(models.Model):
    """When a process last said that it lives, such as the worker."""

    name = models.CharField("名称", max_length=60, unique=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"


class ScheduledRun(models.Model):
    """One run of an entry of the timetable; ``ok`` is empty while it runs or when it was killed."""

    name = models.CharField("名称", max_length=60)
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True)
    ok = models.BooleanField("成功", null=True)
    detail = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定时任务记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["name", "-started_at"], name="scheduled_run_name"),
            models.Index(fields=["started_at"], name="scheduled_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.started_at:%Y-%m-%d %H:%M}"
