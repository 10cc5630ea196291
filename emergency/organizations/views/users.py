"""系统管理员: the accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views import View

from emergency.core import clock
from emergency.core.listing import Cell, Column, Empty
from emergency.organizations import services
from emergency.organizations.filters import UserFilter
from emergency.organizations.forms import ReasonForm, UserForm, attempt
from emergency.organizations.models import Membership, Role, User
from emergency.organizations.queries import locked_usernames, memberships_of
from emergency.organizations.scope import AdministratorMixin
from emergency.organizations.services import Issued
from emergency.organizations.views.common import AdminList, action, fact, span


def _masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else phone


def _state(user: User, locked: bool) -> tuple[str, str]:
    if not user.is_active:
        return "已停用", "grey"
    if locked:
        return "已锁定", "red"
    return ("待首次登录", "blue") if user.must_change_password else ("启用", "green")


def _moment(value: Any) -> str:
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""


def _roles(user: User) -> Cell:
    held = user.held_today  # type: ignore[attr-defined]  # prefetched by UserList
    first = f"{held[0].organisation} · {held[0].get_role_display()}" if held else "未承担角色"
    return Cell(first, small=f"另有{len(held) - 1}项" if len(held) > 1 else "")


class UserList(AdminList):
    administrator = Role.SYSTEM_ADMIN
    title = "用户"
    queryset: QuerySet = User.objects.all()
    filterset = UserFilter
    order = "username"
    columns = (
        Column("name", "姓名", lambda user: user.name, main=True),
        Column("username", "登录名", lambda user: user.username, sort="username"),
        Column("phone", "手机号码", lambda user: _masked(user.phone)),
        Column("roles", "单位与角色", _roles),
        Column("state", "状态", lambda user: Cell(*_state(user, user.locked))),
        Column("last_login", "上次登录", lambda user: _moment(user.last_login), align="date", wide_only=True),
    )
    empty = Empty("这里列出全部用户。")

    def row_url(self, row: User) -> str:
        return reverse("organizations:user_detail", args=[row.pk])

    def links(self, request: HttpRequest) -> dict[str, str]:
        return {"new_url": reverse("organizations:user_new"), "new_label": "开通账号"}

    def _fetch(self, keys: list[tuple[Any, int]]) -> list[User]:
        users = super()._fetch(keys)
        held = Membership.objects.in_force(clock.today()).select_related("organisation")
        prefetch_related_objects(users, Prefetch("memberships", queryset=held, to_attr="held_today"))
        locked = locked_usernames(user.username for user in users)
        for user in users:
            user.locked = user.username in locked
        return users


class SystemAdminView(AdministratorMixin, View):
    administrator = Role.SYSTEM_ADMIN


def show_password(request: HttpRequest, issued: Issued, title: str) -> HttpResponse:
    """The one time that a temporary password is shown; neither browser nor proxy may keep the page."""
    response = render(request, "organizations/user_password.html", {"title": title, "issued": issued})
    add_never_cache_headers(response)
    return response


class UserNew(SystemAdminView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, UserForm(new=True))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UserForm(request.POST, new=True)
        if form.is_valid():
            issued = attempt(form, lambda: services.user_create(actor=request.user, **form.cleaned_data))
            if issued is not None:
                return show_password(request, issued, "账号已开通")
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: UserForm) -> HttpResponse:
        context = {
            "title": "开通账号",
            "form": form,
            "submit_label": "开通",
            "cancel_url": reverse("organizations:user_list"),
            "intro": "开通后给出临时密码，首次登录须修改。角色由安全管理员授予。",
        }
        return render(request, "core/form.html", context)


class UserEdit(SystemAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = get_object_or_404(User, pk=pk)
        initial = {"name": user.name, "phone": user.phone, "email": user.email}
        return self._page(request, user, UserForm(initial=initial, new=False))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = get_object_or_404(User, pk=pk)
        form = UserForm(request.POST, new=False)
        if form.is_valid():
            saved = attempt(form, lambda: services.user_update(user=user, actor=request.user, **form.cleaned_data))
            if saved is not None:
                messages.success(request, "已保存。")
                return redirect("organizations:user_detail", pk=pk)
        return self._page(request, user, form)

    def _page(self, request: HttpRequest, user: User, form: UserForm) -> HttpResponse:
        cancel = reverse("organizations:user_detail", args=[user.pk])
        return render(
            request, "core/form.html", {"title": f"修改用户：{user.name}", "form": form, "cancel_url": cancel}
        )


class UserDetail(SystemAdminView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = get_object_or_404(User, pk=pk)
        locked = user.username in locked_usernames([user.username])
        label, tone = _state(user, locked)
        facts = [
            {
                "title": "账号",
                "items": [
                    fact("登录名", user.username),
                    fact("手机号码", user.phone),
                    fact("电子邮箱", user.email),
                    fact("开通时间", _moment(user.created_at)),
                    fact("上次登录", _moment(user.last_login) or "从未登录"),
                    fact("密码修改时间", _moment(user.password_changed_at)),
                ],
            }
        ]
        context = {
            "head": {"title": user.name, "status": {"label": label, "tone": tone}, "kicker": "用户"},
            "actions": self._actions(request, user, locked),
            "facts": facts,
            "posts": [
                {
                    "role": one.get_role_display(),
                    "unit": one.organisation.name,
                    "span": span(one.valid_from, one.valid_to),
                }
                for one in memberships_of(user)
            ],
        }
        return render(request, "organizations/user_detail.html", context)

    def _actions(self, request: HttpRequest, user: User, locked: bool) -> list[dict[str, Any]]:
        route, pk = "organizations:user_act", user.pk
        edit = {"action": "edit", "label": "修改", "tone": "blue", "needs_form": True}
        found = [edit | {"url": reverse("organizations:user_edit", args=[pk])}]
        if locked:
            found.append(action("unlock", "解除锁定", route, pk, "green", needs_form=False))
        if user.pk == request.user.pk:
            return found
        found.append(action("reset", "重置密码", route, pk, "amber"))
        if user.is_active:
            found.append(action("disable", "停用", route, pk, "red"))
        else:
            found.append(action("enable", "启用", route, pk, "green", needs_form=False))
        return found


class UserAct(SystemAdminView):
    """Reset, disable, enable, unlock: what needs words or a second look is asked first."""

    QUESTIONS = {
        "reset": ("重置密码", "将生成新的临时密码，原密码立即失效，已登录的设备会退出。", "重置密码", "amber"),
        "disable": ("停用账号", "停用后不能登录，已登录的设备会退出。办理记录都保留。", "停用", "red"),
    }

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        if name not in self.QUESTIONS:
            raise Http404
        return self._ask(request, get_object_or_404(User, pk=pk), name, ReasonForm() if name == "disable" else None)

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        user = get_object_or_404(User, pk=pk)
        if name == "reset":
            return show_password(request, services.password_reset(user=user, actor=request.user), "密码已重置")
        if name == "disable":
            form = ReasonForm(request.POST)
            if not form.is_valid():
                return self._ask(request, user, name, form)
            reason = form.cleaned_data["reason"]
            if attempt(form, lambda: services.user_disable(user=user, reason=reason, actor=request.user)) is None:
                return self._ask(request, user, name, form)
            messages.success(request, "账号已停用。")
        elif name in _PLAIN:
            service, words = _PLAIN[name]
            service(user=user, actor=request.user)
            messages.success(request, words)
        else:
            raise Http404
        return redirect("organizations:user_detail", pk=pk)

    def _ask(self, request: HttpRequest, user: User, name: str, form: forms.Form | None) -> HttpResponse:
        title, question, submit, tone = self.QUESTIONS[name]
        context = {
            "title": f"{title}：{user.name}",
            "question": question,
            "form": form,
            "submit_label": submit,
            "tone": tone,
            "cancel_url": reverse("organizations:user_detail", args=[user.pk]),
        }
        return render(request, "core/confirm.html", context)


_PLAIN: dict[str, tuple[Callable[..., Any], str]] = {
    "enable": (services.user_enable, "账号已启用。"),
    "unlock": (services.user_unlock, "已解除锁定。"),
}
