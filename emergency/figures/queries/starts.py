"""From which day a ledger speaks for a unit (启用日期)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Min, Q

from emergency.core.periods import Period
from emergency.figures.models import LedgerStart
from emergency.figures.vocabulary import Source
from emergency.organizations.models import Organisation
from emergency.organizations.scope import area_q


class LedgerStarts:
    """Start days of some ledgers for one organisation and the units on its path.

    The nearest declared start wins. Where none is declared, a ledger is taken to be kept from 1 January of the year of its first
    record in the organisation; a ledger without any record is not kept, so its figures are missing and never zero.
    """

    def __init__(self, organisation: Organisation, sources: Iterable[Source]) -> None:
        self.organisation = organisation
        path = [int(part) for part in organisation.path.strip("/").split("/")]
        declared: dict[str, dict[int, dt.date]] = {}
        for ledger, unit, started_on in LedgerStart.objects.filter(organisation_id__in=path).values_list(
            "ledger", "organisation_id", "started_on"
        ):
            declared.setdefault(ledger, {})[unit] = started_on
        self._starts: dict[str, dt.date | None] = {}
        for source in sources:
            nearest = next(
                (declared[source.code][pk] for pk in reversed(path) if pk in declared.get(source.code, {})), None
            )
            self._starts[source.code] = nearest or self._first_year(source)

    def _first_year(self, source: Source) -> dt.date | None:
        home = self.organisation
        if home.district_id and home.district_id != home.pk:
            condition = Q(district_id=home.district_id)
        else:
            condition = area_q(home)
        first = source.records().filter(condition).aggregate(first=Min(source.date))["first"]
        return dt.date(first.year, 1, 1) if first else None

    def covers(self, source: Source, period: Period) -> bool:
        """Whether the ledger was kept during the whole period."""
        start = self._starts.get(source.code)
        return start is not None and start <= period.start
