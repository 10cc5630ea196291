"""The audit trail: who did what to which record, when, from where, before and after.

Services call :func:`record` inside the transaction of the write. Refusals are written by the boundary (view, command, task)
after the rollback, by :func:`record_refusal`. Rows are append-only: the trigger in ``core/triggers.py`` refuses update, delete and truncate.
An entry names the organisation by plain columns, because it outlives what it names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import decimal
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest


class Outcome(models.TextChoices):
    DONE = "done", "成功"
    REFUSED = "refused", "被拒绝"
    FAILED = "failed", "失败"


class AuditEntry(models.Model):
    """One line of the log. ``at`` is the database's own clock, so no caller can date an entry back."""

    at = models.DateTimeField("时间", db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="操作人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField("操作人姓名", max_length=60, blank=True)
    organisation_id = models.BigIntegerField("单位编号", null=True)
    organisation_name = models.CharField("单位名称", max_length=120, blank=True)
    verb = models.CharField("操作", max_length=60)
    target_type = models.CharField("对象类型", max_length=60, blank=True)
    target_id = models.BigIntegerField("对象编号", null=True)
    target_label = models.CharField("对象", max_length=200, blank=True)
    before = models.JSONField("变更前", null=True)
    after = models.JSONField("变更后", null=True)
    note = models.TextField("说明", blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, default=Outcome.DONE)
    request_id = models.UUIDField("请求编号", null=True)
    address = models.GenericIPAddressField("来源地址", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_target"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.target_label}"


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where the present work comes from; empty outside a request."""

    actor: Any = None
    request_id: uuid.UUID | None = None
    address: str | None = None


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=_NOWHERE)


@contextlib.contextmanager
def origin(actor: Any = None, request_id: uuid.UUID | None = None, address: str | None = None) -> Iterator[None]:
    """Everything recorded inside carries this actor, request and address."""
    token = _origin.set(Origin(actor, request_id, address))
    try:
        yield
    finally:
        _origin.reset(token)


def bind(request: HttpRequest) -> contextlib.AbstractContextManager[None]:
    """The context of one web request, for the middleware."""
    user = getattr(request, "user", None)
    actor = user if user is not None and user.is_authenticated else None
    return origin(actor=actor, request_id=uuid.uuid4(), address=request.META.get("REMOTE_ADDR") or None)


def current_request_id() -> uuid.UUID | None:
    return _origin.get().request_id


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def mask(value: Any) -> str:
    """A personal value as the log may keep it: first three and last two signs of long ones, else only the first."""
    text = str(value or "")
    if not text:
        return ""
    return f"{text[:3]}****{text[-2:]}" if len(text) >= 8 else f"{text[:1]}**"


def snapshot(obj: models.Model, fields: Iterable[str] | None = None) -> dict[str, Any]:
    """The stored columns of a record as JSON values; columns named in the model's ``personal_fields`` appear masked."""
    personal: frozenset[str] = getattr(obj, "personal_fields", frozenset())
    wanted = set(fields) if fields is not None else None
    result: dict[str, Any] = {}
    for field in obj._meta.concrete_fields:
        if field.generated or (wanted is not None and field.name not in wanted and field.attname not in wanted):
            continue
        value = getattr(obj, field.attname)
        result[field.name] = mask(value) if field.name in personal else _plain(value)
    return result


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs between two snapshots."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def record(
    verb: str,
    *,
    target: models.Model | None = None,
    actor: Any = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    organisation: Any = None,
    note: str = "",
    outcome: str = Outcome.DONE,
) -> AuditEntry:
    """Write one entry. ``verb`` is ``<record>.<verb>`` such as ``hazard.close``.

    ``organisation`` defaults to the target's handler or area, whichever it has.
    """
    here = _origin.get()
    actor = actor or here.actor
    if organisation is None and target is not None:
        organisation = getattr(target, "handler", None) or getattr(target, "area", None)
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=str(getattr(actor, "name", "") or "系统"),
        organisation_id=getattr(organisation, "pk", None),
        organisation_name=str(organisation or "")[:120],
        verb=verb,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=target.pk if target is not None else None,
        target_label=str(target or "")[:200],
        before=_plain(before) if before is not None else None,
        after=_plain(after) if after is not None else None,
        note=note,
        outcome=outcome,
        request_id=here.request_id,
        address=here.address,
    )


def record_refusal(verb: str, *, target: models.Model | None = None, actor: Any = None, note: str = "") -> AuditEntry:
    """An attempt that was refused. Call it outside the transaction that was rolled back."""
    return record(verb, target=target, actor=actor, note=note, outcome=Outcome.REFUSED)
