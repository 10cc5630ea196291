"""The whole paper: in both editions, as PDF and Word, from the page and from the command."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from emergency.core import attachments, papers
from emergency.core.jobs.models import Job
from emergency.core.jobs.runner import run_now
from emergency.core.periods import Period
from emergency.organizations.tests.factories import Cast
from reports import documents
from reports.models import Report
from reports.tests.factories import hazards_make, visits_make

pytestmark = pytest.mark.django_db

YEAR = Period(dt.date(2021, 1, 1), dt.date(2021, 11, 30))


@pytest.fixture
def records(cast: Cast) -> None:
    hazards_make(cast, 40, found_on=dt.date(2021, 3, 5), closed_on=dt.date(2021, 4, 1))
    hazards_make(cast, 2, found_on=dt.date(2021, 3, 5), due_on=dt.date(2021, 6, 1))
    visits_make(cast, 321, on=dt.date(2021, 3, 5))


def text_of(data: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages).replace("\n", "")


def summary(cast: Cast, edition: papers.Edition) -> papers.Document:
    return documents.annual_summary(
        area=cast.district, issuer=cast.bureau, period=YEAR, edition=edition, on=dt.date(2021, 12, 9)
    )


def test_the_pdf_carries_the_figures(cast: Cast, records: None) -> None:
    text = text_of(papers.render_pdf(summary(cast, papers.Edition.SUBMISSION)))
    for words in (
        "共检查生产经营单位321家次",
        "排查隐患42条",
        "整改到位40条",
        "整改率95.2%",
        "未整改2条，其中逾期2条",
        "2021年12月9日",
    ):
        assert words in text
    assert "数据来源对照表" not in text


def test_the_checking_edition_links_each_number_and_lists_the_sources(cast: Cast, records: None) -> None:
    data = papers.render_pdf(summary(cast, papers.Edition.CHECKING), site="https://portal.example")
    reader = pypdf.PdfReader(io.BytesIO(data))
    links = [
        str(note.get_object()["/A"]["/URI"])
        for page in reader.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    ]
    assert any("figure=hazards.found" in link and link.startswith("https://portal.example/hazards/") for link in links)
    assert "数据来源对照表" in text_of(data)


def test_both_editions_say_the_same_numbers(cast: Cast, records: None) -> None:
    def numbers(edition: papers.Edition) -> list[str]:
        return [run.text for run in papers.runs(summary(cast, edition)) if isinstance(run, papers.Number)]

    assert numbers(papers.Edition.SUBMISSION) == numbers(papers.Edition.CHECKING)


def test_the_command_prints_pdf_and_word_and_names_the_gaps(
    cast: Cast, records: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.pdf", "a.docx"):
        call_command(
            "make_report", "annual", organisation=cast.district.division_code, start=YEAR.start, end=YEAR.end,
            out=tmp_path / name,
        )  # fmt: skip
        assert (tmp_path / name).stat().st_size > 10_000
    assert "待补：【待补：2020年1—11月排查隐患】" in capsys.readouterr().out


def test_the_command_refuses_an_unknown_unit_in_the_officers_words(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有区划代码为999999的单位"):
        call_command(
            "make_report", "annual", organisation="999999", start=YEAR.start, end=YEAR.end, out=tmp_path / "a.pdf"
        )
    assert not (tmp_path / "a.pdf").exists()


def draft(cast: Cast, client_name: str = "section_head", area: object = None) -> Report:
    client = cast.client(client_name)
    unit = area or cast.district
    response = client.post(
        reverse("reports:new"),
        {"kind": "annual", "area": unit.pk, "span": "custom", "start": "2021-01-01", "end": "2021-11-30"},  # type: ignore[attr-defined]
    )
    assert response.status_code == 302, response.content.decode()
    return Report.objects.get()


def test_a_section_head_drafts_previews_and_prints(cast: Cast, records: None) -> None:
    report = draft(cast)
    client = cast.client("section_head")
    page = client.get(reverse("reports:detail", args=[report.pk])).content.decode()
    assert "排查隐患" in page and "figure=hazards.found" in page and "待补，补齐前不能印发" in page
    plain = client.get(reverse("reports:detail", args=[report.pk]), {"edition": "submission"}).content.decode()
    assert "figure=hazards.found" not in plain.split("paper-desk")[1]
    response = client.post(reverse("reports:print", args=[report.pk]), {"edition": "checking", "form": "pdf"})
    job = Job.objects.get(kind="reports.print")
    assert response.url == reverse("core:job", args=[job.pk])
    run_now(job)
    job.refresh_from_db()
    assert job.status == "done", job.error
    kept = attachments.for_owner(report).get()
    download = client.get(reverse("core:file", args=[kept.pk]))
    assert b"".join(download).startswith(b"%PDF")
    assert cast.client("officer_b").get(reverse("core:file", args=[kept.pk])).status_code == 404


def test_a_street_officer_drafts_only_for_the_own_street(cast: Cast, records: None) -> None:
    report = draft(cast, "officer_a", cast.street_a)
    assert report.issuer == cast.street_a
    assert cast.client("officer_a").get(reverse("reports:detail", args=[report.pk])).status_code == 200
    assert cast.client("officer_b").get(reverse("reports:detail", args=[report.pk])).status_code == 404
    assert cast.client("leader").get(reverse("reports:detail", args=[report.pk])).status_code == 200
    refused = cast.client("officer_b").post(
        reverse("reports:new"),
        {"kind": "annual", "area": cast.street_a.pk, "span": "custom", "start": "2021-01-01", "end": "2021-11-30"},
    )
    assert refused.status_code == 400
    assert Report.objects.count() == 1


def test_an_unknown_format_writes_nothing(cast: Cast, records: None) -> None:
    report = draft(cast)
    cast.client("section_head").post(reverse("reports:print", args=[report.pk]), {"form": "exe"})
    assert not Job.objects.exists()


def test_issuer_and_title(cast: Cast) -> None:
    assert documents.issuer_of(cast.district) == cast.bureau
    assert documents.issuer_of(cast.street_a) == cast.street_a
    whole = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))
    assert documents.title_of(cast.bureau, whole) == ("南岭区应急管理局", "2021年应急管理工作总结")


def test_a_year_so_far_says_until_when_in_the_title(cast: Cast) -> None:
    so_far = Period(dt.date(2022, 1, 1), dt.date(2022, 6, 13))
    assert documents.title_of(cast.bureau, so_far) == (
        "南岭区应急管理局",
        "2022年应急管理工作总结",
        "（截至6月13日）",
    )
    paper = documents.annual_summary(
        area=cast.district, issuer=cast.bureau, period=so_far, edition=papers.Edition.SUBMISSION
    )
    first = next(block for block in paper.blocks if isinstance(block, papers.Paragraph))
    assert first.runs[0].text.startswith("2022年以来，南岭区应急管理局")
