"""企业账号: the office that answers for the place opens them and takes them back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views import View

from emergency.enterprises.forms import AccountForm
from emergency.enterprises.lifecycle import OFFICE, OFFICE_ROLES
from emergency.enterprises.models import Enterprise, EnterpriseMembership
from emergency.enterprises.services import account_open, membership_revoke
from emergency.enterprises.views.record import find
from emergency.organizations.forms import ReasonForm, attempt
from emergency.organizations.scope import RolesMixin


class OfficeView(RolesMixin, View):
    roles = OFFICE_ROLES

    def find(self, request: HttpRequest, pk: int) -> Enterprise:
        """The subject: 404 out of scope, 403 where the reader's office does not answer for it."""
        enterprise = find(request, pk)
        if not OFFICE.test(request.user, enterprise):
            raise PermissionDenied
        return enterprise


class AccountNew(OfficeView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        enterprise = self.find(request, pk)
        return self._page(request, enterprise, AccountForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        enterprise = self.find(request, pk)
        form = AccountForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            issued = attempt(form, lambda: account_open(enterprise=enterprise, actor=request.user, **data))
            if issued is not None:
                context = {"enterprise": enterprise, "issued": issued}
                response = render(request, "enterprises/account_issued.html", context)
                add_never_cache_headers(response)  # the one time that the password is shown
                return response
            if form.is_valid():  # an account that was there already keeps its password
                messages.success(request, "已授权，该用户用原密码登录。")
                return redirect("enterprises:detail", pk=pk)
        return self._page(request, enterprise, form)

    def _page(self, request: HttpRequest, enterprise: Enterprise, form: AccountForm) -> HttpResponse:
        context = {
            "title": "开通企业账号",
            "intro": f"供“{enterprise.name}”的人员登录，查看和填报本企业的检查、隐患。临时密码只显示一次，首次登录须修改。",
            "form": form,
            "submit_label": "开通",
            "cancel_url": reverse("enterprises:detail", args=[enterprise.pk]),
        }
        return render(request, "core/form.html", context)


class AccountRevoke(OfficeView):
    def get(self, request: HttpRequest, pk: int, member: int) -> HttpResponse:
        enterprise = self.find(request, pk)
        return self._page(request, enterprise, self._member(enterprise, member), ReasonForm())

    def post(self, request: HttpRequest, pk: int, member: int) -> HttpResponse:
        enterprise = self.find(request, pk)
        membership = self._member(enterprise, member)
        form = ReasonForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            if attempt(form, lambda: membership_revoke(membership=membership, actor=request.user, **data)):
                messages.success(request, "已收回，立即生效。")
                return redirect("enterprises:detail", pk=pk)
        return self._page(request, enterprise, membership, form)

    def _member(self, enterprise: Enterprise, member: int) -> EnterpriseMembership:
        return get_object_or_404(enterprise.memberships.filter(revoked_at=None).select_related("user"), pk=member)

    def _page(
        self, request: HttpRequest, enterprise: Enterprise, membership: EnterpriseMembership, form: ReasonForm
    ) -> HttpResponse:
        context = {
            "title": "收回企业账号",
            "question": f"收回后，{membership.user.name}（{membership.user.username}）不能再查看和填报“{enterprise.name}”。",
            "form": form,
            "submit_label": "收回",
            "tone": "red",
            "cancel_url": reverse("enterprises:detail", args=[enterprise.pk]),
        }
        return render(request, "core/confirm.html", context)
