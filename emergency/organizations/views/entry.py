"""The way in and out, and one's own account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from emergency.core import audit
from emergency.organizations.forms import LoginForm, PasswordForm, ProfileForm, attempt
from emergency.organizations.models import User
from emergency.organizations.queries import front_page, memberships_of
from emergency.organizations.services import password_change, profile_update
from emergency.organizations.views.common import span

LOCKED = "账号已锁定，请15分钟后再试或联系系统管理员。"
ELDER_COOKIE_AGE = 365 * 24 * 3600  # seconds, as static/js/elder.js sets it


def remember_elder(response: HttpResponse, on: bool) -> None:
    """Set the cookie by which pages come in large type; the same one that the button sets."""
    response.set_cookie("elder", "1" if on else "0", max_age=ELDER_COOKIE_AGE, samesite="Lax")


@method_decorator(never_cache, name="dispatch")
class Login(LoginView):
    template_name = "organizations/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return front_page(self.request.user)

    def form_valid(self, form: LoginForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        audit.record("user.login", target=user, actor=user)
        if user.large_type:
            remember_elder(response, True)
        return response

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        name = form.cleaned_data.get("username", "")
        locked = bool(getattr(self.request, "axes_locked_out", False))
        known = User.objects.filter(username=name).first()
        # A name that nobody has may be a password typed into the wrong field.
        note = ("账号已锁定" if locked else "密码不正确") if known else f"没有此登录名：{audit.mask(name)}"
        audit.record_refusal("user.login", target=known, note=note)
        if locked:
            form.errors.pop("__all__", None)
            form.add_error(None, LOCKED)
        response = super().form_invalid(form)
        response.status_code = 429 if locked else 200
        return response


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """What axes answers after too many failures: the page that the login has already made, with its message."""
    return response if response is not None else HttpResponse(LOCKED, status=429)


class Logout(LogoutView):
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            audit.record("user.logout", target=request.user, actor=request.user)
        return super().post(request, *args, **kwargs)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Also where everybody is sent whose password is a temporary one (core/middleware.py)."""
    form = PasswordForm(request.POST or None)
    must_change = request.user.must_change_password
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = attempt(
            form, lambda: password_change(user=request.user, old=data["old_password"], new=data["new_password1"])
        )
        if user is not None:
            update_session_auth_hash(request, user)  # this session goes on, all others of the account end
            messages.success(request, "密码已修改。")
            return HttpResponseRedirect(front_page(user))
    return render(request, "organizations/password_change.html", {"form": form, "must_change": must_change})


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """我的账号: what one holds, and the little one may change oneself."""
    user = request.user
    initial = {"phone": user.phone, "email": user.email, "large_type": user.large_type}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, lambda: profile_update(user=user, **form.cleaned_data))
        if saved is not None:
            messages.success(request, "已保存。")
            response = redirect("organizations:account")
            remember_elder(response, saved.large_type)
            return response
    posts = [
        {
            "role": one.get_role_display(),
            "unit": one.organisation.name,
            "post": one.post,
            "span": span(one.valid_from, one.valid_to),
        }
        for one in memberships_of(user)
    ]
    return render(request, "organizations/account.html", {"form": form, "posts": posts})
