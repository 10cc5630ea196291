"""The way in: login, lock-out, first change of password, idle sign-out, and the account page."""

from __future__ import annotations

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from emergency.core.audit import AuditEntry, Outcome
from emergency.core.middleware import POLLING_HEADER, SESSION_SEEN
from emergency.organizations.models import User
from emergency.organizations.services import password_reset, user_unlock
from emergency.organizations.tests.factories import PASSWORD, Cast, client_of, fresh
from emergency.organizations.views.entry import LOCKED

LOGIN = "/organizations/login/"
CHANGE = "/organizations/password/"
ACCOUNT = "/organizations/account/"
WRONG = "登录名或密码不正确。"


def sign_in(username: str, password: str = PASSWORD, client: Client | None = None, **data: str):
    return (client or Client()).post(LOGIN, {"username": username, "password": password, **data})


def test_signing_in_is_recorded(cast: Cast) -> None:
    response = sign_in("Officer_A")
    assert response.status_code == 302
    assert response["Location"] == settings.LOGIN_REDIRECT_URL
    entry = AuditEntry.objects.get(verb="user.login")
    assert (entry.actor, entry.outcome, entry.address) == (cast.officer_a, Outcome.DONE, "127.0.0.1")


def test_who_came_for_a_page_gets_it_and_no_other_host(cast: Cast) -> None:
    assert sign_in("officer_a", next=ACCOUNT)["Location"] == ACCOUNT
    assert sign_in("officer_b", next="https://example.org/")["Location"] == settings.LOGIN_REDIRECT_URL


@pytest.mark.parametrize(
    ("name", "route"),
    [("system_admin", "user_list"), ("security_admin", "membership_list"), ("auditor", "audit_list")],
)
def test_an_administrator_starts_at_their_own_list(cast: Cast, name: str, route: str) -> None:
    assert sign_in(getattr(cast, name).username)["Location"] == reverse(f"organizations:{route}")


def test_a_failure_never_tells_which_names_exist(cast: Cast) -> None:
    User.objects.filter(pk=cast.officer_b.pk).update(is_active=False)
    pages = [
        sign_in("officer_a", "wrong"),
        sign_in("stranger", "wrong"),
        sign_in("officer_b"),
    ]
    for page, name in zip(pages, ["officer_a", "stranger", "officer_b"], strict=True):
        text = page.content.decode().replace(f'value="{name}"', "")
        assert page.status_code == 200
        assert WRONG in text
    refused = AuditEntry.objects.filter(verb="user.login", outcome=Outcome.REFUSED)
    assert refused.count() == 3
    assert not refused.filter(note__contains="stranger").exists()  # it may have been a password


@pytest.mark.parametrize("name", ["officer_a", "stranger"])
def test_five_failures_lock_a_name_for_fifteen_minutes(cast: Cast, name: str) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert WRONG in sign_in(name, "wrong").content.decode()
    fifth = sign_in(name, "wrong")
    assert fifth.status_code == 429
    assert LOCKED in fifth.content.decode()
    even_right = sign_in(name)
    assert even_right.status_code == 429
    assert LOCKED in even_right.content.decode()
    assert WRONG not in even_right.content.decode()
    assert sign_in("officer_b").status_code == 302  # the account is locked, not the office's address
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    assert sign_in(name).status_code == (302 if name == "officer_a" else 200)


def test_the_system_administrator_lets_a_locked_person_in(cast: Cast) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in("officer_a", "wrong")
    admin = client_of(cast.system_admin)
    page = admin.get(reverse("organizations:user_detail", args=[cast.officer_a.pk])).content.decode()
    assert "已锁定" in page
    assert "解除锁定" in page
    user_unlock(user=cast.officer_a, actor=cast.person("system_admin"))
    assert sign_in("officer_a").status_code == 302


def test_signing_out_takes_a_post(cast: Cast) -> None:
    client = client_of(cast.officer_a)
    assert client.get("/organizations/logout/").status_code == 405
    assert client.get(ACCOUNT).status_code == 200
    assert client.post("/organizations/logout/").status_code == 302
    assert client.get(ACCOUNT)["Location"] == f"{LOGIN}?next={ACCOUNT}"
    assert AuditEntry.objects.filter(verb="user.logout", actor=cast.officer_a).count() == 1


# ------------------------------------------------------------------------------------------------ first sign-in


