"""Every write of attachments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models, transaction
from django.db.models import ProtectedError, Q

from emergency.core import audit, clock
from emergency.core.attachments import files
from emergency.core.attachments.models import Attachment

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 20  # in one request
MAX_UNOWNED = 100  # uploads of one person that wait to be used
UNOWNED_KEPT = dt.timedelta(hours=24)


@transaction.atomic
def store(*, file: File, kind: str, actor: Any) -> Attachment:
    """Keep an uploaded file that no record uses yet. Raises ``ValidationError`` for a wrong type or size, or damage."""
    name = files.clean_name(file.name or "")
    if file.size > MAX_BYTES:
        raise ValidationError("“%(name)s”超过20MB，请压缩后再上传。", params={"name": name}, code="file_size")
    if not file.size:
        raise ValidationError("“%(name)s”是空文件。", params={"name": name}, code="file_empty")
    data = file.read()
    content = files.examine(data, name)
    return Attachment.objects.create(
        kind=kind,
        name=content.name,
        content_type=content.content_type,
        size=len(content.data),
        digest=files.place(content.data),
        original_digest=files.sha256(data),
        created_by=actor,
        created_at=clock.now(),
        taken_at=content.taken_at,
        latitude=content.latitude,
        longitude=content.longitude,
    )


@transaction.atomic
def keep(*, data: bytes, name: str, content_type: str, owner: models.Model, kind: str, actor: Any = None) -> Attachment:
    """Keep a file that the portal itself made for a record, such as an export or a paper: as it is and of any size."""
    digest = files.place(data)
    return Attachment.objects.create(
        owner_type=owner._meta.label_lower,
        owner_id=owner.pk,
        kind=kind,
        name=files.clean_name(name),
        content_type=content_type,
        size=len(data),
        digest=digest,
        original_digest=digest,
        created_by=actor,
        created_at=clock.now(),
    )


@transaction.atomic
def attach(
    *, attachments: Iterable[Attachment | int], owner: models.Model, kind: str | None = None, actor: Any
) -> list[Attachment]:
    """Give one's own uploads to a record, in the order given. Raises ``ValidationError`` when one is used or gone."""
    wanted = list(dict.fromkeys(one.pk if isinstance(one, Attachment) else int(one) for one in attachments))
    _check_count(wanted)
    free = Attachment.objects.select_for_update().filter(owner_id=None, created_by=actor).in_bulk(wanted)
    if len(free) != len(wanted):
        raise ValidationError("有附件已被使用或已过期，请重新上传。", code="attachment_gone")
    for one in free.values():
        one.owner_type, one.owner_id, one.kind = owner._meta.label_lower, owner.pk, kind or one.kind
    Attachment.objects.bulk_update(free.values(), ["owner_type", "owner_id", "kind"])
    chosen = [free[pk] for pk in wanted]
    if chosen:
        _record("attachment.add", owner, chosen, actor)
    return chosen


@transaction.atomic
def add(*, files: Sequence[File], owner: models.Model, kind: str, actor: Any) -> list[Attachment]:
    """Upload straight onto a record; all files or none."""
    _check_count(files)
    stored = [store(file=file, kind=kind, actor=actor) for file in files]
    return attach(attachments=stored, owner=owner, actor=actor)


@transaction.atomic
def remove(*, attachment: Attachment, actor: Any) -> None:
    """Take a file off its record; the next sweep deletes it. Raises ``ValidationError`` for a frozen one."""
    locked = Attachment.objects.select_for_update().get(pk=attachment.pk)
    if locked.frozen:
        raise ValidationError("记录已办结，附件不能删除。", code="attachment_frozen")
    audit.record(
        "attachment.remove", target=locked, actor=actor, before=audit.snapshot(locked), note=f"{locked.owner_type}"
    )
    locked.owner_type, locked.owner_id = "", None
    locked.save(update_fields=["owner_type", "owner_id"])


def copy_all(*, source: models.Model, target: models.Model) -> list[Attachment]:
    """Hang the files of one record on another as well, such as on a part divided from it. The stored bytes are shared."""
    copies = list(for_owner(source).order_by("pk"))
    for one in copies:
        one.pk, one.owner_type, one.owner_id = None, target._meta.label_lower, target.pk
    return Attachment.objects.bulk_create(copies)


def for_owner(owner: models.Model, kind: str | None = None) -> models.QuerySet[Attachment]:
    found = Attachment.objects.filter(owner_type=owner._meta.label_lower, owner_id=owner.pk)
    return found if kind is None else found.filter(kind=kind)


def for_owners(owners: Sequence[models.Model]) -> dict[int, list[Attachment]]:
    """The files of many records of one model by their keys, in one query."""
    result: dict[int, list[Attachment]] = {owner.pk: [] for owner in owners}
    if owners:
        rows = Attachment.objects.filter(owner_type=owners[0]._meta.label_lower, owner_id__in=list(result))
        for row in rows:
            result[row.owner_id].append(row)  # type: ignore[index]  # the filter leaves no row without an owner
    return result


def freeze(owner: models.Model) -> int:
    """The record is closed or issued: its present files stay as they are. Returns how many were still free."""
    return for_owner(owner).filter(frozen=False).update(frozen=True)


def same_elsewhere(owner: models.Model) -> models.QuerySet[Attachment]:
    """Files of other records that were uploaded from the very same bytes: one photo shown for two hazards."""
    mine = for_owner(owner)
    return (
        Attachment.objects.filter(owner_id__isnull=False, original_digest__in=mine.values("original_digest"))
        .exclude(Q(owner_type=owner._meta.label_lower, owner_id=owner.pk))
        .order_by("id")
    )


def sweep(now: dt.datetime) -> int:
    """Drop uploads that nobody used for a day, then stored files that no row names. Returns how many rows went."""
    count = 0
    for one in Attachment.objects.filter(owner_id=None, created_at__lt=now - UNOWNED_KEPT).iterator():
        with transaction.atomic():
            try:
                # The condition again: somebody may have used it since the list was read.
                count += Attachment.objects.filter(pk=one.pk, owner_id=None).delete()[0]
            except ProtectedError:
                continue  # a record holds it by a key of its own
    files.remove_unused(now - UNOWNED_KEPT, _named)
    return count


def _named(digests: set[str]) -> set[str]:
    return set(Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True))


def _check_count(chosen: Sequence[Any]) -> None:
    if len(chosen) > MAX_FILES:
        raise ValidationError("一次最多上传%(most)s个文件。", params={"most": MAX_FILES}, code="file_count")


def _record(verb: str, owner: models.Model, chosen: list[Attachment], actor: Any) -> None:
    listed = [{"id": one.pk, "kind": one.kind, "name": one.name, "digest": one.digest} for one in chosen]
    audit.record(verb, target=owner, actor=actor, after={"files": listed})
