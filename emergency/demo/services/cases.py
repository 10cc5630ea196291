"""The demonstration cases: published (or made-up) totals of a district, and what is needed to act them out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "cases"
DEFAULT = "ganxian_2021"


class UnknownCase(LookupError):
    """There is no case of this name; the message lists those that there are."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """A street, town or zone. ``weight`` is its share of all activity, on any scale common to the case."""

    name: str
    division_code: str
    weight: float
    villages: tuple[str, ...] = ()
    short_name: str = ""

    @property
    def prefix(self) -> str:
        """What local firms put before their names: 梅林镇 → 梅林."""
        return self.name[:-1] if len(self.name) <= 4 and self.name[-1] in "镇乡" else self.name[:2]


@dataclasses.dataclass(frozen=True, slots=True)
class Department:
    name: str
    short_name: str
    industries: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """What a stretch of time must add up to. Of ``visits`` and ``hazards`` the ``itemised`` ones get rows of their own.

    ``rectified`` and ``major_rectified`` are closed by ``end``. Of the others ``stays_open`` says whether they are still open
    in the workbook or were closed in the weeks after.
    """

    start: dt.date
    end: dt.date
    visits: int
    hazards: int
    rectified: int
    itemised_visits: int
    itemised_hazards: int
    major: int = 0
    major_rectified: int = 0
    rounds: int = 0
    groups: int = 0
    campaign: str = ""
    stays_open: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One case file. ``facts`` are the totals that must come out again; ``demo`` is what the demonstration adds."""

    name: str
    facts: Mapping[str, Any]
    demo: Mapping[str, Any]

    @property
    def district_name(self) -> str:
        return self.facts["district"]["name"]

    @property
    def district_code(self) -> str:
        return self.facts["district"]["division_code"]

    @property
    def bureau_name(self) -> str:
        return self.facts["district"].get("bureau") or self.demo["bureau"]

    @property
    def committee_name(self) -> str:
        """The safety committee in whose name letters go out; blank where the case has none."""
        return self.demo.get("committee", {}).get("name", "")

    @property
    def city_name(self) -> str:
        return self.demo["city"]["name"]

    @property
    def start(self) -> dt.date:
        return self.facts["period"]["start"]

    @property
    def end(self) -> dt.date:
        return self.facts["period"]["end"]

    @property
    def campaign_name(self) -> str:
        """Blank where the case has none."""
        return self.facts.get("campaign", {}).get("name", "")

    def fact(self, path: str) -> Any:
        """The published number at a path such as “supervision.circulars”; of an approximate one its value. Raises ``KeyError``."""
        found: Any = self.facts
        for step in path.split("."):
            found = found[step]
        return found["value"] if isinstance(found, Mapping) else found

    @property
    def units(self) -> list[Unit]:
        return [Unit(**{**one, "villages": tuple(one.get("villages", ()))}) for one in self.demo["units"]]

    @property
    def departments(self) -> list[Department]:
        return [
            Department(one["name"], one["short_name"], tuple(one["industries"])) for one in self.demo["departments"]
        ]

    def department_of(self, industry: str) -> str:
        """The department in charge of an industry; the bureau for those that it supervises itself."""
        return next((one.name for one in self.departments if industry in one.industries), self.bureau_name)

    def totals(self) -> Totals | None:
        """The period of the published figures, where they are those of a campaign."""
        if "campaign" not in self.facts:
            return None
        campaign, itemised = self.facts["campaign"], self.demo["itemised"]
        return Totals(
            start=self.start,
            end=self.end,
            visits=campaign["inspected_unit_visits"],
            hazards=campaign["hazards_found"],
            rectified=campaign["hazards_rectified"],
            major=campaign["major_hazards"]["found"],
            major_rectified=campaign["major_hazards"]["rectified"],
            itemised_visits=itemised["visits"],
            itemised_hazards=itemised["hazards"],
            rounds=self.facts["supervision"]["rounds"],
            groups=self.facts["supervision"]["groups"],
            campaign=self.campaign_name,
        )

    def totals_after(self) -> Totals | None:
        """The rest of the year after the period, where the case has it."""
        rest = self.demo.get("after_period")
        if rest is None:
            return None
        return Totals(
            start=self.end + dt.timedelta(days=1),
            end=dt.date(self.end.year, 12, 31),
            visits=rest["visits"],
            hazards=rest["hazards"],
            rectified=rest["rectified"],
            itemised_visits=rest["itemised"]["visits"],
            itemised_hazards=rest["itemised"]["hazards"],
            campaign=self.campaign_name,
        )

    def totals_present(self, today: dt.date) -> list[Totals]:
        """From 1 January of last year, so that a year-on-year change has its base, and the last weeks apart. May be empty."""
        present = self.demo.get("present")
        if present is None:
            return []
        begun = today - dt.timedelta(weeks=present["acted_weeks"])
        last_day = begun - dt.timedelta(days=1)
        return [
            self._totals_at(present["monthly"], dt.date(last_day.year - 1, 1, 1), last_day),
            self._totals_at(present["monthly_lately"], begun, today - dt.timedelta(days=1)),
        ]

    def _totals_at(self, monthly: Mapping[str, Any], start: dt.date, end: dt.date) -> Totals:
        months = ((end - start).days + 1) / 30.4

        def over(number: int) -> int:
            return round(number * months)

        return Totals(
            start=start,
            end=end,
            visits=over(monthly["visits"]),
            hazards=over(monthly["hazards"]),
            rectified=over(monthly["rectified"]),
            itemised_visits=over(monthly["itemised"]["visits"]),
            itemised_hazards=over(monthly["itemised"]["hazards"]),
            campaign=self.demo["present"]["campaign"]["name"],
            stays_open=True,
        )


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Case:
    """Read a case. Raises ``UnknownCase``."""
    if name not in names():
        raise UnknownCase(f"没有演示案例“{name}”，可选：{'、'.join(names())}")
    facts = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Case(name, facts, facts.pop("demo"))


@functools.cache
def vocabulary() -> Mapping[str, Any]:
    """The words that all cases share: checklist lines, standards, parts of names."""
    return yaml.safe_load((FOLDER / "common" / "vocabulary.yaml").read_text(encoding="utf-8"))
