"""What an evaluation must know of an organisation beside the ledgers: from which day each ledger speaks for it (启用日期), and which
units went on in which."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, Q, Subquery
from django.db.models.functions import JSONObject

from emergency.core.periods import Period
from emergency.figures import vocabulary
from emergency.figures.models import GivenValue, LedgerStart
from emergency.figures.queries.changes import Change, Changes
from emergency.figures.vocabulary import Source
from emergency.organizations.models import Organisation, Succession
from emergency.organizations.scope import area_q


class LedgerStarts:
    """Start days of the ledgers for one organisation and the units on its path.

    The nearest declared start wins. Where none is declared, a ledger is taken to be kept from 1 January of the year of its first
    record in the organisation's district; a ledger without any record is not kept, so its figures are missing and never zero.
    One query, however many ledgers. ``changes`` are all unit changes and ``given`` the
    codes of the figures with entered values in the district, which the same query brings along.
    """

    @classmethod
    def of(cls, organisation: Organisation) -> LedgerStarts:
        """Asked once for an organisation object, which lives as long as a request or a paper."""
        known: LedgerStarts | None = organisation.__dict__.get("_ledger_starts")
        if known is None:
            known = organisation.__dict__["_ledger_starts"] = cls(organisation)
        return known

    def __init__(self, organisation: Organisation) -> None:
        path = [int(part) for part in organisation.path.strip("/").split("/")]
        sources = vocabulary.sources()
        declared = LedgerStart.objects.filter(organisation_id__in=path).order_by()
        changes = Succession.objects.order_by()
        row: Any = (  # columns by names made up above
            Organisation.objects.filter(pk=organisation.pk)
            .values(
                declared=ArraySubquery(
                    declared.values(one=JSONObject(ledger="ledger", unit="organisation_id", on="started_on"))
                ),
                given=ArraySubquery(
                    GivenValue.objects.live().filter(_home(organisation)).order_by().values("figure_code").distinct()
                ),
                changes=ArraySubquery(
                    changes.values(
                        one=JSONObject(
                            before="predecessor_id", after="successor_id", on="on", since="successor__valid_from"
                        )
                    )
                ),
                **{f"first_{index}": _first_day(source, organisation) for index, source in enumerate(sources)},
            )
            .get()
        )
        self.changes = Changes(_change(one) for one in row["changes"])
        self.given = frozenset(row["given"])
        nearest: dict[str, tuple[int, dt.date]] = {}
        for start in row["declared"]:
            place = path.index(start["unit"])
            if place >= nearest.get(start["ledger"], (-1, dt.date.min))[0]:
                nearest[start["ledger"]] = (place, dt.date.fromisoformat(start["on"]))
        self._starts: dict[str, dt.date] = {
            source.code: dt.date(first.year, 1, 1)
            for index, source in enumerate(sources)
            if (first := row[f"first_{index}"]) is not None
        } | {ledger: on for ledger, (_, on) in nearest.items()}

    def start(self, source: Source) -> dt.date | None:
        """The day from which the ledger speaks; None for one that is not kept."""
        return self._starts.get(source.code)

    def split(self, source: Source, period: Period) -> tuple[Period, Period] | None:
        """A period that the start day falls into, cut there: (before the ledger, since its start)."""
        start = self._starts.get(source.code)
        if start is None or not period.start < start <= period.end:
            return None
        return Period(period.start, start - dt.timedelta(days=1)), Period(start, period.end)

    def covers(self, source: Source, period: Period) -> bool:
        """Whether the ledger was kept during the whole period."""
        start = self._starts.get(source.code)
        return start is not None and start <= period.start


def _change(row: dict[str, Any]) -> Change:
    since = dt.date.fromisoformat(row["since"]) if row["since"] else None
    return Change(row["before"], row["after"], dt.date.fromisoformat(row["on"]), since)


def _home(organisation: Organisation) -> Q:
    """The district of an organisation, as a condition on placed records."""
    return Q(district_id=organisation.district_id) if organisation.district_id else area_q(organisation)


def _first_day(source: Source, organisation: Organisation) -> Subquery:
    """The day of a ledger's first record in the district, as a column of another query."""
    # The earliest by the index of the list: MIN over the district would read all of its records.
    first = source.records().filter(_home(organisation)).order_by(source.date).values(source.date)
    return Subquery(first[:1], output_field=DateField())
