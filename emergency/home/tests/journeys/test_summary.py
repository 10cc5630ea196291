"""The section head's paper: written from the figures, a paragraph in one's own words, another period, both editions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from emergency.core.periods import Period
from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from reports.models import Kind
from reports.services import report_create
from reports.tests.factories import hazards_make, visits_make

pytestmark = pytest.mark.browser

OWN = "各镇街齐抓共管，期内共排查隐患[[排查隐患]]，整改率[[整改率]]，企业安全意识明显增强。"


def download(officer: Desk, edition: str) -> str:
    """Order the PDF of an edition and read it when it has come."""
    page = officer.page
    officer.open(page.url.removeprefix(officer.address).partition("?")[0] + f"?edition={edition}")
    officer.press("生成PDF")
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible()
    with page.expect_download() as file:
        link.click()
    words = "".join(part.extract_text() for part in PdfReader(file.value.path()).pages)
    return re.sub(r"\s", "", words)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_write_edit_another_period_both_editions(desk: Callable[..., Desk], cast: Cast, screen: str) -> None:
    hazards_make(cast, 12, found_on=dt.date(2025, 3, 5), closed_on=dt.date(2025, 4, 1))
    hazards_make(cast, 4, found_on=dt.date(2025, 5, 6))
    hazards_make(cast, 5, found_on=dt.date(2025, 12, 3), closed_on=dt.date(2025, 12, 20))
    visits_make(cast, 30, on=dt.date(2025, 3, 5))
    period = Period(dt.date(2025, 1, 1), dt.date(2025, 11, 30))
    report = report_create(kind=Kind.ANNUAL, area=cast.district, period=period, actor=cast.section_head)

    head = desk(screen, cast.section_head)
    page = head.page
    head.open(f"/reports/{report.pk}/text/")
    head.look("summary-text")
    line = page.locator("article.text-line").filter(has_text=re.compile("排查隐患16条"))
    expect(line).to_have_count(1)
    line.get_by_role("link", name="修改").click()
    box = page.get_by_label("文字", exact=True)
    expect(box).to_have_value(re.compile(r"\[\[排查隐患"))
    box.fill(OWN)
    expect(page.locator("#preview")).to_contain_text("期内共排查隐患16条，整改率75%")
    head.look("summary-paragraph")
    head.press("保存")
    expect(page.locator("article.text-line").filter(has_text="齐抓共管")).to_contain_text("已修改")

    head.press("更换统计时段")
    head.field("统计时段").select_option(label="自定时段")
    head.field("起始日期").fill("2025-01-01")
    head.field("截止日期").fill("2025-12-31")
    head.press("看看哪些话会变")
    changes = page.locator("article.text-change").filter(has_text="齐抓共管")
    expect(changes.locator("del")).to_contain_text(["16", "75%"])
    expect(changes.locator("ins")).to_contain_text(["21", "81%"])
    head.look("summary-period")
    head.press(re.compile("^确认更换为"))
    expect(page.locator("article.text-line").filter(has_text="齐抓共管")).to_contain_text("共排查隐患21条，整改率81%")

    head.open(f"/reports/{report.pk}/")
    head.look("summary-paper")
    checking = download(head, "checking")
    assert "共排查隐患21条，整改率81%，企业安全意识明显增强" in checking
    assert "数据来源对照表" in checking
    head.open(f"/reports/{report.pk}/")
    submission = download(head, "submission")
    assert "共排查隐患21条，整改率81%，企业安全意识明显增强" in submission
    assert "数据来源对照表" not in submission
