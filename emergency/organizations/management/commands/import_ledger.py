"""Import a table into a ledger: ``manage.py import_ledger hazards 隐患台账.xlsx [--organisation 360704] [--dry-run]``.

Exits with 1 when any row is wrong or a question is open; every fault is then printed by its cell, and the officer's own
workbook with its errors lies beside the file. It stands here and not in core because it names units and people.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from emergency.core.attachments import files
from emergency.core.jobs import run_now
from emergency.core.jobs.models import Job, Status, Trigger
from emergency.core.ledger import Ledger, LedgerError, get, registered
from emergency.core.ledger.columns import normalise
from emergency.core.ledger.services import ALL, CHECK, GOOD, Answers, import_begin
from emergency.core.ledger.sources import content_of
from emergency.organizations.models import Organisation, User
from emergency.organizations.services import system_user

LISTED = 20_000  # faults printed, as many as the error workbook lists
OPTIONS = {"unit": "--unit 列名=单位", "year": "--year", "sheet": "--sheet", "hidden": "--hidden",
           "duplicates": "--duplicates"}  # fmt: skip


class Command(BaseCommand):
    help = "把 Excel 或 CSV 表格导入台账。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=f"台账：{'、'.join(one.kind for one in registered())}")
        parser.add_argument("file", metavar="FILE", type=Path, help=".xlsx、.xls 或 .csv")
        parser.add_argument("--organisation", help="区划代码：表中的单位名称在它的范围内查找")
        parser.add_argument("--actor", help="导入人的登录名，缺省为系统")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不导入")
        parser.add_argument("--only-good", action="store_true", help="只导入正确的行，错误的行退回")
        parser.add_argument("--strict", action="store_true", help="有不认识的列就不导入")
        parser.add_argument("--default", action="append", default=[], metavar="列=值", help="整表默认值，可多次")
        parser.add_argument("--unit", action="append", default=[], metavar="列=单位", help="金额、面积列的单位，可多次")
        parser.add_argument("--year", type=int, help="日期没有写年份时用的年份")
        parser.add_argument("--sheet", default="", help="工作表名称")
        for name, label in (("hidden", "隐藏或筛选掉的行"), ("duplicates", "疑似重复的行")):
            parser.add_argument(f"--{name}", choices=("ask", "include", "skip"), default="ask", help=label)

    def handle(self, *args: Any, **options: Any) -> None:
        ledger = self._ledger(options["kind"])
        path: Path = options["file"]
        try:
            data = content_of(path)
        except (OSError, LedgerError) as error:
            raise CommandError(f"不能读取 {path}：{getattr(error, 'strerror', None) or error}") from None
        answers = Answers(
            year=options["year"],
            defaults=_pairs(options["default"], ledger, "--default"),
            units=_pairs(options["unit"], ledger, "--unit"),
            sheet=options["sheet"],
            hidden=options["hidden"],
            duplicates=options["duplicates"],
            strict=options["strict"],
        )
        within = _organisation(options["organisation"])
        job = import_begin(
            kind=ledger.kind,
            data=data,
            name=path.name,
            actor=_actor(options["actor"]),
            answers=answers,
            mode=CHECK if options["dry_run"] else GOOD if options["only_good"] else ALL,
            unit=within,
            within=within,
            trigger=Trigger.COMMAND,
            faults=LISTED,
        )
        self._report(run_now(job), path)

    def _ledger(self, kind: str) -> Ledger:
        try:
            return get(kind)
        except KeyError:
            known = "、".join(f"{one.kind}（{one.label}）" for one in registered())
            raise CommandError(f"没有“{kind}”这个台账，可用的有：{known}。") from None

    def _report(self, job: Job, path: Path) -> None:
        if job.status != Status.DONE:
            raise CommandError(f"没有导入：{job.error or '另一个进程正在处理，请稍后在“处理进度”中查看。'}")
        result = job.result
        for notice in result["notices"]:
            self.stdout.write(f"说明：{notice}")
        for fault in result["faults"]:
            self.stderr.write(fault["text"])
        if (more := result["fault_count"] - len(result["faults"])) > 0:
            self.stderr.write(f"另有 {more} 处错误未列出。")
        for question in result["questions"]:
            choices = f"（可选：{'、'.join(question['choices'])}）" if question["choices"] else ""
            self.stderr.write(f"须选定：{question['message']}{choices}，用 {OPTIONS[question['kind']]}")
        told = f"{job.message}（导入编号 {job.pk}）"
        if not result["fault_count"]:
            self.stdout.write(self.style.SUCCESS(told))
            return
        if job.file is not None:
            beside = path.with_name(f"{path.stem}.错误.xlsx")
            beside.write_bytes(files.path_of(job.file.digest).read_bytes())
            told += f"。错误清单：{beside}"
        raise CommandError(told)


def _pairs(given: list[str], ledger: Ledger, option: str) -> dict[str, str]:
    """``列=值`` arguments as a dictionary. Raises ``CommandError`` for a column that the ledger does not have."""
    known = {normalise(name) for column in ledger.columns for name in (column.name, column.key)}
    pairs = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark or not value.strip():
            raise CommandError(f"{option} 应写成 列名=内容，这里是“{text}”。")
        if normalise(name) not in known:
            columns = "、".join(column.name for column in ledger.columns)
            raise CommandError(f"{option}：{ledger.label}没有“{name}”这一列，可用的有：{columns}。")
        pairs[name] = value.strip()
    return pairs


def _organisation(code: str | None) -> Organisation | None:
    if not code:
        return None
    try:
        return Organisation.objects.by_code(code)
    except Organisation.DoesNotExist:
        raise CommandError(f"没有区划代码为{code}的单位。") from None


def _actor(username: str | None) -> User:
    try:
        return User.objects.get(username=username) if username else system_user()
    except User.DoesNotExist:
        raise CommandError(f"没有登录名为{username}的用户。") from None
    except ValidationError as fault:
        raise CommandError("；".join(fault.messages)) from None
