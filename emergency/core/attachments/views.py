"""Sending files up and down, behind the same door as their records."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from emergency.core.attachments import files, services
from emergency.core.attachments.models import Attachment

KIND = re.compile(r"[a-z][a-z_]{0,39}")


def may_see(user: Any, attachment: Attachment) -> bool:
    """Who may open the record may open its files; an upload not yet used is its sender's."""
    if attachment.owner_id is None:
        return attachment.created_by_id == user.pk
    model = apps.get_model(attachment.owner_type)
    visible_to = getattr(model._default_manager, "visible_to", None)
    return visible_to is not None and visible_to(user).filter(pk=attachment.owner_id).exists()


@require_safe
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself; with ``?thumb=1`` a picture's small version. Somebody else's file is not found."""
    attachment = get_object_or_404(Attachment, pk=pk)
    if not may_see(request.user, attachment):
        raise Http404
    path, content_type = files.path_of(attachment.digest), attachment.content_type
    if not path.exists():
        raise Http404
    if "thumb" in request.GET and attachment.is_image:
        path, content_type = files.thumb_of(attachment.digest), "image/webp"
    response = _bytes(path)
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = (
        content_disposition_header(not attachment.is_image, attachment.name) or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _bytes(path: Path) -> HttpResponseBase:
    """Let the front server send the bytes where it can."""
    prefix = getattr(settings, "ACCEL_PREFIX", "")
    if not prefix:
        return FileResponse(path.open("rb"))
    inside = path.relative_to(settings.MEDIA_ROOT).as_posix()
    return HttpResponse(headers={"X-Accel-Redirect": f"{prefix.rstrip('/')}/{inside}"})


@require_POST
@login_required
def upload(request: HttpRequest) -> JsonResponse:
    """Take one file (``file``, ``kind``) before its form is sent; answers with the number to send along."""
    waiting = Attachment.objects.filter(created_by_id=request.user.pk, owner_id=None).count()
    if waiting >= services.MAX_UNOWNED:
        return JsonResponse({"error": "待提交的附件太多，请先提交或稍后再传。"}, status=429)
    sent, kind = request.FILES.get("file"), request.POST.get("kind", "photo")
    if sent is None or not KIND.fullmatch(kind):
        return JsonResponse({"error": "没有收到文件。"}, status=400)
    try:
        stored = services.store(file=sent, kind=kind, actor=request.user)
    except ValidationError as error:
        return JsonResponse({"error": "".join(error.messages)}, status=400)
    url = stored.get_absolute_url()
    return JsonResponse(
        {
            "id": stored.pk,
            "name": stored.name,
            "size": stored.size,
            "url": url,
            "thumb": f"{url}?thumb=1" if stored.is_image else "",
        },
        status=201,
    )
