"""Roll the figures up by month: ``manage.py roll_up [--month 2021-11] [--all]``. What the nightly job does."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from emergency.figures.services.rolling import roll_up


def month_of(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"月份“{text}”应写成2021-11的样子。") from None


class Command(BaseCommand):
    help = "汇总月度指标：有变动的月份和尚未汇总的月份。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--month", type=month_of, help="只汇总这个月，例如2021-11")
        which.add_argument("--all", action="store_true", dest="everything", help="全部月份重新汇总")

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.say if options["verbosity"] > 1 else None
        done = roll_up(month=options["month"], everything=options["everything"], say=say)
        self.stdout.write(
            f"已汇总{done.months}个台账月，写入{done.written}行，删去{done.removed}行，处理变动{done.touches}条。"
        )

    def say(self, done: int, of: int, what: str) -> None:
        self.stdout.write(f"{done}/{of} {what}")
