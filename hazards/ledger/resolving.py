"""Names of a table become records: what the ledgers of this app share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from emergency.core.ledger import ImportContext, Row
from emergency.enterprises.models import Enterprise
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.scope import FILERS, reach


def enterprises_named(names: set[str], actor: Any) -> dict[str, list[Enterprise]]:
    """The enterprises of each name that the importer sees; one query for 5,000 names."""
    found: dict[str, list[Enterprise]] = defaultdict(list)
    known = Enterprise.objects.live()
    if actor is not None:
        known = known.filter(pk__in=Enterprise.objects.visible_to(actor).values("pk"))
    for chunk in chunks(sorted(names)):
        for one in known.filter(name__in=chunk).select_related("area", "industry", "department"):
            found[one.name].append(one)
    return found


def choose(row: Row, key: str, candidates: list[Enterprise]) -> Enterprise | None:
    """The enterprise meant by the cell ``key``; among several of one name the one in the row's area. None: not registered."""
    if len(candidates) > 1 and row["area"] is not None:
        prefix = row["area"].path
        candidates = [
            one for one in candidates if one.area is not None and one.area.path.startswith(prefix)
        ] or candidates
    if len(candidates) > 1:
        row.fault(key, "有多个同名的监管对象，请填写属地以便区分", row[key])
        return None
    return candidates[0] if candidates else None


def own_unit(context: ImportContext) -> Organisation | None:
    """Whose rows these are when the file does not say: the unit chosen for the import, else the importer's only one."""
    if context.organisation is not None:
        return context.organisation if context.organisation.kind != Kind.GOVERNMENT else None
    if context.actor is None:
        return None
    units = {post.organisation.pk: post.organisation for post in reach(context.actor).posts if post.role in FILERS}
    return next(iter(units.values())) if len(units) == 1 else None


def chunks(values: list[Any]) -> Iterable[list[Any]]:
    """The values in parts that fit into one IN (…)."""
    return (values[start : start + 5_000] for start in range(0, len(values), 5_000))