def test_a_temporary_password_opens_only_its_own_change(cast: Cast) -> None:
    issued = password_reset(user=cast.system_admin)
    client = Client()
    sign_in(issued.user.username, issued.password, client)
    for url in (ACCOUNT, "/", "/organizations/users/"):
        assert client.get(url)["Location"] == CHANGE
    assert client.post("/organizations/users/new/", {"username": "liusan", "name": "刘三"})["Location"] == CHANGE
    assert not User.objects.filter(username="liusan").exists()
    fragment = client.get("/organizations/users/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"], fragment.content) == (200, CHANGE, b"")
    assert "首次登录须先修改密码" in client.get(CHANGE).content.decode()
    new = "Gan-Jiang-2035"
    form = {"old_password": issued.password, "new_password1": new, "new_password2": new}
    assert client.post(CHANGE, form).status_code == 302
    assert client.get(ACCOUNT).status_code == 200
    assert client.get("/organizations/users/").status_code == 200


def test_who_must_change_may_still_leave(cast: Cast) -> None:
    User.objects.filter(pk=cast.officer_a.pk).update(must_change_password=True)
    client = client_of(cast.officer_a)
    assert client.post("/organizations/logout/")["Location"] == LOGIN


def test_a_changed_password_ends_the_other_sessions(cast: Cast) -> None:
    here, there = client_of(cast.officer_a), client_of(cast.officer_a)
    new = "Gan-Jiang-2035"
    here.post(CHANGE, {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert here.get(ACCOUNT).status_code == 200
    assert there.get(ACCOUNT).status_code == 302


def test_the_password_page_names_what_is_wrong(cast: Cast) -> None:
    client = client_of(cast.officer_a)
    differing = {"old_password": PASSWORD, "new_password1": "Gan-Jiang-2035", "new_password2": "Gan-Jiang-2036"}
    assert "两次输入的新密码不一致" in client.post(CHANGE, differing).content.decode()
    weak = {"old_password": PASSWORD, "new_password1": "abcdefghijk", "new_password2": "abcdefghijk"}
    assert "至少三类" in client.post(CHANGE, weak).content.decode()
    wrong = {"old_password": "nonsense", "new_password1": "Gan-Jiang-2035", "new_password2": "Gan-Jiang-2035"}
    page = client.post(CHANGE, wrong).content.decode()
    assert "原密码不正确" in page
    assert "Gan-Jiang-2035" not in page
    assert fresh(cast.officer_a).check_password(PASSWORD)


# ------------------------------------------------------------------------------------------------ idle


def session_of(client: Client) -> Session:
    return Session.objects.get(session_key=client.session.session_key)


def test_half_an_hour_without_work_signs_out(cast: Cast) -> None:
    client = client_of(cast.officer_a)
    client.get(ACCOUNT)
    left = session_of(client).expire_date - timezone.now()
    assert dt.timedelta(minutes=29) < left <= dt.timedelta(minutes=30)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(ACCOUNT).status_code == 302


def test_work_renews_the_session_and_polling_does_not(cast: Cast) -> None:
    client = client_of(cast.officer_a)
    client.get(ACCOUNT)
    session = client.session
    session[SESSION_SEEN] -= 600
    session.save()
    soon = timezone.now() + dt.timedelta(minutes=20)
    Session.objects.update(expire_date=soon)
    client.get(ACCOUNT, headers={POLLING_HEADER: "1"})
    assert session_of(client).expire_date == soon
    client.get(ACCOUNT)
    assert session_of(client).expire_date > soon


# ------------------------------------------------------------------------------------------------ own account


def test_one_may_change_little_of_ones_own_account(cast: Cast) -> None:
    client = client_of(cast.officer_a)
    page = client.get(ACCOUNT).content.decode()
    assert "东门街道" in page
    assert "街道（乡镇）安全员" in page
    response = client.post(
        ACCOUNT, {"phone": "13807971234", "email": "", "large_type": "on", "name": "另一个名字", "is_active": ""}
    )
    assert response.status_code == 302
    assert response.cookies["elder"].value == "1"
    user = fresh(cast.officer_a)
    assert (user.phone, user.large_type, user.name, user.is_active) == ("13807971234", True, "周安全员", True)
    assert sign_in("officer_a").cookies["elder"].value == "1"


def test_a_wrong_telephone_is_named_and_kept(cast: Cast) -> None:
    page = client_of(cast.officer_a).post(ACCOUNT, {"phone": "电话"}).content.decode()
    assert "电话号码只能是数字" in page
    assert 'value="电话"' in page
    assert fresh(cast.officer_a).phone == ""
