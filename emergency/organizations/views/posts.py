"""安全管理员: who holds which role where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from emergency.core.listing import Cell, Column, Empty
from emergency.organizations import services
from emergency.organizations.filters import MembershipFilter
from emergency.organizations.forms import DelegationForm, MembershipForm, ReasonForm, attempt
from emergency.organizations.models import ADMIN_ROLES, Membership, Role
from emergency.organizations.scope import AdministratorMixin
from emergency.organizations.views.common import AdminList, action, fact, span, standing


class SecurityAdminView(AdministratorMixin, View):
    administrator = Role.SECURITY_ADMIN


class MembershipList(AdminList):
    administrator = Role.SECURITY_ADMIN
    title = "角色授权"
    queryset: QuerySet = Membership.objects.all()
    filterset = MembershipFilter
    order = "-id"
    related = ("user", "organisation", "delegated_by__user")
    columns = (
        Column("user", "姓名", lambda one: Cell(one.user.name, small=one.user.username), main=True),
        Column("organisation", "单位", lambda one: one.organisation.name),
        Column("role", "角色", lambda one: one.get_role_display()),
        Column("post", "科室与职务", lambda one: " ".join(part for part in (one.section, one.post) if part)),
        Column("span", "期限", lambda one: span(one.valid_from, one.valid_to)),
        Column("by", "代理", lambda one: f"代{one.delegated_by.user.name}" if one.delegated_by else "", wide_only=True),
        Column("state", "状态", lambda one: Cell(*standing(one))),
    )
    empty = Empty("授予用户的角色列在这里。没有角色的用户登录后看不到任何业务记录。")

    def row_url(self, row: Membership) -> str:
        return reverse("organizations:membership_detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        return {"new_url": reverse("organizations:membership_new"), "new_label": "授予角色"}


class MembershipNew(SecurityAdminView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, MembershipForm(actor=request.user, initial={"user": request.GET.get("user")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MembershipForm(request.POST, actor=request.user)
        if form.is_valid():
            granted = attempt(form, lambda: services.membership_grant(actor=request.user, **form.cleaned_data))
            if granted is not None:
                messages.success(request, "角色已授予。")
                return redirect("organizations:membership_detail", pk=granted.pk)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: MembershipForm) -> HttpResponse:
        context = {
            "title": "授予角色",
            "form": form,
            "submit_label": "授予",
            "cancel_url": reverse("organizations:membership_list"),
        }
        return render(request, "core/form.html", context)


def _detail_url(membership: Membership) -> str:
    return reverse("organizations:membership_detail", args=[membership.pk])


class MembershipDetail(SecurityAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = get_object_or_404(Membership.objects.select_related("user", "organisation", "delegated_by__user"), pk=pk)
        label, tone = standing(one)
        items = [
            fact("用户", f"{one.user.name}（{one.user.username}）"),
            fact("单位", one.organisation.name),
            fact("角色", one.get_role_display()),
            fact("期限", span(one.valid_from, one.valid_to)),
            fact("科室", one.section),
            fact("职务", one.post),
        ]
        if one.certificate:
            items.append(fact("执法证号", one.certificate))
        if one.delegated_by:
            items.append(fact("代理自", one.delegated_by.user.name, _detail_url(one.delegated_by)))
        if one.revoked_at:
            items.append(fact("收回原因", one.revoked_reason, whole=True))
        given = [
            {
                "name": other.user.name,
                "span": span(other.valid_from, other.valid_to),
                "state": standing(other)[0],
                "url": _detail_url(other),
            }
            for other in one.delegations.select_related("user").order_by("-pk")
        ]
        context = {
            "head": {
                "title": f"{one.user.name} · {one.get_role_display()}",
                "status": {"label": label, "tone": tone},
                "kicker": "角色授权",
            },
            "actions": self._actions(request, one),
            "facts": [{"title": "任职", "items": items}],
            "delegations": given,
        }
        return render(request, "organizations/membership_detail.html", context)

    def _actions(self, request: HttpRequest, one: Membership) -> list[dict[str, Any]]:
        if one.revoked_at is not None or one.user_id == request.user.pk or standing(one)[0] == "已结束":
            return []
        route = "organizations:membership_act"
        found = [action("revoke", "收回", route, one.pk, "red")]
        if one.role not in (*ADMIN_ROLES, Role.ENFORCER) and one.delegated_by_id is None:
            found.insert(0, action("delegate", "委托代理", route, one.pk))
        return found


class MembershipAct(SecurityAdminView):
    """Revoke and delegate."""

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        membership = self._get(pk)
        return self._ask(request, membership, name, self._form(request, membership, name))

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        membership = self._get(pk)
        form = self._form(request, membership, name)
        if form.is_valid():
            service = services.membership_revoke if name == "revoke" else services.membership_delegate
            done = attempt(form, lambda: service(membership=membership, actor=request.user, **form.cleaned_data))
            if done is not None:
                messages.success(request, "角色已收回。" if name == "revoke" else "代理已登记。")
                return redirect(_detail_url(membership))
        return self._ask(request, membership, name, form)

    def _get(self, pk: int) -> Membership:
        return get_object_or_404(Membership.objects.select_related("user", "organisation"), pk=pk)

    def _form(self, request: HttpRequest, membership: Membership, name: str) -> forms.Form:
        data = request.POST if request.method == "POST" else None
        if name == "revoke":
            return ReasonForm(data)
        if name == "delegate":
            return DelegationForm(data, membership=membership, actor=request.user)
        raise Http404

    def _ask(self, request: HttpRequest, membership: Membership, name: str, form: forms.Form) -> HttpResponse:
        what = f"{membership.user.name}在{membership.organisation.name}的“{membership.get_role_display()}”"
        if name == "revoke":
            title, question, submit, tone = "收回角色", f"收回{what}，立即生效；由此委托的代理一并收回。", "收回", "red"
        else:
            title, question, submit, tone = "委托代理", f"在约定的日期内，由代理人同时担任{what}。", "登记代理", "blue"
        context = {
            "title": title,
            "question": question,
            "form": form,
            "submit_label": submit,
            "tone": tone,
            "cancel_url": _detail_url(membership),
        }
        return render(request, "core/confirm.html", context)
