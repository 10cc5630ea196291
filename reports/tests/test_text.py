"""The text of a paper as it is kept: what follows the figures, what officers wrote, and who may change it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from emergency.core import lifecycle, papers
from emergency.core.audit import AuditEntry
from emergency.core.periods import Period
from emergency.core.tests.query_counts import expected_queries
from emergency.organizations.tests.factories import Cast
from emergency.organizations.tests.planting import plant_many
from reports import documents, queries, services
from reports.models import Paragraph, Report
from reports.tests.factories import hazards_make, visits_make

pytestmark = pytest.mark.django_db

MARCH, DECEMBER = dt.date(2021, 3, 5), dt.date(2021, 12, 6)
SO_FAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))
YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))
GENERAL = {"section": "rectification", "key": "general"}


@pytest.fixture
def report(cast: Cast) -> Report:
    """Forty-two hazards by the end of November, eight more in December; no visit yet."""
    hazards_make(cast, 42, found_on=MARCH, closed_on=dt.date(2021, 4, 1))
    hazards_make(cast, 8, found_on=DECEMBER)
    return services.report_create(kind="annual", area=cast.district, period=SO_FAR, actor=cast.person("section_head"))


def fresh(report: Report) -> Report:
    """As a new request reads it."""
    return Report.objects.select_related("area__parent", "issuer__parent").get(pk=report.pk)


def line(report: Report, section: str, key: str) -> queries.Written:
    report = fresh(report)
    brief = queries.brief_of(report)
    lines = [one for one in queries.lines_of(report, brief) if (one.section.key, one.key) == (section, key)]
    (found,) = queries.written(lines, brief)
    return found


def keys(report: Report, section: str) -> list[str]:
    return [one.key for one in queries.lines_of(fresh(report), queries.brief_of(report)) if one.section.key == section]


def write(cast: Cast, report: Report, text: str, version: int = 0, person: str = "section_head") -> Paragraph:
    return services.paragraph_write(
        report=report, text=text, version=version, actor=cast.person(person), **GENERAL
    )  # fmt: skip


def prose(report: Report) -> str:
    paper = documents.compose(fresh(report), papers.Edition.CHECKING)
    return "".join(run.text for block in paper.blocks for run in getattr(block, "runs", ()))


# -- what follows the figures, and what stays --


def test_drafting_fills_the_paragraphs_with_tokens(report: Report) -> None:
    row = report.paragraphs.get(**GENERAL)
    assert "[[hazards.found]]" in row.text and "42" not in row.text
    assert (row.edited, row.version, row.generated) == (False, 0, row.text)


def test_an_unedited_paragraph_follows_figures_and_branch(cast: Cast, report: Report) -> None:
    assert "整改到位42条，整改率100%。" in line(report, **GENERAL).said
    hazards_make(cast, 8, found_on=MARCH, due_on=dt.date(2021, 5, 1))
    assert "整改到位42条，整改率84%；未整改8条，其中逾期8条。" in line(report, **GENERAL).said


def test_an_edited_paragraph_keeps_its_words_and_gets_new_numbers(cast: Cast, report: Report) -> None:
    write(cast, report, "今年全区上下齐心，排查隐患[[hazards.found]]。")
    hazards_make(cast, 8, found_on=MARCH)
    assert line(report, **GENERAL).said == "今年全区上下齐心，排查隐患50条。"
    assert "今年全区上下齐心，排查隐患50条。" in prose(report)


def test_a_section_that_begins_to_have_something_to_say_appears_in_its_place(cast: Cast, report: Report) -> None:
    assert "未开展" not in line(report, "supervision", "visits").said
    services.paragraph_add(
        report=report, section="supervision", after="visits", text="一是压实责任。", actor=cast.person("section_head")
    )
    visits_make(cast, 5, on=MARCH)
    assert keys(report, "supervision") == ["visits", "own-1"]
    assert "检查生产经营单位5家次" in line(report, "supervision", "visits").said


def test_the_page_says_when_the_portal_would_now_write_something_else(cast: Cast, report: Report) -> None:
    write(cast, report, "排查[[hazards.found]]。")
    assert not line(report, **GENERAL).line.redrafted
    hazards_make(cast, 8, found_on=MARCH)
    assert line(report, **GENERAL).line.redrafted


def test_restored_it_follows_again(cast: Cast, report: Report) -> None:
    row = write(cast, report, "排查[[hazards.found]]。")
    services.paragraph_restore(report=report, version=row.version, actor=cast.person("section_head"), **GENERAL)
    shown = line(report, **GENERAL)
    assert not shown.line.edited and "整改率100%" in shown.said


def test_removed_it_is_out_of_the_paper_until_put_back(cast: Cast, report: Report) -> None:
    head = cast.person("section_head")
    row = services.paragraph_remove(report=report, version=0, actor=head, **GENERAL)
    assert "排查隐患" not in prose(report)
    hazards_make(cast, 8, found_on=MARCH)
    assert "排查隐患" not in prose(report)
    services.paragraph_put_back(report=report, version=row.version, actor=head, **GENERAL)
    assert "排查隐患50条" in prose(report)


def test_figures_are_typed_by_name_and_stored_by_code(cast: Cast, report: Report) -> None:
    row = write(cast, report, "排查[[排查隐患|上年同期]]。")
    assert row.text == "排查[[hazards.found||上年同期]]。"


def test_the_command_prints_the_words_of_the_paper_over_the_same_days(
    cast: Cast, report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(cast, report, "今年全区上下齐心，排查隐患[[hazards.found]]。")
    call_command(
        "make_report", "annual", organisation=cast.district.division_code, start=SO_FAR.start, end=SO_FAR.end,
        out=tmp_path / "a.pdf",
    )  # fmt: skip
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    assert "今年全区上下齐心，排查隐患42条。" in "".join(page.extract_text() for page in pages).replace("\n", "")
    assert f"文字用文书第{report.pk}号" in capsys.readouterr().out


def test_saving_the_same_words_is_no_edit(cast: Cast, report: Report) -> None:
    row = write(cast, report, report.paragraphs.get(**GENERAL).text)
    assert (row.edited, row.version) == (False, 0)


# -- the officers' own paragraphs --


def test_several_lines_become_paragraphs_and_a_heading_its_level(cast: Cast, report: Report) -> None:
    head = cast.person("section_head")
    services.paragraph_add(report=report, section="plans", after="", text="守牢底线", heading=True, actor=head)
    services.paragraph_add(report=report, section="plans", after="own-1", text="第一段。\r\n\r\n第二段。", actor=head)
    paper = documents.compose(fresh(report), papers.Edition.SUBMISSION)
    tail = [
        (block.level, block.text) if isinstance(block, papers.Heading) else block.runs[0].text  # type: ignore[union-attr]
        for block in paper.blocks[-4:]
    ]
    assert tail == [(1, "下年度工作打算"), (2, "守牢底线"), "第一段。", "第二段。"]


def test_moving_swaps_neighbours_and_stops_at_the_end(cast: Cast, report: Report) -> None:
    head = cast.person("section_head")
    services.paragraph_add(report=report, section="plans", after="", text="甲。\n乙。", actor=head)
    for up in (True, True):
        services.paragraph_move(report=report, section="plans", key="own-2", up=up, actor=head)
    assert keys(report, "plans") == ["own-2", "own-1"]


def test_a_section_without_words_has_no_heading(report: Report) -> None:
    paper = documents.compose(fresh(report), papers.Edition.SUBMISSION)
    heads = [block.text for block in paper.blocks if isinstance(block, papers.Heading)]
    assert heads == ["主要工作开展情况", "安全生产形势", "督导检查", "专项整治与隐患治理"]


def test_what_officers_typed_is_marked_in_the_checking_edition_only(cast: Cast, report: Report) -> None:
    write(cast, report, "出动125人，排查[[hazards.found]]。")
    runs = papers.runs(documents.compose(fresh(report), papers.Edition.CHECKING))
    assert [run.text for run in runs if isinstance(run, papers.Unlinked)] == ["125"]


# -- refusals --


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("排查[[hazards.fund]]。", "第3字处“[[hazards.fund]]”：没有指标“hazards.fund”"),
        ("排查[[hazards.found。", "方括号不成对"),
        ("  \n ", "段落不能为空"),
        ("长" * 5001, "一段不超过5000字"),
    ],
)
def test_unreadable_text_is_refused_with_its_place_and_nothing_is_kept(
    cast: Cast, report: Report, text: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        write(cast, report, text)
    assert words in "".join(refused.value.messages)
    assert not report.paragraphs.filter(edited=True).exists()


def test_of_two_who_edit_at_once_the_second_is_told_and_loses_nothing(cast: Cast, report: Report) -> None:
    write(cast, report, "孙科长写的。")
    url = reverse("reports:paragraph", args=[report.pk, *GENERAL.values()])
    late = {"text": "陈科员写的。", "version": "0", "do": "save"}
    client = cast.client("bureau_clerk")
    response = client.post(url, late)
    page = response.content.decode()
    assert response.status_code == 409
    assert "孙科长已在" in page and "孙科长写的。" in page and "陈科员写的。" in page
    assert report.paragraphs.get(**GENERAL).text == "孙科长写的。"
    assert client.post(url, late | {"version": "1"}).status_code == 302
    assert report.paragraphs.get(**GENERAL).text == "陈科员写的。"


@pytest.mark.parametrize("person", ["leader", "officer_a", "department_clerk", "enterprise_user", "auditor"])
def test_who_does_not_draft_for_the_area_changes_nothing(cast: Cast, report: Report, person: str) -> None:
    actor = cast.person(person)
    before = list(report.paragraphs.values())
    attempts: list[Any] = [
        lambda: services.paragraph_write(report=report, text="改。", version=0, actor=actor, **GENERAL),
        lambda: services.paragraph_restore(report=report, version=0, actor=actor, **GENERAL),
        lambda: services.paragraph_remove(report=report, version=0, actor=actor, **GENERAL),
        lambda: services.paragraph_add(report=report, section="plans", after="", text="改。", actor=actor),
        lambda: services.paragraph_move(report=report, up=True, actor=actor, **GENERAL),
        lambda: services.report_redate(report=report, period=YEAR, seen=SO_FAR, actor=actor),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert list(report.paragraphs.values()) == before


@pytest.mark.parametrize(("person", "status"), [("leader", 302), ("bureau_clerk", 302), ("department_clerk", 403)])
def test_who_orders_a_print(cast: Cast, report: Report, person: str, status: int) -> None:
    url = reverse("reports:print", args=[report.pk])
    assert cast.client(person).post(url, {"edition": "submission", "form": "pdf"}).status_code == status


# -- another period --


def test_the_sentences_that_a_period_changes_are_listed_old_beside_new(cast: Cast, report: Report) -> None:
    found = {change.line.name: change for change in queries.changes(report, YEAR)}
    assert {"opening-guidance", "rectification-general"} <= set(found)
    told = [
        ("".join(w for _, w in old), "".join(w for _, w in new))
        for old, new in found["rectification-general"].sentences
    ]
    assert told[0][0].startswith("1—11月，全区排查隐患42条") and told[0][1].startswith("全年，全区排查隐患50条")
    marked = [words for kind, words in found["rectification-general"].sentences[0][1] if kind == "in"]
    assert "50" in marked
    assert not report.paragraphs.filter(edited=True).exists()


def test_changed_in_one_step_edited_words_stay_and_numbers_follow(cast: Cast, report: Report) -> None:
    write(cast, report, "[[时段]]排查[[hazards.found]]，其中11月前[[hazards.found|2021-01-01..2021-11-30]]。")
    (change,) = [one for one in queries.changes(report, YEAR) if one.line.edited]
    assert change.stays == ("[[hazards.found||2021-01-01..2021-11-30]]", "11月")
    changed = services.report_redate(report=report, period=YEAR, seen=SO_FAR, actor=cast.person("section_head"))
    assert line(changed, **GENERAL).said == "全年排查50条，其中11月前42条。"
    assert changed.title == "南岭区应急管理局2021年应急管理工作总结"
    assert lifecycle.events_of(report).filter(action="redate").count() == 1
    assert AuditEntry.objects.filter(verb="report.redate", target_id=report.pk).count() == 1


def test_a_period_changed_meanwhile_is_not_changed_again_unseen(cast: Cast, report: Report) -> None:
    head = cast.person("section_head")
    services.report_redate(report=report, period=YEAR, seen=SO_FAR, actor=head)
    with pytest.raises(ValidationError, match="已由他人改为2021年全年"):
        services.report_redate(report=report, period=SO_FAR, seen=SO_FAR, actor=head)


# -- pages --


def test_the_pages_of_the_text(cast: Cast, report: Report) -> None:
    client = cast.client("section_head")
    page = client.get(reverse("reports:text", args=[report.pk])).content.decode()
    assert "（三）专项整治与隐患治理" in page and "排查隐患" in page and "复制句子" in page and "系统文稿" in page
    url = reverse("reports:paragraph", args=[report.pk, *GENERAL.values()])
    page = client.get(url).content.decode()
    assert "[[排查隐患]]" in page and "[[hazards.found]]" not in page
    inserted = client.post(
        url, {"text": "甲", "version": "0", "do": "insert", "code": "hazards.rate", "period": "上年同期"}
    )
    assert "甲[[hazards.rate||上年同期]]" in inserted.content.decode()
    assert client.post(url, {"text": "甲[[hazards.rate]]。", "version": "0", "do": "save"}).status_code == 302
    reader = cast.client("leader").get(reverse("reports:text", args=[report.pk])).content.decode()
    assert 'data-copy="甲100%。"' in reader and "在下方加段落" not in reader


def test_the_preview_shows_numbers_faults_and_what_was_typed(cast: Cast, report: Report) -> None:
    response = cast.client("section_head").post(
        reverse("reports:preview", args=[report.pk]), {"text": "排查[[hazards.found]]，出动125人。\n[[x.y]]"}
    )
    page = response.content.decode()
    assert ">42条</a>" in page and "未挂接数据：125" in page and "没有指标“x.y”" in page


def test_the_picker_finds_figures_by_name_and_code(cast: Cast, report: Report) -> None:
    client = cast.client("section_head")
    url = reverse("reports:figures", args=[report.pk])
    assert "整改率" in [one["id"] for one in client.get(url, {"q": "率 隐患"}).json()["results"]]
    assert client.get(url, {"q": "hazards.found"}).json()["results"][0]["id"] == "排查隐患"


def test_the_page_of_a_new_period_lists_and_then_changes(cast: Cast, report: Report) -> None:
    client = cast.client("section_head")
    url = reverse("reports:period", args=[report.pk])
    dates = {"span": "custom", "start": "2021-01-01", "end": "2021-12-31"}
    page = client.get(url, dates).content.decode()
    assert "<del>42</del>" in page and "<ins>50</ins>" in page
    report.refresh_from_db()
    assert report.period == SO_FAR
    assert client.post(url, dates | {"seen": str(SO_FAR)}).status_code == 302
    report.refresh_from_db()
    assert report.period == YEAR


def test_the_list_costs_what_the_file_says(cast: Cast) -> None:
    plant_many(Report, 60, unit=cast.street_a, user=cast.officer_a, area=cast.street_a, start=MARCH, end=DECEMBER)
    client = cast.client("officer_a")
    client.get(reverse("reports:list"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("reports:list")).status_code == 200
    assert len(asked) == expected_queries("reports:list") <= 12


def test_the_pages_cost_the_same_however_much_officers_wrote(cast: Cast, report: Report) -> None:
    client = cast.client("section_head")
    url = reverse("reports:text", args=[report.pk])

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    services.paragraph_add(report=report, section="plans", after="", text="甲。", actor=cast.person("section_head"))
    before = cost()
    text = "\n".join(f"第{n}项，排查[[hazards.found]]，整改率[[hazards.rate]]。" for n in range(20))
    services.paragraph_add(report=report, section="plans", after="own-1", text=text, actor=cast.person("section_head"))
    assert cost() == before
