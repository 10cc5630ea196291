"""Numbers that a district told by kind of visit only, as rows of 汇总填报 by unit and month."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from typing import Any

from emergency.demo.services.cases import Case
from emergency.demo.services.history import BulkRow
from emergency.demo.services.splitting import Month, apportion, months_of


def summary_rows(case: Case, rng: random.Random) -> list[BulkRow]:
    """The visits of the case file, divided among units and months; hazards and papers are divided among all rows that may have them."""
    told = case.demo.get("summaries")
    if told is None:
        return []
    months = months_of(case.start, case.end, case.demo["months"])
    rows = [row for one in told["visits"] for row in _rows(case, one, months, rng)]
    found = apportion(case.fact(told["hazards"]), [row.quantity for row in rows])
    papers = apportion(
        case.fact(told["papers"]), [row.quantity if row.kind in told["with_papers"] else 0 for row in rows]
    )
    return [
        dataclasses.replace(row, found=number, papers=sheets or None)
        for row, number, sheets in zip(rows, found, papers, strict=True)
    ]


def _rows(case: Case, one: Mapping[str, Any], months: list[Month], rng: random.Random) -> list[BulkRow]:
    """One kind of visit. An approximate number stays in one row: its parts would look exact."""
    number = case.fact(one["number"]) if isinstance(one["number"], str) else one["number"]
    about = one.get("about", False)
    units = [""] if about else [unit.name for unit in case.units]
    weights = [1.0] if about else [unit.weight for unit in case.units]
    cells = [(unit, month) for unit in units for month in (months[-1:] if about else months)]
    sizes = apportion(
        number, [weight * month.weight for weight in weights for month in (months[-1:] if about else months)]
    )
    return [
        BulkRow(
            day=rng.choice(month.workdays),
            handler=unit if unit and one.get("by_towns") else case.bureau_name,
            area=unit or case.district_name,
            kind=one["kind"],
            industry=one.get("industry", ""),
            quantity=size,
            found=0,
            place=one["place"],
            about=about,
        )
        for (unit, month), size in zip(cells, sizes, strict=True)
        if size
    ]
