"""Print figures: ``manage.py figures --organisation 360704 --from 2021-01-01 --to 2021-11-30 [--by unit] [--json]``."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.queries import Sheet, Value, evaluate
from emergency.figures.queries.tags import campaign_named
from emergency.figures.vocabulary import Figure, RatioFigure
from emergency.organizations.models import Organisation


class Command(BaseCommand):
    help = "按单位、时段和分组输出指标。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, help="区划代码")
        parser.add_argument("--from", dest="start", required=True, type=date.fromisoformat, help="起始日期")
        parser.add_argument("--to", dest="end", required=True, type=date.fromisoformat, help="截止日期")
        parser.add_argument("--by", help="分组：unit, office, department, industry, grade, source, campaign …")
        parser.add_argument("--campaign", help="只统计该专项行动（含下级行动）")
        parser.add_argument("--figure", action="append", dest="codes", help="指标代码，可多次；缺省为全部")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organisation = Organisation.objects.select_related("parent").by_code(options["organisation"])
            period = Period(options["start"], options["end"])
            within = {"campaign": campaign_named(options["campaign"])} if options["campaign"] else {}
            figures = chosen(options["codes"], by=options["by"], within=within)
            sheet = evaluate(
                [figure.code for figure in figures],
                organisation=organisation,
                period=period,
                by=options["by"],
                within=within,
            )
        except Organisation.DoesNotExist:
            raise CommandError(f"没有区划代码为{options['organisation']}的单位。") from None
        except ValidationError as fault:
            raise CommandError("；".join(fault.messages)) from fault
        if options["as_json"]:
            self.stdout.write(json.dumps(as_data(sheet), ensure_ascii=False, indent=2))
        else:
            self.print_sheet(sheet)

    def print_sheet(self, sheet: Sheet) -> None:
        self.stdout.write(f"{sheet.organisation.counted.name} {sheet.period.label(with_year=True)}")
        for code, value in sheet.totals.items():
            self.stdout.write(
                f"{code:32} {value.figure.name}  {value.gap or value.text_with_unit}  {self.origin(value)}".rstrip()
            )
        for row in sheet.rows:
            parts = "  ".join(f"{value.figure.name} {value.text}" for value in row.values.values())
            self.stdout.write(f"  {row.label}  {parts}")

    @staticmethod
    def origin(value: Value) -> str:
        """What is said beside a number: its note, who gave it, the years of a streak."""
        said = [value.note]
        if value.given and value.parts is None:
            said.append("填报：" + "、".join(sorted({entry.source_unit for entry in value.given})))
        for year in value.years:
            bases = "、".join(f"{base.figure.name}{base.gap or base.text_with_unit}" for base in year.values)
            said.append(f"{year.period.label(with_year=True)}{bases}")
        return "；".join(filter(None, said))


def chosen(codes: list[str] | None, *, by: str | None, within: dict[str, str]) -> list[Figure]:
    """The figures asked for; without a choice all that have the breakdowns asked for."""
    wanted = [dimension for dimension in (by, *within) if dimension]
    if codes:
        try:
            return [vocabulary.get(code) for code in codes]
        except KeyError as missing:
            raise ValidationError(f"没有指标 {missing.args[0]}。") from None
    figures = [one for one in vocabulary.every() if all(vocabulary.has_dimension(one, code) for code in wanted)]
    if not figures:
        raise ValidationError(f"没有可以按“{by}”分组的指标。")
    return figures


def number(value: Value) -> int | float | None:
    """JSON has one kind of number; ratios keep their one decimal."""
    if isinstance(value.number, Decimal):
        whole = value.number == value.number.to_integral_value() and not isinstance(value.figure, RatioFigure)
        return int(value.number) if whole else float(value.number)
    return value.number


def plain_number(value: int | Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


def as_data(sheet: Sheet) -> dict[str, Any]:
    """The sheet as plain data: by code the value (null where missing), its unit, and what is missing or left out."""

    def one(value: Value) -> dict[str, Any]:
        data: dict[str, Any] = {"name": value.figure.name, "unit": value.figure.unit, "value": number(value)}
        if value.missing:
            data["missing"] = value.missing
        if value.note:
            data["note"] = value.note
        if value.parts is not None:
            data["parts"] = [plain_number(part) for part in value.parts]
        if value.approximate:
            data["approximate"] = True
        if value.given:
            data["given"] = [
                {"from": entry.start.isoformat(), "to": entry.end.isoformat(), "value": plain_number(entry.number),
                 "source": entry.source_unit, "document": entry.document}
                for entry in value.given
            ]  # fmt: skip
        if value.years:
            data["years"] = [
                {"from": year.period.start.isoformat(), "to": year.period.end.isoformat(),
                 "values": {base.figure.code: number(base) for base in year.values}}
                for year in value.years
            ]  # fmt: skip
        return data

    data: dict[str, Any] = {
        "organisation": sheet.organisation.counted.division_code or sheet.organisation.name,
        "name": sheet.organisation.counted.name,
        "from": sheet.period.start.isoformat(),
        "to": sheet.period.end.isoformat(),
        "figures": {code: one(value) for code, value in sheet.totals.items()},
    }
    if sheet.by:
        data |= {
            "by": sheet.by,
            "overlap": sheet.overlap,
            "rows": [
                {
                    "key": row.key,
                    "label": row.label,
                    "figures": {code: one(value) for code, value in row.values.items()},
                }
                for row in sheet.rows
            ],
        }
    return data
