"""What other apps' forms ask while somebody types the name of a subject of supervision."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views import View

from emergency.enterprises.models import Enterprise, State
from emergency.enterprises.queries import enterprise_suggest
from emergency.organizations.scope import BusinessMixin


def _note(one: Enterprise) -> str:
    parts = [str(one.home), one.credit_code or one.address]
    if one.state != State.OPERATING:
        parts.append(one.get_state_display())
    return " · ".join(part for part in parts if part)


class Pick(BusinessMixin, View):
    """``?q=`` → ``{"results": [{"id", "text", "note"}]}``, the form that static/js/picker.js reads; at most 20, only visible ones."""

    def get(self, request: HttpRequest) -> JsonResponse:
        found = enterprise_suggest(user=request.user, text=request.GET.get("q", "")[:60])
        return JsonResponse({"results": [{"id": one.pk, "text": one.name, "note": _note(one)} for one in found]})
