"""汇总填报, the search over everything, and the street next door that sees none of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from emergency.core import clock
from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make
from inspections.models import Visit

pytestmark = pytest.mark.browser


def test_numbers_without_names_are_filed_together(desk: Callable[..., Desk], cast: Cast) -> None:
    officer = desk("phone", cast.officer_a)
    officer.open("/inspections/bulk/")
    officer.look("bulk")
    officer.field("检查类型").select_option(label="网格巡查")
    officer.field("检查范围").fill("全街道沿街商铺")
    officer.field("检查家次").fill("30")
    officer.field("发现隐患（条）").fill("4")
    officer.field("已整改（条）").fill("3")
    officer.press("提交")
    officer.expect_told("已登记检查 30 家次")
    officer.look("bulk-filed")
    visit = Visit.objects.get()
    assert (visit.quantity, visit.handler) == (30, cast.street_a)
    assert sorted(visit.findings.values_list("hazard__quantity", "hazard__status")) == [
        (1, "rectifying"),
        (3, "closed"),
    ]


def search(one: Desk, words: str) -> None:
    box = one.page.get_by_role("searchbox", name="搜索编号、单位或文字")
    box.fill(words)
    box.press("Enter")
    expect(one.page.get_by_role("heading", name=f"搜索“{words}”")).to_be_visible()


def test_two_characters_find_it_and_the_next_street_does_not(desk: Callable[..., Desk], cast: Cast) -> None:
    today = clock.today()
    hazard = hazard_make(cast, found_on=today, on=today, description="配电箱周边堆放可燃物")
    officer = desk("phone", cast.officer_a)
    search(officer, "电箱")
    officer.look("search")
    officer.page.get_by_role("link", name=hazard.number).click()
    expect(officer.page.get_by_role("heading", level=1)).to_have_text("东门机械厂")

    stranger = desk("phone", cast.officer_b)
    for words in ("电箱", hazard.number):
        search(stranger, words)
        expect(stranger.page.get_by_text("没有找到。")).to_be_visible()
        expect(stranger.page.get_by_role("link", name=hazard.number)).to_have_count(0)
    stranger.look("search-nothing")
    stranger.open("/hazards/")
    expect(stranger.page.get_by_text("这里列出发现的隐患和整改情况。")).to_be_visible()
    with stranger.refused(404):
        response = stranger.open(hazard.get_absolute_url())
        assert response.status == 404
        expect(stranger.page.get_by_role("heading", name="没有找到")).to_be_visible()
        stranger.look("not-found")
