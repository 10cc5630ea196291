"""The three administrators, each with a third of the power, and the new colleague whom it takes all three to let in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.models import Role, User
from emergency.organizations.tests.factories import Cast

pytestmark = pytest.mark.browser

NEW_PASSWORD = "Gan-Jiang-2021"


def open_account(admin: Desk) -> str:
    """The temporary password, which is shown once."""
    admin.open("/organizations/users/")
    admin.look("users")
    admin.press("开通账号")
    admin.look("user-new")
    admin.field("登录名").fill("he.jing")
    admin.field("姓名").fill("何静")
    admin.press("开通")
    expect(admin.page.get_by_role("heading", name="账号已开通")).to_be_visible()
    admin.look("user-password")
    return admin.page.locator("#issued-password").inner_text()


def grant_role(admin: Desk, cast: Cast) -> None:
    admin.open("/organizations/memberships/new/")
    admin.field("用户").select_option(label="何静（he.jing）")
    admin.field("单位").select_option(str(cast.street_b.pk))
    admin.field("角色").select_option(label=Role.STREET_OFFICER.label)
    admin.look("membership-new")
    admin.press("授予")
    admin.expect_told("角色已授予")
    admin.look("membership")


def test_account_role_first_password_and_the_log_of_it(desk: Callable[..., Desk], cast: Cast) -> None:
    password = open_account(desk("desktop", cast.system_admin))
    grant_role(desk("desktop", cast.security_admin), cast)

    colleague = desk("phone").sign_in(User.objects.get(username="he.jing"), password)
    page = colleague.page
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    colleague.open("/hazards/")
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    colleague.look("first-password")
    colleague.field("原密码").fill(password)
    colleague.field("新密码").fill(NEW_PASSWORD)
    colleague.field("再输一次新密码").fill(NEW_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    colleague.open("/hazards/")
    expect(page.get_by_role("heading", name="隐患台账")).to_be_visible()

    auditor = desk("desktop", cast.auditor)
    auditor.open("/organizations/log/")
    auditor.look("log")
    for words, actor in (("开通账号", cast.system_admin), ("授予角色", cast.security_admin)):
        line = auditor.page.get_by_role("row").filter(has_text=words)
        expect(line).to_have_count(1)
        expect(line).to_contain_text(actor.name)
        expect(line).to_contain_text("何静")
    with auditor.refused(403):
        assert auditor.open("/hazards/").status == 403
        auditor.look("not-allowed")
