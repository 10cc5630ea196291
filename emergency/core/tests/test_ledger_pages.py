"""Import and export pages, walked by officers on the ledger of hazards: three faulty rows, junk, scope, questions, jobs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from emergency.core import clock, tasks
from emergency.core.attachments import files
from emergency.core.attachments.models import Attachment
from emergency.core.audit import AuditEntry
from emergency.core.jobs import run_now
from emergency.core.jobs.models import Job, Status, Trigger
from emergency.core.ledger import exporting, services
from emergency.core.ledger.models import ColumnMapping
from emergency.organizations.models import Membership, Organisation
from emergency.organizations.tests.factories import Cast
from hazards.models import Hazard
from hazards.tests.factories import TODAY, hazard_make

from .ledger_samples import Book, workbook

pytestmark = pytest.mark.django_db

HEAD = ("发现日期", "受检单位或地点", "隐患描述")
IMPORT, EXPORT, TEMPLATE = (reverse(f"hazards:{name}") for name in ("import", "export", "template"))


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=timezone.get_default_timezone())):
        yield


def upload(client: Client, data: bytes, name: str = "隐患台账.xlsx", **fields: Any) -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)} | fields, follow=True)


def decide(client: Client, job: Job, mode: str, **fields: Any) -> Any:
    return client.post(reverse("hazards:import_result", args=[job.pk]), {"mode": mode} | fields, follow=True)


def last() -> Job:
    return Job.objects.latest("pk")


def rows(count: int = 2) -> list[list[str]]:
    return [["2026-3-1", f"河边路{number}号", f"第{number}处线路老化"] for number in range(1, count + 1)]


def bytes_of(attachment: Attachment | None) -> bytes:
    assert attachment is not None
    return files.path_of(attachment.digest).read_bytes()


# ------------------------------------------------------------------------------------------------ one import


def test_three_wrong_rows_come_back_and_go_in_corrected(cast: Cast) -> None:
    client = cast.client("officer_a")
    wrong = [*rows(), ["2026.3", "甲厂", "无灭火器"], ["2026-3-1", "", "无护栏"], ["2026-3-9", "乙厂", "无标识"]]
    page = upload(client, workbook([HEAD, *wrong])).content.decode()
    assert all(cell in page for cell in ("A4", "B5", "A6"))
    assert "日期在将来" in page
    assert "确认导入" not in page
    assert not Hazard.objects.exists()

    book = openpyxl.load_workbook(io.BytesIO(bytes_of(last().file)))
    sheet = book["台账"]
    assert [sheet.cell(row, 4).value is not None for row in range(2, 7)] == [False, False, True, True, True]
    sheet["A4"], sheet["B5"], sheet["A6"] = "2026-3-2", "丙厂", "2026-3-3"
    corrected = io.BytesIO()
    book.save(corrected)

    page = upload(client, corrected.getvalue()).content.decode()
    assert "确认导入 5 行" in page
    assert not Hazard.objects.exists()
    page = decide(client, last(), "all").content.decode()
    assert "已导入 5 行" in page
    assert Hazard.objects.filter(import_id=last().pk, created_by=cast.officer_a, handler=cast.street_a).count() == 5


def test_an_import_is_one_line_of_the_log(cast: Cast) -> None:
    client, data = cast.client("officer_a"), workbook([HEAD, *rows(3)])
    upload(client, data)
    assert not AuditEntry.objects.filter(verb="hazards.import").exists()
    decide(client, last(), "all")
    entry = AuditEntry.objects.get(verb="hazards.import")
    assert (entry.actor, entry.target_id) == (cast.officer_a, last().pk)
    assert entry.after == {"digest": files.sha256(data), "read": 3, "rows": 3, "saved": {"新增": 3}}


def test_good_rows_alone_go_in_and_the_others_come_back(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([HEAD, *rows(), ["2026.3", "甲厂", "无灭火器"]]))
    page = decide(client, last(), "good").content.decode()
    assert "已导入 2 行" in page
    assert "有 1 行没有导入" in page
    assert Hazard.objects.count() == 2
    sheet = openpyxl.load_workbook(io.BytesIO(bytes_of(last().file)))["台账"]
    assert [cell.value for cell in sheet["B"]] == [HEAD[1], "甲厂"]


def test_a_faulty_table_is_not_taken_in_whatever_the_browser_sends(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([HEAD, *rows(), ["2026.3", "甲厂", "无灭火器"]]))
    looked = last()
    assert "现在不能这样导入" in decide(client, looked, "all").content.decode()
    assert (Hazard.objects.count(), last()) == (0, looked)


def test_confirming_twice_brings_the_rows_in_once(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([HEAD, *rows()]))
    looked = last()
    first = decide(client, looked, "all")
    second = decide(client, looked, "all")
    assert first.redirect_chain == second.redirect_chain
    assert Hazard.objects.count() == 2


def test_defaults_of_the_whole_table(cast: Cast) -> None:
    client = cast.client("bureau_clerk")
    data = workbook([HEAD, ["3月1日", "甲厂", "无灭火器"]])
    upload(client, data, default_handler="东门街道", year="2026")
    decide(client, last(), "all")
    assert Hazard.objects.values_list("handler", "found_on").get() == (cast.street_a.pk, dt.date(2026, 3, 1))


# ------------------------------------------------------------------------------------------------ questions


def test_every_open_question_is_answered_in_one_form(cast: Cast) -> None:
    client = cast.client("officer_a")
    book = Book()
    page = book.sheet(
        "台账", [(*HEAD, "整改资金", "整改部位"), ["3月1日", "甲厂", "无灭火器", 2, "东侧"], [*rows(1)[0], 3, ""]]
    )
    page.set_row(2, None, None, {"hidden": True})
    text = upload(client, book.done()).content.decode()
    assert "有 3 个问题需要您选定" in text
    answers = {"year": "2026", "unit_0": "万元", "hidden": "skip", "header_0": "place"}
    text = decide(client, last(), "check", **answers).content.decode()
    assert "确认导入 1 行" in text
    decide(client, last(), "all")
    hazard = Hazard.objects.get()
    assert (hazard.found_on, hazard.cost, hazard.place) == (dt.date(2026, 3, 1), 20_000, "东侧")


def test_an_answer_left_out_is_asked_again_at_its_field(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([(*HEAD, "整改资金"), [*rows(1)[0], 2]]))
    looked = last()
    text = decide(client, looked, "check", unit_0="").content.decode()
    assert "有 1 处需要修改" in text
    assert last() == looked


def test_a_column_once_explained_is_known_to_the_whole_unit_and_to_no_other(cast: Cast) -> None:
    data = workbook([(*HEAD, "整改部位", "经办科"), [*rows(1)[0], "东侧", "一科"]])
    client = cast.client("officer_a")
    upload(client, data)
    assert last().result["unknown"] == ["整改部位", "经办科"]
    decide(client, last(), "check", header_0="place", header_1="-")
    assert dict(ColumnMapping.objects.values_list("header", "column")) == {"整改部位": "place", "经办科": ""}
    upload(cast.client("officer_a2"), data)
    assert last().result["unknown"] == []
    upload(cast.client("officer_b"), data)
    assert last().result["unknown"] == ["整改部位", "经办科"]


def test_suspected_duplicates_are_asked_about(cast: Cast) -> None:
    client = cast.client("officer_a")
    for number in (1, 2):
        upload(client, workbook([HEAD, *rows(1)]))
        if number == 1:
            decide(client, last(), "all")
    text = decide(client, last(), "check", duplicates="include").content.decode()
    assert "疑似重复，照样导入" in text
    decide(client, last(), "all")
    assert Hazard.objects.count() == 2


# ------------------------------------------------------------------------------------------------ what is no table


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("台账.xlsx", b"MZ\x90\0" + b"\0" * 5_000, "这是程序文件"),
        ("台账.xlsx", bytes(range(256)) * (10 * 4096), "不是表格"),
        ("台账.xlsx", b"PK\x03\x04" + b"\x07" * 2_000, "已损坏"),
        ("台账.csv", "<html><body>台账</body></html>".encode(), "网页格式"),
        ("台账.xlsx", b"", "文件是空的"),
    ],
    ids=["exe", "10 MB of noise", "torn zip", "web page", "empty"],
)
def test_junk_is_refused_and_nothing_is_kept(cast: Cast, name: str, data: bytes, words: str) -> None:
    text = upload(cast.client("officer_a"), data, name).content.decode()
    assert words in text
    assert not (Job.objects.exists() or Attachment.objects.exists() or Hazard.objects.exists())


def test_another_table_is_told_what_is_missing(cast: Cast) -> None:
    text = upload(cast.client("officer_a"), workbook([["姓名", "电话"], ["张三", "1"]])).content.decode()
    assert "没有找到“隐患台账”的表头" in text
    assert last().file is None
    assert decide(cast.client("officer_a"), last(), "good").status_code == 200
    assert not Hazard.objects.exists()


def test_a_table_saved_as_gb18030_csv(cast: Cast) -> None:
    lines = [HEAD, *rows(), ["2026/3/3", "垚鑫石材厂", "无灭火器，通道堵塞"]]
    data = "\r\n".join(",".join(cell for cell in line) for line in lines).encode("gb18030")
    client = cast.client("officer_a")
    upload(client, data, "台账.csv")
    decide(client, last(), "all")
    assert Hazard.objects.filter(subject_name="垚鑫石材厂").count() == 1


# ------------------------------------------------------------------------------------------------ whose rows


def test_an_officer_cannot_import_for_another_street(cast: Cast) -> None:
    client = cast.client("officer_b")
    text = upload(client, workbook([(*HEAD, "承办单位"), [*rows(1)[0], "东门街道"]])).content.decode()
    assert "没有“东门街道”这个单位，或不在您的管辖范围内" in text
    decide(client, last(), "all")
    assert not Hazard.objects.exists()


def test_a_role_lost_between_look_and_import_counts(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([(*HEAD, "承办单位"), [*rows(1)[0], "东门街道"]]))
    looked = last()
    post = Membership.objects.get(user=cast.officer_a)
    Membership.objects.filter(pk=post.pk).update(organisation=cast.street_b)
    assert "目前一行也没有存入台账" in decide(client, looked, "all").content.decode()
    assert last().pk > looked.pk
    assert not last().result["ok"]
    assert not Hazard.objects.exists()


@pytest.mark.parametrize("name", [name for name in Cast.NAMES if name != "officer_a"])
def test_nobody_opens_the_import_of_another(cast: Cast, name: str) -> None:
    upload(cast.client("officer_a"), workbook([HEAD, *rows()]))
    looked = last()
    response = decide(cast.client(name), looked, "all")
    assert response.status_code == (403 if name in (*Cast.ADMINISTRATORS, "leader", "enterprise_user") else 404)
    assert (Hazard.objects.count(), last()) == (0, looked)


def test_the_import_of_another_ledger_is_not_found_here(cast: Cast) -> None:
    upload(cast.client("officer_a"), workbook([HEAD, *rows()]))
    assert cast.client("officer_a").get(reverse("inspections:import_result", args=[last().pk])).status_code == 404


@pytest.mark.parametrize("address", [IMPORT, TEMPLATE, EXPORT])
def test_the_anonymous_are_sent_to_the_login(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 302
    assert client.get(address).headers["Location"].startswith(reverse("organizations:login"))


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "auditor"])
def test_administrators_stay_out_of_business_tables(cast: Cast, name: str) -> None:
    client = cast.client(name)
    assert [client.get(address).status_code for address in (IMPORT, TEMPLATE, EXPORT)] == [403, 403, 403]
    assert client.post(EXPORT).status_code == 403


def test_units_are_imported_by_their_administrator(cast: Cast) -> None:
    client = cast.client("system_admin")
    data = workbook([["单位名称", "类别"], ["南湖社区", "社区"]])
    address = reverse("organizations:import")
    client.post(address, {"file": SimpleUploadedFile("单位.xlsx", data), "default_parent": "西坪街道"})
    client.post(reverse("organizations:import_result", args=[last().pk]), {"mode": "all"})
    assert Organisation.objects.get(name="南湖社区").parent == cast.street_b
    assert cast.client("bureau_clerk").get(address).status_code == 403


def test_the_template_is_read_back_without_unknown_columns(cast: Cast) -> None:
    response = cast.client("officer_a").get(TEMPLATE)
    assert "attachment" in response.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert {"发现日期*", "受检单位或地点*", "隐患描述*"} <= set(heads)


# ------------------------------------------------------------------------------------------------ in the background


def test_a_long_table_is_left_to_the_worker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DIRECT_ROWS", 3)
    client = cast.client("officer_a")
    text = upload(client, workbook([HEAD, *rows(5)])).content.decode()
    looked = last()
    assert looked.status == Status.QUEUED
    assert 'hx-trigger="every 2s"' in text
    run_now(looked)
    text = client.get(reverse("hazards:import_result", args=[looked.pk])).content.decode()
    assert "确认导入 5 行" in text
    decide(client, looked, "all")
    assert (last().status, Hazard.objects.count()) == (Status.QUEUED, 0)
    run_now(last())
    assert (last().status, Hazard.objects.count()) == (Status.DONE, 5)
    assert "查看结果" in client.get(last().get_absolute_url()).content.decode()


def test_a_worker_sent_the_same_import_twice_stores_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DIRECT_ROWS", 3)
    client = cast.client("officer_a")
    upload(client, workbook([HEAD, *rows(5)]))
    run_now(last())
    decide(client, last(), "all")
    tasks.run_job(last().pk)
    tasks.run_job(last().pk)
    assert Hazard.objects.count() == 5


def test_a_file_that_was_cleared_away_is_said_to_be(cast: Cast) -> None:
    client = cast.client("officer_a")
    upload(client, workbook([HEAD, *rows()]))
    looked = last()
    Attachment.objects.update(created_at=clock.now() - dt.timedelta(days=31))
    assert services.drop_old_uploads(clock.now()) == 1
    assert "已过期清理，请重新上传" in decide(client, looked, "all").content.decode()
    assert not Hazard.objects.exists()


# ------------------------------------------------------------------------------------------------ going out


def exported(response: Any) -> list[tuple]:
    data = response.getvalue()
    return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2, values_only=True))


def test_an_export_holds_what_the_list_shows(cast: Cast) -> None:
    here = hazard_make(cast, description="配电箱未关闭")
    hazard_make(cast, description="灭火器过期")
    response = cast.client("officer_a").get(EXPORT, {"q": "配电箱"})
    assert [row[0] for row in exported(response)] == [here.number]
    entry = AuditEntry.objects.get(verb="hazards.export")
    assert entry.after == {"rows": 1, "filter": "q=%E9%85%8D%E7%94%B5%E7%AE%B1", "format": "xlsx"}
    assert exported(cast.client("officer_b").get(EXPORT)) == []


def test_an_export_of_a_broken_filter_is_the_lists_own_refusal(cast: Cast) -> None:
    hazard_make(cast)
    for query in ("?status=nonsense", "?figure=nonsense"):
        response = cast.client("officer_a").get(EXPORT + query)
        assert (response.status_code, response.headers["Location"]) == (302, reverse("hazards:list") + query)
    assert not AuditEntry.objects.filter(verb="hazards.export").exists()


def test_an_export_as_csv_opens_in_excel(cast: Cast) -> None:
    hazard = hazard_make(cast)
    data = cast.client("officer_a").get(EXPORT, {"fmt": "csv"}).getvalue()
    assert data.startswith(b"\xef\xbb\xbf")
    assert hazard.number in data.decode("utf-8-sig").splitlines()[1]


def test_a_large_export_is_asked_for_and_fetched_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "DIRECT_ROWS", 1)
    numbers = {hazard_make(cast, description=f"配电箱{n}未关闭").number for n in range(3)}
    hazard_make(cast, description="灭火器过期")
    client = cast.client("officer_a")
    assert "开始导出" in client.get(EXPORT, {"q": "配电箱"}).content.decode()
    assert not Job.objects.exists()
    client.post(f"{EXPORT}?q=配电箱")
    job = run_now(last())
    assert (job.status, job.result, job.percent) == (Status.DONE, {"rows": 3, "format": "xlsx"}, 100)
    assert {row[0] for row in exported(client.get(job.file.get_absolute_url()))} == numbers
    assert cast.client("officer_b").get(job.file.get_absolute_url()).status_code == 404
    assert AuditEntry.objects.get(verb="hazards.export").target_id == job.pk


def test_an_export_in_the_background_has_the_rights_of_its_hour(cast: Cast) -> None:
    hazard_make(cast)
    cast.client("officer_a").post(EXPORT)
    Membership.objects.filter(user=cast.officer_a).update(revoked_at=clock.now(), revoked_reason="调离")
    job = run_now(last())
    assert (job.status, job.file) == (Status.FAILED, None)
    assert "没有导出这份台账的权限" in job.error


def test_what_an_export_brings_an_import_takes_back(cast: Cast) -> None:
    before = {hazard_make(cast, description=f"第{n}处未关闭").description for n in range(3)}
    data = cast.client("officer_a").get(EXPORT).getvalue()
    Hazard.campaigns.through.objects.all().delete()
    Hazard.objects.all().delete()
    client = cast.client("officer_a")
    upload(client, data)
    assert last().result["faults"] == []
    decide(client, last(), "all")
    assert set(Hazard.objects.values_list("description", flat=True)) == before


# ------------------------------------------------------------------------------------------------ cost


def test_the_pages_cost_the_same_for_many_rows_as_for_few(cast: Cast) -> None:
    def cost(count: int) -> tuple[int, int]:
        client = cast.client("officer_a")
        with CaptureQueriesContext(
            connection,
        ) as importing:
            upload(client, workbook([HEAD, *([*row[:2], f"{row[2]}{count}"] for row in rows(count))]))
            decide(client, last(), "all")
        assert Hazard.objects.filter(import_id=last().pk).count() == count
        with CaptureQueriesContext(connection) as exporting_:
            client.get(EXPORT).getvalue()
        return len(importing), len(exporting_)

    few, many = cost(3), cost(60)
    assert (few[0], few[1]) == many


def test_an_import_by_page_is_marked_so(cast: Cast) -> None:
    upload(cast.client("officer_a"), workbook([HEAD, *rows()]))
    assert (last().trigger, last().organisation_id) == (Trigger.PAGE, cast.street_a.pk)
