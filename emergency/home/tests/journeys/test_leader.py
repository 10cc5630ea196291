"""A leader reads: the number, the records behind it, the paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from emergency.core import clock
from emergency.core.periods import year_to_date
from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from hazards.tests.factories import hazard_make
from reports.models import Kind
from reports.services import report_create

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_home_number_list_paper(desk: Callable[..., Desk], cast: Cast, screen: str) -> None:
    today = clock.today()
    for text in ("配电箱未上锁", "疏散通道堵塞"):
        hazard_make(cast, found_on=today, on=today, description=text)
    report_create(kind=Kind.ANNUAL, area=cast.district, period=year_to_date(today), actor=cast.section_head)

    leader = desk(screen, cast.leader)
    page = leader.page
    leader.look("home-leader")
    number = page.locator(".key-figures").get_by_role("link").filter(has_text="排查隐患")
    expect(number).to_contain_text("2")
    number.click()
    expect(page.locator(".list-foot strong")).to_have_text(re.compile("^共2条"))
    leader.look("leader-list")

    leader.open("/reports/")
    expect(page.get_by_role("link", name="起草文书")).to_have_count(0)
    leader.look("reports")
    page.get_by_role("link", name=re.compile("应急管理工作总结")).click()
    leader.look("leader-report")
    leader.press("生成PDF")
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    text = "".join(part.extract_text() for part in PdfReader(download.value.path()).pages)
    text = re.sub(r"\s", "", text)
    assert "排查隐患2条" in text
    assert "整改到位0条，整改率0%" in text
