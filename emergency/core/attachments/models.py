"""One stored file and the record it belongs to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class Attachment(models.Model):
    """A file under MEDIA_ROOT, found by the SHA-256 of what is stored.

    ``digest`` is that of the stored bytes and names the file; ``original_digest`` that of the bytes as they were
    uploaded, so that the same photo is recognised although every re-encoding strips it. Several rows may share one
    stored file. A row without an owner was uploaded and not yet used; :func:`services.sweep` removes it after a day.
    ``frozen`` rows belong to a record that is closed or issued and stay as they are.
    """

    owner_type = models.CharField("所属对象类型", max_length=60, blank=True)
    owner_id = models.BigIntegerField("所属对象编号", null=True)
    kind = models.CharField("用途", max_length=40)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("文件类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    digest = models.CharField("文件摘要", max_length=64)
    original_digest = models.CharField("原始文件摘要", max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间")
    taken_at = models.DateTimeField("拍摄时间", null=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True)
    frozen = models.BooleanField("已固定", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_type="", owner_id=None) | (~Q(owner_type="") & Q(owner_id__isnull=False)),
                name="attachment_owner_whole",
                violation_error_message="附件的所属对象不完整。",
            ),
            models.CheckConstraint(
                condition=Q(frozen=False) | Q(owner_id__isnull=False),
                name="attachment_frozen_is_owned",
                violation_error_message="未使用的附件不能固定。",
            ),
        ]
        indexes = [
            models.Index(fields=["owner_type", "owner_id", "id"], name="attachment_owner"),
            models.Index(fields=["original_digest"], name="attachment_original"),
            models.Index(fields=["digest"], name="attachment_digest"),
            models.Index(
                fields=["created_by", "created_at"], name="attachment_unowned", condition=Q(owner_id__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("core:file", args=[self.pk])

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    def belongs_to(self, record: Any) -> bool:
        return self.owner_type == record._meta.label_lower and self.owner_id == record.pk
