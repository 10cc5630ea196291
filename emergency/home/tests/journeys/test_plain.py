"""A browser that runs no script still files visits and narrows lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from emergency.core import clock
from emergency.home.tests.journeys.desk import Desk, photo
from emergency.organizations.tests.factories import Cast
from hazards.models import Status
from hazards.tests.factories import hazard_make
from inspections.models import Visit

pytestmark = pytest.mark.browser


def test_a_visit_is_filed_without_script(desk: Callable[..., Desk], cast: Cast) -> None:
    officer = desk("desktop", cast.officer_a, script=False)
    page = officer.page
    officer.open(f"/enterprises/{cast.enterprise.pk}/")
    page.get_by_role("main").get_by_role("link", name="登记检查").click()
    page.get_by_role("link", name="1条", exact=True).click()
    officer.look("plain-visit")
    officer.field("检查类型").select_option(label="网格巡查")
    officer.field("隐患描述").fill("灭火器压力不足")
    officer.photos("隐患照片", photo("before"))
    officer.field("签字人").fill("钱厂长")
    officer.field("未签字原因").fill("没有触摸屏")
    officer.press("提交检查记录")
    officer.expect_told("登记隐患 1 条")
    visit = Visit.objects.get()
    assert (visit.enterprise, visit.findings.get().hazard.status) == (cast.enterprise, Status.RECTIFYING)


def test_a_list_is_narrowed_without_script(desk: Callable[..., Desk], cast: Cast) -> None:
    today = clock.today()
    for text in ("灭火器压力不足", "疏散通道堵塞"):
        hazard_make(cast, found_on=today, on=today, description=text)
    officer = desk("desktop", cast.officer_a, script=False)
    page = officer.page
    officer.open("/hazards/")
    expect(page.locator("#list-table tbody tr")).to_have_count(2)
    page.get_by_role("search", name="筛选").get_by_label("搜索").fill("通道")
    officer.press("查询")
    expect(page.locator("#list-table tbody tr")).to_have_count(1)
    expect(page.get_by_text("疏散通道堵塞")).to_be_visible()
    officer.look("plain-list")
