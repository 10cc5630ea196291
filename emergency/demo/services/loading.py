"""A case is loaded: units, people and campaigns, the past from workbooks, the last weeks acted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from emergency.core import clock
from emergency.demo.services import workbooks
from emergency.demo.services.acting import weeks_act
from emergency.demo.services.cases import Case, Totals
from emergency.demo.services.history import Drawn, history_draw
from emergency.demo.services.importing import workbook_import
from emergency.demo.services.papers import summary_draft
from emergency.demo.services.people import (
    Person,
    firm_users_create,
    logins_write,
    password_make,
    staff_create,
    unit_of,
)
from emergency.demo.services.register import Subject, subjects_draw
from emergency.demo.services.registers import books
from emergency.demo.services.statements import categories_add, starts_set, zeros_confirm
from emergency.demo.services.summaries import summary_rows
from emergency.organizations.models import Organisation, Role
from emergency.programmes.services import campaign_create

#: Hears one line about each stage.
Say = Callable[[str], None]

#: Into which years a multiplied load goes: none of them touches the figures of a case or of the present.
MULTIPLIED_YEARS = (2016, 2017, 2018, 2019, 2020, 2022, 2023, 2024)


class Loader:
    """One load of one case. Workbooks are kept under ``VAR_DIR/demo/<case>`` so that they can be looked at and imported again."""

    def __init__(self, case: Case, say: Say) -> None:
        self.case = case
        self.say = say
        self.rng = random.Random(case.demo["seed"])
        self.folder = Path(settings.VAR_DIR) / "demo" / case.name
        self.now = clock.now()
        self.today = clock.today()
        self.since = case.start.replace(year=case.start.year - 1)
        self.subjects: list[Subject] = []
        self.people: list[Person] = []
        self.saved = 0

    def holder(self, role: Role) -> Any:
        return next(one.user for one in self.people if one.role == role)

    def take_in(self, kind: str, table: workbooks.Table, *, duplicates: str = "ask") -> None:
        """Write one workbook and import it in the name of the bureau's clerk; the units themselves by the portal."""
        if not table.rows:
            return
        self.saved += 1
        path = workbooks.write(table, self.folder / f"{self.saved:02d}{table.title}.xlsx", self.rng)
        actor = self.holder(Role.CLERK) if self.people else None
        workbook_import(kind=kind, path=path, actor=actor, duplicates=duplicates)
        self.say(f"  {path.name}　{len(table.rows)} 行")

    # -- the stages --

    def units_and_people(self, password: str) -> None:
        self.take_in("organisations", workbooks.units_table(self.case))
        self.people = staff_create(self.case, password=password, since=self.since)
        self.say(f"  人员 {len(self.people)} 名")

    def campaigns(self) -> None:
        """The case's campaign with its battles, and that of the present."""
        if not self.case.campaign_name:
            return
        organiser = self.holder(Role.SECTION_HEAD)
        bureau = unit_of(self.case, "bureau")
        period = self.case.demo["campaign_period"]
        parent = campaign_create(name=self.case.campaign_name, owner=bureau, actor=organiser, **period)
        for name in self.case.demo["battles"]:
            campaign_create(name=name, owner=bureau, parent=parent, actor=organiser, **period)
        if "present" in self.case.demo:
            campaign_create(owner=bureau, actor=organiser, **self.case.demo["present"]["campaign"])

    def register(self) -> None:
        self.subjects = subjects_draw(self.case, self.rng)
        self.take_in("enterprises", workbooks.subjects_table(self.case, self.subjects))

    def past(self, totals: Totals | None) -> None:
        if totals is not None:
            drawn = history_draw(self.case, totals, self.subjects, self.rng)
            self.take_in_history(drawn, _label(totals.start, totals.end))

    def summaries(self) -> None:
        """What a district told as numbers by kind only."""
        table = workbooks.bulk_table(
            self.case, _label(self.case.start, self.case.end), summary_rows(self.case, self.rng)
        )
        self.take_in("inspections", table)

    def registers(self) -> None:
        """The smaller ledgers, with dice of their own: what is added to one of them leaves the others as they were."""
        if "registers" not in self.case.demo:
            return
        categories_add(self.case, actor=self.holder(Role.SECTION_HEAD))
        rng = random.Random(self.case.demo["seed"] + 2)
        for kind, table in books(self.case, subjects=self.subjects, today=self.today, rng=rng):
            self.take_in(kind, table)

    def statements(self) -> None:
        """What people say about the ledgers: from when they are kept, months without anything, the words of a paper."""
        starts_set(self.case, actor=self.holder(Role.SECTION_HEAD))
        said = zeros_confirm(self.case, self.people, now=self.now)
        if said:
            self.say(f"  零报告 {said} 份")
        summary_draft(self.case, actor=self.holder(Role.SECTION_HEAD), now=self.now)

    def take_in_history(self, drawn: Drawn, label: str, *, duplicates: str = "ask") -> None:
        case = self.case
        for kind, table in (
            ("inspections", workbooks.visits_table(case, label, drawn.visits)),
            ("inspections", workbooks.bulk_table(case, label, drawn.bulk)),
            ("hazards", workbooks.hazards_table(case, label, drawn.hazards)),
            ("hazards", workbooks.majors_table(case, label, drawn.hazards)),
        ):
            self.take_in(kind, table, duplicates=duplicates)

    def present(self) -> None:
        """Until today by workbooks, as towns without an account send them; the last weeks also acted by those who have one."""
        weeks = self.case.totals_present(self.today)
        for totals in weeks:
            self.past(totals)
        if weeks:
            steps = weeks_act(self.case, self.people, start=weeks[-1].start, now=self.now)
            self.say(f"  近期办理 {steps} 步")


