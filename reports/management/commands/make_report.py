"""Print a paper, with the words of the latest one drawn up over the same area and period: ``manage.py make_report annual --organisation 360704 --from … --to … --out FILE.pdf [--edition 核对]``."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from emergency.core import papers
from emergency.core.periods import Period
from emergency.organizations.models import Organisation
from reports import documents, services
from reports.models import Kind, Report

EDITIONS = {
    "报送": papers.Edition.SUBMISSION,
    "报送版": papers.Edition.SUBMISSION,
    "核对": papers.Edition.CHECKING,
    "核对版": papers.Edition.CHECKING,
}


class Command(BaseCommand):
    help = "按单位和时段生成文书（PDF 或 Word）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=Kind.values, help="文书种类：annual 工作总结")
        parser.add_argument("--organisation", required=True, help="区划代码")
        parser.add_argument("--from", dest="start", required=True, type=date.fromisoformat, help="起始日期")
        parser.add_argument("--to", dest="end", required=True, type=date.fromisoformat, help="截止日期")
        parser.add_argument("--out", required=True, type=Path, help="输出文件，以 .pdf 或 .docx 结尾")
        parser.add_argument("--edition", choices=EDITIONS, default="报送", help="报送（缺省）或 核对")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        form = out.suffix.lstrip(".").lower()
        if form not in services.FORMATS:
            raise CommandError("输出文件应以 .pdf 或 .docx 结尾。")
        try:
            area = Organisation.objects.select_related("parent").by_code(options["organisation"])
            period = Period(options["start"], options["end"])
            report = Report.objects.live().latest_of(options["kind"], area, period)
            document = documents.annual_summary(
                area=area,
                issuer=report.issuer if report else documents.issuer_of(area),
                period=period,
                edition=EDITIONS[options["edition"]],
                report=report,
            )
            data = services.render(document, form, site=settings.SITE_URL)
        except Organisation.DoesNotExist:
            raise CommandError(f"没有区划代码为{options['organisation']}的单位。") from None
        except ValidationError as fault:
            raise CommandError("；".join(fault.messages)) from fault
        out.write_bytes(data)
        self.stdout.write(f"文字用文书第{report.pk}号" if report else "尚未起草，文字由系统拟定")
        self.stdout.write(f"已生成 {out}（{len(data) // 1024} KB）")
        for gap in dict.fromkeys(missing.text for missing in papers.gaps(document)):
            self.stdout.write(f"待补：{gap}")
