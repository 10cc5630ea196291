"""A workbook with faulty rows: the page names the cells, the officer corrects what comes back, and all of it goes in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from emergency.core import clock
from emergency.home.tests.journeys.desk import Desk
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard

pytestmark = pytest.mark.browser

HEAD = ("发现日期", "受检单位或地点", "隐患描述")


def write(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    book = openpyxl.Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(path)
    return path


def upload(officer: Desk, path: Path) -> None:
    officer.page.get_by_label("要导入的表格").set_input_files(path)
    officer.press("上传并检查")


def test_faulty_rows_come_back_and_go_in_corrected(desk: Callable[..., Desk], cast: Cast, tmp_path: Path) -> None:
    yesterday, tomorrow = (f"{clock.today() + dt.timedelta(days=days)}" for days in (-1, 1))
    rows = [
        (yesterday, "河边路1号", "线路老化"),
        ("2026.3", "东门机械厂", "灭火器过期"),
        (yesterday, "", "临边无护栏"),
        (tomorrow, "河边路2号", "未设警示标识"),
    ]
    officer = desk("desktop", cast.officer_a)
    page = officer.page
    officer.open("/hazards/")
    officer.look("hazards-empty")
    officer.press("导入")
    officer.look("import")
    upload(officer, write(tmp_path / "隐患台账.xlsx", rows))
    expect(page.locator("#faults tbody tr")).to_have_count(3)
    expect(page.locator("#faults tbody td:first-child")).to_have_text(["A3", "B4", "A5"])
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    officer.look("import-faults")
    assert not Hazard.objects.exists()

    with page.expect_download() as download:
        officer.press("下载错误清单")
    download.value.save_as(tmp_path / "退回.xlsx")
    book = openpyxl.load_workbook(tmp_path / "退回.xlsx")
    sheet = book.worksheets[0]
    sheet["A3"], sheet["B4"], sheet["A5"] = yesterday, "河边路3号", yesterday
    book.save(tmp_path / "改正.xlsx")

    officer.press("重新上传")
    upload(officer, tmp_path / "改正.xlsx")
    officer.look("import-ready")
    officer.press("确认导入 4 行")
    expect(page.get_by_role("status").filter(has_text="已导入 4 行")).to_be_visible()
    officer.look("import-done")
    officer.press("查看台账")
    expect(page.locator("#list-table tbody tr")).to_have_count(4)
    officer.look("hazards")
    assert set(Hazard.objects.values_list("description", "created_by")) == {
        (text, cast.officer_a.pk) for _day, _subject, text in rows
    }
