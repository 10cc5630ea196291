"""重新汇总: the button by which a section head does not wait for the night."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from emergency.figures.services.rolling import ROLLERS, roll_up_ask
from emergency.organizations.scope import RolesMixin


class RollUp(RolesMixin, View):
    """Asks for a roll-up and shows how far it is."""

    roles = ROLLERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        job = roll_up_ask(actor=request.user)
        messages.success(request, "已开始重新汇总。")
        return redirect(job)
