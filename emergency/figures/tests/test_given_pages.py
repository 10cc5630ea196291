"""填报数据 on its pages and as a table: list, entry, correction, voiding, import and the way back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import ledger as excel
from emergency.core.ledger import ImportContext, Outcome
from emergency.core.lifecycle import events_of
from emergency.core.models import AuditEntry
from emergency.core.tests.ledger_samples import workbook
from emergency.core.tests.query_counts import expected_queries
from emergency.figures.ledger import GIVEN
from emergency.figures.models import GivenValue
from emergency.figures.tests.factories import given_make, months
from emergency.figures.tests.test_values import hazard
from emergency.organizations.tests.factories import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("declared")]

YEAR = months("2020-01", "2020-12")
HEAD = ("指标", "属地", "起始日期", "截止日期", "数值", "计量单位", "分组", "约数", "来源单位", "依据文件")


def load(cast: Cast, *rows: tuple[Any, ...], who: str = "bureau_clerk") -> Outcome:
    return excel.run_import(GIVEN, workbook([HEAD, *rows]), ImportContext(actor=cast.person(who)))


# ------------------------------------------------------------------------------------------------ pages


def test_a_clerk_enters_corrects_and_voids(cast: Cast) -> None:
    client = cast.client("bureau_clerk")
    entry = {
        "figure_code": "test.fire_loss",
        "area": cast.district.pk,
        "start": "2020-01-01",
        "end": "2020-12-31",
        "value": "38.74",
        "measure": "万元",
        "approximate": "on",
        "source_unit": "消防救援大队",
        "document": "2020年火灾统计年报",
    }
    response = client.post(reverse("figures:given_new"), entry)
    one = GivenValue.objects.get()
    assert (response.status_code, one.value, one.created_by) == (302, Decimal(387_400), cast.bureau_clerk)
    html = client.get(reverse("figures:given_detail", args=[one.pk])).content.decode()
    assert "约38.74万元" in html and "消防救援大队" in html and "用于统计。" in html
    again = client.post(reverse("figures:given_new"), entry)
    assert "已填报，请在原记录上更正" in again.content.decode()
    edit = reverse("figures:given_edit", args=[one.pk])
    assert 'value="387400"' in client.get(edit).content.decode()
    change = {"value": "39", "measure": "万元", "source_unit": "市消防支队"}
    assert client.post(edit, change).status_code == 200, "a correction without its reason is not saved"
    assert GivenValue.objects.get().value == 387_400
    assert client.post(edit, change | {"reason": "按年报更正"}).status_code == 302
    assert client.post(reverse("figures:given_void", args=[one.pk]), {"reason": "误报"}).status_code == 302
    one.refresh_from_db()
    assert (one.value, one.approximate, one.void, one.void_reason) == (390_000, False, True, "误报")
    assert list(events_of(one).order_by("pk").values_list("label", flat=True)) == ["填报", "更正", "作废"]
    assert AuditEntry.objects.filter(verb__startswith="given.").count() == 3
    assert edit not in client.get(reverse("figures:given_detail", args=[one.pk])).content.decode()


def test_an_entry_that_the_ledger_overrides_says_so(cast: Cast) -> None:
    hazard(cast, cast.street_a, dt.date(2020, 3, 5), 12)
    one = given_make(cast.bureau_clerk, "hazards.found", cast.district, YEAR, 99)
    html = cast.client("leader").get(reverse("figures:given_detail", args=[one.pk])).content.decode()
    assert "以台账记录为准，这个数不参与统计" in html


def test_somebody_elses_entry_is_404_and_the_right_to_change_is_asked(cast: Cast) -> None:
    mine = given_make(cast.officer_a, "test.fires", cast.street_a, YEAR, 3)
    other = given_make(cast.officer_b, "test.fires", cast.street_b, YEAR, 2)
    officer = cast.client("officer_a")
    assert officer.get(reverse("figures:given_detail", args=[mine.pk])).status_code == 200
    for name in ("detail", "edit", "void"):
        assert officer.get(reverse(f"figures:given_{name}", args=[other.pk])).status_code == 404
    assert cast.client("leader").get(reverse("figures:given_edit", args=[mine.pk])).status_code == 403
    html = officer.get(reverse("figures:given_list")).content.decode()
    assert f'href="{reverse("figures:given_detail", args=[mine.pk])}"' in html
    assert f'href="{reverse("figures:given_detail", args=[other.pk])}"' not in html


def test_the_list_costs_the_same_few_queries(cast: Cast) -> None:
    for month in range(1, 13):
        given_make(cast.officer_a, "test.fires", cast.street_a, months(f"2020-{month:02}"), month)
    client = cast.client("community_officer")
    client.get(reverse("figures:given_list"))  # the first request of a minute also renews the session
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("figures:given_list"))
    assert len(queries) == expected_queries("figures:given_list") <= 12


def test_the_figures_page_shows_what_was_entered(cast: Cast) -> None:
    one = given_make(cast.bureau_clerk, "test.fires", cast.district, YEAR, 43, approximate=True)
    params = {"period": "custom", "start": "2020-01-01", "end": "2020-12-31"}
    html = cast.client("leader").get(reverse("figures:list"), params).content.decode()
    assert f'<a href="{reverse("figures:given_detail", args=[one.pk])}"><span class="figure">约43</span></a>' in html
    assert "其他部门数据" in html


# ------------------------------------------------------------------------------------------------ as a table


def test_a_workbook_in_an_offices_words(cast: Cast) -> None:
    outcome = load(
        cast,
        ("测试火灾", "南岭区", "2020.1.1", "2020.12.31", "约43", "起", "", "", "消防救援大队", "年报"),
        ("测试火灾损失", "南岭区", "2020-01-01", "2020-12-31", 38.74, "万元", "", "是", "消防救援大队", ""),
        ("hazards.found", cast.street_a.name, "2020-01-01", "2020-12-31", 7, "条", "隐患等级：重大", "", "本局", ""),
    )
    assert [fault.text for fault in outcome.faults] == []
    assert outcome.saved == {"新增": 3}
    fires, loss, found = GivenValue.objects.order_by("pk")
    assert (fires.figure_code, fires.value, fires.approximate) == ("test.fires", 43, True)
    assert (loss.value, loss.approximate) == (387_400, True)
    assert (found.area, found.street, found.dimension, found.key) == (cast.street_a, cast.street_a, "grade", "major")


def test_every_fault_is_named_at_once_and_nothing_is_stored(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "test.fires", cast.street_a, YEAR, 1)
    first, last, here = "2020-01-01", "2020-12-31", cast.street_a.name
    outcome = load(
        cast,
        ("没有的指标", here, first, last, 1, "起", "", "", "消防", ""),
        ("测试火灾", cast.street_b.name, first, last, 1, "起", "", "", "消防", ""),
        ("测试火灾", here, last, first, 1, "起", "", "", "消防", ""),
        ("测试火灾", here, first, last, 1, "万元", "", "", "消防", ""),
        ("整改率", here, first, last, 95, "%", "", "", "本局", ""),
        ("测试火灾", here, first, last, 2, "起", "", "", "消防", ""),
        ("测试火灾损失", here, first, last, 2, "元", "", "", "消防", ""),
        ("测试火灾损失", here, first, last, 2, "元", "", "", "消防", ""),
        who="officer_a",
    )
    told = " ".join(fault.text for fault in outcome.faults)
    for words in (
        "没有“没有的指标”",
        "不在您的管辖范围内",
        "不能早于",
        "计量单位是起",
        "没有“整改率”",
        "已填报",
        "重复",
    ):
        assert words in told, words
    assert GivenValue.objects.count() == 1


def test_what_is_exported_comes_back_equal(cast: Cast) -> None:
    given_make(cast.bureau_clerk, "test.fires", cast.district, YEAR, 43, approximate=True, document="年报")
    given_make(cast.bureau_clerk, "test.fire_loss", cast.district, YEAR, "387400.5")
    given_make(cast.bureau_clerk, "hazards.found", cast.community_a, YEAR, 7, row="隐患等级：重大")
    given_make(cast.bureau_clerk, "hazards.found", cast.street_a, YEAR, 9)
    kept = list(GivenValue.objects.order_by("pk"))
    columns = [
        one.attname for one in GivenValue._meta.concrete_fields if one.name not in ("id", "created_at", "import_id")
    ]
    before = [tuple(getattr(one, name) for name in columns) for one in kept]
    table = b"".join(excel.export_rows(GIVEN, GIVEN.records(GivenValue.objects.order_by("pk"))))
    GivenValue.objects.all().delete()
    outcome = excel.run_import(GIVEN, table, ImportContext(actor=cast.bureau_clerk))
    assert [fault.text for fault in outcome.faults] == []
    assert [tuple(getattr(one, name) for name in columns) for one in GivenValue.objects.order_by("pk")] == before