def case_load(case: Case, *, say: Say, scale: int = 1) -> list[Person]:
    """Load a case: all of it or nothing. Returns its people; their logins stand in ``VAR_DIR/demo-logins.txt``.

    ``scale`` multiplies the records with further years of the same size, each in a transaction of its own. Raises
    ``PermissionDenied`` on a production site, ``ValidationError`` when the district is there already or ``scale`` is no number from 1 on.
    """
    if settings.PRODUCTION:
        raise PermissionDenied("正式环境不能载入演示数据")
    if scale < 1:
        raise ValidationError("倍数应不小于1")
    if scale > 1 and case.totals() is None:
        raise ValidationError(f"{case.district_name}没有逐条台账，不能放大")
    if Organisation.objects.filter(division_code=case.district_code).exists():
        raise ValidationError(f"{case.district_name}已有数据，不能再载入演示数据")
    first = not Organisation.objects.exists()
    loader, password = Loader(case, say), password_make()
    with transaction.atomic():
        say(f"{case.city_name}{case.district_name}：机构和人员")
        loader.units_and_people(password)
        loader.campaigns()
        loader.register()
        bureau_clerk = loader.holder(Role.CLERK)
        since = timezone.make_aware(dt.datetime.combine(loader.since, dt.time(9)))
        firm_users = firm_users_create(
            case, subjects=loader.subjects, password=password, since=since, actor=bureau_clerk
        )
        loader.people = [*loader.people, *firm_users]
        say("历史台账")
        loader.past(case.totals())
        loader.past(case.totals_after())
        loader.summaries()
        loader.present()
        loader.registers()
        loader.statements()
    logins_write(case, loader.people, password, first=first)
    for turn in range(1, scale):
        say(f"第 {turn + 1} 份，共 {scale} 份")
        _multiply(loader, turn)
    return loader.people


def _multiply(loader: Loader, turn: int) -> None:
    """One more year like the case's own, all by item, in a year that leaves the case's figures alone."""
    case, year = loader.case, MULTIPLIED_YEARS[turn % len(MULTIPLIED_YEARS)]
    one = case.totals()
    assert one is not None  # else the case is not multiplied
    hazards = one.hazards + (case.demo.get("after_period") or {}).get("hazards", 0)
    totals = Totals(
        start=dt.date(year, 1, 1),
        end=dt.date(year, 12, 31),
        visits=one.visits,
        hazards=hazards,
        rectified=hazards * one.rectified // one.hazards,
        itemised_visits=hazards,
        itemised_hazards=hazards,
        stays_open=year == MULTIPLIED_YEARS[-1],
    )
    drawn = history_draw(case, totals, loader.subjects, random.Random(case.demo["seed"] + turn))
    with transaction.atomic():
        # Several copies share a year, so some rows look like one another; they are meant to.
        loader.take_in_history(drawn, f"{year}年（{turn}）", duplicates="include")


def _label(start: dt.date, end: dt.date) -> str:
    """2021年1—11月, as the head of an office's table says it."""
    if start.year != end.year:
        return f"{start.year}年{start.month}月至{end.year}年{end.month}月"
    months = f"{start.month}—{end.month}" if start.month != end.month else f"{start.month}"
    return f"{start.year}年{months}月"
