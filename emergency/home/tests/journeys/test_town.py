"""一镇一页: a leader before a visit, on the phone; every number opens its records, and the sheet is one page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from emergency.core import clock
from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_page_of_a_town_its_records_and_its_sheet(desk: Callable[..., Desk], cast: Cast, screen: str) -> None:
    today = clock.today()
    for text in ("配电箱未上锁", "疏散通道堵塞"):
        hazard_make(cast, found_on=today, on=today, description=text)

    leader = desk(screen, cast.leader)
    page = leader.page
    leader.open("/town/")
    leader.look("towns")
    page.locator("main").get_by_role("link", name=cast.street_a.name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cast.street_a.name)
    leader.look("town")
    row = page.locator("#lines-table tbody tr").filter(has_text="排查隐患")
    row.get_by_role("link", name=re.compile("^2")).first.click()
    expect(page.locator(".list-foot strong").first).to_have_text(re.compile("^共2条"))

    page.go_back()
    leader.press("生成一页纸（PDF）")
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    sheet = PdfReader(download.value.path())
    assert len(sheet.pages) == 1
    words = re.sub(r"\s", "", sheet.pages[0].extract_text())
    assert cast.street_a.name in words
    assert "排查隐患" in words
