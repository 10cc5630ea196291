"""一镇一页: how one town or street stands, for whoever visits it today. Every number is a figure and opens its list."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db.models import Q

from emergency.core.periods import Period, year_to_date
from emergency.enterprises.models import RiskLevel
from emergency.figures import vocabulary
from emergency.figures.queries import LedgerStarts, Sheet, Value, evaluate, evaluate_over, link, ranking, readers
from emergency.figures.vocabulary import RatioFigure, StockFigure
from emergency.home.queries.area import Month, months
from emergency.incidents.models import Accident
from emergency.letters.models import LetterAddressee, ReplyStatus
from emergency.letters.models import Status as LetterStatus
from emergency.organizations.models import Kind, Membership, Organisation, OrganisationQuerySet, Role, Tier
from emergency.organizations.scope import area_q, reach
from hazards.models import Grade, Hazard
from inspections.models import Visit

#: The figures of the page in reading order: (code, the change beside it, how towns are placed by it).
#: “most” puts the largest number first, “fewest” the smallest; "" places nobody.
FIGURES = (
    ("enterprises.registered", "", ""),
    ("inspections.visits", "inspections.visits.yoy", "most"),
    ("inspections.enterprises", "", "most"),
    ("hazards.found", "hazards.found.yoy", "most"),
    ("hazards.rectified", "", ""),
    ("hazards.rate", "hazards.rate.yoy", "most"),
    ("hazards.open", "", ""),
    ("hazards.overdue", "", "fewest"),
    ("hazards.major_found", "", ""),
    ("risks.standing", "", ""),
    ("measures.all", "measures.all.yoy", ""),
    ("measures.fines", "measures.fines.yoy", ""),
    ("letters.overdue", "", "fewest"),
    ("accidents.count", "accidents.count.yoy", "fewest"),
    ("accidents.deaths", "accidents.deaths.yoy", "fewest"),
)
RISKS = "risks.standing"
#: Rows of each list; the whole stands behind the number above.
OVERDUE_SHOWN, SHOWN = 8, 4
#: Who answers for a town.
RESPONSIBLE = (Role.STREET_HEAD, Role.STREET_OFFICER)


@dataclasses.dataclass(frozen=True, slots=True)
class Linked:
    """A value with the list that it opens."""

    value: Value
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One figure of the page. ``month`` is None for what stands at the end of a day; ``place`` is “3/20”, "" where there is none."""

    month: Linked | None
    year: Linked
    change: str
    place: str

    @property
    def figure(self) -> vocabulary.Figure:
        return self.year.value.figure


@dataclasses.dataclass(frozen=True, slots=True)
class Town:
    """Everything that the page and the paper of a town say."""

    unit: Organisation
    on: dt.date
    month: Period
    year: Period
    people: list[Membership]
    lines: list[Line]
    placed: bool
    risks: list[tuple[str, Linked]]
    overdue: list[Hazard]
    majors: list[Hazard]
    accidents: list[Accident]
    letters: list[LetterAddressee]
    visits: list[Visit]
    months: list[Month]

    @property
    def sentence(self) -> str:
        """The year so far in one sentence; gaps are named."""
        said = [line.figure.name + (line.year.value.gap or line.year.value.text_with_unit) for line in self.lines]
        return f"{self.year.label(with_year=True)}，{self.unit.name}{'，'.join(said)}。"


def towns_of(user: Any, on: dt.date) -> OrganisationQuerySet:
    """The towns and streets in force whose figures a reader may see: those within the areas that they oversee."""
    within = Q(pk__in=[])
    for root in reach(user).roots:
        within |= Q(path__startswith=root.path)
    found = Organisation.objects.areas().filter(within, tier=Tier.STREET).exclude(kind=Kind.AREA_SET).in_force(on)
    return found.select_related("parent").order_by("parent__order", "parent_id", "order", "pk")


def town_code(unit: Organisation) -> str:
    """What names a town in an address."""
    return unit.division_code or str(unit.pk)


@dataclasses.dataclass(frozen=True, slots=True)
class TownRow:
    """A town in the list of all, with its year so far; ``cells`` is empty where the district's figures are not compared."""

    unit: Organisation
    place: str
    cells: list[Linked]

    @property
    def code(self) -> str:
        return town_code(self.unit)


#: What the list of towns compares; the last but one places them.
COMPARED = ("inspections.visits", "hazards.found", "hazards.rectified", "hazards.rate", "hazards.overdue")
PLACED_BY = "hazards.rate"


