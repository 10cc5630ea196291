"""From an officer's visit to the figure in the annual summary, each step by the person whose step it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from emergency.home.tests.journeys.desk import Desk, photo
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard, Status
from inspections.models import Visit

pytestmark = pytest.mark.browser

FAULT = "配电箱前堆放可燃杂物"


def next_step(officer: Desk) -> None:
    """On a phone the form is walked in steps; on a desk all of it lies open."""
    if officer.screen == "phone":
        officer.press("下一步")


def begin_visit(officer: Desk) -> None:
    """The first two of the five steps: whom, and how."""
    page = officer.page
    officer.open("/inspections/new/")
    officer.choose_enterprise("机械", "东门机械厂")
    officer.look("visit-1")
    next_step(officer)
    officer.field("检查类型").select_option(label="专项检查")
    officer.field("其他检查人员").fill("刘队员")
    officer.look("visit-2")
    next_step(officer)
    page.get_by_role("button", name="增加一条隐患").click()
    officer.field("隐患描述").fill(FAULT)
    officer.photos("隐患照片", photo("before", "#8f5a5a"))


def end_visit(officer: Desk) -> None:
    """Photos and signature, then the look at what will be filed."""
    page = officer.page
    officer.look("visit-3")
    next_step(officer)
    officer.photos("现场照片", photo("scene"))
    pad = page.get_by_role("img", name="签字区")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    officer.field("签字人").fill("钱厂长")
    officer.look("visit-4")
    next_step(officer)
    expect(page.locator("[data-visit-summary]")).to_contain_text("已签字")
    officer.look("visit-5")
    officer.press("提交检查记录")
    officer.expect_told("检查已登记")


def submit_rectification(firm: Desk) -> None:
    page = firm.page
    expect(page).to_have_url(f"{firm.address}/")
    firm.look("home-enterprise")
    page.get_by_role("link", name=re.compile("东门机械厂|" + FAULT)).first.click()
    firm.press("提交整改")
    firm.look("hazard-submit")
    firm.field("整改措施").fill("已清理杂物并划出禁放区。")
    firm.field("整改责任人").fill("赵班长")
    firm.photos("整改后照片", photo("after", "#5a8f5a"))
    firm.press("确认提交整改")
    firm.expect_told("待复查")


def recheck(officer: Desk) -> None:
    officer.look("home-officer")
    officer.page.get_by_role("main").get_by_role("link", name=re.compile("东门机械厂|" + FAULT)).first.click()
    officer.press("复查合格")
    officer.look("hazard-pass")
    officer.press("确认复查合格")
    officer.expect_told("已销号")
    officer.look("hazard-closed")


@pytest.mark.parametrize("screen", ["phone", "desktop"])
@pytest.mark.usefixtures("worker")
def test_from_the_visit_to_the_figure_in_the_paper(desk: Callable[..., Desk], cast: Cast, screen: str) -> None:
    officer = desk(screen, cast.officer_a)
    begin_visit(officer)
    end_visit(officer)
    officer.look("visit-filed")
    officer.page.get_by_role("link", name=FAULT).click()
    expect(officer.page.get_by_role("img", name="整改前")).not_to_have_count(0)
    officer.look("hazard-open")
    hazard = Hazard.objects.get()
    assert (hazard.status, hazard.found_by) == (Status.RECTIFYING, cast.officer_a)

    submit_rectification(desk(screen, cast.enterprise_user))
    recheck(desk(screen, cast.officer_a2))
    hazard.refresh_from_db()
    assert (hazard.status, hazard.reviewed_by) == (Status.CLOSED, cast.officer_a2)

    head = desk("desktop", cast.section_head)
    read_figures(head)
    write_summary(head)


def figure_row(head: Desk, name: str):
    return head.page.get_by_role("row", name=re.compile(rf"^{name} "))


def read_figures(head: Desk) -> None:
    page = head.page
    head.look("home-section-head")
    head.open("/figures/")
    head.look("figures")
    head.field("台账").select_option(label="隐患治理台账")
    head.press("统计")
    head.look("figures-of-hazards")
    expect(figure_row(head, "整改率").locator(".figure")).to_have_text(re.compile(r"^100(\.0)?$"))
    number = figure_row(head, "排查隐患").locator("a .figure")
    expect(number).to_have_text("1")
    number.click()
    expect(page.locator(".list-foot strong")).to_have_text(re.compile("^共1条"))
    expect(page.get_by_role("row").filter(has_text=FAULT)).to_have_count(1)
    head.look("figure-opened")


def write_summary(head: Desk) -> None:
    page = head.page
    head.open("/reports/new/")
    head.look("report-new")
    head.press("生成初稿")
    expect(page.locator(".paper-desk")).to_be_visible()
    sentences = ("检查生产经营单位1家、1家次", "排查隐患1条", "整改到位1条，整改率100%")
    shown = re.sub(r"\s", "", page.locator(".paper-desk").inner_text())
    assert [one for one in sentences if one not in shown] == []
    head.look("report")
    head.press("生成PDF")
    expect(page).to_have_url(re.compile(r"/jobs/\d+/$"))
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible(timeout=30_000)
    head.look("job")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".pdf")
    text = "".join(part.extract_text() for part in PdfReader(download.value.path()).pages)
    text = re.sub(r"\s", "", text)
    assert [one for one in sentences if one not in text] == []


def test_what_is_fixed_at_the_visit_is_closed_at_once(desk: Callable[..., Desk], cast: Cast) -> None:
    officer = desk("phone", cast.officer_a)
    begin_visit(officer)
    officer.field("已当场改好，现在确认销号").check()
    officer.field("整改责任人").fill("赵班长")
    officer.field("整改情况").fill("杂物已当场清走。")
    officer.photos("整改后照片", photo("after", "#5a8f5a"))
    end_visit(officer)
    visit = Visit.objects.get()
    hazard = visit.findings.get().hazard
    assert (hazard.status, hazard.closed_on) == (Status.CLOSED, visit.visited_on)
    officer.page.get_by_role("link", name=FAULT).click()
    expect(officer.page.get_by_role("img", name="整改前")).not_to_have_count(0)
    expect(officer.page.get_by_role("img", name="整改后")).not_to_have_count(0)
