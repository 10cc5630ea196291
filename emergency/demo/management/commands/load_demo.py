"""Load a district to look at: ``manage.py load_demo [--case NAME] [--scale N]``."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from emergency.demo import services
from emergency.organizations.models import Organisation


class Command(BaseCommand):
    help = "载入演示区县；已有业务数据时只能用 --case 另加一个区县，正式环境不可用。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", help=f"案例名，可选：{'、'.join(services.names())}")
        parser.add_argument("--scale", type=int, default=1, metavar="N", help="记录数放大 N 倍，用于看大数据量下的表现")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["case"]
        if name is None and Organisation.objects.exists():
            raise CommandError("已有业务数据，没有载入；如要另加一个演示区县，请用 --case 指定")
        started = time.monotonic()
        try:
            case = services.load(name or services.DEFAULT)
            people = services.case_load(case, say=self.say, scale=options["scale"])
        except (services.UnknownCase, services.WorkbookRefused, PermissionDenied) as fault:
            raise CommandError(str(fault)) from fault
        except ValidationError as fault:
            raise CommandError("；".join(fault.messages)) from fault
        self.say(f"已载入，{len(people)} 名人员可以登录，用时 {time.monotonic() - started:.0f} 秒")

    def say(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()