def towns(user: Any, on: dt.date) -> list[TownRow]:
    """The towns that a reader may open, by district, compared where the reader oversees the whole of it."""
    found = list(towns_of(user, on))
    period = year_to_date(on)
    rows = []
    for district in {one.parent_id: one.parent for one in found}.values():
        units = [one for one in found if one.parent_id == getattr(district, "pk", None)]
        if district is None or not readers.covers(user, district):
            rows += [TownRow(one, "", []) for one in units]
            continue
        sheet = evaluate(COMPARED, organisation=district, period=period, by="unit")
        places = ranking.places(sheet.rows, PLACED_BY)
        by_unit = {row.key: row for row in sheet.rows}
        for one in units:
            row = by_unit[str(one.pk)]
            cells = [_linked(row[code], one, period) for code in COMPARED]
            rows.append(TownRow(one, str(places.get(row.key, "—")), cells))
    return rows


def town(user: Any, unit: Organisation, on: dt.date) -> Town:
    """The page of a town for a reader who may see its figures; records beyond the numbers are those visible to the reader."""
    month, year = Period(on.replace(day=1), on), year_to_date(on)
    codes = [code for code, _, _ in FIGURES] + [change for _, change, _ in FIGURES if change]
    of_month, of_year = evaluate_over(codes, organisation=unit, periods=[month, year])
    former = LedgerStarts.of(unit).changes.folded([unit.pk], on).get(unit.pk, ())
    here = area_q(unit, [unit.pk, *former])
    places = _places(user, unit, year)
    hazards = Hazard.objects.visible_to(user).filter(here)
    accidents = Accident.objects.live().visible_to(user).filter(here, occurred_on__range=(year.start, year.end))
    owed = LetterAddressee.objects.visible_to(user).filter(
        status=ReplyStatus.WAITING, letter__status=LetterStatus.ISSUED, organisation__in=[unit.pk, *former]
    )
    return Town(
        unit=unit,
        on=on,
        month=month,
        year=year,
        people=_people(unit, on),
        lines=[
            Line(
                None if isinstance(vocabulary.get(code), StockFigure) else _linked(of_month[code], unit, month),
                _linked(of_year[code], unit, year),
                _change(of_year, change),
                places.get(code, ""),
            )
            for code, change, _ in FIGURES
        ],
        placed=bool(places),
        risks=_risks(unit, year),
        overdue=list(hazards.overdue(on).order_by("due_on", "pk")[:OVERDUE_SHOWN]),
        majors=list(hazards.open().filter(grade=Grade.MAJOR).order_by("due_on", "pk")[:SHOWN]),
        accidents=list(accidents.order_by("-occurred_on", "-pk")[:SHOWN]),
        letters=list(owed.select_related("letter__issuer").order_by("due_on", "pk")[:SHOWN]),
        visits=list(
            Visit.objects.live().visible_to(user).filter(here, entry_mode="item").order_by("-visited_on", "-pk")[:SHOWN]
        ),
        months=months(unit, on),
    )


def _people(unit: Organisation, on: dt.date) -> list[Membership]:
    posts = Membership.objects.in_force(on).filter(organisation=unit, role__in=RESPONSIBLE, user__is_active=True)
    rank = {role: place for place, role in enumerate(RESPONSIBLE)}
    return sorted(posts.select_related("user"), key=lambda post: (rank[Role(post.role)], post.pk))


def _linked(value: Value, unit: Organisation, period: Period) -> Linked:
    """A ratio opens its numerator; what is not known opens nothing."""
    if value.missing or value.number is None:
        return Linked(value, "")
    figure = value.figure
    if isinstance(figure, RatioFigure) and not value.given:
        return Linked(value, link(vocabulary.get(figure.numerator), organisation=unit, period=period))
    return Linked(value, link(figure, organisation=unit, period=period, value=value))


def _change(sheet: Sheet, code: str) -> str:
    if not code:
        return ""
    return "上年同期【待补】" if sheet[code].missing else sheet[code].change_text


def _places(user: Any, unit: Organisation, period: Period) -> dict[str, str]:
    """Figure → “3/20”: only for readers whose scope covers the area above, others must not see how its units stand."""
    above = unit.parent
    if above is None or not readers.covers(user, above):
        return {}
    ways = {code: way for code, _, way in FIGURES if way}
    sheet = evaluate(list(ways), organisation=above, period=period, by="unit")
    found = {}
    for code, way in ways.items():
        places = ranking.places(sheet.rows, code, ascending=way == "fewest")
        if str(unit.pk) in places:
            found[code] = f"{places[str(unit.pk)]}/{len(places)}"
    return found


def _risks(unit: Organisation, period: Period) -> list[tuple[str, Linked]]:
    """Risk points that stand today by colour, gravest first, each level also at zero; empty where none are registered yet."""
    sheet = evaluate([RISKS], organisation=unit, period=period, by="level")
    if sheet[RISKS].missing:
        return []
    rows = {row.key: row[RISKS] for row in sheet.rows}
    figure = vocabulary.get(RISKS)
    return [
        (level, Linked(value, link(figure, organisation=unit, period=period, within={"level": level})))
        for level in RiskLevel.values
        for value in [rows.get(level, Value(figure, 0))]
    ]
