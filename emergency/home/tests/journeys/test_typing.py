"""What goes wrong at a screen: a button tapped twice, a tab that was closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from inspections.models import Visit

pytestmark = pytest.mark.browser


def fill_patrol(officer: Desk) -> None:
    officer.open("/inspections/new/")
    officer.choose_enterprise("机械", "东门机械厂")
    officer.field("检查类型").select_option(label="网格巡查")
    officer.field("检查情况").fill("现场管理有序。")


def test_a_button_tapped_twice_files_one_visit(desk: Callable[..., Desk], cast: Cast) -> None:
    officer = desk("desktop", cast.officer_a)
    fill_patrol(officer)
    officer.look("visit-new")
    officer.page.get_by_role("button", name="提交检查记录").dblclick()
    officer.expect_told("检查已登记")
    assert Visit.objects.count() == 1


def test_a_closed_tab_loses_nothing_but_the_photos(desk: Callable[..., Desk], cast: Cast) -> None:
    officer = desk("desktop", cast.officer_a)
    page = officer.page
    fill_patrol(officer)
    officer.press("增加一条隐患")
    officer.field("隐患描述").fill("灭火器压力不足")
    page.reload()
    expect(page.get_by_role("status").filter(has_text="已恢复")).to_be_visible()
    expect(page.locator(".ts-control .item")).to_have_text("东门机械厂")
    expect(officer.field("检查情况")).to_have_value("现场管理有序。")
    expect(officer.field("隐患描述")).to_have_value("灭火器压力不足")
    officer.look("draft")
    officer.press("提交检查记录")
    officer.expect_told("登记隐患 1 条")
    officer.open("/inspections/new/")
    expect(page.get_by_text("已恢复")).to_have_count(0)
